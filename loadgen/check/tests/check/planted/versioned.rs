//! Documents in which one thing was made wrong.

use fastrand::Rng;
use loadgen_check::history::{NIL, NO, Op};
use loadgen_check::{AnomalyKind, Model, Object};

use super::histories::append;
use super::{Make, any, found, pick};
use crate::generate::{Faults, closed_loop};
use crate::versioned::{Asks, valid};

const OPERATIONS: usize = 60;

/// Writes that expect what is there, now and then nothing or something else, and reads.
pub(super) fn document(rng: &mut Rng) -> Object {
    of(rng, Faults { unknown: 3, fail: 3 }, 10)
}

fn of(rng: &mut Rng, faults: Faults, unconditional: u8) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    valid(rng, &slots, faults, Asks { reads: 40, unconditional, wrong: 20, unread: 0 })
}

/// Nothing is unknown, as that might explain what is planted.
fn told(rng: &mut Rng) -> Object {
    of(rng, Faults { unknown: 0, fail: 3 }, 10)
}

/// The same, where every write expects a version.
fn chained(rng: &mut Rng) -> Object {
    of(rng, Faults { unknown: 0, fail: 3 }, 0)
}

const MODEL: Model = Model::Versioned;

#[test]
fn a_refusal_that_was_acknowledged_is_a_lost_update() {
    found(MODEL, AnomalyKind::LostUpdate, document, |rng, object| {
        let replaced: Vec<_> =
            object.operations.iter().filter(|one| one.is_acknowledged()).collect();
        let replaced: Vec<_> =
            replaced.iter().map(|one| one.arg).filter(|arg| *arg != NIL).collect();
        let refused = pick(rng, object, |one| one.result == NO && replaced.contains(&one.arg));
        refused.is_some_and(|refused| {
            object.operations[refused].result = 1_000;
            true
        })
    });
}

#[test]
fn a_version_that_nobody_made_is_a_phantom() {
    found(MODEL, AnomalyKind::Phantom, told, |rng, object| {
        any(rng, object, Op::Read).is_some_and(|read| {
            object.operations[read].result = 1_000;
            true
        })
    });
}

#[test]
fn a_version_that_is_yet_to_be_made_is_of_the_future() {
    found(MODEL, AnomalyKind::FutureRead, document, |rng, object| {
        let Some(read) = any(rng, object, Op::Read) else { return false };
        let over = object.operations[read];
        let write = pick(rng, object, |one| one.is_acknowledged() && over.precedes(one));
        write.is_some_and(|write| {
            object.operations[read].result = object.operations[write].result;
            true
        })
    });
}

#[test]
fn a_version_that_was_replaced_is_stale() {
    found(MODEL, AnomalyKind::StaleRead, document, |rng, object| {
        let write = pick(rng, object, |one| one.is_acknowledged() && one.arg != NIL);
        let Some(write) = write else { return false };
        let over = object.operations[write];
        let read = pick(rng, object, |one| one.op == Op::Read && over.precedes(one));
        read.is_some_and(|read| {
            object.operations[read].result = over.arg;
            true
        })
    });
}

#[test]
fn a_write_that_expected_what_was_replaced_is_stale() {
    let blind: Make = |rng| of(rng, Faults { unknown: 0, fail: 3 }, 40);
    found(MODEL, AnomalyKind::StaleWrite, blind, |rng, object| {
        let Some(by) = pick(rng, object, |one| one.is_acknowledged() && one.arg == NIL) else {
            return false;
        };
        let over = object.operations[by];
        let before = object.operations[..by].iter().rfind(|one| one.is_acknowledged());
        let Some(before) = before.copied().filter(|one| one.precedes(&over)) else { return false };
        let late = pick(rng, object, |one| one.op == Op::Write && over.precedes(one));
        late.is_some_and(|late| {
            object.operations[late].arg = before.result;
            object.operations[late].result = 1_000;
            true
        })
    });
}

#[test]
fn a_refusal_of_what_was_there_is_a_phantom() {
    found(MODEL, AnomalyKind::PhantomRefusal, chained, |rng, object| {
        // The last that was acknowledged, behind all others.
        let last = object.operations.iter().rev().find(|one| one.is_acknowledged());
        let Some(version) = last.map(|one| one.result) else { return false };
        append(object, &[(0, rng.u64(0..9), Op::Write, version, NO)]);
        true
    });
}

#[test]
fn versions_whose_order_reads_disagree_on_are_out_of_order() {
    found(MODEL, AnomalyKind::OrderViolation, document, |rng, object| {
        let (late, early) = (rng.u64(90..200), rng.u64(0..10));
        append(
            object,
            &[
                (early, late, Op::Write, NIL, 1_001),
                (rng.u64(0..10), late, Op::Write, NIL, 1_002),
                (20, rng.u64(21..40), Op::Read, NIL, 1_001),
                (40, rng.u64(41..60), Op::Read, NIL, 1_002),
                (60, rng.u64(61..80), Op::Read, NIL, 1_001),
            ],
        );
        true
    });
}
