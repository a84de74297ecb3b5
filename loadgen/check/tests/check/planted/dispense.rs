//! Jobs that are put into a pool and handed out.

use fastrand::Rng;
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome};
use loadgen_check::{AnomalyKind, Model, Object, Operation};

use super::found;
use super::histories::OPERATIONS;
use crate::generate::closed_loop;

/// Everything was answered: a take of which nobody knows anything might explain what is planted.
pub(super) fn queue(rng: &mut Rng) -> Object {
    let mut held: Vec<i64> = (0..rng.i64(0..4)).collect();
    let initial = Initial::Elements(held.clone());
    let mut last = 100;
    let operations = closed_loop(rng, OPERATIONS, 6)
        .iter()
        .map(|slot| {
            let outcome = Outcome::Ok;
            let (call_ns, return_ns, client) = (slot.call_ns, slot.return_ns, slot.client);
            let (arg, new, result, op) = if rng.u8(0..100) < 45 {
                last += 1;
                held.push(last);
                (last, NIL, NIL, Op::Add)
            } else if held.is_empty() {
                (NIL, NIL, NO, Op::Take)
            } else {
                (NIL, NIL, held.swap_remove(rng.usize(..held.len())), Op::Take)
            };
            Operation { call_ns, return_ns, arg, new, result, client, op, outcome }
        })
        .collect();
    Object { key: "jobs".to_owned(), initial, operations, ..Object::default() }
}

/// Any take that returned an element.
fn taken(rng: &mut Rng, object: &Object) -> Option<usize> {
    let is_named = |one: &Operation| one.op == Op::Take && one.result != NO;
    let named = (0..object.operations.len()).filter(|at| is_named(&object.operations[*at]));
    rng.choice(named.collect::<Vec<_>>())
}

#[test]
fn a_job_that_two_have_is_a_double_handout() {
    found(Model::Dispense, AnomalyKind::DoubleHandout, queue, |rng, object| {
        let [Some(one), Some(other)] = [taken(rng, object), taken(rng, object)] else {
            return false;
        };
        object.operations[one].result = object.operations[other].result;
        one != other
    });
}

#[test]
fn a_job_that_nobody_put_in_is_a_phantom() {
    found(Model::Dispense, AnomalyKind::Phantom, queue, |rng, object| {
        let Some(take) = taken(rng, object) else { return false };
        object.operations[take].result = 7_777;
        true
    });
}

#[test]
fn a_job_that_is_handed_out_before_it_is_put_in_is_read_from_the_future() {
    found(Model::Dispense, AnomalyKind::FutureRead, queue, |rng, object| {
        let Some(take) = taken(rng, object) else { return false };
        let over = object.operations[take];
        let is_later = |add: &&Operation| {
            let is_left = |add: &Operation| {
                object.operations.iter().all(|one| one.op != Op::Take || one.result != add.arg)
            };
            add.op == Op::Add && over.precedes(add) && is_left(add)
        };
        let later = object.operations.iter().find(is_later).map(|add| add.arg);
        object.operations[take].result = later.unwrap_or(NIL);
        later.is_some()
    });
}

#[test]
fn nothing_left_where_something_was_is_a_phantom_sold_out() {
    found(Model::Dispense, AnomalyKind::PhantomSoldOut, queue, |rng, object| {
        let Some(take) = taken(rng, object) else { return false };
        // Something else was there before and after.
        let Operation { call_ns, return_ns, .. } = object.operations[take];
        let is_there = object.operations.iter().any(|add| {
            let later = |one: &Operation| {
                one.op == Op::Take && one.result == add.arg && one.call_ns > return_ns
            };
            add.op == Op::Add && add.return_ns < call_ns && object.operations.iter().any(later)
        });
        object.operations[take].result = NO;
        is_there
    });
}
