//! Answers that show an effect which nothing can have had by then.

use super::told::{Says, Told, may_have_effect};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::NEVER;
use crate::tally::Tally;

/// What was told, and when an addition began that can have had the effect.
pub(super) struct Early<'t, 'o> {
    pub(super) told: &'t Told<'o>,
    /// When it began, and which it is; `None` where there is none.
    pub(super) creator: Option<(u64, u32)>,
}

impl Early<'_, '_> {
    /// Reads, which are phantoms or of the future, and refusals.
    pub(super) fn find(&self) -> [Option<Anomaly>; 2] {
        let begun_ns = self.creator.map_or(NEVER, |(call_ns, _)| call_ns);
        let mut reads = Tally::new();
        let mut refusals = Tally::new();
        for (index, answer) in (0..).zip(self.told.operations) {
            match Says::of(answer) {
                // An addition that was acknowledged began before it was over.
                Says::There(..) if answer.return_ns < begun_ns => {
                    reads.add(answer.return_ns, index);
                }
                Says::Refused(_) if answer.return_ns < begun_ns => {
                    refusals.add(answer.return_ns, index);
                }
                _ => {}
            }
        }
        let by_its_end = |answer: u32| self.told.operations[answer as usize].return_ns;
        let reads = if self.creator.is_none() {
            reads.anomaly(AnomalyKind::Phantom, |read| self.excluding(read, NEVER))
        } else {
            let witness = |read| self.excluding(read, by_its_end(read));
            reads.anomaly(AnomalyKind::FutureRead, witness)
        };
        let witness = |refusal| self.excluding(refusal, by_its_end(refusal));
        [reads, refusals.anomaly(AnomalyKind::PhantomRefusal, witness)]
    }

    /// The fewest answers that exclude each payload whose addition began by `until_ns`, `answer` as
    /// the last.
    fn excluding(&self, answer: u32, until_ns: u64) -> Vec<u32> {
        let Told { operations, payloads, refused, .. } = self.told;
        let says = Says::of(&operations[answer as usize]);
        let is_left = |payload: &i64| match says {
            Says::Refused(other) => other != *payload,
            Says::There(Some(own), _) => own == *payload,
            _ => true,
        };
        let begun = operations
            .iter()
            .filter(|addition| may_have_effect(addition) && addition.call_ns <= until_ns);
        let mut left: Vec<_> = begun.map(|addition| addition.arg).filter(is_left).collect();
        left.sort_unstable();
        left.dedup();
        // That one payload was accepted excludes all others.
        let accepted = payloads.values().min().filter(|_| !left.is_empty());
        let mut by = match accepted {
            Some(accepted) => vec![*accepted],
            None => left.iter().filter_map(|payload| refused.get(payload)).copied().collect(),
        };
        by.sort_unstable();
        by.into_iter().map(|(_, index)| index).chain([answer]).collect()
    }
}
