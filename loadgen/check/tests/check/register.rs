//! One value that is written and read.

mod choices;
mod witnesses;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{FailedWrite, FutureRead, OrderViolation, Phantom, StaleRead};
use loadgen_check::history::{Initial, NEVER, NIL, Op, Outcome, YES};
use loadgen_check::models::register::{self, Register};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, certificate,
    verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{anomaly, done, read};
use crate::twin;

/// The verdict on what the rule covers, with every anomaly by its name.
fn judge(object: &Object) -> Option<Judgement> {
    register::judge(object.initial_or(NIL), &object.operations, true)?;
    let expired = || panic!("no search is needed");
    let limits = Limits { certify: true, memory_bytes: 1 << 20, expired: &expired };
    let history = History { objects: vec![object.clone()] };
    Some(loadgen_check::judge(&history, Model::Register, &limits).remove(0))
}

/// Writes of 1, 2, 3, … and reads.
fn unique_writes(rng: &mut Rng, initial: i64, slots: &[Slot], faults: Faults) -> Object {
    let mut written = 0;
    let ask = |rng: &mut Rng| {
        if rng.u8(0..100) < 60 {
            return (Op::Read, NIL, NIL);
        }
        written += 1;
        (Op::Write, written, NIL)
    };
    let answer = |value: &i64, operation: &Operation, _: &mut Lists| {
        if operation.op == Op::Read { *value } else { NIL }
    };
    generate::object(rng, &Register { initial }, slots, faults, ask, answer)
}

/// Some reads return something else than they should.
fn made_up(rng: &mut Rng) -> Object {
    let (operations, ticks) = (rng.usize(3..=9), rng.u64(8..=20));
    let mut slots = at_random(rng, operations, ticks);
    let shorter = rng.u64(1..=4);
    for Slot { call_ns, effect_ns, return_ns, .. } in &mut slots {
        *call_ns = *effect_ns - (*effect_ns - *call_ns) / shorter;
        *return_ns = *effect_ns + (*return_ns - *effect_ns) / shorter;
    }
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..10) };
    let initial = if rng.bool() { NIL } else { 0 };
    let mut object = unique_writes(rng, initial, &slots, faults);
    if initial != NIL {
        object.initial = Initial::Value(initial);
    }
    let writes = object.operations.iter().filter(|operation| operation.op == Op::Write).count();
    let written = i64::try_from(writes.max(1)).unwrap();
    for _ in 0..rng.u8(0..=4) {
        let read = |operation: &&mut Operation| operation.op == Op::Read;
        let reads: Vec<_> = object.operations.iter_mut().filter(read).collect();
        if let Some(read) = rng.choice(reads) {
            let seldom = rng.u8(0..10) == 0;
            read.result =
                if seldom { *rng.choice(&[NIL, 0, 10]).unwrap() } else { rng.i64(1..=written) };
        }
    }
    rng.shuffle(&mut object.operations);
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Register, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [Phantom, FailedWrite, StaleRead, FutureRead, OrderViolation].into());
}

fn write(value: i64, call_ns: u64, return_ns: u64) -> Operation {
    let outcome = if return_ns == NEVER { Outcome::Unknown } else { Outcome::Ok };
    Operation { arg: value, outcome, ..done(Op::Write, NIL, call_ns, return_ns) }
}

/// One that succeeded in replacing 1.
fn cas(new: i64) -> Operation {
    Operation { new, ..done(Op::Cas, YES, 5, 6) }
}

/// Without a value at first.
fn of<const N: usize>(operations: [Operation; N]) -> Object {
    Object { operations: operations.to_vec(), ..Object::default() }
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|a| verify(object, Model::Register, a)), "{anomalies:?}");
    anomalies
}

#[test]
fn a_read_of_what_nobody_wrote_is_a_phantom() {
    let object = of([write(1, 0, 10), read(7, 20, 30), read(1, 20, 40), read(7, 5, 25)]);
    assert_eq!(anomalies(&object), [anomaly(Phantom, &[25, 30], &[3])]);
}

#[test]
fn a_read_of_what_only_a_failed_write_wrote_saw_that() {
    let failed = |value, call_ns| Operation {
        outcome: Outcome::Fail,
        ..write(value, call_ns, call_ns + 10)
    };
    // The first of two; a read that began before it is no better.
    let object = of([failed(1, 40), failed(1, 0), read(1, 20, 30), read(1, 0, 25)]);
    assert_eq!(anomalies(&object), [anomaly(FailedWrite, &[25, 30], &[1, 3])]);
    // What was over before it began is of something else.
    let object = of([failed(1, 5), read(1, 0, 4), read(1, 0, 5), read(7, 0, 9)]);
    let expected = [anomaly(Phantom, &[4, 9], &[1]), anomaly(FailedWrite, &[5], &[0, 2])];
    assert_eq!(anomalies(&object), expected);
    // One that was done explains it.
    let object = of([failed(1, 0), write(1, 3, 9), read(1, 20, 30)]);
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
}

