//! What still holds of a counter whose additions answer with the new sum.

use crate::history::{NIL, Object, Op, Outcome};
use crate::weaker::Weaker;
use crate::weaker::counts::{self, Part};

/// What still holds of `object`; `None` where the rule does not cover it, which is where the judge's
/// does not.
pub(super) fn weaker(object: &Object) -> Option<Vec<Weaker>> {
    let mut done = object.operations.iter().filter(|operation| operation.outcome != Outcome::Fail);
    if !done.all(|one| one.op == Op::Read || (one.op == Op::Add && one.arg == 1)) {
        return None;
    }
    let initial = object.initial_or(0);
    let count = |value: i64| (value != NIL).then(|| value.saturating_sub(initial).min(MOST));
    Some(counts::weaker(
        &object.operations,
        |operation| match (operation.op, operation.outcome) {
            (Op::Add, _) => counts::update(operation, count(operation.result)),
            (Op::Read, Outcome::Ok) => count(operation.result).map_or(Part::Nothing, Part::Read),
            _ => Part::Nothing,
        },
        object.is_shared,
    ))
}

/// No count is as large as what does not fit.
const MOST: i64 = i64::MAX - 1;
