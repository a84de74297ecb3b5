//! What can have been left at an answer, counted one by one.

use super::roles::{Role, role};
use crate::history::Operation;

/// The time between the beginning, or an earlier answer, and another answer.
#[derive(Clone, Copy)]
pub(super) struct Between<'o> {
    pub(super) initial: i64,
    pub(super) operations: &'o [Operation],
    pub(super) earlier: Option<&'o Operation>,
}

impl Between<'_> {
    /// The most that can have been left at `answer`; `None` where nothing tells.
    pub(super) fn most(self, answer: &Operation) -> Option<i128> {
        let shown = self.shown(Role::most)?;
        let taken = |one: &Operation| self.is_after(one) && one.precedes(answer);
        Some(shown + self.given_by(answer.return_ns) - self.sum(Role::taken, taken))
    }

    /// The least that can have been left at `answer`; `None` where nothing tells.
    pub(super) fn least(self, answer: &Operation) -> Option<i128> {
        let shown = self.shown(Role::least)?;
        let given = |one: &Operation| self.is_after(one) && one.precedes(answer);
        let taken = |one: &Operation| !answer.precedes(one) && !self.is_before(one);
        Some(shown + self.sum(Role::given, given) - self.sum(Role::takes, taken))
    }

    /// The most that takes after it can have come to that were over by `time_ns`; `None` where nothing
    /// tells.
    pub(super) fn most_taken(self, time_ns: u64) -> Option<i128> {
        Some(self.shown(Role::most)? + self.given_by(time_ns))
    }

    /// How much can have been given back by a time.
    fn given_by(self, time_ns: u64) -> i128 {
        self.sum(Role::gives, |one| one.call_ns <= time_ns && !self.is_before(one))
    }

    /// What was left, as far as it is told.
    fn shown(self, told: impl Fn(Role) -> Option<i64>) -> Option<i128> {
        let left = match self.earlier {
            None => Some(self.initial),
            Some(earlier) => told(role(earlier)?),
        };
        left.map(i128::from)
    }

    pub(super) fn is_after(self, operation: &Operation) -> bool {
        self.earlier.is_none_or(|earlier| earlier.precedes(operation))
    }

    fn is_before(self, operation: &Operation) -> bool {
        self.earlier.is_some_and(|earlier| operation.precedes(earlier))
    }

    fn sum(self, amount: impl Fn(Role) -> i64, counts: impl Fn(&Operation) -> bool) -> i128 {
        let amounts = self.operations.iter().filter(|one| counts(one)).filter_map(role);
        amounts.map(|role| i128::from(amount(role))).sum()
    }
}
