//! When nothing can be in a queue.

use super::stays::{Stay, Time};
use crate::history::Operation;

/// The times at which something is there for certain: open spans that do not overlap, ascending.
pub(super) struct Something(Vec<(Time, Time)>);

impl Something {
    /// `stays` are in the order in which they are over being put in.
    pub(super) fn of(stays: &[Stay]) -> Self {
        let mut spans: Vec<(Time, Time)> = Vec::new();
        for stay in stays.iter().filter(|stay| stay.is_certain()) {
            let (from, to) = (stay.enters.to, stay.leaves.from);
            match spans.last_mut() {
                // At the very time at which one ends and another begins neither need be there.
                Some(last) if from < last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        Self(spans)
    }

    /// The first time within `answer` at which nothing can be there.
    pub(super) fn first_without(&self, answer: &Operation) -> Option<Time> {
        let call = Time::from(answer.call_ns);
        let next = self.0.partition_point(|(_, to)| *to <= call);
        let first = match self.0.get(next) {
            Some((from, to)) if *from < call => *to,
            _ => call,
        };
        (first <= answer.return_ns.into()).then_some(first)
    }
}

/// The fewest of `stays` of which at each time of `answer` one is there for certain, in the order of
/// their times; there is one at each. `stays` are in the order in which they are over being put in.
pub(super) fn cover<'s>(stays: &'s [Stay], answer: &Operation) -> Vec<&'s Stay> {
    let mut cover: Vec<&Stay> = Vec::new();
    let mut time = Time::from(answer.call_ns);
    let mut longest: Option<&Stay> = None;
    let mut stays = stays.iter().filter(|stay| stay.is_certain()).peekable();
    while time <= answer.return_ns.into() {
        while let Some(stay) = stays.next_if(|stay| stay.enters.to < time) {
            if longest.is_none_or(|longest| longest.leaves.from < stay.leaves.from) {
                longest = Some(stay);
            }
        }
        let Some(next) = longest.filter(|longest| longest.leaves.from > time) else { break };
        cover.push(next);
        time = next.leaves.from;
    }
    cover
}
