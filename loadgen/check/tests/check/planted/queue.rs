//! Jobs that are put into a queue and handed out.

use std::collections::VecDeque;

use fastrand::Rng;
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome};
use loadgen_check::{AnomalyKind, Model, Object, Operation};

use super::found;
use super::histories::OPERATIONS;
use crate::generate::closed_loop;

/// Everything was answered: a take of which nobody knows anything might explain what is planted.
pub(super) fn jobs(rng: &mut Rng) -> Object {
    let mut held: VecDeque<i64> = (0..rng.i64(0..4)).collect();
    let initial = Initial::Elements(held.iter().copied().collect());
    let mut last = 100;
    let operations = closed_loop(rng, OPERATIONS, 6)
        .iter()
        .map(|slot| {
            let (call_ns, return_ns, client) = (slot.call_ns, slot.return_ns, slot.client);
            let (arg, result, op) = if rng.u8(0..100) < 45 {
                last += 1;
                held.push_back(last);
                (last, NIL, Op::Add)
            } else {
                (NIL, held.pop_front().unwrap_or(NO), Op::Take)
            };
            let (new, outcome) = (NIL, Outcome::Ok);
            Operation { call_ns, return_ns, arg, new, result, client, op, outcome }
        })
        .collect();
    Object { key: "jobs".to_owned(), initial, operations, ..Object::default() }
}

/// Any take that returned an element, and fits.
fn taken(rng: &mut Rng, object: &Object, fits: impl Fn(&Operation) -> bool) -> Option<usize> {
    let is_named = |one: &Operation| one.op == Op::Take && one.result != NO && fits(one);
    let named = (0..object.operations.len()).filter(|at| is_named(&object.operations[*at]));
    rng.choice(named.collect::<Vec<_>>())
}

/// What put an element in.
fn addition(object: &Object, element: i64) -> Option<&Operation> {
    object.operations.iter().find(|add| add.op == Op::Add && add.arg == element)
}

#[test]
fn a_job_that_two_have_is_a_double_handout() {
    found(Model::Queue, AnomalyKind::DoubleHandout, jobs, |rng, object| {
        let takes = [taken(rng, object, |_| true), taken(rng, object, |_| true)];
        let [Some(one), Some(other)] = takes else { return false };
        object.operations[one].result = object.operations[other].result;
        one != other
    });
}

#[test]
fn a_job_that_nobody_put_in_is_a_phantom() {
    found(Model::Queue, AnomalyKind::Phantom, jobs, |rng, object| {
        let Some(take) = taken(rng, object, |_| true) else { return false };
        object.operations[take].result = 7_777;
        true
    });
}

#[test]
fn a_job_that_is_handed_out_before_it_is_put_in_is_read_from_the_future() {
    found(Model::Queue, AnomalyKind::FutureRead, jobs, |rng, object| {
        let Some(one) = taken(rng, object, |_| true) else { return false };
        let over = object.operations[one];
        let is_later =
            |take: &Operation| addition(object, take.result).is_some_and(|add| over.precedes(add));
        let Some(other) = taken(rng, object, is_later) else { return false };
        object.operations[one].result = object.operations[other].result;
        object.operations[other].result = over.result;
        true
    });
}

/// Two that came one after the other, and go one after the other, are exchanged.
#[test]
fn jobs_that_were_exchanged_are_out_of_turn() {
    found(Model::Queue, AnomalyKind::OutOfTurn, jobs, |rng, object| {
        let Some(one) = taken(rng, object, |_| true) else { return false };
        let first = object.operations[one];
        let came_first = addition(object, first.result).copied();
        let is_later = |take: &Operation| {
            let came_later = addition(object, take.result);
            let is_before = |add: &Operation| {
                !first.precedes(add) && came_first.is_none_or(|first| first.precedes(add))
            };
            first.precedes(take) && came_later.is_some_and(is_before)
        };
        let Some(other) = taken(rng, object, is_later) else { return false };
        object.operations[one].result = object.operations[other].result;
        object.operations[other].result = first.result;
        true
    });
}

/// Nobody has what came first, and what came later is handed out.
#[test]
fn a_job_that_was_left_out_is_out_of_turn() {
    found(Model::Queue, AnomalyKind::OutOfTurn, jobs, |rng, object| {
        let Some(one) = taken(rng, object, |_| true) else { return false };
        let came_first = addition(object, object.operations[one].result).copied();
        object.operations.remove(one);
        object.operations.iter().any(|take| {
            let is_later = |add: &Operation| came_first.is_none_or(|first| first.precedes(add));
            take.op == Op::Take && addition(object, take.result).is_some_and(is_later)
        })
    });
}

#[test]
fn nothing_left_where_something_was_is_a_phantom_sold_out() {
    found(Model::Queue, AnomalyKind::PhantomSoldOut, jobs, |rng, object| {
        let Some(take) = taken(rng, object, |_| true) else { return false };
        // Something else was there before and after.
        let Operation { call_ns, return_ns, .. } = object.operations[take];
        let is_there = |add: &Operation| {
            let later = |one: &Operation| {
                one.op == Op::Take && one.result == add.arg && one.call_ns > return_ns
            };
            add.op == Op::Add && add.return_ns < call_ns && object.operations.iter().any(later)
        };
        let is_wrong = object.operations.iter().any(is_there);
        object.operations[take].result = NO;
        is_wrong
    });
}
