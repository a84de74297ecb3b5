//! Registers whose values repeat, or that `cas` changes.
//!
//! In an order that explains every answer each operation that found a value, its *user*, has a
//! *source*: the last before it that left a value behind, or the initial value. A user and its
//! source have nothing between them but other users of that source. So operations stand together in
//! *blocks*: a source, those that only looked, the `cas` that replaced it, with its own, and so on.
//! A source has any number of users that only look and at most one `cas` that succeeded. A `cas`
//! that failed is a user of any value but the one that it expected. An operation without an answer
//! is in the order only where it is somebody's source.
//!
//! Say every user was given a source. Let `f` be the smallest completion of a block and `s` its
//! largest invocation: one block must come before another if and only if its `f` is before the
//! other's `s`. An order exists if and only if
//! - each block stands in the order of time: nothing in it was complete before something began that
//!   stands before it; and
//! - no two blocks must each come before the other.
//!
//! More than two in a circle are no other case: take the one with the smallest `f`, and the one that
//! comes before it. Something comes before that one in turn, with an `f` that is no smaller; so the
//! one with the smallest `f` comes before it as well, and the two contradict each other. Without
//! contradictions the blocks are in order by where their zones begin, as the clusters of unique
//! writes are.
//!
//! What is left is the choice of the sources. Time leaves most users one candidate, and most others
//! one that changes no `f` and no `s`: these are settled. The few others are searched, with what they
//! contradict in mind. The choice is NP-complete, so there is a bound, beyond which the general
//! search has to say.
//!
//! Source: P. B. Gibbons and E. Korach, Testing Shared Memories, SIAM Journal on Computing 26(4),
//! 1997, whose clusters the blocks extend.

mod access;
mod blocks;
mod choose;
mod order;
mod reads;
mod reason;
mod settle;
mod sources;
mod zones;

use std::ops::ControlFlow;

use super::super::specification::Register;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::{Budget, Search, witness_of};
use access::Access;
use blocks::Blocks;
use choose::{Chosen, choose};
use reason::{Grounds, Reason};
use settle::Survey;
use sources::Sources;

/// How much memory an operation takes, in bytes.
const BYTES_PER_OPERATION: usize = 320;
/// How many steps a choice may take for each operation.
const STEPS_PER_OPERATION: u64 = 64;
/// How many it may take besides.
const STEPS: u64 = 100_000;

/// The verdict on `object`; `None` where the rule does not cover it, or would take too long.
///
/// It covers `read`, `write` and `cas` of an object with at most `u32::MAX - 1` operations, where
/// each `cas` that is `ok` says whether it succeeded, and nothing ends before it begins.
///
/// Phantoms, future reads and stale reads are named where the names fit as for unique writes.
/// Otherwise the one anomaly is [`AnomalyKind::NotLinearizable`], complete with its witness.
#[must_use]
pub fn judge_with_choices(object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
    let operations = object.operations.as_slice();
    if operations.len() > limits.memory_bytes / BYTES_PER_OPERATION {
        return None;
    }
    let accesses = Access::all(object.initial_or(NIL), operations)?;
    let sources = Sources::of(&accesses);
    let survey = Survey::of(&accesses, &sources);
    let Survey { settled, cause, open, without, free } = survey;
    let named = reads::anomalies(operations, &accesses, &sources, &without);
    if !named.is_empty() {
        return Some(Judgement::invalid(named));
    }
    let level = vec![0; accesses.len()];
    let mut grounds =
        Grounds { accesses: &accesses, sources: &sources, level, cause, has_operations: true };
    let mut blocks = Blocks::of(&accesses);
    let contradiction = if let Some(&user) = without.first() {
        let mut reason = Reason::default();
        grounds.note_choice(user, &mut reason);
        reason.operations
    } else if let Err(clash) = blocks.settle(&settled) {
        grounds.explain(&blocks, clash).operations
    } else {
        let open = without_those_that_fit(&mut blocks, &sources, open);
        match choose_in_time(&mut blocks, &mut grounds, &open, limits) {
            Chosen::All => {
                let order = limits.certify.then(|| order::order(&blocks, free));
                return Some(Judgement::valid(order));
            }
            Chosen::Nothing(operations) => operations,
            Chosen::Bound => return None,
        }
    };
    refute(object, contradiction, limits)
}

/// Gives each of the `open` users a source. What contradicts itself is collected only once it is
/// known that something does.
fn choose_in_time(
    blocks: &mut Blocks<'_>,
    grounds: &mut Grounds<'_>,
    open: &[u32],
    limits: &Limits<'_>,
) -> Chosen {
    let most = STEPS + STEPS_PER_OPERATION * blocks.accesses.len() as u64;
    for has_operations in [false, true] {
        grounds.has_operations = has_operations;
        let chosen = choose(blocks, grounds, open, &mut Budget::new(limits, most));
        if has_operations || !matches!(chosen, Chosen::Nothing(_)) {
            return chosen;
        }
    }
    Chosen::Bound
}

/// Gives a source to each of the `open` users that changes nothing there, which contradicts nothing
/// whatever the others choose; the users that are left.
fn without_those_that_fit(
    blocks: &mut Blocks<'_>,
    sources: &Sources<'_>,
    mut open: Vec<u32>,
) -> Vec<u32> {
    open.retain(|&user| {
        let mut fitting = None;
        sources.visit(user, |source| {
            if blocks.fits(user, source) {
                fitting = Some(source);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        // Nothing can clash there.
        fitting.is_none_or(|source| blocks.place(user, source).is_err())
    });
    open
}

/// The judgement with the fewest operations out of `contradiction` that prove it; `None` where
/// others than these have to be known.
fn refute(object: &Object, contradiction: Vec<u32>, limits: &Limits<'_>) -> Option<Judgement> {
    let operations = &object.operations;
    let register = Register { initial: object.initial_or(NIL) };
    let mut candidates = contradiction;
    candidates.retain(|index| (*index as usize) < operations.len());
    let witness = witness_of(&register, operations, candidates, limits)?;
    let is_done = |index: &&u32| operations[**index as usize].completion_ns() < u64::MAX;
    let complete_ns = |index: &u32| operations[*index as usize].return_ns;
    let time_ns = witness.iter().filter(is_done).map(complete_ns).max()?;
    let kind = AnomalyKind::NotLinearizable;
    let anomaly = Anomaly { kind, count: 1, times_ns: vec![time_ns], witness };
    register.verify(object, &anomaly).then(|| Judgement::invalid(vec![anomaly]))
}
