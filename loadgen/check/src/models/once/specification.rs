//! The one effect.

use crate::history::{NIL, Op, Operation, Outcome};
use crate::specification::Specification;

/// An idempotency key: the first addition has an effect, every other tells its result.
#[derive(Debug, Clone, Copy)]
pub struct Key;

/// What a key holds once the effect was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held {
    /// What it was asked with; [`NIL`] is a payload like any other.
    pub payload: i64,
    /// What came of it; `None` as long as no answer has told.
    pub result: Option<i64>,
}

impl Specification for Key {
    /// `None` before the effect.
    type State = Option<Held>;

    fn initial(&self) -> Option<Held> {
        None
    }

    fn step(&self, state: &Option<Held>, operation: &Operation) -> Option<Option<Held>> {
        let Operation { op, arg, result, outcome, .. } = *operation;
        let is_answered = outcome == Outcome::Ok;
        let was_declined = operation.was_declined();
        match (op, state) {
            (Op::Add, None) => {
                let held = Held { payload: arg, result: None };
                if was_declined { None } else { held.told(operation).map(Some) }
            }
            (Op::Add, Some(held)) if held.payload == arg => {
                if was_declined {
                    None
                } else {
                    held.told(operation).map(Some)
                }
            }
            // Who learns nothing may have been refused.
            (Op::Add, held) => (was_declined || !is_answered).then_some(*held),
            (Op::Read, held) if !is_answered => Some(*held),
            (Op::Read, None) => (result == NIL).then_some(None),
            (Op::Read, Some(held)) => {
                let is_of_it = result != NIL && (arg == NIL || arg == held.payload);
                if is_of_it { held.told(operation).map(Some) } else { None }
            }
            _ => None,
        }
    }
}

impl Held {
    /// With the result that `operation` tells, if it does; `None` where it is another.
    fn told(self, operation: &Operation) -> Option<Self> {
        let told = Some(operation.result)
            .filter(|result| operation.outcome == Outcome::Ok && *result != NIL);
        match (self.result, told) {
            (Some(result), Some(told)) if result != told => None,
            (result, told) => Some(Self { result: result.or(told), ..self }),
        }
    }
}
