//! Valid histories of every model.

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::{bounded::Stock, counter::Sum, register::Register, set::Elements};
use loadgen_check::{Lists, Object, Operation};

use crate::generate::{Faults, Slot, closed_loop, object, result};

pub(super) const OPERATIONS: usize = 60;

pub(super) const FAULTS: Faults = Faults { unknown: 3, fail: 3 };

fn reads(rng: &mut Rng, percent: u8, op: Op, arg: i64) -> (Op, i64, i64) {
    if rng.u8(0..100) < percent { (Op::Read, NIL, NIL) } else { (op, arg, NIL) }
}

/// A read after everything else has ended.
fn with_last_read(mut object: Object, result: i64) -> Object {
    let returned = object.operations.iter().map(Operation::completion_ns);
    let call_ns = returned.filter(|at| *at != NEVER).max().unwrap_or(0) + 1;
    let called = object.operations.iter().map(|operation| operation.call_ns).max().unwrap_or(0);
    let call_ns = call_ns.max(called + 1);
    let return_ns = call_ns + 10;
    object.operations.push(Operation {
        call_ns,
        return_ns,
        arg: NIL,
        new: NIL,
        result,
        client: u32::MAX,
        op: Op::Read,
        outcome: Outcome::Ok,
    });
    object
}

/// No unknown outcomes: they might explain what is planted.
pub(super) fn counter(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let mut sum = 0;
    let object = object(
        rng,
        &Sum { initial: 0 },
        &slots,
        Faults { unknown: 0, fail: 3 },
        |rng| reads(rng, 30, Op::Add, 1),
        |state, operation, _| {
            sum = result(state + i128::from(operation.op == Op::Add));
            if operation.op == Op::Read { sum } else { NIL }
        },
    );
    with_last_read(object, sum)
}

pub(super) fn tickets(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    object(
        rng,
        &Sum { initial: 0 },
        &slots,
        Faults { unknown: 0, fail: 3 },
        |rng| reads(rng, 30, Op::Add, 1),
        |state, operation, _| result(state + i128::from(operation.op == Op::Add)),
    )
}

pub(super) fn register(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let mut value = 100;
    object(
        rng,
        &Register { initial: NIL },
        &slots,
        FAULTS,
        |rng| {
            value += 1;
            reads(rng, 50, Op::Write, value)
        },
        |state, operation, _| if operation.op == Op::Read { *state } else { NIL },
    )
}

pub(super) fn desk(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    object(
        rng,
        &Stock { initial: 30 },
        &slots,
        Faults { unknown: 0, fail: 3 },
        |_| (Op::Take, NIL, NIL),
        |state, _, _| if *state > 0 { YES } else { NO },
    )
}

pub(super) fn set(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    set_in(rng, &slots, 30)
}

pub(super) fn set_in(rng: &mut Rng, slots: &[Slot], reads_percent: u8) -> Object {
    let mut element = 100;
    object(
        rng,
        &Elements { initial: &[], lists: &Lists::default() },
        slots,
        FAULTS,
        |rng| {
            element += 1;
            reads(rng, reads_percent, Op::Add, element)
        },
        |state, operation, lists| {
            if operation.op == Op::Add {
                return NIL;
            }
            let list: Vec<_> = state.iter().copied().collect();
            lists.push(&list)
        },
    )
}

/// With seats that somebody took and never heard of.
pub(super) fn desk_with_unknowns(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    object(
        rng,
        &Stock { initial: 30 },
        &slots,
        Faults { unknown: 10, fail: 3 },
        |_| (Op::Take, NIL, NIL),
        |state, _, _| if *state > 0 { YES } else { NO },
    )
}

/// Adds to `object`, after all that it has, operations that begin and end so many nanoseconds
/// later; each is of another client.
pub(super) fn append(object: &mut Object, operations: &[(u64, u64, Op, i64, i64)]) {
    let calls = object.operations.iter().map(|operation| operation.call_ns);
    let ends = object.operations.iter().map(Operation::completion_ns).filter(|at| *at != NEVER);
    let start_ns = calls.chain(ends).max().unwrap_or(0) + 1;
    object.operations.extend((1_000..).zip(operations).map(|(client, operation)| {
        let (call_ns, return_ns, op, arg, result) = *operation;
        Operation {
            call_ns: start_ns + call_ns,
            return_ns: start_ns + return_ns,
            arg,
            new: NIL,
            result,
            client,
            op,
            outcome: Outcome::Ok,
        }
    }));
}

/// A set with one list at the end, of all elements that there are; none is unknown.
pub(super) fn listed(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let mut object = set_in(rng, &slots, 0);
    object.operations.retain(|operation| operation.outcome == Outcome::Ok);
    let list: Vec<_> = object.operations.iter().map(|operation| operation.arg).collect();
    object.lists = [list].into_iter().collect();
    object
}
