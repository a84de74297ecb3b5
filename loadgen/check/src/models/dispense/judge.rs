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

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::order;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, NO, Op, Operation, Outcome};
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

/// The takes that were answered, with their indices.
fn takes(operations: &[Operation]) -> impl Iterator<Item = (u32, &Operation)> {
    let is_answered = |take: &Operation| (take.op, take.outcome) == (Op::Take, Outcome::Ok);
    (0..).zip(operations).filter(move |(_, operation)| is_answered(operation))
}

/// An element, and what was done to it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Element {
    /// What put it in; `None` where it was there at first.
    pub(super) added: Option<u32>,
    /// The take that returned it, of several the first that was complete.
    pub(super) taken: Option<u32>,
    /// The first time at which it is there for certain, if it was not taken.
    pub(super) from_ns: u64,
    /// When the first take began that returned it.
    pub(super) until_ns: Option<u64>,
}

/// All elements that were there or may have been put in.
pub(super) struct Elements(HashMap<i64, Element>);

impl Elements {
    /// `None` where the rule does not cover them.
    fn collect(initial: &[i64], operations: &[Operation]) -> Option<Self> {
        let mut elements = HashMap::with_capacity(initial.len() + operations.len() / 2);
        for element in initial {
            if elements.insert(*element, Element::default()).is_some() {
                return None;
            }
        }
        for (index, operation) in (0..).zip(operations) {
            match operation.op {
                _ if operation.outcome == Outcome::Fail => {}
                Op::Take => {}
                Op::Add if operation.arg != NIL && !operation.was_declined() => {
                    // Ties are concurrent: at the time of its end it need not be there.
                    let from_ns = operation.completion_ns().saturating_add(1);
                    let added = Element { added: Some(index), from_ns, ..Element::default() };
                    match elements.entry(operation.arg) {
                        Entry::Vacant(vacant) => drop(vacant.insert(added)),
                        Entry::Occupied(_) => return None,
                    }
                }
                Op::Add | Op::Read | Op::Write | Op::Cas => return None,
            }
        }
        Some(Self(elements))
    }

    /// Takes those that were handed out, and says what is wrong with that.
    fn take_all(&mut self, operations: &[Operation]) -> [Option<Anomaly>; 3] {
        let (mut twice, mut phantoms, mut early) = (Tally::new(), Tally::new(), Tally::new());
        let mut named: Vec<_> = takes(operations)
            .filter(|(_, take)| take.result != NIL && take.result != NO)
            .map(|(index, take)| (take.return_ns, index))
            .collect();
        named.sort_unstable();
        for (return_ns, index) in named {
            let take = &operations[index as usize];
            let unheard_of = Element { from_ns: NEVER, ..Element::default() };
            let element = self.0.entry(take.result).or_insert(unheard_of);
            if element.added.is_none() && element.from_ns == NEVER {
                phantoms.add(return_ns, index);
            }
            let until_ns = element.until_ns.unwrap_or(u64::MAX);
            element.until_ns = Some(until_ns.min(take.call_ns));
            match element.taken {
                Some(first) => twice.add(return_ns, vec![first, index]),
                None => element.taken = Some(index),
            }
            let added = element.added.filter(|added| take.precedes(&operations[*added as usize]));
            if let Some(added) = added {
                early.add(return_ns, vec![index, added]);
            }
        }
        [
            twice.anomaly(AnomalyKind::DoubleHandout, |takes| takes),
            phantoms.anomaly(AnomalyKind::Phantom, |take| vec![take]),
            early.anomaly(AnomalyKind::FutureRead, |witness| witness),
        ]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Element> {
        self.0.values()
    }

    /// The addition and the take of an element that was there for certain all through `answer`, which
    /// was handed out by name.
    fn there_throughout(&self, answer: &Operation) -> Option<impl Iterator<Item = u32> + use<>> {
        let is_there = |element: &&Element| {
            let is_late = |until_ns: u64| until_ns > answer.return_ns;
            element.from_ns <= answer.call_ns && element.until_ns.is_some_and(is_late)
        };
        let there = self.all().filter(is_there);
        let first = there.min_by_key(|element| (element.from_ns, element.taken))?;
        Some(first.added.into_iter().chain(first.taken))
    }
}

/// Takes of which nobody knows what they took, if they took anything: when they began, ascending.
pub(super) fn nameless(operations: &[Operation]) -> Vec<(u64, u32)> {
    let is_nameless = |take: &Operation| match take.outcome {
        Outcome::Ok => take.result == NIL,
        Outcome::Unknown => true,
        Outcome::Fail => false,
    };
    let mut nameless: Vec<_> = (0..)
        .zip(operations)
        .filter(|(_, one)| one.op == Op::Take && is_nameless(one))
        .map(|(index, take)| (take.call_ns, index))
        .collect();
    nameless.sort_unstable();
    nameless
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
