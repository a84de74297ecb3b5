//! Witnesses against a pool.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, NO, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness = anomaly.witness.iter().map(|index| operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::DoubleHandout, [one, other]) => {
            let is_another = anomaly.witness[0] != anomaly.witness[1];
            is_another && handed_out(one).is_some() && handed_out(one) == handed_out(other)
        }
        (AnomalyKind::Phantom, [take]) => handed_out(take).is_some_and(|element| {
            let is_of_it = |add: &Operation| is_possible(add) && add.arg == element;
            !object.initial_elements().contains(&element) && !operations.iter().any(is_of_it)
        }),
        (AnomalyKind::FutureRead, [take, add]) => {
            let was_there = object.initial_elements().contains(&add.arg);
            let is_of_it = is_possible(add) && handed_out(take) == Some(add.arg);
            is_of_it && take.precedes(add) && !was_there && is_put_in_once(object, add.arg)
        }
        (AnomalyKind::PhantomSoldOut, [answer, there @ ..]) => {
            is_nothing(answer) && is_wrong(object, answer, there)
        }
        _ => false,
    }
}

/// The element that a take returned.
fn handed_out(take: &Operation) -> Option<i64> {
    let Operation { op, outcome, result, .. } = *take;
    let is_named = result != NIL && result != NO;
    ((op, outcome) == (Op::Take, Outcome::Ok) && is_named).then_some(result)
}

fn is_nothing(take: &Operation) -> bool {
    (take.op, take.outcome, take.result) == (Op::Take, Outcome::Ok, NO)
}

fn is_possible(add: &Operation) -> bool {
    add.op == Op::Add && add.outcome != Outcome::Fail
}

fn is_put_in_once(object: &Object, element: i64) -> bool {
    object.operations.iter().filter(|add| is_possible(add) && add.arg == element).count() == 1
}

/// Whether something was left at each instant of `answer`, and all of the time what is `there`.
fn is_wrong(object: &Object, answer: &Operation, there: &[&Operation]) -> bool {
    let Object { operations, .. } = object;
    let starts = operations.iter().map(|one| one.call_ns);
    let ends = operations.iter().filter(|one| is_possible(one)).map(Operation::completion_ns);
    let within = |time_ns: &u64| (answer.call_ns..=answer.return_ns).contains(time_ns);
    let mut instants = starts.chain(ends).chain([answer.return_ns]).filter(within);
    let is_of_one = |element: i64| {
        let of_it = |one: &Operation| match one.op {
            Op::Add => one.arg == element,
            _ => handed_out(one) == Some(element),
        };
        there.iter().all(|one| of_it(one))
            && starts_before(object, element, answer.call_ns)
            && there.iter().any(|take| handed_out(take).is_some() && answer.precedes(take))
    };
    let named = there.iter().find_map(|take| handed_out(take));
    let is_shown = there.is_empty() || named.is_some_and(is_of_one);
    is_shown && instants.all(|instant_ns| is_left(object, instant_ns))
}

/// Whether `element` is there for certain at a time, if it was not taken.
fn starts_before(object: &Object, element: i64, time_ns: u64) -> bool {
    let Object { operations, .. } = object;
    let is_over = |add: &Operation| is_possible(add) && add.completion_ns() < time_ns;
    object.initial_elements().contains(&element)
        || operations.iter().any(|add| add.arg == element && is_over(add))
}

/// Whether something is left for certain at a time.
fn is_left(object: &Object, time_ns: u64) -> bool {
    let operations = &object.operations;
    let additions = operations.iter().filter(|add| is_possible(add)).map(|add| add.arg);
    let elements = object.initial_elements().iter().copied().chain(additions);
    let mut unnamed = 0_i64;
    for element in elements.filter(|element| starts_before(object, *element, time_ns)) {
        let mut takes = operations.iter().filter(|take| handed_out(take) == Some(element));
        match takes.next() {
            None => unnamed += 1,
            Some(first) if first.call_ns > time_ns && takes.all(|take| take.call_ns > time_ns) => {
                return true;
            }
            Some(_) => {}
        }
    }
    let may_have_taken = operations.iter().filter(|take| {
        let is_nameless = match take.outcome {
            Outcome::Ok => take.result == NIL,
            outcome => outcome == Outcome::Unknown,
        };
        take.op == Op::Take && is_nameless && take.call_ns <= time_ns
    });
    unnamed > i64::try_from(may_have_taken.count()).unwrap_or(i64::MAX)
}
