//! What a request does with documents, as pure functions of what was read.

use serde_json::{Map, Value};

use crate::document::{Content, Field, InvalidContent};
use crate::merge::merge;

/// What becomes of the documents that a request is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// One document: whatever was in it, this is in it now.
    Replace(Content),
    /// One document: a merge patch.
    Merge(Map<String, Value>),
    /// One document: so much is added to a field.
    Add {
        /// The field.
        field: Field,
        /// How much; less than nothing takes it away.
        amount: i64,
    },
    /// Two documents: so much of a field is moved from the first to the second.
    Move {
        /// The field, which both have.
        field: Field,
        /// How much, which is more than nothing.
        amount: i64,
    },
}

/// Why documents stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The field is not there.
    #[error("there is no field `{0}`")]
    NoSuchField(Field),
    /// There is something else in the field.
    #[error("the field `{0}` holds no integer")]
    NoInteger(Field),
    /// The sum has more than 64 bits.
    #[error("the field `{0}` would overflow")]
    Overflow(Field),
    /// Less is there than is to be moved.
    #[error("there is not enough in the field `{field}`: {there}, and {wanted} are to be moved")]
    TooLittle {
        /// The field.
        field: Field,
        /// How much there is.
        there: i64,
        /// How much was to be moved.
        wanted: i64,
    },
    /// What would come of it is beyond a limit.
    #[error("the document would be too large: {0}")]
    BeyondLimit(InvalidContent),
}

impl Change {
    /// What the documents become of it, in the order in which they came.
    ///
    /// # Errors
    /// When it cannot be done with them.
    ///
    /// # Panics
    /// When there are more or fewer documents than it is about.
    pub(crate) fn apply(&self, documents: &[&Content]) -> Result<Vec<Content>, Refusal> {
        match (self, documents) {
            (Self::Replace(content), [_]) => Ok(vec![content.clone()]),
            (Self::Merge(patch), [before]) => {
                let merged = merge(before.members().clone(), patch);
                Ok(vec![Content::new(merged).map_err(Refusal::BeyondLimit)?])
            }
            (Self::Add { field, amount }, [before]) => Ok(vec![added(before, field, *amount)?]),
            (Self::Move { field, amount }, [from, to]) => {
                let there = integer(from, field)?;
                // The second is looked at first: a refusal says what is wrong with either.
                let to = added(to, field, *amount)?;
                if there < *amount {
                    let (field, wanted) = (field.clone(), *amount);
                    return Err(Refusal::TooLittle { field, there, wanted });
                }
                Ok(vec![added(from, field, -*amount)?, to])
            }
            _ => panic!("{self:?} is about another number of documents than {}", documents.len()),
        }
    }
}

/// The number that is in a field.
///
/// # Errors
/// When there is none.
pub(crate) fn integer(content: &Content, field: &Field) -> Result<i64, Refusal> {
    let value = content.members().get(field.as_str());
    let value = value.ok_or_else(|| Refusal::NoSuchField(field.clone()))?;
    value.as_i64().ok_or_else(|| Refusal::NoInteger(field.clone()))
}

