//! The search: against every order that there is, at its bounds, and on long histories.

mod many_clients;

use std::sync::atomic::{AtomicU32, Ordering};

use fastrand::Rng;
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::{bounded::Stock, counter::Sum, register::Register, set::Elements};
use loadgen_check::{
    Anomaly, AnomalyKind, Judgement, Limits, Lists, Model, Object, Operation, Specification,
    Verdict, certificate, search, verify,
};

use crate::brute;
use crate::generate::{self, Faults};
use crate::twin::{self, compare};

const UNBOUNDED: Limits<'_> =
    Limits { certify: true, memory_bytes: usize::MAX, expired: &|| false };

fn judge<S: Specification>(specification: &S, object: &Object) -> Judgement {
    search::judge(specification, &object.operations, &UNBOUNDED)
}

/// Few operations at few times, so that they overlap and touch.
fn slots(rng: &mut Rng) -> Vec<generate::Slot> {
    let operations = rng.usize(2..=7);
    let ticks = rng.u64(4..=30);
    generate::at_random(rng, operations, ticks)
}

const FAULTS: Faults = Faults { unknown: 20, fail: 5 };

#[test]
fn registers_are_judged_as_by_trying_every_order() {
    compare(Model::Register, register, |object| Some(judge(&Register { initial: NIL }, object)));
}

