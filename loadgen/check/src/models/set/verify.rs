//! Witnesses against a set.

use std::collections::BTreeSet;

use super::failed;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};
use crate::lists::List;

/// Whether the witness proves the anomaly; [`set::judge`](super::judge()) says what is in it,
/// in this order.
pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let witness = anomaly.witness.iter().map(|index| object.operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::Phantom, [read]) => lacks(&known(object), &list(object, read)),
        (AnomalyKind::FailedWrite, [add, read]) => {
            let is_unnamed = |one: &Operation| {
                one.op == Op::Add && one.outcome != Outcome::Fail && one.arg == NIL
            };
            failed::is_seen(object, add, read)
                && !known(object).contains(&add.arg)
                && !object.operations.iter().any(is_unnamed)
        }
        (AnomalyKind::DuplicateValue, [one, other]) => {
            let is_chosen = |add: &Operation| is_addition(add) && add.result == add.arg;
            !std::ptr::eq(*one, *other)
                && one.arg == other.arg
                && is_chosen(one)
                && is_chosen(other)
        }
        (AnomalyKind::DuplicateElement, [read]) => {
            read.list(&object.lists).is_some_and(|raw| list(object, read).len() < raw.len())
        }
        (AnomalyKind::FutureRead, [add, read]) => {
            let is_listed = is_addition(add) && list(object, read).contains(&add.arg);
            is_listed && is_over_before_added(object, read, add.arg)
        }
        (AnomalyKind::MissingElement, [read]) => {
            is_list(object, read) && lacks(&list(object, read), &initial(object))
        }
        (AnomalyKind::MissingElement, [add, read]) => {
            let is_due = is_addition(add) && add.precedes(read);
            is_due && is_list(object, read) && !list(object, read).contains(&add.arg)
        }
        (AnomalyKind::StaleRead, [early, late]) => {
            let are_lists = is_list(object, early) && is_list(object, late);
            are_lists && early.precedes(late) && lacks(&list(object, late), &list(object, early))
        }
        (AnomalyKind::IncomparableLists, [one, other]) => {
            let [one, other] = [one, other].map(|read| list(object, read));
            lacks(&one, &other) && lacks(&other, &one)
        }
        (AnomalyKind::OrderViolation, [lacked, held, read]) => {
            let list = list(object, read);
            is_addition(lacked)
                && is_addition(held)
                && !list.contains(&lacked.arg)
                && list.contains(&held.arg)
                && is_over_before_added(object, lacked, held.arg)
        }
        _ => false,
    }
}

/// Whether `list` lacks one of `elements`.
fn lacks(list: &BTreeSet<i64>, elements: &BTreeSet<i64>) -> bool {
    !elements.is_subset(list)
}

/// Whether `operation` was over before anyone may have added `element`.
fn is_over_before_added(object: &Object, operation: &Operation, element: i64) -> bool {
    let mut additions = object.operations.iter().filter(|other| is_addition(other));
    let is_over = additions.all(|addition| addition.arg != element || operation.precedes(addition));
    is_over && !object.initial_elements().contains(&element)
}

/// What was there at first or may have been added.
fn known(object: &Object) -> BTreeSet<i64> {
    let additions = object.operations.iter().filter(|operation| is_addition(operation));
    initial(object).into_iter().chain(additions.map(|addition| addition.arg)).collect()
}

fn initial(object: &Object) -> BTreeSet<i64> {
    object.initial_elements().iter().copied().collect()
}

fn is_addition(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.outcome != Outcome::Fail && operation.arg != NIL
}

fn is_list(object: &Object, operation: &Operation) -> bool {
    operation.list(&object.lists).is_some()
}

/// What the operation returned; nothing if it returned no list.
fn list(object: &Object, operation: &Operation) -> BTreeSet<i64> {
    operation.list(&object.lists).into_iter().flat_map(List::elements).collect()
}
