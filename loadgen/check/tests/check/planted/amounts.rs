//! A stock of which several are taken at once, and given back.

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::bounded::Stock;
use loadgen_check::{AnomalyKind, Model, Object};

use super::found;
use super::histories::{OPERATIONS, append};
use crate::generate::{self, Faults, closed_loop};

pub(super) const MODEL: Model = Model::Bounded { capacity: Some(30) };

/// Everything was answered: what nobody knows anything of might explain what is planted.
pub(super) fn stock(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 24);
    generate::object(
        rng,
        &Stock { initial: 30 },
        &slots,
        Faults { unknown: 0, fail: 3 },
        |rng| match rng.u8(0..100) {
            0..45 => (Op::Give, rng.i64(1..=4), NIL),
            _ => (Op::Take, rng.i64(1..=5), NIL),
        },
        |left, operation, _| match operation.op {
            Op::Give => NIL,
            _ if *left >= operation.arg => YES,
            _ => NO,
        },
    )
}

/// How many are left behind all operations.
fn left(object: &Object) -> i64 {
    let changes = object.operations.iter().map(|one| match (one.op, one.outcome, one.result) {
        (Op::Give, Outcome::Ok, _) => one.arg,
        (Op::Take, Outcome::Ok, YES) => -one.arg,
        _ => 0,
    });
    30 + changes.sum::<i64>()
}

#[test]
fn a_take_of_more_than_there_was_is_an_oversell() {
    found(MODEL, AnomalyKind::Oversell, stock, |_, object| {
        let more = left(object) + 1;
        append(object, &[(0, 10, Op::Take, more, YES)]);
        true
    });
}

#[test]
fn a_take_after_the_answer_that_too_few_were_left_is_late() {
    found(MODEL, AnomalyKind::LateSale, stock, |_, object| {
        let left = left(object);
        // Somebody may have taken all of it.
        append(
            object,
            &[
                (0, 5, Op::Give, 1, NIL),
                (6, 7, Op::Take, left + 1, NIL),
                (8, 10, Op::Take, 1, NO),
                (11, 20, Op::Take, 1, YES),
            ],
        );
        let at = object.operations.len() - 3;
        let lost = &mut object.operations[at];
        (lost.outcome, lost.return_ns) = (Outcome::Unknown, NEVER);
        true
    });
}

#[test]
fn too_few_left_where_enough_were_is_a_phantom_sold_out() {
    found(MODEL, AnomalyKind::PhantomSoldOut, stock, |rng, object| {
        let amount = rng.i64(1..=left(object) + 1);
        append(object, &[(0, 5, Op::Give, 1, NIL), (6, 10, Op::Take, amount, NO)]);
        true
    });
}

#[test]
fn a_read_of_more_than_there_is_is_stale() {
    found(MODEL, AnomalyKind::StaleRead, stock, |_, object| {
        let left = left(object);
        append(object, &[(0, 5, Op::Read, NIL, left + 1), (6, 10, Op::Read, NIL, left)]);
        true
    });
}

#[test]
fn a_take_that_no_later_read_shows_took_nothing() {
    found(MODEL, AnomalyKind::LostUpdate, stock, |_, object| {
        let left = left(object);
        append(object, &[(0, 5, Op::Read, NIL, left + 1), (6, 10, Op::Read, NIL, left + 2)]);
        true
    });
}

#[test]
fn a_read_of_less_than_there_is_is_a_phantom() {
    found(MODEL, AnomalyKind::Phantom, stock, |_, object| {
        let left = left(object);
        append(object, &[(0, 5, Op::Read, NIL, left - 1)]);
        left > 1
    });
}
