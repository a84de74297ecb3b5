//! Merge patches, as RFC 7396 has them.

use serde_json::{Map, Value};

/// What `target` becomes of `patch`: members of objects are merged, `null` removes, all else replaces.
#[must_use]
pub(crate) fn merge(
    mut target: Map<String, Value>,
    patch: &Map<String, Value>,
) -> Map<String, Value> {
    for (name, change) in patch {
        match change {
            Value::Null => {
                target.remove(name);
            }
            Value::Object(change) => {
                let before = match target.remove(name) {
                    Some(Value::Object(members)) => members,
                    _ => Map::new(),
                };
                target.insert(name.clone(), Value::Object(merge(before, change)));
            }
            _ => {
                target.insert(name.clone(), change.clone());
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use proptest::collection::{hash_map, vec};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("{value} is no object") };
        members
    }

    /// Those of the RFC's appendix whose target and patch are objects.
    #[test]
    fn the_examples_of_the_rfc() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let merged = merge(object(target.clone()), &object(patch.clone()));
            assert_eq!(Value::Object(merged), result, "{target} and {patch}");
        }
    }

    fn members() -> impl Strategy<Value = Map<String, Value>> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        let value = leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::from),
                hash_map("[a-c]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        hash_map("[a-c]", value, 0..4).prop_map(|members| members.into_iter().collect())
    }

    /// What RFC 7396 says of one member, in other words than the code.
    fn is_merged(target: Option<&Value>, patch: Option<&Value>, result: Option<&Value>) -> bool {
        match patch {
            None => result == target,
            Some(Value::Null) => result.is_none(),
            Some(Value::Object(patch)) => {
                let Some(Value::Object(result)) = result else { return false };
                let nothing = Map::new();
                let target = target.and_then(Value::as_object).unwrap_or(&nothing);
                let names = target.keys().chain(patch.keys()).chain(result.keys());
                names
                    .into_iter()
                    .all(|name| is_merged(target.get(name), patch.get(name), result.get(name)))
            }
            Some(_) => result == patch,
        }
    }

    proptest! {
        #[test]
        fn each_member_is_as_the_rfc_says(target in members(), patch in members()) {
            let result = Value::Object(merge(target.clone(), &patch));
            let (target, patch) = (Value::Object(target), Value::Object(patch));
            prop_assert!(is_merged(Some(&target), Some(&patch), Some(&result)));
        }

        #[test]
        fn a_patch_that_comes_twice_is_one(target in members(), patch in members()) {
            let once = merge(target, &patch);
            prop_assert_eq!(merge(once.clone(), &patch), once);
        }

        #[test]
        fn an_empty_patch_changes_nothing(target in members()) {
            prop_assert_eq!(merge(target.clone(), &Map::new()), target);
        }
    }
}
