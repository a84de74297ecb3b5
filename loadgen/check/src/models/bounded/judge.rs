//! A number that is taken from one by one, and never given back to.
//!
//! What has been taken is a count, as of any counter, that stops at what there was at first. A take
//! that succeeded adds one; that nothing was left is a read of the whole. So the rule of counters
//! decides, and one thing more: there must be no more takes than there was to take, neither in all
//! nor after an answer that told how many were left.

use std::cmp::Reverse;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::counting::{self, Counted, Part};
use crate::history::{NEVER, NIL, NO, Op, Operation, Outcome, YES};
use crate::judgement::Judgement;
use crate::tally::Tally;

use super::specification::amount;

/// The verdict on `operations`; `None` where the rule does not cover them.
///
/// It covers takes of one and reads, where `initial` is not negative. There are at most `u32::MAX`
/// operations. An acknowledged take whose answer could not be read is taken as unknown; with one of
/// those, a history that shows no anomaly is undecided.
///
/// A take that failed and a read of 0 both say that nothing is left.
/// - `PhantomSoldOut`: such an answer, complete before enough takes had begun for it. Counts
///   answers. Witness: the operation that returned it. It proves nothing further.
/// - `LateSale`: a take that succeeded and began after such an answer was complete. Counts takes.
///   Witness: what returned the answer that was complete first, the take.
/// - `Oversell`: takes that succeeded beyond what there was, at first or when a read told. Counts
///   the takes beyond it, by what shows most of them. Time: when each of them was over, in the
///   order of their ends. Witness: the read, if it takes one, and one take more than there was.
///   Without any, a read of less than nothing: counts reads, and the witness is the first.
/// - `StaleRead`, `LostUpdate`: a read that returned more than can have been left. See the judge of
///   [counters](crate::models::counter::judge), for which what has been taken is what has been added.
/// - `Phantom`: likewise, a read that returned less than can have been left, but not 0.
///
/// The time is when the operation that counts was over, where nothing else is said.
#[must_use]
pub fn judge(initial: i64, operations: &[Operation], certify: bool) -> Option<Judgement> {
    if initial < 0 || !operations.iter().all(is_covered) {
        return None;
    }
    let stock = Stock::sort(initial, operations);
    let [phantom, late] = stock.sold_out();
    let mut anomalies: Vec<_> = [phantom, late, stock.oversell()].into_iter().flatten().collect();
    let mut certificate = None;
    if certify || operations.iter().any(|operation| operation.op == Op::Read) {
        let part = |operation: &Operation| part(initial, operation);
        let Counted { low, high, order } = counting::count(operations, part, initial, certify);
        anomalies.extend(counting::name(operations, part, initial, &low).into_iter().flatten());
        let mut phantoms = Tally::new();
        for index in high {
            let read = &operations[index as usize];
            if left(read) != Some(0) {
                phantoms.add(read.return_ns, index);
            }
        }
        anomalies.extend(phantoms.anomaly(AnomalyKind::Phantom, |read| vec![read]));
        certificate = order;
    }
    let unread = operations.iter().filter(|operation| is_unread(operation)).count();
    Some(if !anomalies.is_empty() {
        Judgement::invalid(anomalies)
    } else if unread > 0 {
        Judgement::unknown(format!("{unread} answers carried no result"))
    } else {
        Judgement::valid(certificate)
    })
}

pub(super) fn is_covered(operation: &Operation) -> bool {
    match (operation.op, operation.outcome) {
        (_, Outcome::Fail) | (Op::Read, _) => true,
        (Op::Take, _) if amount(operation) != 1 => false,
        (Op::Take, Outcome::Unknown) => true,
        (Op::Take, Outcome::Ok) => matches!(operation.result, YES | NO | NIL),
        (Op::Add | Op::Write | Op::Cas | Op::Give | Op::Move, _) => false,
    }
}

/// Whether `take` was done, and no one knows with which result.
fn is_unread(take: &Operation) -> bool {
    (take.op, take.outcome, take.result) == (Op::Take, Outcome::Ok, NIL)
}

fn is_success(take: &Operation) -> bool {
    (take.op, take.outcome, take.result) == (Op::Take, Outcome::Ok, YES)
}

/// How many `operation` says are left.
pub(super) fn left(operation: &Operation) -> Option<i64> {
    match (operation.op, operation.outcome) {
        (_, Outcome::Fail | Outcome::Unknown) => None,
        (Op::Read, Outcome::Ok) => Some(operation.result).filter(|left| *left != NIL),
        (_, Outcome::Ok) => (operation.result == NO).then_some(0),
    }
}

/// What `operation` means for the count of what has been taken.
pub(super) fn part(initial: i64, operation: &Operation) -> Part {
    match (operation.op, left(operation)) {
        _ if operation.outcome == Outcome::Fail => Part::Absent,
        // That less than nothing is left is told by itself.
        (_, Some(left)) if left < 0 => Part::Blank,
        (_, Some(left)) => Part::Count(initial - left),
        (Op::Read, None) if operation.outcome == Outcome::Ok => Part::Blank,
        (Op::Read, None) => Part::Absent,
        _ if is_success(operation) => Part::Update,
        _ => Part::Perhaps,
    }
}