fn added(content: &Content, field: &Field, amount: i64) -> Result<Content, Refusal> {
    let before = integer(content, field)?;
    let after = before.checked_add(amount).ok_or_else(|| Refusal::Overflow(field.clone()))?;
    let mut members = content.members().clone();
    members.insert(field.as_str().to_owned(), after.into());
    // A number may have become longer.
    Content::new(members).map_err(Refusal::BeyondLimit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::document::MAX_BYTES;

    fn content(value: &Value) -> Content {
        Content::parse(value.to_string().as_bytes()).unwrap()
    }

    fn n() -> Field {
        "n".parse().unwrap()
    }

    fn add(amount: i64) -> Change {
        Change::Add { field: n(), amount }
    }

    fn transfer(amount: i64) -> Change {
        Change::Move { field: n(), amount }
    }

    #[test]
    fn a_sum_is_in_the_field_and_nothing_else_changes() {
        let before = content(&json!({"n": 1, "other": [1.5, null]}));
        let after = add(-3).apply(&[&before]);
        assert_eq!(after, Ok(vec![content(&json!({"n": -2, "other": [1.5, null]}))]));
    }

    #[test]
    fn what_is_no_integer_is_not_added_to() {
        let to = |value: Value| add(1).apply(&[&content(&value)]).unwrap_err();
        assert_eq!(to(json!({"m": 1})), Refusal::NoSuchField(n()));
        for value in [json!(1.0), json!("1"), json!(null), json!([1]), json!({"n": 1})] {
            assert_eq!(to(json!({ "n": value })), Refusal::NoInteger(n()), "{value}");
        }
        assert_eq!(to(json!({"n": i64::MAX})), Refusal::Overflow(n()));
        let least = content(&json!({"n": i64::MIN}));
        assert_eq!(add(-1).apply(&[&least]), Err(Refusal::Overflow(n())));
    }

    #[test]
    fn no_more_is_moved_than_there_is() {
        let (from, to) = (content(&json!({"n": 5})), content(&json!({"n": 1})));
        let moved = transfer(5).apply(&[&from, &to]).unwrap();
        assert_eq!(moved, [content(&json!({"n": 0})), content(&json!({"n": 6}))]);
        let refused = transfer(6).apply(&[&from, &to]);
        assert_eq!(refused, Err(Refusal::TooLittle { field: n(), there: 5, wanted: 6 }));
        let full = content(&json!({"n": i64::MAX}));
        assert_eq!(transfer(1).apply(&[&from, &full]), Err(Refusal::Overflow(n())));
        let none = content(&json!({}));
        for pair in [[&from, &none], [&none, &to]] {
            assert_eq!(transfer(1).apply(&pair), Err(Refusal::NoSuchField(n())));
        }
    }

    #[test]
    fn a_document_does_not_grow_beyond_the_limit() {
        let half = "x".repeat(MAX_BYTES / 2);
        let Value::Object(patch) = json!({ "b": half }) else { unreachable!() };
        let refused = Change::Merge(patch).apply(&[&content(&json!({ "a": half }))]);
        assert_eq!(refused, Err(Refusal::BeyondLimit(InvalidContent::TooLarge)));
    }

    #[test]
    fn a_replacement_asks_nothing_of_what_was_there() {
        let after = content(&json!({"b": 2}));
        let replaced = Change::Replace(after.clone()).apply(&[&content(&json!({"a": 1}))]);
        assert_eq!(replaced, Ok(vec![after]));
    }

    proptest! {
        #[test]
        fn a_transfer_keeps_the_total_and_overdraws_nothing(
            from: i64, to: i64, amount in 1..=i64::MAX,
        ) {
            let documents = [content(&json!({ "n": from })), content(&json!({ "n": to }))];
            let total = i128::from(from) + i128::from(to);
            match transfer(amount).apply(&[&documents[0], &documents[1]]) {
                Ok(moved) => {
                    let [from, to] = [0, 1].map(|i| integer(&moved[i], &n()).unwrap());
                    prop_assert_eq!(i128::from(from) + i128::from(to), total);
                    prop_assert!(from >= 0);
                }
                Err(Refusal::TooLittle { .. }) => prop_assert!(from < amount),
                Err(Refusal::Overflow(_)) => prop_assert!(to.checked_add(amount).is_none()),
                Err(other) => prop_assert!(false, "{}", other),
            }
        }

        #[test]
        fn what_was_added_is_taken_away_again(before: i64, amount in -i64::MAX..=i64::MAX) {
            let document = content(&json!({ "n": before }));
            if let Ok(after) = add(amount).apply(&[&document]) {
                prop_assert_eq!(integer(&after[0], &n()), Ok(before + amount));
                prop_assert_eq!(add(-amount).apply(&[&after[0]]), Ok(vec![document]));
            }
        }
    }
}
