//! Reads that returned too little: stale ones, and updates that are lost.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::Operation;
use crate::tally::Tally;

use super::{Low, Part};

/// Names what is wrong with the reads that returned too little, `low`, of a count that is never
/// above `limit`.
///
/// - `LostUpdate`: an update that was over before a read began and is in neither that read nor any
///   later one. Counts updates: as many as every read lacks from some time on, of those that were
///   over when it began. Time: when the first read was over from which on it is so. Witness: that
///   read.
/// - `StaleRead`: a read that returned too little, if a later one certainly has some of what it
///   lacks, or if no update is lost. Counts reads. Time: when it was over. Witness: the read; where
///   the updates that were over before it began do not suffice, an earlier read that shows that
///   others had been done, and the read.
///
/// Later is what began later.
pub(crate) fn name(
    operations: &[Operation],
    part: impl Fn(&Operation) -> Part,
    limit: i64,
    low: &[Low],
) -> [Option<Anomaly>; 2] {
    if low.is_empty() {
        return [None, None];
    }
    let times = Times::sort(operations, part);
    let lost = times.lost(limit).anomaly(AnomalyKind::LostUpdate, |read| vec![read]);
    let stale = times.stale(low, lost.is_some());
    [lost, stale.anomaly(AnomalyKind::StaleRead, |read| times.prove_low(read))]
}

/// When updates and reads began and ended.
struct Times<'o, P> {
    operations: &'o [Operation],
    part: P,
    /// Beginnings of updates that were or may have been done, ascending.
    begins_ns: Vec<u64>,
    /// Ends and beginnings of updates that were done, in this order.
    done_ns: Vec<(u64, u64)>,
    /// Beginnings of reads and their indices, in this order.
    reads: Vec<(u64, u32)>,
}

impl<'o, P: Fn(&Operation) -> Part> Times<'o, P> {
    fn sort(operations: &'o [Operation], part: P) -> Self {
        let parts = || operations.iter().map(&part);
        let is_read = |part: &Part| matches!(part, Part::Count(_));
        let may_be_done = |part: &Part| matches!(part, Part::Update | Part::Perhaps);
        let mut begins_ns = Vec::with_capacity(parts().filter(may_be_done).count());
        let mut done_ns = Vec::with_capacity(parts().filter(|part| *part == Part::Update).count());
        let mut reads = Vec::with_capacity(parts().filter(is_read).count());
        for ((index, operation), part) in (0..).zip(operations).zip(parts()) {
            if may_be_done(&part) {
                begins_ns.push(operation.call_ns);
            }
            if part == Part::Update {
                done_ns.push((operation.return_ns, operation.call_ns));
            }
            if is_read(&part) {
                reads.push((operation.call_ns, index));
            }
        }
        begins_ns.sort_unstable();
        done_ns.sort_unstable();
        reads.sort_unstable();
        Self { operations, part, begins_ns, done_ns, reads }
    }

    /// The reads with what they returned, in the order in which they began.
    fn reads(&self) -> impl DoubleEndedIterator<Item = (u32, &'o Operation, i64)> {
        self.reads.iter().filter_map(|(_, index)| {
            let read = &self.operations[*index as usize];
            let Part::Count(value) = (self.part)(read) else { return None };
            Some((*index, read, value))
        })
    }

    /// The updates that were over before `read` began: when each ended, and when it began.
    fn over_before(&self, read: &Operation) -> &[(u64, u64)] {
        &self.done_ns[..self.done_ns.partition_point(|(end_ns, _)| *end_ns < read.call_ns)]
    }

    /// How many updates had begun when `read` was over.
    fn begun_by(&self, read: &Operation) -> i64 {
        number(self.begins_ns.partition_point(|begin_ns| *begin_ns <= read.return_ns))
    }

    /// Each update that is lost, by the read that lacks it first.
    fn lost(&self, limit: i64) -> Tally<u32> {
        let mut lost = Tally::new();
        let mut add = |updates: i64, (index, first): (u32, &Operation)| {
            for _ in 0..updates {
                lost.add(first.return_ns, index);
            }
        };
        // How many updates every later read lacks, and the first of these reads.
        let mut lasting = None;
        for (index, read, value) in self.reads().rev() {
            let over = number(self.over_before(read).len()).min(limit);
            let mut lacks = (over - value.max(0)).max(0);
            if let Some((later, first)) = lasting {
                add(later - lacks, first);
                lacks = lacks.min(later);
            }
            lasting = Some((lacks, (index, read)));
        }
        if let Some((all, first)) = lasting {
            add(all, first);
        }
        lost
    }

    /// Those of the reads that returned too little which are stale.
    fn stale(&self, low: &[Low], is_any_lost: bool) -> Tally<u32> {
        let mut stale = Tally::new();
        let mut low = low.iter().rev().peekable();
        // How many updates one of the later reads lacks at most.
        let mut at_most = u64::MAX;
        for (index, read, value) in self.reads().rev() {
            if let Some(low) = low.next_if(|low| low.index == index)
                && (low.lacks > at_most || !is_any_lost)
            {
                stale.add(read.return_ns, index);
            }
            // What is more than had begun proves nothing further.
            let begun = self.begun_by(read);
            if value <= begun {
                at_most = at_most.min(begun.abs_diff(value));
            }
        }
        stale
    }

    /// The witness of a read that returned too little.
    ///
    /// It should have returned what was over before it began, and of what an earlier read returned
    /// as much as exceeds those of these updates that had begun when that read ended.
    fn prove_low(&self, index: u32) -> Vec<u32> {
        let low = &self.operations[index as usize];
        let over = self.over_before(low);
        let mut begins_ns: Vec<_> = over.iter().map(|(_, begin_ns)| *begin_ns).collect();
        begins_ns.sort_unstable();
        let earlier = self.reads().filter(|(_, earlier, value)| {
            earlier.precedes(low) && *value <= self.begun_by(earlier)
        });
        let exceeding = earlier.map(|(index, earlier, value)| {
            let within = begins_ns.partition_point(|begin_ns| *begin_ns <= earlier.return_ns);
            (value - number(within), index)
        });
        let shows = exceeding.max().filter(|(exceeding, _)| *exceeding > 0);
        let suffices = matches!((self.part)(low), Part::Count(value) if value < number(over.len()));
        let shows = shows.filter(|_| !suffices).map(|(_, index)| index);
        shows.into_iter().chain([index]).collect()
    }
}

/// So many things, of which there are at most `u32::MAX`.
fn number(things: usize) -> i64 {
    i64::try_from(things).expect("there are no more than that")
}
