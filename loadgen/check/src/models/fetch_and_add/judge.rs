//! A counter whose additions answer with the new sum.
//!
//! The answers fix the order: for each value the addition that returned it, then the reads that
//! did. Where no addition returned a value, one of unknown outcome takes its place: the one that
//! began first takes the lowest. What remains to be asked is whether time agrees. Intervals can be
//! put into a given order if and only if no operation of an earlier place begins after one of a
//! later place has ended. Sorting makes that O(n log n), however far apart the values are.

mod answers;
mod gaps;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::Operation;
use crate::judgement::Judgement;
use crate::tally::Tally;
use answers::Answers;

/// The verdict on `operations`; `None` where the rule does not cover them.
///
/// It covers additions of 1. There are at most `u32::MAX` operations. An acknowledged addition
/// whose answer could not be read is taken as unknown; with one of those, a history that shows no
/// anomaly is undecided.
///
/// The search goes on after an anomaly. An addition that is counted in one of the first two ways
/// is taken as unknown for all that follows.
/// - `DuplicateValue`: an addition that returned what another did. Counts all of a value's but one.
///   Time: when the second was over, the third, … Witness: the first two to be over.
/// - `OrderViolation`: an addition that returned no more than `initial`. Witness: itself.
/// - `OrderViolation`: an addition that returned less than an answer that was complete before it
///   began. Counts additions. Witness: what gave that answer, the addition.
/// - `StaleRead`: a read that did so. Counts reads. Witness: what gave that answer, the read; the
///   read alone if it returned less than `initial`.
/// - `FutureRead`: a read that was over before the addition that returned its value began. Counts
///   reads. Time: when the addition was over. Witness: the read, the addition.
/// - `SkippedValue`: values in a row that no addition returned, and more of them than there are
///   additions of unknown outcome to have made them. Counts such gaps, however wide, and as few as
///   explain what was seen. Time: when an answer was complete that not enough additions had begun
///   for. Witness: what gave that answer.
///
/// The time is when the operation that counts was over, where nothing else is said. One answer that
/// is far too high makes a gap, and each smaller one that begins after it counts as well: the two
/// contradict each other, and nothing tells which is wrong.
#[must_use]
pub fn judge(initial: i64, operations: &[Operation], certify: bool) -> Option<Judgement> {
    let mut found = Found::new();
    let mut answers = Answers::sort(initial, operations, &mut found)?;
    let gaps = answers.compare(&mut found);
    gaps::fill(&gaps, answers.spare(), operations, &mut found);
    let anomalies = found.anomalies();
    Some(if !anomalies.is_empty() {
        Judgement::invalid(anomalies)
    } else if answers.unread > 0 {
        Judgement::unknown(format!("{} answers carried no result", answers.unread))
    } else {
        Judgement::valid(certify.then(|| answers.order()))
    })
}

/// The anomalies, with indices of operations for witnesses.
struct Found {
    /// Two additions of one value.
    duplicates: Tally<[u32; 2]>,
    /// An addition, after what contradicts it if it is not the value at first.
    misplaced: Tally<(Option<u32>, u32)>,
    /// A read, likewise.
    stale: Tally<(Option<u32>, u32)>,
    /// A read, and the addition that came after it.
    future: Tally<[u32; 2]>,
    /// What gave an answer that could not be reached.
    skipped: Tally<u32>,
}

impl Found {
    fn new() -> Self {
        Self {
            duplicates: Tally::new(),
            misplaced: Tally::new(),
            stale: Tally::new(),
            future: Tally::new(),
            skipped: Tally::new(),
        }
    }

    fn anomalies(self) -> Vec<Anomaly> {
        let after =
            |(before, index): (Option<u32>, u32)| before.into_iter().chain([index]).collect();
        let anomalies = [
            self.duplicates.anomaly(AnomalyKind::DuplicateValue, Vec::from),
            self.misplaced.anomaly(AnomalyKind::OrderViolation, after),
            self.stale.anomaly(AnomalyKind::StaleRead, after),
            self.future.anomaly(AnomalyKind::FutureRead, Vec::from),
            self.skipped.anomaly(AnomalyKind::SkippedValue, |index| vec![index]),
        ];
        anomalies.into_iter().flatten().collect()
    }
}
