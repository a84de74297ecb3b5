//! Histories written by hand, and what is expected of them.

use loadgen_check::history::{Initial, NEVER, NIL, Op, Outcome};
use loadgen_check::{Anomaly, AnomalyKind, Object, Operation};

/// One that ended. `arg` is 1.
pub(crate) fn done(op: Op, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    let (arg, outcome) = (1, Outcome::Ok);
    Operation { call_ns, return_ns, arg, new: NIL, result, client: 0, op, outcome }
}

/// One that may have happened. `arg` is 1.
pub(crate) fn unknown(op: Op, call_ns: u64) -> Operation {
    Operation { outcome: Outcome::Unknown, ..done(op, NIL, call_ns, NEVER) }
}

/// A read that returned `value`.
pub(crate) fn read(value: i64, call_ns: u64, return_ns: u64) -> Operation {
    done(Op::Read, value, call_ns, return_ns)
}

pub(crate) fn object(initial: i64, operations: &[Operation]) -> Object {
    let operations = operations.to_vec();
    Object { initial: Initial::Value(initial), operations, ..Object::default() }
}

/// As many times as `times_ns` has.
pub(crate) fn anomaly(kind: AnomalyKind, times_ns: &[u64], witness: &[u32]) -> Anomaly {
    let count = times_ns.len() as u64;
    Anomaly { kind, count, times_ns: times_ns.to_vec(), witness: witness.to_vec() }
}
