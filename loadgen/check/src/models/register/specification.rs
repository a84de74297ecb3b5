//! A value.

use crate::history::{NO, Op, Operation, Outcome, YES};
use crate::specification::Specification;

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Register {
    /// What it is at first; [`NIL`](crate::history::NIL) for none.
    pub initial: i64,
}

impl Specification for Register {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, value: &i64, operation: &Operation) -> Option<i64> {
        match operation.op {
            Op::Write => Some(operation.arg),
            Op::Cas => {
                let (swapped, after) =
                    if *value == operation.arg { (YES, operation.new) } else { (NO, *value) };
                operation.may_have_returned(swapped).then_some(after)
            }
            // Here no value is a value like others.
            _ => (operation.outcome != Outcome::Ok || operation.result == *value).then_some(*value),
        }
    }
}
