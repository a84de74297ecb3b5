//! Witnesses that prove something else, or nothing.

use loadgen_check::AnomalyKind::{
    DoubleHandout, FutureRead, OrderViolation, OutOfTurn, Phantom, PhantomSoldOut,
};
use loadgen_check::history::{NIL, NO, Op};
use loadgen_check::{Model, Object, verify};

use super::{add, lost, take, with};
use crate::sample::anomaly;

fn refuses(object: &Object) -> impl Fn(loadgen_check::AnomalyKind, &[u32]) -> bool {
    |kind, witness| !verify(object, Model::Queue, &anomaly(kind, &[0], witness))
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = with(
        &[1, 2],
        &[
            take(1, 0, 10),
            take(1, 0, 20),
            take(2, 50, 60),
            take(NO, 30, 40),
            take(NO, 70, 80),
            add(3, 0, 10),
            take(3, 0, 5),
            take(9, 0, 10),
        ],
    );
    let refused = refuses(&object);
    assert!(!refused(DoubleHandout, &[0, 1]) && !refused(PhantomSoldOut, &[3, 2]));
    assert!(!refused(Phantom, &[7]) && !refused(OutOfTurn, &[5, 6, 2]));
    assert!(refused(DoubleHandout, &[0, 0]) && refused(DoubleHandout, &[0, 2]));
    assert!(refused(DoubleHandout, &[3, 4]), "nothing is no element");
    assert!(refused(Phantom, &[0]) && refused(Phantom, &[6]) && refused(Phantom, &[3]));
    assert!(refused(FutureRead, &[6, 5]), "they overlap");
    assert!(refused(PhantomSoldOut, &[3]), "what was there was handed out");
    assert!(refused(PhantomSoldOut, &[4]), "all was taken by then");
    assert!(refused(PhantomSoldOut, &[3, 0]), "it was taken before");
    assert!(refused(PhantomSoldOut, &[2]) && refused(PhantomSoldOut, &[]));
    assert!(refused(PhantomSoldOut, &[3, 2, 4]), "nothing is no element");
    assert!(refused(OutOfTurn, &[2, 0]), "that one came first");
    assert!(refused(OutOfTurn, &[0, 2]) && refused(OutOfTurn, &[2]) && refused(OutOfTurn, &[]));
    assert!(refused(OutOfTurn, &[0, 1]), "one element");
    assert!(refused(OrderViolation, &[5, 6, 2]), "another kind");
    assert!(refused(DoubleHandout, &[0, 99]), "no operation");
}

#[test]
fn what_came_first_may_have_been_taken_by_whoever_may_have_taken_it() {
    let operations = [
        add(7, 0, 10),
        add(8, 11, 20),
        take(8, 21, 30),
        lost(Op::Take, NIL, 31),
        add(9, 40, 50),
        take(9, 51, 60),
        take(NO, 70, 80),
    ];
    let object = with(&[], &operations);
    let refused = refuses(&object);
    assert!(!refused(OutOfTurn, &[0, 1, 2]), "it was not begun");
    assert!(refused(OutOfTurn, &[0, 4, 5]), "it may have taken 7");
    assert!(refused(OutOfTurn, &[1, 4, 5]) && refused(OutOfTurn, &[1, 4, 2, 5]));
    assert!(refused(OutOfTurn, &[4, 1, 5, 2]) && refused(OutOfTurn, &[0, 1, 4, 2]));
    assert!(refused(OutOfTurn, &[0, 1, 3]) && refused(OutOfTurn, &[0, 1]));
    assert!(refused(PhantomSoldOut, &[6, 0]) && refused(PhantomSoldOut, &[6]));
}

#[test]
fn what_came_more_than_once_proves_nothing() {
    let operations =
        [add(7, 0, 10), add(8, 11, 20), take(8, 21, 30), take(7, 31, 40), take(NO, 15, 20)];
    let witnesses = [(OutOfTurn, &[0_u32, 1, 2, 3][..]), (PhantomSoldOut, &[4, 0, 3][..])];
    let proven = with(&[], &operations);
    assert!(witnesses.iter().all(|(kind, witness)| !refuses(&proven)(*kind, witness)));
    let object = with(&[7], &operations);
    assert!(witnesses.iter().all(|(kind, witness)| refuses(&object)(*kind, witness)));
    let early = [take(7, 0, 5), add(7, 10, 20)];
    assert!(!refuses(&with(&[], &early))(FutureRead, &[0, 1]));
    assert!(refuses(&with(&[7], &early))(FutureRead, &[0, 1]));
    assert!(refuses(&with(&[8], &operations))(OutOfTurn, &[0, 1, 2, 3]));
}

#[test]
fn what_came_or_went_at_the_same_time_proves_nothing() {
    let operations = [
        add(7, 0, 11),
        add(8, 11, 20),
        take(8, 21, 30),
        take(7, 31, 40),
        add(9, 0, 50),
        add(6, 0, 10),
        take(6, 0, 25),
        take(6, 35, 60),
        add(5, 0, 10),
    ];
    let object = with(&[], &operations);
    let refused = refuses(&object);
    assert!(refused(OutOfTurn, &[0, 1, 2, 3]), "they touch");
    assert!(refused(OutOfTurn, &[4, 1, 2]), "it came later");
    assert!(refused(OutOfTurn, &[5, 1, 2, 7]), "it was handed out before as well");
    assert!(!refused(OutOfTurn, &[8, 1, 2]));
    assert!(refused(OutOfTurn, &[8, 8, 1, 1, 2]), "more than there are");
}

#[test]
fn what_came_more_than_once_is_not_left_for_certain() {
    let operations = [add(7, 0, 10), add(8, 11, 20), take(8, 21, 30)];
    assert!(!refuses(&with(&[7], &operations[1..]))(OutOfTurn, &[0, 1]));
    let twice = with(&[7], &operations);
    assert!(refuses(&twice)(OutOfTurn, &[1, 2]) && refuses(&twice)(OutOfTurn, &[0, 1, 2]));
    assert!(refuses(&with(&[7], &[add(7, 0, 10), take(NO, 20, 30)]))(PhantomSoldOut, &[1]));
}