/// Few values, so that they repeat.
fn register(rng: &mut Rng) -> Object {
    let slots = slots(rng);
    let ask = |rng: &mut Rng| match rng.u8(0..10) {
        0..4 => (Op::Read, NIL, NIL),
        4..6 => (Op::Write, rng.i64(1..=3), NIL),
        _ => (Op::Cas, if rng.u8(0..4) == 0 { NIL } else { rng.i64(1..=3) }, rng.i64(1..=3)),
    };
    let specification = Register { initial: NIL };
    let mut object =
        generate::object(rng, &specification, &slots, FAULTS, ask, |state, operation, _| {
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
    twin::perturb(rng, &mut object.operations);
    object
}

#[test]
fn sums_of_different_sizes_are_judged_as_by_trying_every_order() {
    compare(Model::Counter, sum, |object| {
        Some(judge(&Sum { initial: object.initial_or(0) }, object))
    });
}

/// Some additions answer with the sum, others do not.
fn sum(rng: &mut Rng) -> Object {
    let slots = slots(rng);
    let initial = rng.i64(-2..=2);
    let answering = rng.u8(0..=10);
    let ask = |rng: &mut Rng| match rng.u8(0..5) {
        0..2 => (Op::Read, NIL, NIL),
        _ => (Op::Add, rng.i64(-1..=3), NIL),
    };
    let mut dice = rng.fork();
    let specification = Sum { initial };
    let mut object =
        generate::object(rng, &specification, &slots, FAULTS, ask, |state, operation, _| {
            match operation.op {
                Op::Read => generate::result(*state),
                _ if dice.u8(0..10) < answering => {
                    generate::result(*state + i128::from(operation.arg))
                }
                _ => NIL,
            }
        });
    object.initial = Initial::Value(initial);
    twin::perturb(rng, &mut object.operations);
    object
}

#[test]
fn stocks_are_judged_as_by_trying_every_order() {
    compare(Model::Bounded { capacity: Some(2) }, stock, |object| {
        Some(judge(&Stock { initial: object.initial_or(2) }, object))
    });
}

fn stock(rng: &mut Rng) -> Object {
    let slots = slots(rng);
    let ask = |rng: &mut Rng| match rng.u8(0..3) {
        0 => (Op::Read, NIL, NIL),
        _ => (Op::Take, NIL, NIL),
    };
    let specification = Stock { initial: 2 };
    let mut object =
        generate::object(rng, &specification, &slots, FAULTS, ask, |state, operation, _| {
            match operation.op {
                Op::Read => *state,
                _ => {
                    if *state > 0 {
                        YES
                    } else {
                        NO
                    }
                }
            }
        });
    twin::perturb(rng, &mut object.operations);
    object
}

#[test]
fn sets_are_judged_as_by_trying_every_order() {
    compare(Model::Set, set, |object| {
        let specification = Elements { initial: object.initial_elements(), lists: &object.lists };
        Some(judge(&specification, object))
    });
}

/// Elements are added more than once.
fn set(rng: &mut Rng) -> Object {
    let operations = rng.usize(2..=6);
    let slots = generate::at_random(rng, operations, 20);
    let ask = |rng: &mut Rng| match rng.u8(0..2) {
        0 => (Op::Read, NIL, NIL),
        _ => (Op::Add, rng.i64(1..=4), NIL),
    };
    let specification = Elements { initial: &[1], lists: &Lists::default() };
    let mut object =
        generate::object(rng, &specification, &slots, FAULTS, ask, |state, operation, lists| {
            match operation.op {
                Op::Read => {
                    let list: Vec<_> = state.iter().copied().collect();
                    lists.push(&list)
                }
                _ => NIL,
            }
        });
    object.initial = Initial::Elements(vec![1]);
    generate::relist(&mut object, |lists| {
        if let Some(list) = rng.choice(lists) {
            match rng.u8(0..4) {
                0 => list.push(rng.i64(1..=4)),
                1 => drop(list.pop()),
                _ => {}
            }
        }
    });
    object
}

#[test]
fn an_anomaly_is_complete_with_the_first_completion_that_no_order_explains() {
    let specification = Register { initial: NIL };
    for seed in 0..5_000 {
        let object = register(&mut Rng::with_seed(seed));
        let judgement = judge(&specification, &object);
        let Some(anomaly) = judgement.anomalies.first() else { continue };
        let known_until = |time_ns: u64| {
            let begun = object.operations.iter().filter(|operation| operation.call_ns <= time_ns);
            let known = begun.map(|operation| match operation.completion_ns() {
                NEVER => *operation,
                completion_ns if completion_ns <= time_ns => *operation,
                _ => Operation { outcome: Outcome::Unknown, ..*operation },
            });
            known.collect::<Vec<_>>()
        };
        let is_explained = |time_ns| brute::is_linearizable(&specification, &known_until(time_ns));
        let first = (0..100).find(|time_ns| !is_explained(*time_ns));
        assert_eq!(first, Some(anomaly.times_ns[0]), "seed {seed}");
    }
}

#[test]
fn a_witness_has_no_operation_to_spare() {
    for seed in 0..5_000 {
        let object = register(&mut Rng::with_seed(seed));
        let judgement = judge(&Register { initial: NIL }, &object);
        let Some(anomaly) = judgement.anomalies.first() else { continue };
        for index in 0..anomaly.witness.len() {
            let mut less = anomaly.clone();
            less.witness.remove(index);
            assert!(!verify(&object, Model::Register, &less), "seed {seed}, without {index}");
        }
    }
}

/// What had no effect shows nothing, and the same operation twice shows no more than once.
#[test]
fn a_witness_has_only_operations_that_were_done_each_once() {
    let failed = Operation { outcome: Outcome::Fail, ..write([0, 1], 1) };
    let operations = vec![failed, write([0, 1], 2), read([2, 3], 2), read([4, 5], NIL)];
    let object = Object { operations, ..Object::default() };
    let proves = |witness: &[u32]| {
        let kind = AnomalyKind::NotLinearizable;
        let witness = witness.to_vec();
        let anomaly = Anomaly { kind, count: 1, times_ns: vec![5], witness };
        verify(&object, Model::Register, &anomaly)
    };
    assert!(proves(&[2, 3]));
    assert!(!proves(&[0, 2, 3]), "a failed operation");
    assert!(!proves(&[2, 3, 3]), "an operation twice");
    assert!(!proves(&[2, 3, 4]), "an operation that is not there");
}

/// Makes a valid history.
type Make = fn(&mut Rng) -> Object;

#[test]
fn of_a_valid_history_no_operations_are_a_witness() {
    let models: [(Model, Make); 4] = [
        (Model::Register, register),
        (Model::Counter, sum),
        (Model::Bounded { capacity: Some(2) }, stock),
        (Model::Set, set),
    ];
    for seed in 0..5_000 {
        for (model, make) in models {
            let rng = &mut Rng::with_seed(seed);
            let object = make(rng);
            let is_valid = match model {
                Model::Register => judge(&Register { initial: NIL }, &object),
                Model::Counter | Model::FetchAndAdd => {
                    judge(&Sum { initial: object.initial_or(0) }, &object)
                }
                Model::Bounded { .. } => judge(&Stock { initial: 2 }, &object),
                Model::Set => judge(&Elements { initial: &[1], lists: &object.lists }, &object),
                Model::Unique
                | Model::Once
                | Model::Dispense
                | Model::Versioned
                | Model::Queue
                | Model::Lock
                | Model::Accounts { .. } => {
                    unreachable!("they are not searched as they are")
                }
            }
            .verdict
                == Verdict::Valid;
            let some = (0..).take(object.operations.len()).filter(|_| rng.u8(0..3) > 0);
            let witness = some.collect();
            let kind = AnomalyKind::NotLinearizable;
            let anomaly = Anomaly { kind, count: 1, times_ns: vec![0], witness };
            let is_proven = verify(&object, model, &anomaly);
            assert!(!(is_valid && is_proven), "seed {seed}, {model}: {:?}", anomaly.witness);
        }
    }
}

/// An operation that is `ok`, by a client of its own.
fn ok(times_ns: [u64; 2], op: Op, [arg, new, result]: [i64; 3]) -> Operation {
    static CLIENT: AtomicU32 = AtomicU32::new(0);
    let client = CLIENT.fetch_add(1, Ordering::Relaxed);
    let [call_ns, return_ns] = times_ns;
    Operation { call_ns, return_ns, arg, new, result, client, op, outcome: Outcome::Ok }
}

fn write(times_ns: [u64; 2], value: i64) -> Operation {
    ok(times_ns, Op::Write, [value, NIL, NIL])
}

fn read(times_ns: [u64; 2], value: i64) -> Operation {
    ok(times_ns, Op::Read, [NIL, NIL, value])
}

fn cas(times_ns: [u64; 2], expected: i64, new: i64, result: i64) -> Operation {
    ok(times_ns, Op::Cas, [expected, new, result])
}

fn unknown(operation: Operation) -> Operation {
    Operation { outcome: Outcome::Unknown, return_ns: NEVER, result: NIL, ..operation }
}

/// The witness of the one anomaly of a register with `operations`, and its time.
fn witness(operations: &[Operation]) -> (u64, Vec<u32>) {
    let object = Object { operations: operations.to_vec(), ..Object::default() };
    let judgement = judge(&Register { initial: NIL }, &object);
    assert_eq!(judgement.verdict, Verdict::Invalid);
    let [anomaly] = judgement.anomalies.as_slice() else { panic!("{judgement:?}") };
    assert_eq!(anomaly.kind, AnomalyKind::NotLinearizable);
    assert!(verify(&object, Model::Register, anomaly));
    (anomaly.times_ns[0], anomaly.witness.clone())
}

fn verdict(operations: &[Operation], limits: &Limits<'_>) -> Judgement {
    search::judge(&Register { initial: NIL }, operations, limits)
}

#[test]
fn a_stale_read_is_proven_by_the_write_before_it() {
    let operations = [
        read([50, 60], 2),
        write([0, 10], 1),
        read([12, 14], 1),
        write([20, 30], 2),
        read([40, 45], 1),
        write([70, 80], 3),
        read([90, 95], 3),
    ];
    // Nobody was writing 1 then.
    assert_eq!(witness(&operations), (45, vec![3, 4]));
}

#[test]
fn a_read_of_what_nobody_wrote_proves_it_alone() {
    let operations = [write([0, 10], 1), read([20, 30], 7), read([40, 50], 1)];
    assert_eq!(witness(&operations), (30, vec![1]));
}

#[test]
fn a_cas_that_cannot_have_succeeded_is_an_anomaly() {
    let operations =
        [write([0, 10], 1), cas([20, 30], 1, 2, YES), cas([40, 50], 1, 3, YES), read([60, 70], 3)];
    assert_eq!(witness(&operations), (50, vec![1, 2]));
}

#[test]
fn a_cas_that_cannot_have_failed_is_an_anomaly() {
    let operations = [write([0, 10], 1), cas([20, 30], 1, 2, NO)];
    // Any other value would have made it fail, and none was written.
    assert_eq!(witness(&operations), (30, vec![0, 1]));
}

#[test]
fn what_touches_is_concurrent() {
    let touching = [write([0, 10], 1), write([10, 20], 2), read([20, 30], 1)];
    assert_eq!(verdict(&touching, &UNBOUNDED).verdict, Verdict::Valid);
    let apart = [write([0, 10], 1), write([11, 20], 2), read([21, 30], 1)];
    assert_eq!(verdict(&apart, &UNBOUNDED).verdict, Verdict::Invalid);
}

#[test]
fn an_unknown_write_explains_reads_long_after_it_and_nothing_before() {
    let late = [unknown(write([5, 0], 2)), write([10, 20], 1), read([30, 40], 2)];
    assert_eq!(verdict(&late, &UNBOUNDED).order, Some(vec![1, 0, 2]));
    let early = [read([0, 4], 2), unknown(write([5, 0], 2))];
    assert_eq!(witness(&early), (4, vec![0]));
}

#[test]
fn an_unknown_write_is_used_once() {
    let twice = [unknown(write([0, 0], 2)), read([1, 2], 2), write([3, 4], 1), read([5, 6], 2)];
    assert_eq!(witness(&twice), (6, vec![0, 1, 2, 3]));
    let two = [&twice[..], &[unknown(write([0, 0], 2))]].concat();
    assert_eq!(verdict(&two, &UNBOUNDED).verdict, Verdict::Valid);
}

/// Additions at once of which no sum is the one that was read: each of their subsets is tried.
fn knapsack() -> Vec<Operation> {
    let additions = (0..60).map(|index| ok([0, 100], Op::Add, [2 << (index % 50), NIL, NIL]));
    additions.chain([ok([0, 100], Op::Read, [NIL, NIL, 1])]).collect()
}

#[test]
fn a_search_that_is_out_of_time_decides_nothing() {
    let asked = AtomicU32::new(0);
    let expired = || asked.fetch_add(1, Ordering::Relaxed) >= 3;
    let limits = Limits { expired: &expired, ..UNBOUNDED };
    let judgement = search::judge(&Sum { initial: 0 }, &knapsack(), &limits);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert!(judgement.reason.unwrap().contains("--check-timeout"));
    assert_eq!(asked.into_inner(), 4);
}

#[test]
fn a_search_that_is_out_of_memory_decides_nothing() {
    let limits = Limits { memory_bytes: 1_000_000, ..UNBOUNDED };
    let judgement = search::judge(&Sum { initial: 0 }, &knapsack(), &limits);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert!(judgement.reason.unwrap().contains("--check-memory"));
}

#[test]
fn a_hundred_thousand_operations_in_a_row_take_time_and_memory_in_proportion() {
    let mut rng = Rng::with_seed(1);
    let slots = generate::closed_loop(&mut rng, 100_000, 4);
    let ask = |rng: &mut Rng| match rng.u8(0..3) {
        0 => (Op::Read, NIL, NIL),
        1 => (Op::Write, rng.i64(0..5), NIL),
        _ => (Op::Cas, rng.i64(0..5), rng.i64(0..5)),
    };
    let specification = Register { initial: NIL };
    let answer = |state: &i64, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => *state,
        Op::Cas => {
            if *state == operation.arg {
                YES
            } else {
                NO
            }
        }
        _ => NIL,
    };
    let mut object = generate::object(&mut rng, &specification, &slots, Faults::NONE, ask, answer);
    let limits = Limits { memory_bytes: 100_000_000, ..UNBOUNDED };
    let judgement = verdict(&object.operations, &limits);
    assert_eq!(judgement.verdict, Verdict::Valid);
    let order = judgement.order.unwrap();
    assert_eq!(certificate::replay(&specification, &object.operations, &order), Ok(()));

    let last = object.operations.iter_mut().rev().find(|operation| operation.op == Op::Read);
    last.unwrap().result = 7;
    let judgement = verdict(&object.operations, &limits);
    assert_eq!(judgement.anomalies[0].witness.len(), 1);
}

#[test]
fn a_thousand_unknown_writes_at_once_end_by_a_verdict_or_a_bound() {
    let asked = AtomicU32::new(0);
    let expired = || asked.fetch_add(1, Ordering::Relaxed) >= 20_000;
    let limits = Limits { expired: &expired, memory_bytes: 200_000_000, ..UNBOUNDED };
    let writes = (0..1_000).map(|value| unknown(write([0, 0], value)));
    let mut operations: Vec<_> = writes.collect();
    for index in 0..500 {
        let time_ns = 10 * u64::try_from(index).unwrap();
        operations.push(read([time_ns, time_ns + 30], (index * 7) % 1_000));
    }
    assert_eq!(verdict(&operations, &limits).verdict, Verdict::Valid);
    // Its write was used up long before.
    operations.push(read([10_000, 10_010], 0));
    assert_eq!(verdict(&operations, &limits).verdict, Verdict::Invalid);
}
