//! Witnesses against a register.

use super::failed;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};

/// Whether the witness proves the anomaly. [`register::judge`](super::judge()) says what
/// is in it, and in which order.
pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let witness = anomaly.witness.iter().map(|index| object.operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::Phantom, [read]) => {
            read.op == Op::Read && value(read).is_some_and(|value| writes(object, value) == 0)
        }
        (AnomalyKind::FailedWrite, [write, read]) => {
            failed::is_seen(write, read) && writes(object, read.result) == 0
        }
        (AnomalyKind::FutureRead, [write, read]) => {
            let is_write = write.op == Op::Write && read.op == Op::Read;
            is_write && only_write(object, write, read) && read.precedes(write)
        }
        (AnomalyKind::StaleRead, [before @ .., read]) if before.len() < 4 => {
            read.op == Op::Read && is_overwritten(object, before, read)
        }
        (AnomalyKind::OrderViolation, [first, rest @ ..]) if rest.len() < 4 => {
            let second = rest.iter().find(|other| value(other) != value(first));
            second.is_some_and(|second| contradict(object, &witness, first, second))
        }
        _ => false,
    }
}

/// Whether the value of `read` was there before another was written, and the other before `read`.
fn is_overwritten(object: &Object, before: &[&Operation], read: &Operation) -> bool {
    let was_first = value(read) == Some(object.initial_or(NIL));
    before.iter().filter(|write| write.op == Op::Write && !are_of(read, write)).any(|write| {
        once(object, read)
            && once(object, write)
            && (was_first || before.iter().any(|own| are_of(own, read) && own.precedes(write)))
            && before.iter().any(|shown| are_of(shown, write) && shown.precedes(read))
    })
}

/// Whether the operations on the values of `one` and `other`, each of which stand together in any
/// order, were in time some this way round, and some the other.
fn contradict(object: &Object, witness: &[&Operation], one: &Operation, other: &Operation) -> bool {
    let precedes = |one, other| {
        let of = |value| witness.iter().filter(move |operation| are_of(operation, value));
        of(one).any(|early| of(other).any(|late| early.precedes(late)))
    };
    once(object, one) && once(object, other) && precedes(one, other) && precedes(other, one)
}

/// What the operation wrote or returned.
fn value(operation: &Operation) -> Option<i64> {
    match (operation.op, operation.outcome) {
        (Op::Write, Outcome::Ok | Outcome::Unknown) => Some(operation.arg),
        (Op::Read, Outcome::Ok) => Some(operation.result),
        _ => None,
    }
}

fn are_of(one: &Operation, other: &Operation) -> bool {
    value(one).is_some() && value(one) == value(other)
}

/// Whether the operation's value was written once, or was there at first and never written.
fn once(object: &Object, operation: &Operation) -> bool {
    value(operation).is_some_and(|value| writes(object, value) == 1)
}

/// Whether `write` is the only one of what `read` returned.
fn only_write(object: &Object, write: &Operation, read: &Operation) -> bool {
    are_of(write, read) && once(object, read)
}

/// How often `value` may have been written, what was there at first included.
fn writes(object: &Object, value: i64) -> usize {
    let may_write = |operation: &&Operation| match operation.op {
        _ if operation.outcome == Outcome::Fail => false,
        Op::Write => operation.arg == value,
        Op::Cas => operation.new == value && !operation.was_declined(),
        Op::Add | Op::Read | Op::Take | Op::Give | Op::Move => false,
    };
    let at_first = usize::from(object.initial_or(NIL) == value);
    at_first + object.operations.iter().filter(may_write).count()
}
