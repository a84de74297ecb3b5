//! Documents with versions.

mod examples;
mod made_up;
mod sentences;
mod shared;

use std::cell::Cell;

use fastrand::Rng;
use loadgen_check::models::versioned;
use loadgen_check::{Judgement, Limits, Model, Object};

use crate::generate::{Faults, at_random, closed_loop};
use crate::twin;
pub(crate) use made_up::{Asks, valid};

const MODEL: Model = Model::Versioned;
const UNBOUNDED: Limits<'_> =
    Limits { certify: true, memory_bytes: usize::MAX, expired: &|| false };

fn judge(object: &Object) -> Option<Judgement> {
    versioned::judge(object, &UNBOUNDED)
}

/// The verdict, which is only open where a version was made twice.
fn judge_exactly(object: &Object) -> Option<Judgement> {
    let judgement = judge(object)?;
    if let Some(reason) = &judgement.reason {
        assert!(reason.contains("made more than once"), "{reason}");
    }
    Some(judgement)
}

/// A small history, as often wrong as right.
fn made_up(rng: &mut Rng, unknown: u8, asks: Asks) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(4..=30));
    let slots = at_random(rng, operations, ticks);
    let mut object = valid(rng, &slots, Faults { unknown, fail: 5 }, asks);
    made_up::perturb(rng, &mut object.operations, 2);
    rng.shuffle(&mut object.operations);
    object
}

/// Many of its operations are wrong.
fn garbled(rng: &mut Rng) -> Object {
    let (operations, clients) = (rng.usize(20..=40), rng.u32(1..=4));
    let slots = closed_loop(rng, operations, clients);
    let asks = Asks { reads: 40, unconditional: 30, wrong: 20, unread: 0 };
    let mut object = valid(rng, &slots, Faults { unknown: 5, fail: 5 }, asks);
    made_up::perturb(rng, &mut object.operations, 30);
    object
}

#[test]
fn the_verdicts_on_conditional_writes_are_those_of_a_search_through_every_order() {
    let asks = Asks { reads: 30, unconditional: 0, wrong: 20, unread: 0 };
    let tally = twin::compare(MODEL, |rng| made_up(rng, 0, asks), judge_exactly);
    assert_eq!(tally.uncovered, 0, "{tally:?}");
    // A version that was made twice leaves the verdict open.
    assert!(tally.unknown * 4 < tally.valid, "{tally:?}");
}

#[test]
fn the_verdicts_on_any_writes_are_those_of_a_search_through_every_order() {
    let asks = Asks { reads: 30, unconditional: 40, wrong: 25, unread: 0 };
    let tally = twin::compare(MODEL, |rng| made_up(rng, 0, asks), judge_exactly);
    assert_eq!(tally.uncovered, 0, "{tally:?}");
    assert!(tally.unknown * 4 < tally.valid, "{tally:?}");
    assert_eq!(tally.kinds.len(), 7, "{tally:?}");
}

#[test]
fn the_verdicts_on_unknown_writes_are_those_of_a_search_through_every_order() {
    let asks = Asks { reads: 40, unconditional: 25, wrong: 20, unread: 0 };
    let unchosen = Cell::new(0);
    let tally = twin::compare(
        MODEL,
        |rng| made_up(rng, 30, asks),
        |object| {
            let judgement = judge(object)?;
            let is_unchosen =
                judgement.reason.as_ref().is_some_and(|reason| reason.contains("no versions"));
            unchosen.set(unchosen.get() + u64::from(is_unchosen));
            Some(judgement)
        },
    );
    assert_eq!(tally.uncovered, 0, "{tally:?}");
    // Who made which version is hardly ever left open.
    assert!(unchosen.get() * 25 < tally.valid, "{tally:?}, {unchosen:?}");
}

#[test]
fn the_verdicts_on_writes_without_a_version_are_those_of_a_search_through_every_order() {
    let asks = Asks { reads: 40, unconditional: 25, wrong: 20, unread: 20 };
    let tally = twin::compare(MODEL, |rng| made_up(rng, 15, asks), judge);
    assert_eq!(tally.uncovered, 0, "{tally:?}");
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let kinds = twin::prove(MODEL, garbled, |object| judge(object).unwrap());
    assert!(kinds.len() >= 6, "{kinds:?}");
}
