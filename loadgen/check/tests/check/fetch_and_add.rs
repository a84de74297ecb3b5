//! Additions that answer with the new sum.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    DuplicateValue, FutureRead, OrderViolation, SkippedValue, StaleRead,
};
use loadgen_check::history::{Initial, NIL, Op, Outcome};
use loadgen_check::models::{counter::Sum, fetch_and_add};
use loadgen_check::{
    Anomaly, Judgement, Lists, Model, Object, Operation, Verdict, certificate, verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{anomaly, object, read, unknown};
use crate::{brute, sample, twin};

const MODEL: Model = Model::FetchAndAdd;

fn judge(object: &Object) -> Option<Judgement> {
    fetch_and_add::judge(object.initial_or(0), &object.operations, true)
}

/// Additions and reads.
fn valid(rng: &mut Rng, slots: &[Slot]) -> Object {
    let initial = rng.i64(-3..=3);
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..20) };
    let ask =
        |rng: &mut Rng| if rng.u8(0..10) < 6 { (Op::Add, 1, NIL) } else { (Op::Read, NIL, NIL) };
    let answer = |sum: &i128, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => generate::result(*sum),
        _ => generate::result(*sum + 1),
    };
    let mut object = generate::object(rng, &Sum { initial }, slots, faults, ask, answer);
    object.initial = Initial::Value(initial);
    twin::forget(rng, &mut object.operations, Op::Read);
    rng.shuffle(&mut object.operations);
    object
}

/// Some return something else than they should.
fn made_up(rng: &mut Rng) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(6..=14));
    let slots = at_random(rng, operations, ticks);
    let mut object = valid(rng, &slots);
    twin::perturb(rng, &mut object.operations);
    object
}

/// Many return something else than they should.
fn garbled(rng: &mut Rng) -> Object {
    let (operations, clients) = (rng.usize(20..=40), rng.u32(1..=4));
    let slots = closed_loop(rng, operations, clients);
    let mut object = valid(rng, &slots);
    twin::garble(rng, &mut object.operations);
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(MODEL, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    let kinds = [DuplicateValue, SkippedValue, StaleRead, FutureRead, OrderViolation];
    assert_eq!(tally.kinds, kinds.into());
}

#[test]
fn an_addition_whose_answer_was_not_read_is_held_for_unknown() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng);
        twin::forget(rng, &mut object.operations, Op::Add);
        object
    };
    let tally = twin::compare(MODEL, make, |object| {
        let judgement = judge(object)?;
        let mut weakened = object.operations.clone();
        let is_unread = |add: &&mut Operation| add.op == Op::Add && add.result == NIL;
        for add in weakened.iter_mut().filter(is_unread) {
            if add.outcome == Outcome::Ok {
                add.outcome = Outcome::Unknown;
            }
        }
        let specification = Sum { initial: object.initial_or(0) };
        let is_valid = brute::is_linearizable(&specification, &weakened);
        assert_eq!(judgement.verdict != Verdict::Invalid, is_valid);
        Some(judgement)
    });
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let kinds = twin::prove(MODEL, garbled, |object| judge(object).unwrap());
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}

fn add(result: i64, call_ns: u64, return_ns: u64) -> Operation {
    sample::done(Op::Add, result, call_ns, return_ns)
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|anomaly| verify(object, MODEL, anomaly)), "{anomalies:?}");
    anomalies
}

#[test]
fn additions_that_returned_the_same_are_duplicates_all_but_one() {
    let object =
        object(0, &[add(1, 0, 9), add(2, 10, 30), add(2, 11, 20), add(2, 12, 25), add(1, 0, 50)]);
    assert_eq!(anomalies(&object), [anomaly(DuplicateValue, &[25, 30, 50], &[2, 3])]);
}

#[test]
fn a_duplicate_is_not_held_against_time_as_well() {
    // A thread that slept put the counter back to 2, and all goes on from there.
    let operations = [
        add(1, 0, 1),
        add(2, 2, 60),
        add(2, 3, 4),
        add(3, 5, 6),
        add(4, 7, 8),
        add(3, 61, 62),
        add(4, 63, 64),
        add(5, 65, 66),
    ];
    let expected = [anomaly(DuplicateValue, &[60, 62, 64], &[2, 1])];
    assert_eq!(anomalies(&object(0, &operations)), expected);
}

#[test]
fn a_duplicate_does_not_hide_a_read_that_is_stale() {
    let operations =
        [add(1, 0, 1), add(2, 2, 3), add(2, 2, 4), add(3, 5, 6), read(2, 7, 8), read(1, 9, 10)];
    let expected = [anomaly(DuplicateValue, &[4], &[1, 2]), anomaly(StaleRead, &[8, 10], &[3, 4])];
    assert_eq!(anomalies(&object(0, &operations)), expected);
}

#[test]
fn of_duplicates_the_one_that_began_first_is_held_against_time() {
    let operations = [add(1, 6, 7), add(1, 0, 9), read(1, 1, 3)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(DuplicateValue, &[9], &[0, 1])]);
}

#[test]
fn an_addition_that_returned_less_than_was_there_before_it_began_violates_order() {
    let operations = [add(2, 0, 10), add(1, 11, 20), add(4, 30, 40), add(3, 40, 50)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(OrderViolation, &[20], &[0, 1])]);
}

#[test]
fn an_addition_that_returned_no_more_than_the_value_at_first_violates_order() {
    let operations = [add(5, 0, 10), add(6, 11, 20), add(-3, 30, 40)];
    assert_eq!(anomalies(&object(5, &operations)), [anomaly(OrderViolation, &[10, 40], &[0])]);
}

