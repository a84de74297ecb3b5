//! Histories of a document, made up.

use fastrand::Rng;
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome};
use loadgen_check::{Object, Operation};

use crate::generate::{Faults, Slot};

/// What clients ask for, in percent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asks {
    pub(crate) reads: u8,
    /// Of the writes, those that expect no version.
    pub(crate) unconditional: u8,
    /// Of the others, those that expect another version than is there.
    pub(crate) wrong: u8,
    /// Of the acknowledged writes, those whose version could not be read.
    pub(crate) unread: u8,
}

/// A valid history, in the order of effects: versions count from 1, as does the initial one.
pub(crate) fn valid(rng: &mut Rng, slots: &[Slot], faults: Faults, asks: Asks) -> Object {
    let mut latest = i64::from(rng.bool());
    let initial = if latest == 0 { NIL } else { latest };
    let mut now = initial;
    let mut operations = Vec::with_capacity(slots.len());
    for slot in slots {
        let Slot { client, call_ns, return_ns, .. } = *slot;
        let op = if rng.u8(0..100) < asks.reads { Op::Read } else { Op::Write };
        let (arg, outcome, result) = (NIL, Outcome::Ok, now);
        let mut operation =
            Operation { call_ns, return_ns, arg, new: NIL, result, client, op, outcome };
        let dice = rng.u8(0..100);
        if op == Op::Write {
            operation.arg = match rng.u8(0..100) {
                dice if dice < asks.unconditional => NIL,
                _ if rng.u8(0..100) < asks.wrong => rng.i64(1..=latest + 1),
                _ => now,
            };
            let is_done = operation.arg == NIL || operation.arg == now;
            operation.result = if is_done { latest + 1 } else { NO };
            let is_lost = dice < faults.fail + faults.unknown && (dice < faults.fail || rng.bool());
            if is_done && !is_lost {
                latest += 1;
                now = latest;
                if rng.u8(0..100) < asks.unread {
                    operation.result = NIL;
                }
            }
        }
        if dice < faults.fail {
            (operation.outcome, operation.result) = (Outcome::Fail, NIL);
        } else if dice < faults.fail + faults.unknown {
            operation.outcome = Outcome::Unknown;
            (operation.return_ns, operation.result) = (NEVER, NIL);
        }
        operations.push(operation);
    }
    let initial = if initial == NIL { Initial::Default } else { Initial::Value(initial) };
    Object { key: "i".to_owned(), initial, operations, ..Object::default() }
}

/// Changes what up to `most` operations returned or expected.
pub(crate) fn perturb(rng: &mut Rng, operations: &mut [Operation], most: u8) {
    let latest = operations.iter().flat_map(|one| [one.result, one.arg]).max().unwrap_or(0).max(1);
    for _ in 0..rng.u8(0..=most) {
        let index = rng.usize(0..operations.len());
        let version = if rng.u8(0..12) == 0 { NIL } else { rng.i64(1..=latest + 1) };
        let operation = &mut operations[index];
        if operation.outcome != Outcome::Ok || operation.op == Op::Write && rng.bool() {
            if operation.op == Op::Write {
                operation.arg = version;
            }
        } else if operation.op == Op::Read {
            operation.result = version;
        } else if operation.result == NO {
            operation.result = latest + 1;
        } else if rng.bool() {
            operation.result = NO;
        } else {
            operation.result = version.max(1);
        }
    }
}
