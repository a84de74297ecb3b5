//! What takes mean to the rule for a history that grows.
//!
//! What has been taken is a count that never exceeds what there was, as the judge of whole histories
//! says. So is each of its further anomalies one of the count: too many takes, after the beginning or
//! after an answer that told how many were left, are a count that exceeds it.

use crate::anomaly::AnomalyKind;
use crate::counting::{Counts, Part};
use crate::history::{Op, Operation};

use super::judge::{is_covered, left, part};

/// A number that is taken from one by one.
pub(super) struct Takes {
    initial: i64,
}

impl Takes {
    /// `None` where there is less than nothing, which the rule does not cover.
    pub(super) fn of(initial: i64) -> Option<Self> {
        (initial >= 0).then_some(Self { initial })
    }
}

impl Counts for Takes {
    fn part(&self, operation: &Operation) -> Option<Part> {
        is_covered(operation).then(|| part(self.initial, operation))
    }

    fn may_add(&self, op: Op) -> bool {
        op == Op::Take
    }

    fn limit(&self) -> i64 {
        self.initial
    }

    fn absurd(&self, operation: &Operation) -> Option<AnomalyKind> {
        left(operation).is_some_and(|left| left < 0).then_some(AnomalyKind::Oversell)
    }

    fn beyond(&self, answer: &Operation) -> AnomalyKind {
        if left(answer) == Some(0) { AnomalyKind::PhantomSoldOut } else { AnomalyKind::Phantom }
    }
}
