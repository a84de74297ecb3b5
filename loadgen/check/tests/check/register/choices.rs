//! Registers whose values repeat, or that `cas` changes.

use std::time::{Duration, Instant};

use check::history::{Initial, NIL, NO, Op};
use check::models::register::{Register, judge_with_choices};
use check::{Judgement, Limits, Model, Object, Operation, Verdict, certificate, verify};
use fastrand::Rng;

use super::write;
use crate::generate::{self, Asked, Faults};
use crate::odd::{self, Odd};
use crate::sample::{done, read};
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

/// How many operations the long histories have: `CHECK_OPERATIONS`, or as many as a test can have.
fn size() -> usize {
    let asked = std::env::var("CHECK_OPERATIONS").ok();
    asked.map_or(5_000, |count| count.parse().expect("CHECK_OPERATIONS is a number"))
}

/// Holds the verdict of a long history against what it comes with; whether there is one.
fn is_decided(object: &Object, expected: Verdict) -> bool {
    let Some(judgement) = judge(object) else { return false };
    assert_eq!(judgement.verdict, expected);
    if let Some(order) = &judgement.order {
        let register = Register { initial: NIL };
        assert_eq!(certificate::replay(&register, &object.operations, order), Ok(()));
    }
    assert!(judgement.anomalies.iter().all(|anomaly| verify(object, Model::Register, anomaly)));
    true
}

#[test]
fn few_odd_operations_among_unique_writes_cost_what_they_touch() {
    for odd in Odd::ALL {
        for (count, are_lost) in [1, 10, 100].map(|count| [(count, false), (count, true)]).concat()
        {
            let mut decided = [0, 0];
            let mut slowest = [Duration::ZERO; 2];
            for seed in 0..20 {
                let mut rng = Rng::with_seed(seed);
                let mut object = odd::register(&mut rng, size(), (count, odd), are_lost);
                for (planted, expected) in
                    [Verdict::Valid, Verdict::Invalid].into_iter().enumerate()
                {
                    if planted == 1 {
                        odd::plant_stale_read(&mut rng, &mut object);
                    }
                    let begun = Instant::now();
                    decided[planted] += u32::from(is_decided(&object, expected));
                    slowest[planted] = slowest[planted].max(begun.elapsed());
                }
            }
            println!("{odd:?} {count} lost {are_lost}: decided {decided:?}, slowest {slowest:?}");
            assert!(decided.iter().all(|decided| *decided >= 19), "{odd:?} {count} {decided:?}");
        }
    }
}

/// A hundred operations of 64 clients, of which every write is of another value.
fn hundred() -> Object {
    odd::register(&mut Rng::with_seed(1), 100, (0, Odd::Repeated), false)
}

#[test]
fn one_failed_cas_of_a_value_that_never_was_is_no_cliff() {
    let mut object = hundred();
    let last_ns = object.operations.iter().map(|operation| operation.return_ns).max().unwrap();
    let cas = Operation { new: 1_000, ..done(Op::Cas, NO, last_ns + 1, last_ns + 2) };
    object.operations.push(Operation { arg: 999, ..cas });
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
}

#[test]
fn one_repeated_value_is_no_cliff() {
    let mut object = hundred();
    let last_ns = object.operations.iter().map(|operation| operation.return_ns).max().unwrap();
    object.operations.push(write(1, last_ns + 1, last_ns + 2));
    object.operations.push(read(1, last_ns + 3, last_ns + 4));
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
}
