//! What is left.

use crate::history::{NIL, NO, Op, Operation, Outcome, YES};
use crate::specification::Specification;

/// A number that is taken from and given back to, and never falls below zero.
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
            Op::Take if *left >= amount(operation) => {
                operation.may_have_returned(YES).then(|| left - amount(operation))
            }
            Op::Take => operation.may_have_returned(NO).then_some(*left),
            Op::Give if operation.may_have_returned(YES) => left.checked_add(amount(operation)),
            Op::Give => None,
            _ => operation.may_have_returned(*left).then_some(*left),
        }
    }
}

/// How many `operation` takes or gives back.
pub(super) fn amount(operation: &Operation) -> i64 {
    if operation.arg == NIL { 1 } else { operation.arg }
}

/// Whether all amounts of `operations` are at least one, and so many can be left of `initial` and
/// all that is given back.
pub(super) fn is_countable(initial: i64, operations: &[Operation]) -> bool {
    let mut most = initial.max(0);
    operations.iter().all(|operation| {
        let is_counted = matches!(operation.op, Op::Take | Op::Give);
        if !is_counted || operation.outcome == Outcome::Fail {
            return true;
        }
        let given = if operation.op == Op::Give { amount(operation) } else { 0 };
        let sum = most.checked_add(given);
        most = sum.unwrap_or(i64::MAX);
        sum.is_some() && amount(operation) >= 1
    })
}
