//! Witnesses against a key.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, NO, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness = anomaly.witness.iter().map(|index| operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::DoubleEffect, [one, other]) => {
            let results = [one, other].map(|answer| result(answer));
            results.iter().all(Option::is_some) && results[0] != results[1]
        }
        (AnomalyKind::ConflictingPayload, [one, other]) => {
            let payloads = [one, other].map(|answer| payload(answer));
            payloads.iter().all(Option::is_some) && payloads[0] != payloads[1]
        }
        (AnomalyKind::WrongRefusal, [accepted, refusal]) => {
            is_refusal(refusal) && payload(accepted) == Some(refusal.arg)
        }
        (AnomalyKind::StaleRead, [shown, read]) => {
            is_too_late(shown, read) && is_seen_after(operations, read)
        }
        (AnomalyKind::LostUpdate, [shown, read]) => {
            is_too_late(shown, read) && !is_seen_after(operations, read)
        }
        (AnomalyKind::Phantom, [.., read]) => {
            is_effect(read) && read.op == Op::Read && is_without(operations, &witness, NEVER)
        }
        (AnomalyKind::FutureRead, [.., read]) => {
            let until_ns = read.return_ns;
            is_effect(read) && read.op == Op::Read && is_without(operations, &witness, until_ns)
        }
        (AnomalyKind::PhantomRefusal, [.., refusal]) => {
            is_refusal(refusal) && is_without(operations, &witness, refusal.return_ns)
        }
        _ => false,
    }
}

/// Whether it shows the effect, and is no refusal.
fn is_effect(answer: &Operation) -> bool {
    let Operation { op, result, outcome, .. } = *answer;
    outcome == Outcome::Ok
        && match op {
            Op::Add => result != NO,
            Op::Read => result != NIL && result != NO,
            _ => false,
        }
}

fn is_refusal(answer: &Operation) -> bool {
    (answer.op, answer.outcome, answer.result) == (Op::Add, Outcome::Ok, NO)
}

/// The result that it tells.
fn result(answer: &Operation) -> Option<i64> {
    (is_effect(answer) && answer.result != NIL).then_some(answer.result)
}

/// The payload that it shows the key to hold.
fn payload(answer: &Operation) -> Option<i64> {
    (is_effect(answer) && (answer.op == Op::Add || answer.arg != NIL)).then_some(answer.arg)
}

/// Whether `read` saw nothing, when `shown` was over and had shown the effect.
fn is_too_late(shown: &Operation, read: &Operation) -> bool {
    let is_shown = is_effect(shown) || is_refusal(shown);
    let is_of_nothing = (read.op, read.outcome, read.result) == (Op::Read, Outcome::Ok, NIL);
    is_shown && is_of_nothing && shown.precedes(read)
}

/// Whether an answer that began later than `read` shows the effect, and not with another result
/// than the first.
fn is_seen_after(operations: &[Operation], read: &Operation) -> bool {
    // The first of those that were complete at the same time.
    let told = operations.iter().filter(|answer| result(answer).is_some());
    let first = told.min_by_key(|answer| answer.return_ns).and_then(result);
    operations.iter().filter(|answer| answer.call_ns > read.call_ns).any(|answer| {
        let is_same = result(answer).is_none() || result(answer) == first;
        (is_effect(answer) || is_refusal(answer)) && is_same
    })
}

/// Whether the answers of the witness exclude every payload whose addition began by `until_ns`.
fn is_without(operations: &[Operation], witness: &[&Operation], until_ns: u64) -> bool {
    let is_excluded = |payload: i64| {
        witness.iter().any(|answer| {
            self::payload(answer).is_some_and(|accepted| accepted != payload)
                || is_refusal(answer) && answer.arg == payload
        })
    };
    let is_possible = |addition: &&Operation| {
        addition.op == Op::Add && addition.outcome != Outcome::Fail && !is_refusal(addition)
    };
    let mut begun = operations.iter().filter(|addition| addition.call_ns <= until_ns);
    begun.all(|addition| !is_possible(&addition) || is_excluded(addition.arg))
}