#[test]
fn a_read_that_returned_less_than_was_there_before_it_began_is_stale() {
    let operations = [add(1, 0, 10), add(2, 0, 10), read(1, 10, 30), read(1, 11, 20)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(StaleRead, &[20], &[1, 3])]);
}

#[test]
fn a_read_of_less_than_the_value_at_first_is_stale() {
    assert_eq!(anomalies(&object(5, &[read(4, 0, 10)])), [anomaly(StaleRead, &[10], &[0])]);
}

#[test]
fn a_read_that_was_over_before_its_value_was_made_is_of_the_future() {
    let operations = [read(1, 0, 10), read(1, 0, 11), add(1, 11, 20)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(FutureRead, &[20], &[0, 2])]);
}

#[test]
fn an_addition_after_a_read_that_has_more_violates_order() {
    let operations = [add(2, 0, 50), read(2, 0, 10), add(1, 11, 20)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(OrderViolation, &[20], &[1, 2])]);
}

#[test]
fn a_value_that_no_addition_can_have_made_is_skipped() {
    let operations = [add(1, 0, 10), add(3, 11, 20), add(4, 21, 30), add(7, 31, 40)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(SkippedValue, &[20, 40], &[1])]);
    let seen = [add(1, 0, 10), read(2, 11, 20)];
    assert_eq!(anomalies(&object(0, &seen)), [anomaly(SkippedValue, &[20], &[1])]);
}

#[test]
fn an_addition_of_unknown_outcome_fills_a_gap_if_it_began_in_time() {
    let mut operations = [add(1, 0, 10), add(3, 11, 20), unknown(Op::Add, 20)];
    let filled = judge(&object(0, &operations)).unwrap();
    assert_eq!(filled, Judgement::valid(Some(vec![0, 2, 1])));
    operations[2].call_ns = 21;
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(SkippedValue, &[20], &[1])]);
}

#[test]
fn the_widest_gap_is_left_where_additions_of_unknown_outcome_do_not_suffice() {
    let operations =
        [add(3, 0, 10), add(5, 11, 20), add(7, 21, 30), unknown(Op::Add, 0), unknown(Op::Add, 0)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(SkippedValue, &[20], &[1])]);
}

#[test]
fn a_gap_as_wide_as_all_numbers_is_one_gap() {
    let far = [add(i64::MAX, 0, 10), read(i64::MAX - 5, 0, 10), unknown(Op::Add, 0)];
    let expected = [anomaly(SkippedValue, &[10, 10], &[0])];
    assert_eq!(anomalies(&object(i64::MIN + 1, &far)), expected);
}

#[test]
fn an_acknowledged_addition_without_a_result_leaves_the_verdict_open() {
    let open = judge(&object(0, &[add(NIL, 0, 10), add(2, 0, 10)])).unwrap();
    assert_eq!(open, Judgement::unknown("1 answers carried no result"));
    let late = object(0, &[add(NIL, 11, 20), add(2, 0, 10)]);
    assert_eq!(anomalies(&late), [anomaly(SkippedValue, &[10], &[1])]);
}

#[test]
fn reads_without_a_result_have_a_place_in_the_certificate() {
    let operations =
        [read(NIL, 0, 5), add(2, 6, 30), read(NIL, 12, 13), add(1, 0, 10), read(NIL, 40, 50)];
    let object = object(0, &operations);
    let order = judge(&object).unwrap().order.unwrap();
    assert_eq!(certificate::replay(&Sum { initial: 0 }, &operations, &order), Ok(()));
}

#[test]
fn additions_of_other_numbers_than_one_are_left_to_the_search() {
    let two = Operation { arg: 2, ..add(2, 0, 10) };
    assert_eq!(judge(&object(0, &[add(1, 0, 1), two])), None);
    assert_eq!(judge(&object(0, &[Operation { outcome: Outcome::Unknown, ..two }])), None);
    let failed = judge(&object(0, &[Operation { outcome: Outcome::Fail, ..two }]));
    assert_eq!(failed, Some(Judgement::valid(Some(vec![]))));
    assert_eq!(judge(&object(0, &[Operation { op: Op::Take, ..add(1, 0, 1) }])), None);
}

#[test]
fn no_certificate_is_made_that_nobody_asked_for() {
    let judgement = fetch_and_add::judge(0, &[add(1, 0, 10)], false);
    assert_eq!(judgement, Some(Judgement::valid(None)));
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = object(
        0,
        &[
            add(1, 0, 10),
            add(1, 0, 20),
            add(3, 21, 30),
            add(2, 31, 40),
            read(1, 41, 50),
            unknown(Op::Add, 0),
        ],
    );
    let refused = |kind, witness: &[u32]| !verify(&object, MODEL, &anomaly(kind, &[0], witness));
    assert!(!refused(DuplicateValue, &[0, 1]) && !refused(OrderViolation, &[2, 3]));
    assert!(refused(DuplicateValue, &[0, 0]), "one addition twice");
    assert!(refused(DuplicateValue, &[0, 2]), "other values");
    assert!(refused(DuplicateValue, &[0, 4]), "a read is no update");
    assert!(refused(DuplicateValue, &[0, 5]), "an unknown one returned nothing");
    assert!(refused(DuplicateValue, &[0, 9]), "no operation");
    assert!(refused(DuplicateValue, &[]), "nothing");
    assert!(refused(OrderViolation, &[3, 2]), "in the order of the values");
    assert!(refused(OrderViolation, &[0]), "above the value at first");
    assert!(refused(OrderViolation, &[2, 4]), "a read is stale");
    assert!(refused(StaleRead, &[2, 3]), "an addition is not");
    assert!(refused(StaleRead, &[4]), "above the value at first");
    assert!(refused(FutureRead, &[4, 0]), "the addition was before");
    assert!(refused(SkippedValue, &[2]), "four additions had begun");
}
