//! Witnesses against values that are handed out once.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, NO, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let value = |index: &u32| object.operations.get(*index as usize).and_then(value);
    match (anomaly.kind, anomaly.witness.as_slice()) {
        (AnomalyKind::DuplicateValue, [addition]) => {
            value(addition).is_some_and(|value| object.initial_elements().contains(&value))
        }
        (AnomalyKind::DuplicateValue, [one, other]) => {
            one != other && value(one).is_some() && value(one) == value(other)
        }
        _ => false,
    }
}

/// What an addition is known to have handed out.
fn value(addition: &Operation) -> Option<i64> {
    let Operation { op, outcome, result, .. } = *addition;
    ((op, outcome) == (Op::Add, Outcome::Ok) && result != NIL && result != NO).then_some(result)
}
