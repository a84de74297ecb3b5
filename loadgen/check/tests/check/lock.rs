//! Locks: who holds them.

mod examples;
mod sentences;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    LostLock, NotLinearizable, PhantomRefusal, StrayRelease, TwoHolders,
};
use loadgen_check::history::{NIL, NO, Op, Outcome, YES};
use loadgen_check::models::lock::{self, Lock};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, certificate,
    verify,
};

use crate::generate::{self, Faults, Slot, at_random, back_to_back, closed_loop};
use crate::{brute, twin};

const LIMITS: Limits<'_> = Limits { certify: true, memory_bytes: 1 << 26, expired: &|| false };

/// The verdict, by search where the rule does not decide.
fn judge(object: &Object) -> Judgement {
    let history = History { objects: vec![object.clone()] };
    loadgen_check::judge(&history, Model::Lock, &LIMITS).remove(0)
}

/// The verdict by the rule alone.
fn judge_by_rule(object: &Object) -> Option<Judgement> {
    lock::judge(&object.operations, true)
}

/// What a correct lock answers.
fn valid(rng: &mut Rng, slots: &[Slot], faults: Faults) -> Object {
    let ask = |rng: &mut Rng| (if rng.bool() { Op::Take } else { Op::Give }, NIL, NIL);
    let answer = |holder: &Option<u32>, operation: &Operation, _: &mut Lists| {
        let is_done = match operation.op {
            Op::Take => holder.is_none(),
            _ => *holder == Some(operation.client),
        };
        if is_done { YES } else { NO }
    };
    generate::object(rng, &Lock, slots, faults, ask, answer)
}

/// A few clients, that do one thing after another, or at any times.
fn slots(rng: &mut Rng) -> Vec<Slot> {
    let (operations, clients) = (twin::few(rng), rng.u32(1..=3));
    if rng.u8(0..3) > 0 {
        return back_to_back(rng, operations, clients);
    }
    let ticks = rng.u64(6..=14);
    let mut slots = at_random(rng, operations, ticks);
    for slot in &mut slots {
        slot.client %= clients;
    }
    slots
}

fn made_up(rng: &mut Rng, faults: Faults) -> Object {
    let slots = slots(rng);
    let mut object = valid(rng, &slots, faults);
    // That it was given back needs no answer.
    for give in object.operations.iter_mut().filter(|one| one.op == Op::Give) {
        if give.result == YES && rng.u8(0..4) == 0 {
            give.result = NIL;
        }
    }
    rng.shuffle(&mut object.operations);
    twin::perturb(rng, &mut object.operations);
    object
}

#[test]
fn the_verdicts_of_the_rule_are_those_of_a_search_through_every_order() {
    let none = Faults { unknown: 0, fail: 10 };
    let tally = twin::compare(Model::Lock, |rng| made_up(rng, none), judge_by_rule);
    let decided = tally.valid + tally.invalid;
    assert!(tally.unknown == 0 && tally.uncovered < decided * 2, "{tally:?}");
    assert_eq!(tally.kinds, [TwoHolders, PhantomRefusal, StrayRelease, LostLock].into());
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let make = |rng: &mut Rng| {
        let faults = Faults { unknown: rng.u8(0..50), fail: rng.u8(0..20) };
        let mut object = made_up(rng, faults);
        if rng.bool() {
            twin::forget(rng, &mut object.operations, Op::Take);
        }
        object
    };
    let tally = twin::compare(Model::Lock, make, |object| Some(judge(object)));
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    let kinds = [TwoHolders, PhantomRefusal, StrayRelease, LostLock, NotLinearizable];
    assert_eq!(tally.kinds, kinds.into());
}

/// No more is proved against a lock that others may hold than they do not explain.
#[test]
fn what_others_may_hold_is_judged_by_what_was_granted() {
    let make = |rng: &mut Rng| {
        let faults = Faults { unknown: rng.u8(0..50), fail: 10 };
        Object { is_shared: true, ..made_up(rng, faults) }
    };
    let tally = twin::compare(Model::Lock, make, |object| {
        let judgement = judge(object);
        if judgement.verdict == Verdict::Invalid {
            let mut granted = object.operations.clone();
            granted.retain(|one| one.result != NO);
            assert!(!brute::is_linearizable(&Lock, &granted));
        }
        Some(judgement)
    });
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let make = |rng: &mut Rng| {
        let (operations, clients) = (rng.usize(20..=60), rng.u32(2..=5));
        let slots = closed_loop(rng, operations, clients);
        let faults = Faults { unknown: rng.u8(0..5), fail: 3 };
        let mut object = valid(rng, &slots, faults);
        twin::garble(rng, &mut object.operations);
        object
    };
    let kinds = twin::prove(Model::Lock, make, judge);
    assert!(
        [TwoHolders, StrayRelease, LostLock].iter().all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
}

/// With operations of unknown outcome the search is soon at an end.
#[test]
fn long_histories_of_a_correct_lock_are_valid() {
    for seed in 0..20 {
        let rng = &mut Rng::with_seed(seed);
        let slots = closed_loop(rng, 2_000, 16);
        for faults in [Faults::NONE, Faults { unknown: 1, fail: 2 }] {
            let object = valid(rng, &slots, faults);
            let judgement = judge(&object);
            assert_eq!(judgement.verdict, Verdict::Valid, "seed {seed}");
            let order = judgement.order.unwrap();
            assert_eq!(certificate::replay(&Lock, &object.operations, &order), Ok(()));
        }
    }
}
