//! A pool of elements.
//!
//! An element is put in by one addition, or was there at first, and no two takes hand it out. Let its
//! addition be over at a, and the take that returned it have begun at t. If a < t, it is there for
//! certain in between, whatever the order. Otherwise the two overlap, and it can be put in and taken
//! at one instant. What was put in and never handed out by name is there from a on, unless a take took
//! it of which nobody knows what it took.
//!
//! So an answer that nothing is left can be right at an instant of it at which no element is there for
//! certain, and of those that were never handed out no more had been put in than there were takes
//! without a name that had begun. That is enough: put each element in as late and take it as early as
//! its times allow, and let the first of the nameless takes have the element that was put in first, the
//! second the second, and so on. At an instant that is right for one such answer nothing is there
//! then, and instants of several do not get into each other's way.
//!
//! Between two times at which anything begins or ends, the later one is as good an instant as any; so
//! these times are all that have to be looked at, in order. That makes O(n log n).

use super::elements::{Element, Elements, nameless, takes};
use super::order;
use crate::anomaly::AnomalyKind;
use crate::history::{NEVER, NIL, NO, Operation};
use crate::judgement::Judgement;
use crate::tally::Tally;

/// The verdict on `operations` on a pool that had the `initial` elements; `None` where the rule does
/// not cover them.
///
/// It covers additions of elements, each of which is put in once and was not there at first, and takes.
/// There are at most `u32::MAX` operations. An acknowledged take without a result took an element that
/// nobody knows; with one of those, a history that shows no anomaly is undecided.
///
/// - `DoubleHandout`: an element that was handed out before. Counts the takes that returned one, of
///   each element all but the first that was complete. Witness: the first two, in the order of their
///   ends.
/// - `Phantom`: a take that returned what nobody put in. Counts takes. Witness: the take.
/// - `FutureRead`: a take that was over before the addition of its element began. Counts takes.
///   Witness: the take, the addition.
/// - `PhantomSoldOut`: an answer that nothing was left, while at each instant of it something was.
///   Counts answers. Witness: the answer alone; or behind it the addition of an element that was there
///   all the time, and the take that it was handed out by, as far as there are such.
///
/// The time is when the operation that counts was over. All of it may be the work of others, who put an
/// element back, or took it.
#[must_use]
pub fn judge(initial: &[i64], operations: &[Operation], certify: bool) -> Option<Judgement> {
    let mut elements = Elements::collect(initial, operations)?;
    let taken = elements.take_all(operations);
    let is_left = Left::of(&elements, operations);
    let mut sold_out = Tally::new();
    let mut instants = Vec::new();
    for (index, answer) in takes(operations).filter(|(_, take)| take.result == NO) {
        match is_left.nothing_within(answer) {
            Some(instant) => instants.push((instant, index)),
            None => sold_out.add(answer.return_ns, index),
        }
    }
    let sold_out = sold_out.anomaly(AnomalyKind::PhantomSoldOut, |answer| {
        let there = elements.there_throughout(&operations[answer as usize]);
        std::iter::once(answer).chain(there.into_iter().flatten()).collect()
    });
    let anomalies: Vec<_> = taken.into_iter().chain([sold_out]).flatten().collect();
    let unread = takes(operations).filter(|(_, take)| take.result == NIL).count();
    Some(if !anomalies.is_empty() {
        Judgement::invalid(anomalies)
    } else if unread > 0 {
        Judgement::unknown(format!("{unread} answers carried no result"))
    } else {
        Judgement::valid(certify.then(|| order::of(&elements, operations, &instants)))
    })
}

/// The times at which nothing can be left, ascending, among those at which anything begins or ends.
struct Left(Vec<u64>);

impl Left {
    fn of(elements: &Elements, operations: &[Operation]) -> Self {
        let empty = takes(operations).filter(|(_, take)| take.result == NO);
        let mut times: Vec<u64> =
            empty.flat_map(|(_, answer)| [answer.call_ns, answer.return_ns]).collect();
        if times.is_empty() {
            return Self(times);
        }
        // What is there for certain: how many more from a time on, handed out by name or not.
        let mut changes: Vec<(u64, i64, i64)> = Vec::new();
        for Element { from_ns, until_ns, added, .. } in elements.all().copied() {
            times.extend(added.map(|_| from_ns.saturating_sub(1)));
            times.extend(until_ns);
            match until_ns {
                Some(until_ns) if from_ns < until_ns => {
                    changes.extend([(from_ns, 1, 0), (until_ns, -1, 0)]);
                }
                None if from_ns < NEVER => changes.push((from_ns, 0, 1)),
                Some(_) | None => {}
            }
        }
        for (call_ns, _) in nameless(operations) {
            times.push(call_ns);
            changes.push((call_ns, 0, -1));
        }
        times.sort_unstable();
        times.dedup();
        changes.sort_unstable();
        let (mut named, mut unnamed) = (0, 0);
        let mut changes = changes.into_iter().peekable();
        times.retain(|time_ns| {
            while let Some((_, one, other)) = changes.next_if(|change| change.0 <= *time_ns) {
                (named, unnamed) = (named + one, unnamed + other);
            }
            named == 0 && unnamed <= 0
        });
        Self(times)
    }

    /// A time within `answer` at which nothing can be left.
    fn nothing_within(&self, answer: &Operation) -> Option<u64> {
        let first = self.0.partition_point(|time_ns| *time_ns < answer.call_ns);
        self.0.get(first).copied().filter(|time_ns| *time_ns <= answer.return_ns)
    }
}
