//! Whether requests add what they are taken to add.

use std::collections::HashSet;

use check::history::{NIL, NO, Op, Outcome};
use check::{Object, Operation, Value};

/// Whether none of the elements that answers tell of `object` is one that a request added, and some are
/// texts that were not there at first: then what is told of is hardly what was added. So it is where
/// a service keeps `u17@x`, and `17` is said to be added.
pub(in crate::judge) fn are_others(object: &Object) -> bool {
    let is_added = |one: &&Operation| one.op == Op::Add && one.arg != NIL;
    let operations = &object.operations;
    let added: HashSet<_> = operations.iter().filter(is_added).map(|add| add.arg).collect();
    let is_taken = |one: &&Operation| {
        let is_ok = one.op == Op::Take && one.outcome == Outcome::Ok;
        is_ok && !matches!(one.result, NIL | NO)
    };
    let taken = operations.iter().filter(is_taken).map(|take| take.result);
    let told: HashSet<_> = object.lists.distinct().iter().copied().chain(taken).collect();
    let first: HashSet<_> = object.initial_elements().iter().copied().collect();
    let is_text = |element: &i64| matches!(object.tokens.value(*element), Value::Text(_));
    let is_new = |element: &&i64| !first.contains(element);
    !added.is_empty() && told.is_disjoint(&added) && told.iter().filter(is_new).any(is_text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use check::history::Initial;
    use check::{Lists, Tokens};

    use super::*;

    fn object(initial: &[&str], added: &[&str], told: &[&str]) -> Object {
        let mut tokens = Tokens::default();
        let mut of = |texts: &[&str]| texts.iter().map(|text| tokens.of(text)).collect::<Vec<_>>();
        let (initial, added, told) = (of(initial), of(added), of(told));
        let add = |arg: i64| Operation {
            call_ns: 0,
            return_ns: 1,
            arg,
            new: NIL,
            result: NIL,
            client: 0,
            op: Op::Add,
            outcome: Outcome::Ok,
        };
        let mut lists = Lists::default();
        lists.push(&told);
        Object {
            initial: Initial::Elements(initial),
            operations: added.into_iter().map(add).collect(),
            lists,
            tokens: Arc::new(tokens),
            ..Object::default()
        }
    }

    #[test]
    fn what_a_service_makes_of_a_number_is_not_what_is_added() {
        for (initial, added, told, are_others) in [
            (&[][..], &["17", "18"][..], &["u17", "u18"][..], true),
            (&["a"], &["17", "18"], &["a", "u18"], true),
            (&[], &["A@x"], &["a@x"], true),
            // What is there is, or may be, what was added.
            (&[], &["17", "18"], &["17", "u18"], false),
            (&[], &["A@x", "b"], &["a@x", "b"], false),
            // Nothing new is there, or nothing but numbers.
            (&["a"], &["17"], &["a"], false),
            (&[], &["17"], &["99"], false),
            (&[], &[], &["a"], false),
        ] {
            let found = super::are_others(&object(initial, added, told));
            assert_eq!(found, are_others, "{initial:?} {added:?} {told:?}");
        }
    }
}
