//! Operations, as far as the order of values depends on them.

use crate::history::{NEVER, Op, Operation, Outcome, YES};

/// No operation.
pub(super) const NONE: u32 = u32::MAX;

/// What an operation says about the value: what has to be there, and what it leaves behind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    /// Its invocation. Times count from 1, so that the initial value is there before all others.
    pub(super) begin: u64,
    /// Its completion, [`NEVER`] for none.
    pub(super) end: u64,
    pub(super) needs: Need,
    /// The value that it leaves behind; none for those that only look.
    pub(super) leaves: Option<i64>,
    /// Whether it was done. An operation that is optional counts where another needs it.
    pub(super) is_certain: bool,
}

/// What has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Anything.
    Nothing,
    /// This value.
    Value(i64),
    /// Any value but this one: a `cas` that failed.
    Other(i64),
}

impl Access {
    /// The value that is there at first.
    fn at_first(value: i64) -> Self {
        let leaves = Some(value);
        Self { begin: 0, end: 0, needs: Need::Nothing, leaves, is_certain: true }
    }

    /// What `operation` says; `None` where the rule does not cover it.
    fn of(operation: &Operation) -> Option<Self> {
        let is_certain = operation.outcome == Outcome::Ok;
        let (needs, leaves) = match (operation.op, operation.outcome) {
            (_, Outcome::Fail) | (Op::Read, Outcome::Unknown) => (Need::Nothing, None),
            (Op::Read, Outcome::Ok) => (Need::Value(operation.result), None),
            (Op::Write, _) => (Need::Nothing, Some(operation.arg)),
            (Op::Cas, _) if operation.was_declined() => (Need::Other(operation.arg), None),
            (Op::Cas, outcome) if outcome == Outcome::Unknown || operation.result == YES => {
                (Need::Value(operation.arg), Some(operation.new))
            }
            (Op::Add | Op::Cas | Op::Take | Op::Give | Op::Move, _) => return None,
        };
        let (call_ns, completion_ns) = (operation.call_ns, operation.completion_ns());
        // One later would be the same as never.
        let has_time = call_ns <= completion_ns && completion_ns != NEVER - 1;
        let (begin, end) = (call_ns.saturating_add(1), completion_ns.saturating_add(1));
        has_time.then_some(Self { begin, end, needs, leaves, is_certain })
    }

    /// Each of `operations` in their order, and behind them the `initial` value; `None` where the
    /// rule does not cover them.
    pub(super) fn all(initial: i64, operations: &[Operation]) -> Option<Vec<Self>> {
        let mut accesses = Vec::with_capacity(operations.len() + 1);
        for operation in operations {
            accesses.push(Self::of(operation)?);
        }
        accesses.push(Self::at_first(initial));
        Some(accesses)
    }

    /// Whether it says anything by itself.
    pub(super) fn is_user(&self) -> bool {
        self.is_certain && self.needs != Need::Nothing
    }

    /// Whether it leaves a value behind only where it finds one.
    pub(super) fn is_swap(&self) -> bool {
        self.leaves.is_some() && self.needs != Need::Nothing
    }
}
