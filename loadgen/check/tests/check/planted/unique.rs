//! Numbers that are handed out, each once.

use fastrand::Rng;
use loadgen_check::history::{NIL, Op};
use loadgen_check::{AnomalyKind, Model, Object};

use super::histories::{FAULTS, OPERATIONS};
use super::{any, found};
use crate::generate::{closed_loop, object};
use loadgen_check::models::unique::Issued;

pub(super) fn numbers(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let mut number = 100;
    object(
        rng,
        &Issued { initial: &[] },
        &slots,
        FAULTS,
        |_| (Op::Add, NIL, NIL),
        |_, _, _| {
            number += 1;
            number
        },
    )
}

#[test]
fn a_number_that_two_have_is_a_duplicate_value() {
    found(Model::Unique, AnomalyKind::DuplicateValue, numbers, |rng, object| {
        let two = [any(rng, object, Op::Add), any(rng, object, Op::Add)];
        let [Some(one), Some(other)] = two else { return false };
        object.operations[one].result = object.operations[other].result;
        one != other
    });
}
