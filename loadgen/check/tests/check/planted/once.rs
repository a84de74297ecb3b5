//! Requests with one idempotency key.

use fastrand::Rng;
use loadgen_check::history::{NIL, NO, Op, Outcome};
use loadgen_check::models::once::{Held, Key};
use loadgen_check::{AnomalyKind, Model, Object, Operation};

use super::histories::append;
use super::histories::{FAULTS, OPERATIONS};
use super::{any, found, pick};
use crate::generate::{closed_loop, object};

const RESULT: i64 = 500;

/// Requests, mostly of one payload, and reads.
pub(super) fn key(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    object(
        rng,
        &Key,
        &slots,
        FAULTS,
        |rng| match rng.u8(0..10) {
            0..3 => (Op::Read, NIL, NIL),
            3 => (Op::Add, 2, NIL),
            _ => (Op::Add, 1, NIL),
        },
        |state: &Option<Held>, operation, _| match (operation.op, state) {
            (Op::Add, Some(held)) if held.payload != operation.arg => NO,
            (Op::Read, None) => NIL,
            _ => RESULT,
        },
    )
}

fn is_accepted(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.result == RESULT
}

/// Makes one of the answers that fit `result`.
fn answer(
    rng: &mut Rng,
    object: &mut Object,
    fits: impl Fn(&Operation) -> bool,
    result: i64,
) -> bool {
    pick(rng, object, fits).is_some_and(|index| {
        object.operations[index].result = result;
        true
    })
}

#[test]
fn another_result_is_a_double_effect() {
    found(Model::Once, AnomalyKind::DoubleEffect, key, |rng, object| {
        answer(rng, object, |one| one.result == RESULT, RESULT + 1)
            && any(rng, object, Op::Add).is_some()
    });
}

#[test]
fn another_payload_that_is_accepted_is_in_conflict() {
    found(Model::Once, AnomalyKind::ConflictingPayload, key, |rng, object| {
        pick(rng, object, is_accepted).is_some()
            && answer(rng, object, Operation::was_declined, RESULT)
    });
}

#[test]
fn a_refusal_of_what_the_key_holds_is_wrong() {
    found(Model::Once, AnomalyKind::WrongRefusal, key, |rng, object| {
        answer(rng, object, is_accepted, NO) && pick(rng, object, is_accepted).is_some()
    });
}

/// Of a payload that nobody else has, so that no other can be in its way.
#[test]
fn a_refusal_before_anything_is_a_phantom() {
    found(Model::Once, AnomalyKind::PhantomRefusal, key, |rng, object| {
        prepend(object, rng.u64(1..50), Op::Add, NO);
        true
    });
}

#[test]
fn a_result_before_anything_is_of_the_future() {
    found(Model::Once, AnomalyKind::FutureRead, key, |rng, object| {
        prepend(object, rng.u64(1..50), Op::Read, RESULT);
        pick(rng, object, is_accepted).is_some()
    });
}

#[test]
fn a_result_where_nothing_was_done_is_a_phantom() {
    let idle: super::Make = |rng| {
        let mut object = key(rng);
        object.operations.retain(|one| one.op == Op::Read || one.outcome == Outcome::Fail);
        for read in &mut object.operations {
            read.result = NIL;
        }
        object
    };
    found(Model::Once, AnomalyKind::Phantom, idle, |rng, object| {
        answer(rng, object, |read| read.op == Op::Read, RESULT)
    });
}

#[test]
fn an_effect_that_is_not_seen_for_once_is_a_stale_read() {
    found(Model::Once, AnomalyKind::StaleRead, key, |rng, object| {
        let operations = &object.operations;
        let shows = |one: &&Operation| one.outcome == Outcome::Ok && one.result != NIL;
        let Some(shown_ns) = operations.iter().filter(shows).map(|one| one.return_ns).min() else {
            return false;
        };
        let last_ns = operations.iter().filter(shows).map(|one| one.call_ns).max().unwrap_or(0);
        let is_between =
            |one: &Operation| one.op == Op::Read && (shown_ns + 1..last_ns).contains(&one.call_ns);
        answer(rng, object, is_between, NIL)
    });
}

#[test]
fn an_effect_that_is_not_seen_any_more_is_lost() {
    found(Model::Once, AnomalyKind::LostUpdate, key, |rng, object| {
        append(object, &[(rng.u64(0..10), rng.u64(10..50), Op::Read, NIL, NIL)]);
        pick(rng, object, is_accepted).is_some()
    });
}

/// An answer that was over before anything else began; the rest is as much later.
fn prepend(object: &mut Object, took_ns: u64, op: Op, result: i64) {
    for operation in &mut object.operations {
        operation.call_ns += took_ns + 1;
        operation.return_ns = operation.return_ns.saturating_add(took_ns + 1);
    }
    let (arg, client) = (if op == Op::Add { 3 } else { NIL }, u32::MAX);
    object.operations.push(Operation {
        call_ns: 0,
        return_ns: took_ns,
        arg,
        new: NIL,
        result,
        client,
        op,
        outcome: Outcome::Ok,
    });
}
