//! What still holds of a counter.

use super::judge::{count_of, has_result, step};
use crate::history::{Object, Op};
use crate::weaker::Weaker;
use crate::weaker::counts::{self, Part};

/// What still holds of `object`; `None` where the rule does not cover it, which is where the judge's
/// does not, and where others may have added a part of what an addition adds.
pub(super) fn weaker(object: &Object) -> Option<Vec<Weaker>> {
    let initial = object.initial_or(0);
    let step = step(initial, &object.operations)?;
    let count = |value| count_of(initial, step, value);
    let mut reads = object.operations.iter().filter(|operation| has_result(operation));
    if object.is_shared && reads.any(|read| count(read.result).is_none()) {
        return None;
    }
    Some(counts::weaker(
        &object.operations,
        |operation| match operation.op {
            Op::Add => counts::update(operation, None),
            // A part of an addition is no count.
            _ if has_result(operation) => Part::Read(count(operation.result).unwrap_or(-1)),
            _ => Part::Nothing,
        },
        object.is_shared,
    ))
}
