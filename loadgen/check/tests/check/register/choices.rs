//! Registers whose values repeat, or that `cas` changes.

use std::time::{Duration, Instant};

use check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use check::models::register::{Register, judge_with_choices};
use check::{Judgement, Limits, Model, Object, Operation, Verdict, certificate, verify};
use fastrand::Rng;

use super::{of, write};
use crate::generate::{self, Asked, Faults};
use crate::sample::read;
use crate::twin::{self, compare};

const UNBOUNDED: Limits<'_> =
    Limits { certify: true, memory_bytes: usize::MAX, expired: &|| false };

/// The verdict without a search.
fn judge(object: &Object) -> Option<Judgement> {
    judge_with_choices(object, &UNBOUNDED)
}

/// A register that is as often wrong as right, of whose requests `ask` says what they are.
fn made_up(rng: &mut Rng, ask: impl FnMut(&mut Rng) -> Asked) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(4..=30));
    let slots = generate::at_random(rng, operations, ticks);
    let faults = Faults { unknown: if rng.bool() { 25 } else { 0 }, fail: 5 };
    let initial = if rng.bool() { NIL } else { rng.i64(1..=2) };
    let mut object =
        generate::object(rng, &Register { initial }, &slots, faults, ask, |state, operation, _| {
            match operation.op {
                Op::Read => *state,
                Op::Cas => i64::from(*state == operation.arg),
                _ => NIL,
            }
        });
    if initial != NIL {
        object.initial = Initial::Value(initial);
    }
    twin::perturb(rng, &mut object.operations);
    rng.shuffle(&mut object.operations);
    object
}

/// Few values, so that they repeat.
fn repeated(rng: &mut Rng) -> Object {
    let values = rng.i64(1..=3);
    let value = move |rng: &mut Rng| rng.i64(1..=values);
    made_up(rng, |rng| match rng.u8(0..10) {
        0..3 => (Op::Read, NIL, NIL),
        3..6 => (Op::Write, value(rng), NIL),
        _ => (Op::Cas, if rng.u8(0..6) == 0 { NIL } else { value(rng) }, value(rng)),
    })
}

/// Values that are written once, but for a few; some `cas` of them, and of values that never were.
fn mostly_unique(rng: &mut Rng) -> Object {
    let mut fresh = 2;
    made_up(rng, |rng| {
        fresh += 1;
        let written = if rng.u8(0..6) == 0 { rng.i64(1..=fresh) } else { fresh };
        match rng.u8(0..10) {
            0..4 => (Op::Read, NIL, NIL),
            4..8 => (Op::Write, written, NIL),
            _ => (Op::Cas, rng.i64(0..=fresh), written),
        }
    })
}

#[test]
fn repeated_values_are_judged_as_by_trying_every_order() {
    let tally = compare(Model::Register, repeated, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0), "{tally:?}");
}

#[test]
fn mostly_unique_values_are_judged_as_by_trying_every_order() {
    let tally = compare(Model::Register, mostly_unique, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0), "{tally:?}");
}
