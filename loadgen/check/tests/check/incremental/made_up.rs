//! Histories of any shape: few operations at any times, or clients one thing after the other.

use fastrand::Rng;
use loadgen_check::history::{Initial, NIL, NO, Op, YES};
use loadgen_check::models::{bounded::Stock, counter::Sum};
use loadgen_check::{Lists, Model, Object, Operation};

use crate::generate::{self, Asked, Faults, Slot, at_random, back_to_back, closed_loop};
use crate::twin;

/// A history of an object of `model` of which some answers may be wrong.
pub(super) fn object(rng: &mut Rng, model: Model) -> Object {
    let slots = match rng.u8(0..3) {
        0 => {
            let (operations, ticks) = (twin::few(rng), rng.u64(6..=14));
            at_random(rng, operations, ticks)
        }
        1 => {
            let (operations, clients) = (rng.usize(5..=30), rng.u32(2..=5));
            closed_loop(rng, operations, clients)
        }
        _ => {
            let (operations, clients) = (rng.usize(5..=30), rng.u32(2..=5));
            back_to_back(rng, operations, clients)
        }
    };
    let initial = if model == Model::FetchAndAdd || model == Model::Counter {
        rng.i64(-3..=3)
    } else {
        rng.i64(0..=slots.len().try_into().unwrap())
    };
    let mut object = answered(rng, model, initial, &slots);
    object.initial = Initial::Value(initial);
    for op in [Op::Read, Op::Add, Op::Take] {
        // An addition of a counter has no answer to be forgotten.
        if rng.u8(0..4) == 0 {
            twin::forget(rng, &mut object.operations, op);
        }
    }
    for _ in 0..rng.u8(0..=2) {
        twin::perturb(rng, &mut object.operations);
    }
    object
}

fn answered(rng: &mut Rng, model: Model, initial: i64, slots: &[Slot]) -> Object {
    let reads = rng.u8(0..60);
    let faults = Faults { unknown: rng.u8(0..30), fail: rng.u8(0..20) };
    let update: Asked = match model {
        Model::Bounded { .. } => (Op::Take, NIL, NIL),
        _ => (Op::Add, 1, NIL),
    };
    let ask = |rng: &mut Rng| if rng.u8(0..100) < reads { (Op::Read, NIL, NIL) } else { update };
    if let Model::Bounded { .. } = model {
        let answer = |left: &i64, operation: &Operation, _: &mut Lists| match operation.op {
            Op::Read => *left,
            _ if *left > 0 => YES,
            _ => NO,
        };
        return generate::object(rng, &Stock { initial }, slots, faults, ask, answer);
    }
    let answer = |sum: &i128, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => generate::result(*sum),
        _ if model == Model::Counter => NIL,
        _ => generate::result(*sum + 1),
    };
    generate::object(rng, &Sum { initial }, slots, faults, ask, answer)
}
