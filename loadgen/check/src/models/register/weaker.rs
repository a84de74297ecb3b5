//! What still holds of a register.

use super::judge::is_covered;
use crate::history::{NIL, Object};
use crate::weaker::{Weaker, values};

/// What still holds of `object`; `None` where the rule does not cover it, which is where the judge's
/// does not.
pub(super) fn weaker(object: &Object) -> Option<Vec<Weaker>> {
    let initial = object.initial_or(NIL);
    let are_covered = object.operations.iter().all(|operation| is_covered(initial, operation));
    are_covered.then(|| values::weaker(initial, &object.operations, object.is_shared))?
}
