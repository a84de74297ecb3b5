//! Additions that answer only that they were done.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{LostUpdate, Phantom, StaleRead};
use loadgen_check::history::{Initial, NIL, Op, Outcome};
use loadgen_check::models::counter::{self, Sum};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, certificate,
    verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{self, anomaly, object, read, unknown};
use crate::twin;

const MODEL: Model = Model::Counter;

fn judge(object: &Object) -> Option<Judgement> {
    counter::judge(object.initial_or(0), &object.operations, true)
}

/// Additions of one number and reads.
fn valid(rng: &mut Rng, slots: &[Slot]) -> Object {
    let initial = rng.i64(-3..=3);
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..20) };
    let step = if rng.u8(0..4) == 0 { 2 } else { 1 };
    let ask = |rng: &mut Rng| if rng.bool() { (Op::Add, step, NIL) } else { (Op::Read, NIL, NIL) };
    let answer = |sum: &i128, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => generate::result(*sum),
        _ => NIL,
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
    assert_eq!(tally.kinds, [LostUpdate, Phantom, StaleRead].into());
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let kinds = twin::prove(MODEL, garbled, |object| judge(object).unwrap());
    assert_eq!(kinds.len(), 3, "{kinds:?}");
}

fn add(call_ns: u64, return_ns: u64) -> Operation {
    sample::done(Op::Add, NIL, call_ns, return_ns)
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|anomaly| verify(object, MODEL, anomaly)), "{anomalies:?}");
    anomalies
}

#[test]
fn a_read_that_lacks_what_a_later_one_has_is_stale() {
    let operations = [add(0, 10), read(0, 11, 20), read(0, 12, 30), read(1, 40, 50)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(StaleRead, &[20, 30], &[1])]);
}

#[test]
fn a_read_that_lacks_what_an_earlier_one_had_is_stale() {
    // The addition is open, but it had been read.
    let operations = [add(0, 90), read(1, 10, 20), read(0, 21, 30)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(StaleRead, &[30], &[1, 2])]);
    let unacknowledged = [unknown(Op::Add, 0), read(1, 10, 20), read(0, 21, 30)];
    assert_eq!(anomalies(&object(0, &unacknowledged)), [anomaly(StaleRead, &[30], &[1, 2])]);
}

#[test]
fn the_earlier_read_that_shows_most_is_in_the_witness() {
    // What was read is one of those that are open; what began after it came on top.
    let operations =
        [read(1, 20, 30), add(0, 900), add(31, 40), read(2, 41, 50), add(51, 60), read(2, 61, 70)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(StaleRead, &[70], &[3, 5])]);
}

#[test]
fn additions_that_no_later_read_has_are_lost() {
    let operations = [add(0, 10), add(0, 10), add(0, 10), read(1, 11, 20), read(1, 21, 30)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(LostUpdate, &[20, 20], &[3])]);
}

#[test]
fn a_lost_addition_is_counted_when_it_is_first_missed() {
    let operations = [
        add(0, 10),
        read(0, 11, 20),
        add(21, 30),
        read(1, 31, 40),
        add(41, 50),
        add(41, 50),
        read(1, 51, 60),
        add(61, 70),
        read(2, 71, 80),
    ];
    let expected = anomaly(LostUpdate, &[20, 60, 60], &[1]);
    assert_eq!(anomalies(&object(0, &operations)), [expected]);
}

#[test]
fn a_read_before_the_first_that_lacks_what_is_lost_may_be_stale() {
    let operations =
        [add(0, 10), add(0, 10), read(0, 11, 20), read(2, 21, 30), add(31, 40), read(2, 41, 50)];
    let expected = [anomaly(StaleRead, &[20], &[2]), anomaly(LostUpdate, &[50], &[5])];
    assert_eq!(anomalies(&object(0, &operations)), expected);
}

#[test]
fn a_loss_that_open_additions_hide_for_a_while_is_counted_once() {
    // The second read returns as much as it must, but may lack what the others do.
    let operations =
        [add(0, 10), add(0, 10), read(1, 11, 20), add(25, 50), read(2, 30, 40), read(2, 60, 70)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(LostUpdate, &[70], &[5])]);
}

#[test]
fn additions_that_touch_a_read_are_concurrent_with_it() {
    let operations = [add(0, 10), read(0, 10, 20), add(20, 30), read(2, 20, 20)];
    let judgement = judge(&object(0, &operations)).unwrap();
    assert_eq!(judgement, Judgement::valid(Some(vec![1, 0, 2, 3])));
}

#[test]
fn a_read_of_more_than_had_begun_is_a_phantom() {
    let operations = [add(0, 10), unknown(Op::Add, 20), read(2, 11, 19), read(2, 11, 20)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(Phantom, &[19], &[2])]);
    let mut failed = object(0, &[add(0, 10), read(1, 11, 19)]);
    failed.operations[0].outcome = Outcome::Fail;
    assert_eq!(anomalies(&failed), [anomaly(Phantom, &[19], &[1])]);
}

#[test]
fn a_phantom_that_stays_is_counted_once() {
    let operations = [
        add(0, 10),
        read(3, 11, 20),
        add(21, 30),
        read(4, 31, 40),
        read(6, 41, 50),
        add(51, 60),
        read(7, 61, 70),
    ];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(Phantom, &[20, 50], &[1])]);
}

#[test]
fn a_phantom_that_goes_hides_nothing() {
    let operations = [
        add(0, 90),
        read(1_000_000, 1, 2),
        read(0, 3, 4),
        read(1, 5, 6),
        read(0, 7, 8),
        read(1_000_000, 9, 10),
    ];
    let expected = [anomaly(Phantom, &[2, 10], &[1]), anomaly(StaleRead, &[8], &[3, 4])];
    assert_eq!(anomalies(&object(0, &operations)), expected);
}

