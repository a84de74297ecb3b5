//! Requests with one idempotency key, against every order.

mod examples;
mod told;

use std::cell::Cell;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    ConflictingPayload, DoubleEffect, FutureRead, LostUpdate, Phantom, PhantomRefusal, StaleRead,
    WrongRefusal,
};
use loadgen_check::history::{NIL, NO, Op, Outcome};
use loadgen_check::models::once::{self, Held, Key};
use loadgen_check::{History, Judgement, Limits, Lists, Model, Object, Operation, Verdict};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::unknown;
use crate::{brute, twin};

const RESULT: i64 = 7;

fn judge(object: &Object) -> Option<Judgement> {
    once::judge(&object.operations, true)
}

/// Requests of a few payloads, one of which is none, and reads of which some tell the payload.
fn valid(rng: &mut Rng, slots: &[Slot]) -> Object {
    let faults = Faults { unknown: rng.u8(0..50), fail: rng.u8(0..20) };
    let (payloads, reads) = (rng.usize(1..=3), rng.u8(0..70));
    let ask = |rng: &mut Rng| {
        let payload = [1, NIL, 2][rng.usize(0..payloads)];
        if rng.u8(0..100) < reads { (Op::Read, NIL, NIL) } else { (Op::Add, payload, NIL) }
    };
    let mut payload = NIL;
    let answer = |state: &Option<Held>, operation: &Operation, _: &mut Lists| {
        let held = state.map_or(operation.arg, |held| held.payload);
        match operation.op {
            Op::Read if state.is_none() => NIL,
            Op::Add if held != operation.arg => NO,
            _ => {
                payload = held;
                RESULT
            }
        }
    };
    let mut object = generate::object(rng, &Key, slots, faults, ask, answer);
    for read in object.operations.iter_mut().filter(|one| one.op == Op::Read) {
        if rng.u8(0..3) == 0 {
            read.arg = payload;
        }
    }
    rng.shuffle(&mut object.operations);
    object
}

/// Changes what up to two operations say.
fn perturb(rng: &mut Rng, operations: &mut [Operation]) {
    for _ in 0..rng.u8(0..=2) {
        let answered = operations.iter_mut().filter(|one| one.outcome == Outcome::Ok);
        let Some(operation) = rng.choice(answered.collect::<Vec<_>>()) else { return };
        match (rng.u8(0..4), operation.op, operation.result) {
            (0, ..) => operation.arg = [NIL, 1, 2, 3][rng.usize(0..4)],
            (1, ..) => operation.result = RESULT + 1,
            (_, Op::Read, NIL) | (_, Op::Add, NO) => operation.result = RESULT,
            (_, Op::Read, _) => operation.result = NIL,
            _ => operation.result = NO,
        }
    }
}

fn made_up(rng: &mut Rng) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(5..=20));
    let slots = at_random(rng, operations, ticks);
    let mut object = valid(rng, &slots);
    perturb(rng, &mut object.operations);
    object
}

/// Many say something else than they should.
fn garbled(rng: &mut Rng) -> Object {
    let (operations, clients) = (rng.usize(20..=40), rng.u32(1..=4));
    let slots = closed_loop(rng, operations, clients);
    let mut object = valid(rng, &slots);
    for _ in 0..operations / 2 {
        perturb(rng, &mut object.operations);
    }
    object
}

const KINDS: [loadgen_check::AnomalyKind; 8] = [
    ConflictingPayload,
    DoubleEffect,
    FutureRead,
    LostUpdate,
    Phantom,
    PhantomRefusal,
    StaleRead,
    WrongRefusal,
];

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Once, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, KINDS.into());
}

/// Mostly refusals and reads around requests whose outcome is unknown, which only all answers
/// together tell to have had the effect or not.
#[test]
fn what_only_several_answers_exclude_is_excluded() {
    let make = |rng: &mut Rng| {
        let (operations, ticks) = (rng.usize(2..=6), rng.u64(4..=10));
        let slots = at_random(rng, operations, ticks);
        let operations = slots.iter().map(|slot| {
            let (op, result) = match rng.u8(0..9) {
                0..4 => return Operation { arg: rng.i64(1..=3), ..unknown(Op::Add, slot.call_ns) },
                4..7 => (Op::Add, NO),
                7 => (Op::Read, RESULT),
                _ => (Op::Add, RESULT),
            };
            let arg = if op == Op::Read && rng.bool() { NIL } else { rng.i64(1..=3) };
            Operation { arg, ..crate::sample::done(op, result, slot.call_ns, slot.return_ns) }
        });
        Object { operations: operations.collect(), ..Object::default() }
    };
    let long = Cell::new(0);
    let tally = twin::compare(Model::Once, make, |object| {
        let judgement = judge(object)?;
        let needs_many = judgement.anomalies.iter().any(|one| one.witness.len() > 2);
        long.set(long.get() + u32::from(needs_many));
        Some(judgement)
    });
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert!(long.get() > 0, "no witness needs more than two");
}

/// Undecided exactly where some results make it valid, and others make it invalid.
#[test]
fn an_addition_without_a_result_is_undecided_where_it_may_be_another() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng);
        for add in object.operations.iter_mut().filter(|one| one.is_acknowledged()) {
            if rng.u8(0..4) == 0 {
                add.result = NIL;
            }
        }
        object
    };
    let tally = twin::compare(Model::Once, make, |object| {
        let judgement = judge(object)?;
        let is_unread = |one: &&mut Operation| one.is_acknowledged() && one.result == NIL;
        // Each a result of its own: the worst that they can have been.
        let mut worst = object.operations.clone();
        for (add, result) in worst.iter_mut().filter(is_unread).zip(100..) {
            add.result = result;
        }
        let explained = [&object.operations, &worst].map(|all| brute::is_linearizable(&Key, all));
        let expected = match explained {
            [false, _] => Verdict::Invalid,
            [true, true] => Verdict::Valid,
            [true, false] => Verdict::Unknown,
        };
        assert_eq!(judgement.verdict, expected, "{}", twin::shown(object));
        Some(judgement)
    });
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let kinds = twin::prove(Model::Once, garbled, |object| judge(object).unwrap());
    // Of so many additions hardly ever none can have had the effect.
    let expected = KINDS.into_iter().filter(|kind| *kind != Phantom).collect();
    assert!(kinds.is_superset(&expected), "{kinds:?}");
}

/// Where others may add as well, it is invalid exactly if no additions of theirs explain it.
#[test]
fn what_others_may_have_added_proves_nothing() {
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    let mut verdicts = [0, 0, 0];
    for seed in 0..twin::histories() / 10 {
        let mut rng = Rng::with_seed(seed);
        let slots = at_random(&mut rng, 4, 8);
        let mut object = valid(&mut rng, &slots);
        perturb(&mut rng, &mut object.operations);
        // Of each payload that is asked with, and of one more.
        let others = [NIL, 1, 2, 3, 4].map(|arg| Operation { arg, ..unknown(Op::Add, 0) });
        let theirs = [&object.operations[..], &others].concat();
        let explained = [&object.operations, &theirs].map(|all| brute::is_linearizable(&Key, all));
        let expected = match explained {
            [true, _] => Verdict::Valid,
            [false, true] => Verdict::Unknown,
            [false, false] => Verdict::Invalid,
        };
        object.is_shared = true;
        let history = History { objects: vec![object] };
        let judgement = loadgen_check::judge(&history, Model::Once, &limits).remove(0);
        assert_eq!(judgement.verdict, expected, "seed {seed}: {judgement:?} of {history:#?}");
        verdicts[expected as usize] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 0), "{verdicts:?}");
}
