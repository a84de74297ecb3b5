//! The sentences, about the smallest histories that are wrong in each way.

use loadgen_check::history::{NIL, NO, Op};
use loadgen_check::{Model, Operation, explain};

use super::{add, judge, lost, take, with};

/// The sentence about the first anomaly.
fn said(initial: &[i64], operations: &[Operation]) -> String {
    let mut object = with(initial, operations);
    for (client, operation) in (1..).zip(&mut object.operations) {
        operation.client = client;
    }
    let anomaly = judge(&object).unwrap().anomalies.remove(0);
    explain(&object, Model::Queue, &anomaly, &|ns| ns.to_string()).sentence
}

#[test]
fn a_sentence_says_what_is_wrong_with_what_was_handed_out() {
    assert_eq!(
        said(&[7], &[take(7, 0, 10), take(7, 0, 20)]),
        "Client 1's take returned 7 and so did client 2's; it was put in once."
    );
    assert_eq!(
        said(&[], &[take(7, 0, 10)]),
        "Client 1's take returned 7, which nobody had put in."
    );
    assert_eq!(
        said(&[], &[take(7, 0, 10), add(7, 20, 30)]),
        "Client 1's take returned 7 and was over before client 2's add of it began."
    );
}

#[test]
fn a_sentence_says_what_came_first() {
    let [one, other] = [add(7, 0, 10), add(8, 20, 30)];
    assert_eq!(
        said(&[], &[one, other, take(8, 40, 50), take(7, 60, 70)]),
        "Client 1's add of 7 was over before client 2's add of 8 began, so 7 comes first; but client \
         3's take returned 8 and was over before client 4's take, which returned 7, began."
    );
    assert_eq!(
        said(&[], &[one, other, take(8, 40, 50)]),
        "Client 1's add of 7 was over before client 2's add of 8 began, so 7 comes first; but client \
         3's take returned 8, and nobody took 7."
    );
    assert_eq!(
        said(&[], &[one, other, take(8, 40, 50), lost(Op::Take, NIL, 60)]),
        "Client 1's add of 7 was over before client 2's add of 8 began, so 7 comes first; but \
         client 3's take returned 8, and by then too few takes had begun for all that stood before \
         it, 7 among them."
    );
    assert_eq!(
        said(&[7], &[other, take(8, 40, 50)]),
        "7 was there at first, before client 1's add of 8, so 7 comes first; but client 2's take \
         returned 8, and nobody took 7."
    );
    assert_eq!(
        said(&[7, 8], &[take(8, 40, 50), take(7, 60, 70)]),
        "7 stood before 8 at first, so 7 comes first; but client 1's take returned 8 and was over \
         before client 2's take, which returned 7, began."
    );
}

#[test]
fn a_sentence_says_what_was_there() {
    assert_eq!(
        said(&[], &[take(NO, 10, 20), add(7, 0, 5), take(7, 30, 40)]),
        "Client 1's take was told that nothing is left, but something was there the whole time: 7 \
         from the end of client 2's add until client 3's take began."
    );
    assert_eq!(
        said(&[7], &[take(NO, 10, 20), take(7, 15, 30), add(8, 0, 14)]),
        "Client 1's take was told that nothing is left, but something was there the whole time: 7 \
         from the beginning until client 2's take began; then 8, or another that nobody returned, \
         from the end of client 3's add."
    );
    assert_eq!(
        said(&[7], &[take(NO, 10, 20)]),
        "Client 1's take was told that nothing is left, but something was there the whole time: \
         what was there at first and nobody returned."
    );
}
