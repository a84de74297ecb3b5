//! Witnesses against a counter whose additions answer only that they were done.

use crate::anomaly::Anomaly;
use crate::counting::verify::{Part, proves};
use crate::history::{NIL, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let done = |operation: &&Operation| operation.outcome != Outcome::Fail;
    let mut added =
        object.operations.iter().filter(done).filter(|operation| operation.op == Op::Add);
    let step = added.clone().next().map_or(1, |addition| i128::from(addition.arg));
    if step <= 0 || added.any(|addition| i128::from(addition.arg) != step) {
        return false;
    }
    let sum = |read: &Operation| i128::from(read.result) - i128::from(object.initial_or(0));
    let part = |operation: &Operation| match (operation.op, operation.outcome) {
        (Op::Add, Outcome::Ok) => Part::Done,
        (Op::Add, Outcome::Unknown) => Part::PerhapsDone,
        (Op::Read, Outcome::Ok) if operation.result == NIL => Part::Nothing,
        (Op::Read, Outcome::Ok) if sum(operation) % step != 0 => Part::Impossible,
        (Op::Read, Outcome::Ok) => Part::Read(sum(operation) / step),
        _ => Part::Nothing,
    };
    proves(&object.operations, part, i128::MAX, anomaly)
}
