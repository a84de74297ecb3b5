//! What proves a history invalid while it still grows.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Object, Op, Operation, Outcome, YES};

/// An anomaly of a history that is not complete. It is one of every longer history, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its name.
    pub kind: AnomalyKind,
    /// When the last operation that it takes was over, in nanoseconds on the history's clock.
    pub time_ns: u64,
    /// The operations of the witness that are known, in its order.
    known: Vec<Operation>,
    rest: Rest,
}

/// What else belongs to a witness. It is found in the history, so that nobody has to keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// Another addition that returned the same.
    SameResult,
    /// The takes that succeeded by the time of the proof; behind a read, those that it precedes.
    Takes,
}

impl Proof {
    /// A proof by these operations alone, the last of which completes it.
    pub(crate) fn of(kind: AnomalyKind, known: Vec<Operation>) -> Self {
        let time_ns = known.iter().map(|one| one.return_ns).max().unwrap_or_default();
        Self { kind, time_ns, known, rest: Rest::Nothing }
    }

    /// That `add` returned what another addition had.
    pub(crate) fn duplicate(add: Operation) -> Self {
        Self { rest: Rest::SameResult, ..Self::of(AnomalyKind::DuplicateValue, vec![add]) }
    }

    /// That `take` was one more than there was: in all, or after a read told how many were left.
    pub(crate) fn oversell(told_by: Option<Operation>, take: Operation) -> Self {
        let known = told_by.into_iter().collect();
        let time_ns = take.return_ns;
        Self { kind: AnomalyKind::Oversell, time_ns, known, rest: Rest::Takes }
    }

    /// The anomaly with its witness, as [`verify()`](crate::verify()) expects it, in `object`, which
    /// has at least the operations that were judged. `None` where it lacks one that the proof needs.
    #[must_use]
    pub fn anomaly(&self, object: &Object) -> Option<Anomaly> {
        let operations = || (0_u32..).zip(&object.operations);
        let find = |known: &Operation| {
            operations().find_map(|(index, one)| (one == known).then_some(index))
        };
        let mut witness: Vec<u32> = self.known.iter().map(find).collect::<Option<_>>()?;
        match self.rest {
            Rest::Nothing => {}
            Rest::SameResult => {
                let add = self.known.first()?;
                let is_same = |(index, one): &(u32, &Operation)| {
                    let is_answered = one.op == Op::Add && one.outcome == Outcome::Ok;
                    is_answered && one.result == add.result && !witness.contains(index)
                };
                let (other, _) = operations().find(is_same)?;
                witness.push(other);
            }
            Rest::Takes => {
                let is_meant = |take: &Operation| {
                    let succeeded = (take.op, take.outcome, take.result);
                    succeeded == (Op::Take, Outcome::Ok, YES)
                        && take.return_ns <= self.time_ns
                        && self.known.iter().all(|read| read.precedes(take))
                };
                let takes = operations().filter(|(_, take)| is_meant(take));
                witness.extend(takes.map(|(index, _)| index));
            }
        }
        Some(Anomaly { kind: self.kind, count: 1, times_ns: vec![self.time_ns], witness })
    }
}