struct Stock<'o> {
    initial: i64,
    operations: &'o [Operation],
    /// When the takes began that succeeded or may have, ascending.
    begins_ns: Vec<u64>,
}

impl<'o> Stock<'o> {
    fn sort(initial: i64, operations: &'o [Operation]) -> Self {
        let may_have_taken = |operation: &&Operation| {
            matches!(part(initial, operation), Part::Update | Part::Perhaps)
        };
        let mut begins_ns = Vec::with_capacity(operations.len());
        begins_ns.extend(operations.iter().filter(may_have_taken).map(|take| take.call_ns));
        begins_ns.sort_unstable();
        Self { initial, operations, begins_ns }
    }

    fn successes(&self) -> impl Iterator<Item = (u32, &'o Operation)> {
        (0..).zip(self.operations).filter(|(_, operation)| is_success(operation))
    }

    /// Answers that nothing was left: wrong ones, and successes after others.
    fn sold_out(&self) -> [Option<Anomaly>; 2] {
        let mut phantoms = Tally::new();
        let mut late = Tally::new();
        let mut sold_out = (NEVER, 0);
        for (index, operation) in (0..).zip(self.operations) {
            if left(operation) == Some(0) {
                if self.can_be_left(0, operation) {
                    sold_out = sold_out.min((operation.return_ns, index));
                } else {
                    phantoms.add(operation.return_ns, index);
                }
            }
        }
        for (index, take) in self.successes().filter(|(_, take)| take.call_ns > sold_out.0) {
            late.add(take.return_ns, [sold_out.1, index]);
        }
        [
            phantoms.anomaly(AnomalyKind::PhantomSoldOut, |answer| vec![answer]),
            late.anomaly(AnomalyKind::LateSale, Vec::from),
        ]
    }

    /// Whether no more than `left` can be left when `answer` is complete.
    fn can_be_left(&self, left: i64, answer: &Operation) -> bool {
        // The last of the takes that it needs.
        let Ok(last) = usize::try_from(self.initial - left - 1) else { return true };
        self.begins_ns.get(last).is_some_and(|begin_ns| *begin_ns <= answer.return_ns)
    }

    fn oversell(&self) -> Option<Anomaly> {
        // Most often no more succeeded than anybody said were left.
        let told = self.operations.iter().filter_map(left).filter(|left| *left > 0);
        let least = told.fold(self.initial, i64::min);
        if usize::try_from(least).is_ok_and(|least| self.successes().count() <= least) {
            return self.below_nothing();
        }
        let (told_by, left) = self.shows_most();
        let told_ns = told_by.map(|read| self.operations[read as usize].return_ns);
        let after = self.successes().filter(|(_, take)| told_ns.is_none_or(|ns| ns < take.call_ns));
        let mut ends: Vec<_> = after.map(|(index, take)| (take.return_ns, index)).collect();
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let mut beyond = Tally::new();
        if left < ends.len() {
            ends.sort_unstable();
            for (return_ns, _) in &ends[left..] {
                beyond.add(*return_ns, ());
            }
            let takes = ends[..=left].iter().map(|(_, index)| *index);
            return beyond
                .anomaly(AnomalyKind::Oversell, |()| told_by.into_iter().chain(takes).collect());
        }
        self.below_nothing()
    }

    /// Reads of less than nothing.
    fn below_nothing(&self) -> Option<Anomaly> {
        let mut below = Tally::new();
        for (index, read) in (0..).zip(self.operations) {
            if left(read).is_some_and(|left| left < 0) {
                below.add(read.return_ns, index);
            }
        }
        below.anomaly(AnomalyKind::Oversell, |read| vec![read])
    }

    /// Of the reads that told that something was left, the one after which most takes were too
    /// many, and how many were left; `None` where that is so of the beginning.
    fn shows_most(&self) -> (Option<u32>, i64) {
        let mut begins_ns: Vec<_> = self.successes().map(|(_, take)| take.call_ns).collect();
        let all = (begins_ns.len(), None, self.initial);
        begins_ns.sort_unstable();
        let reads = (0..).zip(self.operations).filter_map(|(index, read)| {
            let left = left(read).filter(|left| *left > 0 && self.can_be_left(*left, read))?;
            let before = begins_ns.partition_point(|begin_ns| *begin_ns <= read.return_ns);
            Some((begins_ns.len() - before, Some(index), left))
        });
        let beyond = |(takes, _, left): &(usize, _, i64)| {
            (i64::try_from(*takes).unwrap_or(i64::MAX) - *left, Reverse(*left))
        };
        let (_, read, left) = std::iter::once(all).chain(reads).max_by_key(beyond).expect("one");
        (read, left)
    }
}
