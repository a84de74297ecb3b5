//! A sum.

use crate::history::{Op, Operation};
use crate::specification::Specification;

/// A number that is added to: a counter, or one that answers with the new sum.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// What it is at first.
    pub initial: i64,
}

impl Specification for Sum {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, sum: &i64, operation: &Operation) -> Option<i64> {
        let after = match operation.op {
            Op::Add => sum.checked_add(operation.arg)?,
            _ => *sum,
        };
        operation.may_have_returned(after).then_some(after)
    }
}
