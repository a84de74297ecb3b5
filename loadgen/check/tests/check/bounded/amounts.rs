//! Takes and gives of several.

mod examples;
mod sentences;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    LateSale, LostUpdate, NotLinearizable, Oversell, Phantom, PhantomSoldOut, StaleRead,
};
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::bounded::{self, Stock};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, certificate,
    verify,
};

use crate::generate::{self, Asked, Faults, Slot, at_random, closed_loop};
use crate::sample;
use crate::{brute, twin};

/// How many there are, each history says for itself.
const MODEL: Model = Model::Bounded { capacity: Some(0) };

const LIMITS: Limits<'_> = Limits { certify: true, memory_bytes: 1 << 26, expired: &|| false };

/// The verdict, by search where the rules do not decide.
fn judge(object: &Object) -> Judgement {
    let history = History { objects: vec![object.clone()] };
    loadgen_check::judge(&history, MODEL, &LIMITS).remove(0)
}

/// The verdict by the rules alone.
fn judge_by_rules(object: &Object) -> Option<Judgement> {
    bounded::judge_amounts(object.initial_or(0), &object.operations, true)
}

/// What clients do, of a hundred operations.
#[derive(Clone, Copy)]
struct Load {
    gives: u8,
    reads: u8,
    /// Up to so many are taken or given at once.
    most: i64,
    faults: Faults,
}

/// What a correct service answers.
fn valid(rng: &mut Rng, slots: &[Slot], initial: i64, load: Load) -> Object {
    let ask = |rng: &mut Rng| -> Asked {
        let dice = rng.u8(0..100);
        let amount = rng.i64(1..=load.most);
        let arg = if amount == 1 && rng.bool() { NIL } else { amount };
        match dice {
            _ if dice < load.reads => (Op::Read, NIL, NIL),
            _ if dice < load.reads + load.gives => (Op::Give, arg, NIL),
            _ => (Op::Take, arg, NIL),
        }
    };
    let answer = |left: &i64, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => *left,
        Op::Give => NIL,
        _ if *left >= if operation.arg == NIL { 1 } else { operation.arg } => YES,
        _ => NO,
    };
    let mut object = generate::object(rng, &Stock { initial }, slots, load.faults, ask, answer);
    object.initial = Initial::Value(initial);
    object
}

/// A few operations, some of which return something else than they should.
fn made_up(rng: &mut Rng, reads: u8) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(6..=14));
    let slots = at_random(rng, operations, ticks);
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..20) };
    let load = Load { gives: rng.u8(10..40), reads, most: rng.i64(1..=4), faults };
    let initial = rng.i64(0..=6);
    let mut object = valid(rng, &slots, initial, load);
    twin::forget(rng, &mut object.operations, Op::Read);
    rng.shuffle(&mut object.operations);
    twin::perturb(rng, &mut object.operations);
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(MODEL, |rng| made_up(rng, 0), |object| Some(judge(object)));
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [Oversell, LateSale, PhantomSoldOut, NotLinearizable].into());
}

#[test]
fn the_verdicts_with_reads_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(MODEL, |rng| made_up(rng, 40), |object| Some(judge(object)));
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    let kinds =
        [Oversell, LateSale, PhantomSoldOut, NotLinearizable, LostUpdate, Phantom, StaleRead];
    assert_eq!(tally.kinds, kinds.into());
}

/// Nothing is left to the search where nobody tells how many were left.
#[test]
fn takes_that_succeeded_and_gives_are_decided_by_the_rule() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng, 10);
        object
            .operations
            .retain(|one| one.result != NO && (one.op != Op::Read || one.result == NIL));
        object.operations.push(examples::give(1, 0, 5));
        // One that succeeds as well, so that there is too much now and then.
        for take in object.operations.iter_mut().filter(|one| one.op == Op::Take) {
            if rng.bool() {
                (take.arg, take.result) = (rng.i64(1..=8), YES);
            }
        }
        object
    };
    let judge = |object: &Object| Some(judge_by_rules(object).unwrap());
    let tally = twin::compare(MODEL, make, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [Oversell].into());
}

#[test]
fn the_rules_decide_most() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng, 30);
        object.operations.push(examples::give(2, rng.u64(0..8), 8));
        object
    };
    let tally = twin::compare(MODEL, make, judge_by_rules);
    let decided = tally.valid + tally.invalid;
    assert!(tally.unknown == 0 && tally.uncovered * 8 < decided, "{tally:?}");
}

#[test]
fn a_take_whose_answer_was_not_read_is_held_for_unknown() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng, 20);
        twin::forget(rng, &mut object.operations, Op::Take);
        object
    };
    let tally = twin::compare(MODEL, make, |object| Some(judge(object)));
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let make = |rng: &mut Rng| {
        let (operations, clients) = (rng.usize(20..=60), rng.u32(1..=4));
        let slots = closed_loop(rng, operations, clients);
        let faults = Faults { unknown: rng.u8(0..10), fail: 3 };
        let initial = rng.i64(0..=20);
        let mut object =
            valid(rng, &slots, initial, Load { gives: 25, reads: 30, most: 5, faults });
        twin::garble(rng, &mut object.operations);
        object
    };
    // Hardly any is left to the search, and then it finds the answer soon.
    let kinds = twin::prove(MODEL, make, judge);
    for kind in [Oversell, LateSale, PhantomSoldOut, LostUpdate, Phantom, StaleRead] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

/// How many of a hundred histories of a correct service are found valid without the search.
fn decided(operations: usize, initial: i64, load: Load) -> usize {
    let is_decided = |seed: &u64| {
        let rng = &mut Rng::with_seed(*seed);
        let slots = closed_loop(rng, operations, 64);
        let object = valid(rng, &slots, initial, load);
        let judgement = judge_by_rules(&object);
        if let Some(judgement) = &judgement {
            assert_eq!(judgement.verdict, Verdict::Valid, "seed {seed}");
        }
        judgement.is_some()
    };
    (0..100).filter(is_decided).count()
}

/// Where few are in flight hardly anything fits at once: it has to go back.
#[test]
fn short_histories_of_few_clients_are_found_valid_without_the_search() {
    let is_decided = |seed: &u64| {
        let rng = &mut Rng::with_seed(*seed);
        let slots = closed_loop(rng, 30, 4);
        let load = Load { gives: 38, reads: 0, most: 5, faults: Faults::NONE };
        judge_by_rules(&valid(rng, &slots, 10, load)).is_some()
    };
    let decided = (0..1_000).filter(is_decided).count();
    assert!(decided >= 990, "{decided}");
}

#[test]
fn long_histories_of_a_correct_service_are_found_valid_without_the_search() {
    let faults = Faults { unknown: 1, fail: 1 };
    let load = Load { gives: 40, reads: 0, most: 5, faults };
    for (initial, load) in [
        (1_000, load),
        (100, Load { gives: 50, ..load }),
        (20, load),
        (200, Load { reads: 5, gives: 45, ..load }),
    ] {
        let decided = decided(2_000, initial, load);
        assert!(decided >= 90, "{decided} of those with {initial} at first");
    }
}
