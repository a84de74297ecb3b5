//! Witnesses against a number that is taken from one by one.

use std::collections::BTreeSet;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::counting::verify::{Part, proves};
use crate::history::{NIL, NO, Object, Op, Operation, Outcome, YES};

pub(super) fn verify(object: &Object, initial: i64, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness: Option<Vec<&Operation>> =
        anomaly.witness.iter().map(|index| operations.get(*index as usize)).collect();
    let Some(witness) = witness else { return false };
    match (anomaly.kind, &witness[..]) {
        // Of less than nothing no take at all is too many.
        (AnomalyKind::Oversell, [read, takes @ ..]) if read.op == Op::Read => {
            left(read).is_some_and(|left| is_more(&anomaly.witness[1..], left))
                && takes.iter().all(|take| is_success(take) && read.precedes(take))
        }
        (AnomalyKind::Oversell, takes) => {
            is_more(&anomaly.witness, initial) && takes.iter().all(|take| is_success(take))
        }
        (AnomalyKind::LateSale, [sold_out, take]) => {
            left(sold_out) == Some(0) && is_success(take) && sold_out.precedes(take)
        }
        (AnomalyKind::PhantomSoldOut, [sold_out]) => {
            let may_come_before =
                |take: &&Operation| may_have_taken(take) && !sold_out.precedes(take);
            let taken = operations.iter().filter(may_come_before).count();
            left(sold_out) == Some(0) && (taken as i128) < i128::from(initial)
        }
        _ => {
            let part = |operation: &Operation| match left(operation) {
                Some(left) if left < 0 => Part::Nothing,
                Some(left) => Part::Read(i128::from(initial) - i128::from(left)),
                None if is_success(operation) => Part::Done,
                None if may_have_taken(operation) => Part::PerhapsDone,
                None => Part::Nothing,
            };
            proves(operations, part, initial.into(), anomaly)
        }
    }
}

/// How many `operation` says are left.
fn left(operation: &Operation) -> Option<i64> {
    let Operation { op, outcome, result, .. } = *operation;
    match op {
        _ if outcome != Outcome::Ok || result == NIL => None,
        Op::Read => Some(result),
        Op::Take => (result == NO).then_some(0),
        _ => None,
    }
}

fn is_success(operation: &Operation) -> bool {
    (operation.op, operation.outcome, operation.result) == (Op::Take, Outcome::Ok, YES)
}

fn may_have_taken(operation: &Operation) -> bool {
    operation.op == Op::Take && operation.outcome != Outcome::Fail && left(operation).is_none()
}

/// Whether there are more than `number` operations.
fn is_more(indices: &[u32], number: i64) -> bool {
    let distinct: BTreeSet<_> = indices.iter().collect();
    distinct.len() as i128 > i128::from(number)
}