/// Not only where the fast rule for values that are written once decides.
#[test]
fn a_failed_write_that_a_read_saw_has_its_name_beside_cas_and_repeated_values() {
    let failed = |operation| Operation { outcome: Outcome::Fail, result: NIL, ..operation };
    let swap = Operation { arg: 1, ..cas(2) };
    let limits = Limits { certify: true, memory_bytes: 1 << 20, expired: &|| false };
    for others in [[write(1, 0, 4), swap], [write(1, 0, 4), write(1, 5, 9)]] {
        for wrong in [failed(write(638, 10, 15)), failed(Operation { arg: 1, ..cas(638) })] {
            let object = of([others[0], others[1], wrong, read(638, 20, 30)]);
            let history = History { objects: vec![object.clone()] };
            let found =
                loadgen_check::judge(&history, Model::Register, &limits).remove(0).anomalies;
            assert_eq!(found, [anomaly(FailedWrite, &[30], &[2, 3])]);
            assert!(verify(&object, Model::Register, &found[0]));
        }
    }
}

#[test]
fn a_witness_of_a_failed_write_proves_that_alone() {
    let failed = |value| Operation { outcome: Outcome::Fail, ..write(value, 5, 10) };
    let object =
        of([failed(1), read(1, 0, 4), read(1, 20, 30), failed(2), write(2, 0, 9), read(2, 20, 30)]);
    for (witness, is_proof) in
        [(&[0, 2], true), (&[0, 1], false), (&[2, 0], false), (&[3, 5], false), (&[4, 5], false)]
    {
        let proof = anomaly(FailedWrite, &[30], witness);
        assert_eq!(verify(&object, Model::Register, &proof), is_proof, "{witness:?}");
    }
}

#[test]
fn a_read_that_found_no_value_where_there_was_one_at_first_is_a_phantom() {
    let mut object = of([read(NIL, 0, 10)]);
    assert_eq!(judge(&object).unwrap(), Judgement::valid(Some(vec![0])));
    object.initial = Initial::Value(3);
    assert_eq!(anomalies(&object), [anomaly(Phantom, &[10], &[0])]);
}

#[test]
fn a_read_that_was_over_before_the_write_is_of_the_future() {
    let object = of([read(1, 0, 10), write(1, 11, 20), read(1, 0, 11)]);
    assert_eq!(anomalies(&object), [anomaly(FutureRead, &[10], &[1, 0])]);
}

#[test]
fn a_read_of_an_overwritten_value_is_stale() {
    let object = of([write(1, 0, 10), write(2, 11, 20), read(1, 21, 30), read(1, 20, 31)]);
    assert_eq!(anomalies(&object), [anomaly(StaleRead, &[30], &[0, 1, 2])]);
}

#[test]
fn a_read_of_the_initial_value_is_stale_when_another_was_there() {
    let mut object = of([read(0, 0, 5), write(1, 0, 10), read(0, 11, 12), read(0, 15, 20)]);
    object.initial = Initial::Value(0);
    assert_eq!(anomalies(&object), [anomaly(StaleRead, &[12, 20], &[1, 2])]);
}

/// Neither write was answered: that they took effect is known from reads.
#[test]
fn a_stale_read_among_unknown_writes_takes_four() {
    let object = of([
        write(1, 0, NEVER),
        read(1, 1, 10),
        write(2, 11, NEVER),
        read(2, 12, 20),
        read(1, 21, 30),
    ]);
    assert_eq!(anomalies(&object), [anomaly(StaleRead, &[30], &[1, 2, 3, 4])]);
}

#[test]
fn a_write_that_was_over_shows_a_stale_read_better_than_a_read_of_it() {
    let operations =
        [write(1, 0, 10), write(2, 11, 18), write(3, 11, NEVER), read(3, 12, 15), read(1, 21, 30)];
    assert_eq!(anomalies(&of(operations)), [anomaly(StaleRead, &[30], &[0, 1, 4])]);
}

#[test]
fn every_stale_read_is_counted_and_the_earliest_is_proved() {
    let mut operations = vec![write(1, 0, 10), write(2, 20, 30)];
    operations.extend((0..50).map(|index| read(1, 1000 - 10 * index, 1001 - 10 * index)));
    let object = Object { operations, ..Object::default() };
    let times_ns: Vec<_> = (51..=100).map(|index| 10 * index + 1).collect();
    assert_eq!(anomalies(&object), [anomaly(StaleRead, &times_ns, &[0, 1, 51])]);
}

#[test]
fn reads_that_do_not_agree_on_the_order_of_concurrent_writes_are_an_order_violation() {
    let object = of([write(1, 0, 10), write(2, 0, 10), read(1, 20, 30), read(2, 20, 32)]);
    assert_eq!(anomalies(&object), [anomaly(OrderViolation, &[32], &[0, 3, 1, 2])]);
    let alternating =
        of([write(1, 0, 50), write(2, 0, 60), read(1, 1, 10), read(2, 11, 20), read(1, 21, 30)]);
    assert_eq!(anomalies(&alternating), [anomaly(OrderViolation, &[30], &[2, 3, 4])]);
}

