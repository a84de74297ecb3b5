//! A document's history as that of a register.
//!
//! A write that expects a version is a `cas` from it to the new one, and any other a write. One that
//! was refused is a `cas` that failed. What nobody was told is a value of its own, unless somebody
//! says which version it is.

use crate::history::{Initial, NEVER, NIL, NO, Object, Op, Operation, Outcome, YES};

/// `object` as a register: its operations at the same places, and behind them, for each of `free`, a
/// write of that version that may have been done at any time.
///
/// `told` says which version a write made whose answer does not. The time is O(n log n).
pub(super) fn register(
    object: &Object,
    free: &[i64],
    mut told: impl FnMut(u32) -> Option<i64>,
) -> Object {
    let initial = object.initial_or(NIL);
    let operations = &object.operations;
    let named = operations.iter().flat_map(|operation| [operation.arg, operation.result]);
    let mut versions: Vec<_> = named.chain([initial]).chain(free.iter().copied()).collect();
    versions.sort_unstable();
    versions.dedup();
    // Versions are any values; those of the register leave room for new ones.
    let value = |version: i64| match versions.binary_search(&version) {
        Ok(place) if version != NIL => small(place),
        _ => NIL,
    };
    let mut fresh = (versions.len()..).map(small);
    let mut translated = Vec::with_capacity(operations.len() + free.len());
    for (index, operation) in (0..).zip(operations) {
        let Operation { arg, result, outcome, .. } = *operation;
        if operation.op == Op::Read {
            translated.push(Operation { arg: NIL, result: value(result), ..*operation });
            continue;
        }
        let declined = operation.was_declined();
        let is_told = outcome == Outcome::Ok && !declined && result != NIL;
        let new = if is_told { Some(result) } else { told(index) };
        let new = new.map_or_else(|| fresh.next().expect("there is always one more"), value);
        let answer = if declined { NO } else { YES };
        translated.push(if arg == NIL {
            // That one was refused which expects nothing is told by itself.
            let outcome = if declined { Outcome::Fail } else { outcome };
            Operation { arg: new, new: NIL, result: NIL, outcome, ..*operation }
        } else {
            let result = if outcome == Outcome::Ok { answer } else { NIL };
            Operation { op: Op::Cas, arg: value(arg), new, result, ..*operation }
        });
    }
    translated.extend(free.iter().map(|version| Operation {
        call_ns: 0,
        return_ns: NEVER,
        arg: value(*version),
        new: NIL,
        result: NIL,
        client: u32::MAX,
        op: Op::Write,
        outcome: Outcome::Unknown,
    }));
    let initial = Initial::Value(value(initial));
    Object { initial, operations: translated, ..Object::default() }
}

fn small(place: usize) -> i64 {
    i64::try_from(place).expect("there are fewer in memory")
}
