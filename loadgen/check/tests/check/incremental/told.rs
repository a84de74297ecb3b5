//! A history, told in the order of time.

use std::collections::VecDeque;

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, Outcome};
use loadgen_check::incremental::Incremental;
use loadgen_check::{Object, Operation};

/// What is still to be told of a history, and what was.
pub(super) struct Telling<'o> {
    object: &'o Object,
    /// By client, in its order: when, of which operation, and whether it ends.
    left: Vec<VecDeque<(u64, u32, bool)>>,
    /// What is known of each operation.
    known: Vec<Known>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Begun,
    Ended,
}

impl<'o> Telling<'o> {
    pub(super) fn new(rng: &mut Rng, object: &'o Object) -> Self {
        let operations = &object.operations;
        let clients = operations.iter().map(|one| one.client as usize + 1).max().unwrap_or(0);
        let mut by_client = vec![Vec::new(); clients];
        for (index, operation) in (0_u32..).zip(operations) {
            by_client[operation.client as usize].push(index);
        }
        let mut left = vec![VecDeque::new(); clients];
        for (indices, left) in by_client.iter_mut().zip(&mut left) {
            let at = |index: u32| operations[index as usize];
            indices.sort_by_key(|index| (at(*index).call_ns, at(*index).return_ns));
            for (place, &index) in indices.iter().enumerate() {
                let next_ns = indices.get(place + 1).map_or(100_000, |next| at(*next).call_ns);
                let Operation { call_ns, return_ns, .. } = at(index);
                left.push_back((call_ns, index, false));
                // That its outcome is unknown is known at any time before the next one begins.
                let end_ns = if return_ns == NEVER {
                    rng.u64(call_ns..=next_ns.max(call_ns))
                } else {
                    return_ns
                };
                // That it failed need not be told, if something follows.
                let is_last = place + 1 == indices.len();
                let has_failed = at(index).outcome == Outcome::Fail && !is_assumed(object, index);
                let is_told = !has_failed || is_last || rng.bool();
                if is_told {
                    left.push_back((end_ns, index, true));
                }
            }
        }
        Self { object, left, known: vec![Known::Nothing; operations.len()] }
    }

    /// Tells `judge` all that happens at the next time that anything does, and returns the time.
    pub(super) fn moment(&mut self, rng: &mut Rng, judge: &mut Incremental) -> Option<u64> {
        let times = self.left.iter().filter_map(|left| left.front());
        let time_ns = times.map(|(time_ns, ..)| *time_ns).min()?;
        loop {
            let clients = 0..self.left.len();
            let is_now = |client: &usize| {
                self.left[*client].front().is_some_and(|(at_ns, ..)| *at_ns == time_ns)
            };
            let Some(client) = rng.choice(clients.filter(is_now).collect::<Vec<_>>()) else {
                return Some(time_ns);
            };
            let (_, index, is_end) = self.left[client].pop_front().unwrap();
            let operation = self.told(index);
            if is_end {
                judge.end(operation);
                self.known[index as usize] = Known::Ended;
            } else {
                judge.begin(operation.client, operation.op, operation.call_ns);
                for (known, other) in self.known.iter_mut().zip(&self.object.operations) {
                    if other.client == operation.client && *known == Known::Begun {
                        *known = Known::Ended;
                    }
                }
                self.known[index as usize] = Known::Begun;
            }
        }
    }

    /// What a judge is told of an operation: of what is assumed to have failed, that it is unknown.
    fn told(&self, index: u32) -> Operation {
        let operation = self.object.operations[index as usize];
        if is_assumed(self.object, index) {
            return Operation { outcome: Outcome::Unknown, ..operation };
        }
        operation
    }

    /// The history so far, with what is in flight as unknown.
    pub(super) fn so_far(&self) -> Object {
        let known = self.known.iter().zip(&self.object.operations);
        let operations = known.filter(|(known, _)| **known != Known::Nothing);
        let operations = operations.map(|(known, operation)| {
            let (return_ns, result, outcome) = (NEVER, NIL, Outcome::Unknown);
            let in_flight = Operation { return_ns, result, outcome, ..*operation };
            if *known == Known::Ended { *operation } else { in_flight }
        });
        Object { operations: operations.collect(), ..self.object.clone() }
    }
}

fn is_assumed(object: &Object, index: u32) -> bool {
    object.assumed.contains(&index)
}