#[test]
fn a_phantom_proves_nothing_against_other_reads() {
    let operations = [add(0, 90), read(2, 0, 5), read(2, 0, 6), read(0, 7, 8)];
    assert_eq!(anomalies(&object(0, &operations)), [anomaly(Phantom, &[5], &[1])]);
}

#[test]
fn a_read_of_a_part_of_an_addition_is_a_phantom() {
    let by_three = |operation: Operation| Operation { arg: 3, ..operation };
    let operations = [by_three(add(0, 10)), read(8, 11, 20), read(7, 11, 21), read(5, 0, 5)];
    assert_eq!(anomalies(&object(5, &operations)), [anomaly(Phantom, &[21], &[2])]);
}

#[test]
fn a_read_of_less_than_the_value_at_first_is_stale() {
    let operations = [read(i64::MIN + 1, 0, 10), read(i64::MAX, 0, 20)];
    let expected = [anomaly(StaleRead, &[10], &[0]), anomaly(Phantom, &[20], &[1])];
    assert_eq!(anomalies(&object(5, &operations)), expected);
}

#[test]
fn when_the_counter_begins_anew_what_was_added_since_the_beginning_is_lost() {
    let operations = [add(0, 10), add(11, 20), read(0, 21, 30), add(31, 40), read(1, 41, 50)];
    assert_eq!(anomalies(&object(100, &operations)), [anomaly(LostUpdate, &[30, 30, 50], &[2])]);
}

#[test]
fn the_order_of_the_certificate_has_reads_between_additions() {
    let operations = [
        read(2, 0, 100),
        unknown(Op::Add, 3),
        add(0, 50),
        read(1, 0, 60),
        read(NIL, 200, 300),
        unknown(Op::Add, 1),
    ];
    let order = judge(&object(0, &operations)).unwrap().order.unwrap();
    assert_eq!(order, [2, 3, 1, 0, 4]);
    assert_eq!(certificate::replay(&Sum { initial: 0 }, &operations, &order), Ok(()));
}

#[test]
fn no_certificate_is_made_that_nobody_asked_for() {
    assert_eq!(counter::judge(0, &[add(0, 10)], false), Some(Judgement::valid(None)));
}

#[test]
fn additions_of_different_numbers_are_left_to_the_search() {
    let judged = |operations: &[Operation]| judge(&object(0, operations));
    let of = |arg| Operation { arg, ..add(0, 10) };
    assert_eq!(judged(&[of(1), of(2)]), None);
    assert_eq!(judged(&[of(0)]), None);
    assert_eq!(judged(&[of(-1)]), None);
    assert_eq!(judged(&[of(i64::MAX), of(i64::MAX)]), None, "out of range");
    assert_eq!(judged(&[Operation { result: 1, ..add(0, 10) }]), None, "it said more than ok");
    assert_eq!(judged(&[Operation { op: Op::Write, ..add(0, 10) }]), None);
    assert!(judged(&[of(7), of(7)]).is_some());
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = object(
        0,
        &[
            add(0, 10),
            add(0, 90),
            read(0, 11, 20),
            read(2, 21, 30),
            read(1, 31, 40),
            read(3, 41, 50),
            read(1, 91, 99),
            unknown(Op::Read, 60),
        ],
    );
    let refused = |kind, witness: &[u32]| !verify(&object, MODEL, &anomaly(kind, &[0], witness));
    assert!(!refused(StaleRead, &[2]) && !refused(StaleRead, &[3, 4]));
    assert!(!refused(Phantom, &[5]) && !refused(LostUpdate, &[6]));
    assert!(refused(StaleRead, &[3]), "it has what was over");
    assert!(refused(StaleRead, &[4]), "it has what was over, and nothing shows more");
    assert!(refused(StaleRead, &[2, 4]), "the earlier one shows nothing");
    assert!(refused(StaleRead, &[4, 3]), "the earlier one is the later");
    assert!(refused(StaleRead, &[5, 3]), "the earlier one is the later");
    assert!(refused(StaleRead, &[0]) && refused(StaleRead, &[7]), "nothing was read");
    assert!(refused(StaleRead, &[]) && refused(StaleRead, &[9]), "no operation");
    assert!(refused(LostUpdate, &[2]), "a later read has it");
    assert!(refused(Phantom, &[3]), "two additions had begun");
    assert!(refused(Phantom, &[0]), "nothing was read");
}

/// A sum that does not fit into 64 bits cannot be read; that it cannot is no fault of the service's.
#[test]
fn sums_beyond_64_bits_are_sums() {
    let half = 1 << 62;
    let add = |arg, call_ns| Operation { arg, ..sample::done(Op::Add, NIL, call_ns, call_ns + 5) };
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    for (operations, expected) in [
        (vec![add(half, 0), add(half, 10)], Verdict::Valid),
        (vec![add(half, 0), add(half, 10), add(-half, 20), read(half, 30, 40)], Verdict::Valid),
        (vec![add(half, 0), add(half, 10), read(i64::MAX, 30, 40)], Verdict::Invalid),
        (vec![add(-half, 0), add(-half, 10), add(-half, 20)], Verdict::Valid),
    ] {
        for model in [Model::Counter, Model::FetchAndAdd] {
            let object = Object { operations: operations.clone(), ..Object::default() };
            let history = History { objects: vec![object] };
            let judged = loadgen_check::judge(&history, model, &limits).remove(0);
            assert_eq!(judged.verdict, expected, "{model}: {operations:#?}");
        }
    }
}
