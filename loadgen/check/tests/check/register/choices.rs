//! Registers whose values repeat, or that `cas` changes.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{FutureRead, NotLinearizable, Phantom, StaleRead};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::register::{Register, judge_with_choices};
use loadgen_check::{
    AnomalyKind, Judgement, Limits, Model, Object, Operation, Verdict, certificate, verify,
};

use super::{of, write};
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
                Op::Cas => {
                    if *state == operation.arg {
                        YES
                    } else {
                        NO
                    }
                }
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
            for seed in 0..20 {
                let mut rng = Rng::with_seed(seed);
                let mut object = odd::register(&mut rng, size(), (count, odd), are_lost);
                for (planted, expected) in
                    [Verdict::Valid, Verdict::Invalid].into_iter().enumerate()
                {
                    if planted == 1 {
                        odd::plant_stale_read(&mut rng, &mut object);
                    }
                    decided[planted] += u32::from(is_decided(&object, expected));
                }
            }
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

/// The anomalies of a history that no order explains, each with a witness that proves it.
fn anomalies(object: &Object) -> Vec<(AnomalyKind, Vec<u32>)> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|anomaly| verify(object, Model::Register, anomaly)));
    anomalies.into_iter().map(|anomaly| (anomaly.kind, anomaly.witness)).collect()
}

fn cas(expected: i64, new: i64, result: i64, call_ns: u64) -> Operation {
    Operation { arg: expected, new, ..done(Op::Cas, result, call_ns, call_ns + 5) }
}

#[test]
fn reads_that_no_choice_explains_have_their_names() {
    let swap = cas(1, 2, YES, 20);
    let object = of([write(1, 0, 10), swap, read(7, 30, 40)]);
    assert_eq!(anomalies(&object), [(Phantom, vec![2])]);
    // A cas that failed wrote nothing.
    let object = of([write(1, 0, 10), cas(3, 7, NO, 20), read(7, 30, 40)]);
    assert_eq!(anomalies(&object), [(Phantom, vec![2])]);
    let object = of([read(9, 0, 5), write(1, 0, 10), swap, write(9, 30, 40)]);
    assert_eq!(anomalies(&object), [(FutureRead, vec![3, 0])]);
    let object = of([write(1, 0, 10), write(3, 11, 15), read(1, 20, 30), cas(3, 4, YES, 40)]);
    assert_eq!(anomalies(&object), [(StaleRead, vec![0, 1, 2])]);
}

#[test]
fn a_value_that_was_written_twice_is_replaced_once_for_each() {
    let twice = [write(1, 0, 10), cas(1, 2, YES, 20), write(1, 30, 40), cas(1, 3, YES, 50)];
    assert_eq!(judge(&of(twice)).unwrap().order, Some(vec![0, 1, 2, 3]));
    let thrice = of([twice[0], twice[1], twice[2], twice[3], cas(1, 4, YES, 60)]);
    assert_eq!(anomalies(&thrice), [(NotLinearizable, vec![3, 4])]);
}

#[test]
fn swaps_that_begin_with_each_other_are_no_order() {
    let operations = [cas(1, 2, YES, 0), cas(2, 1, YES, 0)];
    assert_eq!(anomalies(&of(operations)), [(NotLinearizable, vec![0, 1])]);
    let lost = Operation { outcome: Outcome::Unknown, return_ns: NEVER, ..write(1, 0, 5) };
    let with_a_write = of([operations[0], operations[1], lost]);
    assert_eq!(judge(&with_a_write).unwrap().order, Some(vec![2, 0, 1]));
}

#[test]
fn a_lost_cas_is_in_the_order_where_it_was_seen() {
    let lost = Operation { outcome: Outcome::Unknown, return_ns: NEVER, ..cas(1, 2, NIL, 11) };
    let unseen = of([write(1, 0, 10), lost, read(1, 20, 30)]);
    assert_eq!(judge(&unseen).unwrap().order, Some(vec![0, 2]));
    let seen = of([write(1, 0, 10), lost, read(2, 20, 30)]);
    assert_eq!(judge(&seen).unwrap().order, Some(vec![0, 1, 2]));
    // When it began there was no 1 any more.
    let late = Operation { call_ns: 31, ..lost };
    let too_late = of([write(1, 0, 10), write(3, 20, 30), late, read(2, 40, 50)]);
    assert_eq!(anomalies(&too_late), [(NotLinearizable, vec![1, 2, 3])]);
}

#[test]
fn of_lost_writes_that_are_the_same_the_earlier_may_be_the_only_one_that_fits() {
    // The read and the earlier of its writes come before 2; the later began when 2 was there.
    let object = of([
        write(1, 5, NEVER),
        write(1, 12, NEVER),
        read(1, 10, 20),
        write(2, 0, 11),
        read(2, 21, 30),
    ]);
    assert_eq!(judge(&object).unwrap().order, Some(vec![0, 2, 3, 4]));
}

#[test]
fn what_the_rule_does_not_cover_is_left_to_the_search() {
    let untold = Operation { result: NIL, ..cas(1, 2, YES, 20) };
    assert_eq!(judge(&of([write(1, 0, 10), untold])), None);
    assert_eq!(judge(&of([write(1, 10, 5)])), None);
    assert_eq!(judge(&of([done(Op::Add, NIL, 0, 5)])), None);
    let little = Limits { memory_bytes: 100, ..UNBOUNDED };
    assert_eq!(judge_with_choices(&of([write(1, 0, 10)]), &little), None);
}
