//! What a search is asked to put in order.

use std::collections::BTreeMap;

use super::window::Window;
use crate::history::{Op, Operation, Outcome};
use crate::specification::Specification;

/// Operations that happened, and operations that may have.
#[derive(Debug)]
pub(super) struct Question {
    /// Those that are `ok`, in the order of their invocations.
    pub(super) required: Vec<Operation>,
    /// Of each of them, the name that an order has for it.
    pub(super) names: Vec<u32>,
    /// Those that are `unknown` and replace the state, whatever it was, in the order of the first
    /// invocation of each class.
    pub(super) writes: Vec<Class>,
    /// Those that are `unknown` and depend on the state, in the same order.
    pub(super) others: Vec<Class>,
    /// Whether any of them may happen only while it was open.
    pub(super) closes: bool,
}

/// Operations that may have happened and do the same, so that one is as good as another.
#[derive(Debug, Clone)]
pub(super) struct Class {
    /// What each of them does.
    pub(super) operation: Operation,
    pub(super) times: Times,
}

/// When the operations of a class may have happened.
#[derive(Debug, Clone)]
pub(super) enum Times {
    /// Each once, from its invocation on: that, ascending, and the name.
    Once(Vec<(u64, u32)>),
    /// Each any number of times while it was open: its invocation, ascending, and the latest
    /// completion up to there.
    WhileOpen(Vec<(u64, u64)>),
}

impl Class {
    /// When the first of them was invoked.
    pub(super) fn first_call_ns(&self) -> u64 {
        let first = match &self.times {
            Times::Once(calls) => calls.first().map(|(call_ns, _)| *call_ns),
            Times::WhileOpen(spans) => spans.first().map(|(call_ns, _)| *call_ns),
        };
        first.unwrap_or(u64::MAX)
    }

    /// The name of the one to use where `used` of them have been.
    pub(super) fn available(&self, used: u32, window: &Window<'_>) -> Option<u32> {
        let frontier_ns = window.frontier_ns();
        match &self.times {
            Times::Once(calls) => {
                let &(call_ns, name) = calls.get(used as usize)?;
                (call_ns <= frontier_ns).then_some(name)
            }
            Times::WhileOpen(spans) => {
                let begun = spans.partition_point(|(call_ns, _)| *call_ns <= frontier_ns);
                let (_, completion_ns) = *spans.get(begun.checked_sub(1)?)?;
                // No order is made of these, so that they need no names.
                (completion_ns >= window.latest_call_ns()).then_some(u32::MAX)
            }
        }
    }

    /// Whether each may happen any number of times.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.times, Times::WhileOpen(_))
    }
}

/// Whether `operation` left the state as it was, if it answered as it did.
pub(super) fn only_observed(operation: &Operation) -> bool {
    operation.op == Op::Read || operation.was_declined()
}

impl Question {
    /// About `operations` by their outcomes, and about `weakened` ones, which may have happened.
    ///
    /// Those that `fail` and reads without an answer say nothing and are left out.
    pub(super) fn new<S: Specification>(
        operations: impl Iterator<Item = (u32, Operation)>,
        mut weakened: Vec<Class>,
    ) -> Self {
        let mut required = Vec::new();
        let mut optional = Vec::new();
        for (name, operation) in operations {
            match operation.outcome {
                Outcome::Ok => required.push((name, operation)),
                Outcome::Unknown if operation.op != Op::Read => optional.push((name, operation)),
                Outcome::Unknown | Outcome::Fail => {}
            }
        }
        required.sort_by_key(|(_, operation)| operation.call_ns);
        let (names, mut required): (_, Vec<_>) = required.into_iter().unzip();
        equate_unobserved(&mut required, &mut optional, &mut weakened);
        let mut classes: Vec<_> = classes::<S>(optional).chain(weakened).collect();
        classes.sort_by_key(Class::first_call_ns);
        let closes = classes.iter().any(Class::repeats);
        let (writes, others) =
            classes.into_iter().partition(|class| class.operation.op == Op::Write);
        Self { required, names, writes, others, closes }
    }
}

/// Writes one value for all that no answer depends on, so that the states they lead to and the
/// operations that write them are the same.
fn equate_unobserved(
    required: &mut [Operation],
    optional: &mut [(u32, Operation)],
    weakened: &mut [Class],
) {
    let optional = optional.iter_mut().map(|(_, operation)| operation);
    let weakened = weakened.iter_mut().map(|class| &mut class.operation);
    let mut operations: Vec<_> = required.iter_mut().chain(optional).chain(weakened).collect();
    let mut observed: Vec<_> =
        operations.iter().filter_map(|operation| observed_value(operation)).collect();
    observed.sort_unstable();
    observed.dedup();
    let mut other = None;
    for operation in &mut operations {
        if let Some(written) = written_value(operation)
            && observed.binary_search(written).is_err()
        {
            *written = *other.get_or_insert(*written);
        }
    }
}

/// The value that the answer, or the effect, of `operation` tells from all others.
pub(super) fn observed_value(operation: &Operation) -> Option<i64> {
    match operation.op {
        Op::Read => Some(operation.result),
        Op::Cas => Some(operation.arg),
        Op::Add | Op::Take | Op::Give | Op::Move | Op::Write => None,
    }
}

/// The value that `operation` leaves behind where it has an effect, whatever was there before.
pub(super) fn replaces(operation: &Operation) -> Option<i64> {
    match operation.op {
        Op::Write => Some(operation.arg),
        Op::Cas => Some(operation.new),
        Op::Add | Op::Take | Op::Give | Op::Move | Op::Read => None,
    }
}

/// The value that `operation` may leave behind, whatever was there before.
fn written_value(operation: &mut Operation) -> Option<&mut i64> {
    match operation.op {
        Op::Write => Some(&mut operation.arg),
        Op::Cas => Some(&mut operation.new),
        Op::Add | Op::Take | Op::Give | Op::Move | Op::Read => None,
    }
}

/// What an operation does, whenever it does it.
pub(super) type Effect = (u8, i64, i64, Option<u32>);

/// What `operation` does.
pub(super) fn effect<S: Specification>(operation: &Operation) -> Effect {
    let client = S::BY_CLIENT.then_some(operation.client);
    (operation.op as u8, operation.arg, operation.new, client)
}

/// `operations` by what they do.
fn classes<S: Specification>(operations: Vec<(u32, Operation)>) -> impl Iterator<Item = Class> {
    let mut classes: BTreeMap<_, (Operation, Vec<_>)> = BTreeMap::new();
    for (name, operation) in operations {
        let (_, calls) = classes.entry(effect::<S>(&operation)).or_insert((operation, Vec::new()));
        calls.push((operation.call_ns, name));
    }
    classes.into_values().map(|(operation, mut calls)| {
        calls.sort_unstable();
        Class { operation, times: Times::Once(calls) }
    })
}
