//! A sum.

use crate::history::{NIL, Op, Operation, Outcome};
use crate::specification::Specification;

/// A number that is added to: a counter, or one that answers with the new sum.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// What it is at first.
    pub initial: i64,
}

impl Specification for Sum {
    /// Wide enough for the sum of as many 64-bit numbers as there are indices.
    type State = i128;

    fn initial(&self) -> i128 {
        self.initial.into()
    }

    fn step(&self, sum: &i128, operation: &Operation) -> Option<i128> {
        let after = match operation.op {
            Op::Add => sum + i128::from(operation.arg),
            _ => *sum,
        };
        let says_nothing = operation.outcome != Outcome::Ok || operation.result == NIL;
        (says_nothing || i128::from(operation.result) == after).then_some(after)
    }
}