/// Three values in a circle: two of them are a pair, and nothing is left for the third.
#[test]
fn a_read_that_is_certainly_stale_is_no_part_of_an_order_violation() {
    let operations = [
        write(1, 0, 10),
        write(2, 0, 10),
        read(1, 20, 60),
        read(2, 20, 30),
        write(3, 21, 25),
        read(1, 26, 28),
    ];
    let expected =
        [anomaly(StaleRead, &[28], &[0, 4, 5]), anomaly(OrderViolation, &[60], &[0, 3, 1, 2])];
    assert_eq!(anomalies(&of(operations)), expected);
}

#[test]
fn no_value_is_in_two_order_violations() {
    let circle = (1..=4_i64).flat_map(|value| {
        let near = 100 * value.unsigned_abs();
        [write(value, 0, 10), read(value, near, near + 10), read(value, 900, 1000)]
    });
    let object = Object { operations: circle.collect(), ..Object::default() };
    assert_eq!(anomalies(&object), [anomaly(OrderViolation, &[210, 410], &[1, 4, 3])]);
}

#[test]
fn one_anomaly_does_not_hide_others() {
    let object = of([
        read(9, 0, 1),
        read(4, 2, 3),
        write(4, 4, 5),
        write(5, 6, 7),
        read(4, 8, 9),
        write(6, 20, 30),
        write(7, 20, 30),
        read(6, 40, 50),
        read(7, 40, 50),
    ]);
    let judgement = judge(&object).unwrap();
    let kinds: Vec<_> = judgement.anomalies.iter().map(|a| (a.kind, a.count)).collect();
    let each = [Phantom, FutureRead, StaleRead, OrderViolation];
    assert_eq!(kinds, each.map(|kind| (kind, 1)));
    assert_eq!((judgement.verdict, judgement.order), (Verdict::Invalid, None));
}

#[test]
fn one_stale_read_among_many_operations_is_found() {
    let rng = &mut Rng::with_seed(1);
    let slots = closed_loop(rng, 20_000, 64);
    let faults = Faults { unknown: 1, fail: 1 };
    let mut object = unique_writes(rng, NIL, &slots, faults);
    let order = judge(&object).unwrap().order.unwrap();
    let specification = Register { initial: NIL };
    assert_eq!(certificate::replay(&specification, &object.operations, &order), Ok(()));

    let operations = &mut object.operations;
    let is_ok = |op, from| {
        move |(index, operation): (usize, &Operation)| {
            (index >= from && operation.op == op && operation.outcome == Outcome::Ok)
                .then_some(index)
        }
    };
    let write = operations.iter().enumerate().find_map(is_ok(Op::Write, 5_000)).unwrap();
    let read = operations.iter().enumerate().find_map(is_ok(Op::Read, 15_000)).unwrap();
    operations[read].result = operations[write].arg;
    let found = anomalies(&object);
    let witness = found[0].witness.iter().map(|index| *index as usize).collect::<Vec<_>>();
    assert_eq!((found.len(), found[0].kind, found[0].count), (1, StaleRead, 1));
    assert_eq!((witness.len(), witness[0], witness[2]), (3, write, read));
}

#[test]
fn operations_that_touch_are_concurrent() {
    let object = of([write(1, 0, 10), write(2, 10, 20), read(1, 20, 30), read(2, 5, 10)]);
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
}

#[test]
fn an_unknown_write_that_nobody_read_is_not_in_the_order() {
    let object = of([write(1, 0, 10), write(2, 11, NEVER), read(1, 20, 30)]);
    assert_eq!(judge(&object).unwrap().order, Some(vec![0, 2]));
}

#[test]
fn no_order_is_made_where_none_is_asked_for() {
    let judgement = register::judge(NIL, &[write(1, 0, 10)], false).unwrap();
    assert_eq!(judgement, Judgement::valid(None));
}

#[test]
fn what_the_rule_does_not_cover_is_left_to_the_search() {
    let failed = Operation { outcome: Outcome::Fail, ..cas(2) };
    let twice = [write(1, 0, 10), write(1, 20, NEVER)];
    assert_eq!(register::judge(NIL, &twice, false), None);
    assert_eq!(register::judge(1, &twice[..1], false), None);
    assert_eq!(register::judge(3, &[write(NIL, 0, 1)], false), None);
    assert_eq!(register::judge(NIL, &[write(1, 0, 1), cas(2)], false), None);
    assert_eq!(register::judge(NIL, &[write(1, 10, 5)], false), None);
    assert!(register::judge(NIL, &[write(1, 0, 1), failed], false).is_some());
}
