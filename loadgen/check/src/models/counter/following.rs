//! What the operations of a counter mean to the rule for a history that grows.

use crate::anomaly::AnomalyKind;
use crate::counting::{Counts, Part};
use crate::history::{NIL, Op, Operation, Outcome};

use super::judge::part;

/// A counter to which 1 is added again and again.
pub(super) struct Additions {
    initial: i64,
}

impl Additions {
    /// `None` where the sum may become too large for the rule.
    pub(super) fn from(initial: i64) -> Option<Self> {
        initial.checked_add(u32::MAX.into()).map(|_| Self { initial })
    }
}

impl Counts for Additions {
    fn part(&self, operation: &Operation) -> Option<Part> {
        let is_covered = match (operation.op, operation.outcome) {
            (_, Outcome::Fail) | (Op::Read, _) => true,
            (Op::Add, Outcome::Ok) => (operation.arg, operation.result) == (1, NIL),
            (Op::Add, Outcome::Unknown) => operation.arg == 1,
            (Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move, _) => false,
        };
        is_covered.then(|| part(self.initial, 1, operation))
    }

    fn may_add(&self, op: Op) -> bool {
        op == Op::Add
    }

    fn limit(&self) -> i64 {
        i64::MAX
    }

    fn absurd(&self, _: &Operation) -> Option<AnomalyKind> {
        None
    }

    fn beyond(&self, _: &Operation) -> AnomalyKind {
        AnomalyKind::Phantom
    }
}
