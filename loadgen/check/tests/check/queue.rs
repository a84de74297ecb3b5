//! Queues: elements that are put in, and handed out in the order in which they came.

mod examples;
mod sentences;
mod witnesses;

use std::collections::VecDeque;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{DoubleHandout, FutureRead, OutOfTurn, Phantom, PhantomSoldOut};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome};
use loadgen_check::models::queue::{self, Queue};
use loadgen_check::{Anomaly, Judgement, Model, Object, Operation, Verdict, certificate, verify};

use crate::generate::{Slot, at_random, back_to_back, closed_loop};
use crate::sample;
use crate::{brute, twin};

fn judge(object: &Object) -> Option<Judgement> {
    queue::judge(object.initial_elements(), &object.operations, true)
}

fn add(element: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: element, ..sample::done(Op::Add, NIL, call_ns, return_ns) }
}

fn take(result: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: NIL, ..sample::done(Op::Take, result, call_ns, return_ns) }
}

fn lost(op: Op, arg: i64, call_ns: u64) -> Operation {
    Operation { arg, ..sample::unknown(op, call_ns) }
}

fn with(initial: &[i64], operations: &[Operation]) -> Object {
    let initial = Initial::Elements(initial.to_vec());
    Object { initial, operations: operations.to_vec(), ..Object::default() }
}

/// The anomalies, of which each is proved; an order that explains everything replays.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let judgement = judge(object).unwrap();
    for anomaly in &judgement.anomalies {
        assert!(verify(object, Model::Queue, anomaly), "{anomaly:?} of {object:?}");
    }
    if judgement.verdict == Verdict::Valid {
        let specification = Queue { initial: object.initial_elements() };
        let order = judgement.order.unwrap();
        assert_eq!(certificate::replay(&specification, &object.operations, &order), Ok(()));
    } else {
        assert_eq!(judgement.verdict, Verdict::Invalid, "{judgement:?}");
    }
    judgement.anomalies
}

/// What a correct queue answers; of a hundred operations, so many are additions, and so many are lost.
fn valid(rng: &mut Rng, slots: &[Slot], adds_percent: u8, lost_percent: u8) -> Object {
    let mut held: VecDeque<i64> = (0..rng.i64(0..=2)).collect();
    let initial = Initial::Elements(held.iter().copied().collect());
    let mut last = 10;
    let mut operations = Vec::with_capacity(slots.len());
    for slot in slots {
        let Slot { client, call_ns, return_ns, .. } = *slot;
        let is_lost = rng.u8(0..100) < lost_percent;
        let is_done = !is_lost || rng.bool();
        let (op, arg, result) = if rng.u8(0..100) < adds_percent {
            last += 1;
            if is_done {
                held.push_back(last);
            }
            (Op::Add, last, NIL)
        } else {
            let taken = if is_done { held.pop_front() } else { None };
            (Op::Take, NIL, taken.unwrap_or(NO))
        };
        let (outcome, result, return_ns) = match is_lost {
            true if !is_done && rng.bool() => (Outcome::Fail, NIL, return_ns),
            true => (Outcome::Unknown, NIL, NEVER),
            false => (Outcome::Ok, result, return_ns),
        };
        let new = NIL;
        operations.push(Operation { call_ns, return_ns, arg, new, result, client, op, outcome });
    }
    Object { initial, operations, ..Object::default() }
}

/// Some return what another returned, what is not there, or that nothing is.
fn spoil(rng: &mut Rng, object: &mut Object) {
    let answered = |take: &Operation| (take.op, take.outcome) == (Op::Take, Outcome::Ok);
    let count = object.operations.len();
    let takes: Vec<_> = (0..count).filter(|index| answered(&object.operations[*index])).collect();
    for _ in 0..rng.u8(0..=2) {
        let (Some(one), Some(other)) = (rng.choice(&takes), rng.choice(&takes)) else { return };
        let results = [*one, *other].map(|index| object.operations[index].result);
        object.operations[*one].result = match rng.u8(0..6) {
            0 => NO,
            1 => rng.i64(0..=2),
            2 => rng.i64(10..=15),
            _ => results[1],
        };
        if rng.u8(0..4) > 0 {
            object.operations[*other].result = results[0];
        }
    }
}

fn made_up(rng: &mut Rng, lost_percent: u8) -> Object {
    let (count, ticks) = (twin::few(rng), rng.u64(5..=16));
    let slots = if rng.bool() { at_random(rng, count, ticks) } else { back_to_back(rng, count, 3) };
    let adds_percent = rng.u8(30..70);
    let mut object = valid(rng, &slots, adds_percent, lost_percent);
    spoil(rng, &mut object);
    rng.shuffle(&mut object.operations);
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Queue, |rng| made_up(rng, 0), judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [DoubleHandout, FutureRead, Phantom, OutOfTurn, PhantomSoldOut].into());
}

#[test]
fn what_may_have_been_done_leaves_nothing_open() {
    let make = |rng: &mut Rng| {
        let lost_percent = rng.u8(0..40);
        let mut object = made_up(rng, lost_percent);
        spoil(rng, &mut object);
        object
    };
    let tally = twin::compare(Model::Queue, make, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds.len(), 5);
}

/// An answer that cannot be read makes nothing valid, and hides no more than a take of which nobody
/// knows whether it was done.
#[test]
fn a_take_that_does_not_say_what_it_took_is_held_for_unknown() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng, 10);
        twin::forget(rng, &mut object.operations, Op::Take);
        object
    };
    let tally = twin::compare(Model::Queue, make, |object| {
        let judgement = judge(object)?;
        let mut weakened = object.operations.clone();
        for take in weakened.iter_mut().filter(|take| take.op == Op::Take && take.result == NIL) {
            if take.outcome == Outcome::Ok {
                take.outcome = Outcome::Unknown;
            }
        }
        let specification = Queue { initial: object.initial_elements() };
        let is_valid = brute::is_linearizable(&specification, &weakened);
        assert_eq!(judgement.verdict != Verdict::Invalid, is_valid);
        Some(judgement)
    });
    assert!(tally.unknown > 0 && tally.uncovered == 0, "{tally:?}");
}

#[test]
fn what_is_wrong_with_long_histories_is_proven() {
    let make = |rng: &mut Rng| {
        let slots = back_to_back(rng, 200, 8);
        let mut object = valid(rng, &slots, 50, 5);
        (0..20).for_each(|_| spoil(rng, &mut object));
        object
    };
    let kinds = twin::prove(Model::Queue, make, |object| judge(object).unwrap());
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

#[test]
fn long_histories_of_a_queue_are_valid_and_certified() {
    for seed in 0..twin::histories() / 100 {
        let rng = &mut Rng::with_seed(seed);
        let lost_percent = rng.u8(0..20);
        let slots = match seed % 2 {
            0 => back_to_back(rng, 300, 8),
            _ => closed_loop(rng, 300, 8),
        };
        let adds_percent = rng.u8(40..60);
        let object = valid(rng, &slots, adds_percent, lost_percent);
        assert_eq!(anomalies(&object), [], "seed {seed}");
    }
}
