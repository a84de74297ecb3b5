//! What is left.

use crate::history::{NO, Op, Operation, YES};
use crate::specification::Specification;

/// A number that is taken from one by one, and never falls below zero.
#[derive(Debug, Clone, Copy)]
pub struct Stock {
    /// How many there are at first.
    pub initial: i64,
}

impl Specification for Stock {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, left: &i64, operation: &Operation) -> Option<i64> {
        match operation.op {
            Op::Take if *left > 0 => operation.may_have_returned(YES).then_some(*left - 1),
            Op::Take => operation.may_have_returned(NO).then_some(*left),
            _ => operation.may_have_returned(*left).then_some(*left),
        }
    }
}
