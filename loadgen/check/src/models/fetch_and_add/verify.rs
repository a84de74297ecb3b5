//! Witnesses against a counter whose additions answer with the new sum.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let initial = object.initial_or(0);
    let operations = &object.operations;
    let mut done = operations.iter().filter(|operation| operation.outcome != Outcome::Fail);
    let witness: Option<Vec<&Operation>> = anomaly
        .witness
        .iter()
        .map(|index| operations.get(*index as usize).filter(|operation| answered(operation)))
        .collect();
    // Values only order the operations if each addition makes a new one.
    let Some(witness) = witness.filter(|_| done.all(|one| one.op == Op::Read || one.arg == 1))
    else {
        return false;
    };
    match (anomaly.kind, &witness[..]) {
        (AnomalyKind::DuplicateValue, [one, other]) => {
            anomaly.witness[0] != anomaly.witness[1]
                && [one, other].iter().all(|operation| operation.op == Op::Add)
                && one.result == other.result
        }
        (AnomalyKind::OrderViolation, [add]) => add.op == Op::Add && add.result <= initial,
        (AnomalyKind::StaleRead, [read]) => read.op == Op::Read && read.result < initial,
        (AnomalyKind::OrderViolation, [before, add]) => {
            add.op == Op::Add && before.precedes(add) && before.result > add.result
        }
        (AnomalyKind::StaleRead, [before, read]) => {
            read.op == Op::Read && before.precedes(read) && before.result > read.result
        }
        (AnomalyKind::FutureRead, [read, add]) => {
            (read.op, add.op) == (Op::Read, Op::Add)
                && read.precedes(add)
                && read.result == add.result
        }
        (AnomalyKind::SkippedValue, [last]) => {
            let may_come_before = |add: &&Operation| {
                add.op == Op::Add
                    && add.outcome != Outcome::Fail
                    && !last.precedes(add)
                    && !(answered(add) && add.result > last.result)
            };
            let additions = operations.iter().filter(may_come_before).count();
            i128::from(last.result) - i128::from(initial) > additions as i128
        }
        _ => false,
    }
}

/// Whether `operation` returned a value.
fn answered(operation: &Operation) -> bool {
    operation.outcome == Outcome::Ok && operation.result != NIL
}
