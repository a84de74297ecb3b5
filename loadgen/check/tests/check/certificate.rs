//! Each reason for which an order certifies nothing.

use loadgen_check::certificate::Broken::{Answer, Missing, Surplus, Time};
use loadgen_check::certificate::{Broken, replay};
use loadgen_check::history::{NEVER, NIL, Op, Outcome};
use loadgen_check::models::{counter::Sum, register::Register};
use loadgen_check::{Operation, Specification};

use crate::sample::{done, read, unknown};

/// What `replay` says of each order.
fn assert_replayed<S: Specification>(
    specification: &S,
    operations: &[Operation],
    expected: &[(&[u32], Result<(), Broken>)],
) {
    for (order, expected) in expected {
        assert_eq!(replay(specification, operations, order), *expected, "{order:?}");
    }
}

fn add(call_ns: u64, return_ns: u64) -> Operation {
    done(Op::Add, NIL, call_ns, return_ns)
}

#[test]
fn an_order_has_each_operation_at_most_once_and_none_that_failed() {
    let failed = Operation { outcome: Outcome::Fail, ..add(0, 10) };
    let operations = [add(0, 10), failed, unknown(Op::Add, 0)];
    assert_replayed(
        &Sum { initial: 0 },
        &operations,
        &[
            (&[0], Ok(())),
            (&[0, 2], Ok(())),
            (&[0, 0], Err(Surplus(0))),
            (&[0, 2, 2], Err(Surplus(2))),
            (&[0, 1], Err(Surplus(1))),
            (&[0, 3], Err(Surplus(3))),
            (&[u32::MAX], Err(Surplus(u32::MAX))),
        ],
    );
}

#[test]
fn an_order_has_all_that_was_acknowledged() {
    let operations = [unknown(Op::Add, 0), add(0, 10), read(1, 0, 10)];
    assert_replayed(
        &Sum { initial: 0 },
        &operations,
        &[
            (&[1, 2], Ok(())),
            (&[0, 2, 1], Ok(())),
            (&[], Err(Missing(1))),
            (&[0, 2], Err(Missing(1))),
            (&[1], Err(Missing(2))),
            (&[0, 1], Err(Missing(2))),
        ],
    );
}

#[test]
fn an_order_has_nothing_after_what_began_when_it_was_over() {
    // They do not depend on each other: time alone speaks against an order.
    let operations = [add(0, 10), add(10, 20), add(21, 30), unknown(Op::Add, 21)];
    assert_replayed(
        &Sum { initial: 0 },
        &operations,
        &[
            (&[0, 1, 2], Ok(())),
            // Operations that touch are concurrent.
            (&[1, 0, 2], Ok(())),
            (&[0, 2, 1], Err(Time(1))),
            // However many come between the two.
            (&[2, 0, 1], Err(Time(0))),
            (&[1, 2, 0], Err(Time(0))),
            // An operation of unknown outcome may take effect at any time after its call, not before.
            (&[0, 1, 3, 2], Ok(())),
            (&[0, 1, 2, 3], Ok(())),
            (&[0, 3, 1, 2], Err(Time(1))),
        ],
    );
    // One that began early and is still open does not hide the one that began late.
    let operations = [add(0, 10), add(20, 30), add(5, 40)];
    let expected = [(&[1, 2, 0][..], Err(Time(0))), (&[2, 0, 1], Ok(()))];
    assert_replayed(&Sum { initial: 0 }, &operations, &expected);
}

#[test]
fn an_order_explains_every_answer() {
    let write = |value| Operation { arg: value, ..done(Op::Write, NIL, 0, 100) };
    let maybe = Operation { arg: 3, return_ns: NEVER, ..unknown(Op::Write, 0) };
    let operations = [write(1), write(2), read(1, 0, 100), read(3, 0, 100), maybe];
    assert_replayed(
        &Register { initial: NIL },
        &operations,
        &[
            (&[0, 2, 1, 4, 3], Ok(())),
            (&[1, 4, 3, 0, 2], Ok(())),
            (&[2, 0, 1, 4, 3], Err(Answer(2))),
            (&[0, 1, 2, 4, 3], Err(Answer(2))),
            // Without the write of unknown outcome nobody wrote what was read.
            (&[0, 2, 1, 3], Err(Answer(3))),
        ],
    );
    // The replay begins where the object did.
    let reads = [read(7, 0, 10)];
    assert_replayed(&Register { initial: 7 }, &reads, &[(&[0], Ok(()))]);
    assert_replayed(&Register { initial: 8 }, &reads, &[(&[0], Err(Answer(0)))]);
}
