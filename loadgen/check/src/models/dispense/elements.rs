//! The elements of a pool, and who put them in and took them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, NO, Op, Operation, Outcome};
use crate::tally::Tally;

/// The takes that were answered, with their indices.
pub(in crate::models) fn takes(
    operations: &[Operation],
) -> impl Iterator<Item = (u32, &Operation)> {
    let is_answered = |take: &Operation| (take.op, take.outcome) == (Op::Take, Outcome::Ok);
    (0..).zip(operations).filter(move |(_, operation)| is_answered(operation))
}

/// An element, and what was done to it.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::models) struct Element {
    /// What put it in; `None` where it was there at first.
    pub(in crate::models) added: Option<u32>,
    /// The take that returned it, of several the first that was complete.
    pub(in crate::models) taken: Option<u32>,
    /// The first time at which it is there for certain, if it was not taken.
    pub(in crate::models) from_ns: u64,
    /// When the first take began that returned it.
    pub(in crate::models) until_ns: Option<u64>,
}

/// All elements that were there or may have been put in.
pub(in crate::models) struct Elements(HashMap<i64, Element>);

impl Elements {
    /// `None` where the rule does not cover them.
    pub(in crate::models) fn collect(initial: &[i64], operations: &[Operation]) -> Option<Self> {
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
                Op::Add | Op::Read | Op::Write | Op::Cas | Op::Give | Op::Move => return None,
            }
        }
        Some(Self(elements))
    }

    /// Takes those that were handed out, and says what is wrong with that.
    pub(in crate::models) fn take_all(&mut self, operations: &[Operation]) -> [Option<Anomaly>; 3] {
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

    /// `element`, if it was there or may have been.
    pub(in crate::models) fn get(&self, element: i64) -> Option<&Element> {
        self.0.get(&element)
    }

    pub(in crate::models) fn all(&self) -> impl Iterator<Item = &Element> {
        self.0.values()
    }

    /// The addition and the take of an element that was there for certain all through `answer`, which
    /// was handed out by name.
    pub(in crate::models) fn there_throughout(
        &self,
        answer: &Operation,
    ) -> Option<impl Iterator<Item = u32> + use<>> {
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
pub(in crate::models) fn nameless(operations: &[Operation]) -> Vec<(u64, u32)> {
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
