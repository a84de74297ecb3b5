//! What still holds of what is not linearizable.

mod examples;
mod twin;

use std::collections::BTreeMap;

use fastrand::Rng;
use loadgen_check::Consistency::{Eventual, MonotonicReads, ReadYourWrites, Sequential};
use loadgen_check::history::{Initial, NIL, Op, Outcome};
use loadgen_check::models::{counter::Sum, register::Register};
use loadgen_check::{Consistency, Lists, Model, Object, Operation, Specification, Weaker, weaker};

use crate::brute;
use crate::generate::{self, Faults, Slot};
use crate::twin::{histories, shown};

/// A few clients, each of which does one thing after the other, often the next at the very time at
/// which the last was over.
fn sessions(rng: &mut Rng) -> Vec<Slot> {
    let clients = rng.u32(1..=3);
    let operations = if rng.u8(0..16) == 0 { 7 } else { rng.usize(2..=6) };
    let mut free_at_ns = vec![0; clients as usize];
    let mut slots: Vec<_> = (0..operations)
        .map(|_| {
            let client = rng.u32(0..clients);
            let free_ns = &mut free_at_ns[client as usize];
            let call_ns = *free_ns + rng.u64(0..4);
            let return_ns = call_ns + rng.u64(0..8);
            // Of two that take no time at the same instant nobody knows the order.
            let return_ns = return_ns + u64::from(return_ns == *free_ns);
            *free_ns = return_ns;
            Slot { client, call_ns, effect_ns: rng.u64(call_ns..=return_ns), return_ns }
        })
        .collect();
    slots.sort_by_key(|slot| slot.effect_ns);
    slots
}

fn faults(rng: &mut Rng) -> Faults {
    Faults { unknown: rng.u8(0..40), fail: rng.u8(0..10) }
}

/// Additions and reads, of which some are of earlier, and a few of anything. With `has_answers`,
/// additions answer with the sum.
fn counter(rng: &mut Rng, has_answers: bool) -> Object {
    let slots = sessions(rng);
    let (initial, faults) = (rng.i64(-3..=3), faults(rng));
    let step = if !has_answers && rng.u8(0..4) == 0 { 2 } else { 1 };
    let ask = |rng: &mut Rng| if rng.bool() { (Op::Add, step, NIL) } else { (Op::Read, NIL, NIL) };
    let answer = |sum: &i128, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => generate::result(*sum),
        _ if has_answers => generate::result(*sum + 1),
        _ => NIL,
    };
    let mut object = generate::object(rng, &Sum { initial }, &slots, faults, ask, answer);
    object.initial = Initial::Value(initial);
    for operation in &mut object.operations {
        if operation.result == NIL {
            continue;
        }
        match (operation.op, rng.u8(0..40)) {
            (Op::Read, 0..15) => operation.result -= step * rng.i64(0..=2),
            (Op::Read, 15..17) => operation.result += rng.i64(-1..=2),
            (Op::Add, 0..2) => operation.result += rng.i64(-1..=1),
            (_, 39) => operation.result = NIL,
            _ => {}
        }
    }
    rng.shuffle(&mut object.operations);
    object
}

/// Writes of 1, 2, 3, … and reads, many of them of any of these.
fn register(rng: &mut Rng) -> Object {
    let slots = sessions(rng);
    let (initial, faults) = (if rng.bool() { NIL } else { 0 }, faults(rng));
    let mut written = 0;
    let ask = |rng: &mut Rng| {
        if rng.bool() {
            return (Op::Read, NIL, NIL);
        }
        written += 1;
        (Op::Write, written, NIL)
    };
    let answer = |value: &i64, operation: &Operation, _: &mut Lists| {
        if operation.op == Op::Read { *value } else { NIL }
    };
    let register = Register { initial };
    let mut object = generate::object(rng, &register, &slots, faults, ask, answer);
    if initial != NIL {
        object.initial = Initial::Value(initial);
    }
    for read in object.operations.iter_mut().filter(|operation| twin::is_read(operation)) {
        match rng.u8(0..40) {
            0..15 => read.result = rng.i64(1..=i64::max(written, 1)),
            15 => read.result = *rng.choice(&[NIL, 0, 10]).unwrap(),
            _ => {}
        }
    }
    rng.shuffle(&mut object.operations);
    object
}

/// Compares the rules with their twin. Of histories that are not linearizable, each of what is asked
/// for must hold and not hold often enough.
fn compare<S: Specification>(
    model: Model,
    make: impl Fn(&mut Rng) -> Object,
    specification: impl Fn(&Object) -> S,
) {
    let mut tally = BTreeMap::<(Consistency, bool), u64>::new();
    for seed in 0..histories() {
        let object = make(&mut Rng::with_seed(seed));
        let specification = specification(&object);
        let found = weaker(&object, model);
        let expected = twin::expected(&specification, &object, model != Model::Register);
        let said: Vec<_> = found.iter().map(|one| (one.consistency, one.holds)).collect();
        assert_eq!(said, expected, "seed {seed}: {}\n{found:#?}", shown(&object));
        for one in &found {
            assert!(is_example(&object, one), "seed {seed}: {}\n{one:?}", shown(&object));
        }
        if !brute::is_linearizable(&specification, &object.operations) {
            for one in said {
                *tally.entry(one).or_default() += 1;
            }
        }
    }
    let least = histories() / 400;
    for consistency in [Sequential, ReadYourWrites, MonotonicReads, Eventual] {
        for holds in [true, false] {
            let count = tally.get(&(consistency, holds)).copied().unwrap_or_default();
            assert!(count >= least, "{consistency:?} {holds} is hardly tested: {tally:?}");
        }
    }
}

/// Whether the example is of the shape that is promised.
fn is_example(object: &Object, weaker: &Weaker) -> bool {
    let example = weaker.example.iter().map(|index| object.operations[*index as usize]);
    match (weaker.consistency, &example.collect::<Vec<_>>()[..]) {
        (_, []) => weaker.holds || weaker.consistency != Eventual,
        (Eventual, [read]) => twin::is_read(read),
        (Sequential, [update]) => update.is_update() && update.outcome == Outcome::Ok,
        (Sequential, [one, other]) => twin::is_before(one, other),
        (ReadYourWrites, [own, read]) => {
            own.is_update() && twin::is_read(read) && twin::is_before(own, read)
        }
        (MonotonicReads, [one, other]) => {
            twin::is_read(one) && twin::is_read(other) && twin::is_before(one, other)
        }
        _ => false,
    }
}

#[test]
fn of_counters_holds_what_an_order_shows() {
    let specification = |object: &Object| Sum { initial: object.initial_or(0) };
    compare(Model::Counter, |rng| counter(rng, false), specification);
}

#[test]
fn of_fetch_and_add_holds_what_an_order_shows() {
    let specification = |object: &Object| Sum { initial: object.initial_or(0) };
    compare(Model::FetchAndAdd, |rng| counter(rng, true), specification);
}

#[test]
fn of_registers_holds_what_an_order_shows() {
    let specification = |object: &Object| Register { initial: object.initial_or(NIL) };
    compare(Model::Register, register, specification);
}
