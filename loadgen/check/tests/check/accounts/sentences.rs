//! The sentences, about the smallest histories that are wrong in each way.

use loadgen_check::{Model, explain};

use super::{Line, bank, by_rules, lost, moved, read, refused};

/// The sentence about the first anomaly.
fn said(floor: Option<i64>, lines: &[Line<'_>]) -> String {
    let object = bank(&[(1, 100), (2, 50)], lines);
    let anomaly = by_rules(&object, floor).unwrap().anomalies.remove(0);
    explain(&object, Model::Accounts { floor }, &anomaly, &|ns| ns.to_string()).sentence
}

#[test]
fn a_sentence_says_what_is_wrong_with_a_read() {
    assert_eq!(
        said(None, &[read(&[(1, 100), (2, 51)], 0, 10)]),
        "Client 1's read returned 1: 100, 2: 51; that is 151 in all, but there were 150, and moves \
         do not change the total: 1 appeared."
    );
    assert_eq!(
        said(None, &[moved(30, [1, 2], 0, 10), read(&[(1, 70), (2, 50)], 20, 30)]),
        "Client 2's read returned 1: 70, 2: 50; that is 120 in all, but there were 150, and moves \
         do not change the total: 30 vanished."
    );
    let by_30 = moved(30, [1, 2], 0, 10);
    assert_eq!(
        said(None, &[by_30, read(&[(1, 100)], 20, 30)]),
        "Client 2's read returned 1: 100, but no moves lead to that: 1 held 70 then."
    );
    assert_eq!(
        said(None, &[by_30, lost(5, [2, 1], 0), read(&[(1, 69)], 20, 30)]),
        "Client 3's read returned 1: 69, but no moves lead to that: 1 held 70 or more then."
    );
    assert_eq!(
        said(None, &[by_30, lost(5, [2, 1], 0), read(&[(2, 81)], 20, 30)]),
        "Client 3's read returned 2: 81, but no moves lead to that: 2 held 80 or less then."
    );
    assert_eq!(
        said(None, &[by_30, lost(5, [2, 1], 0), read(&[(1, 72)], 20, 30)]),
        "Client 3's read returned 1: 72, but no moves lead to that: one balance is wrong, whichever \
         of the overlapping moves were made."
    );
}

#[test]
fn a_sentence_says_what_one_read_or_two_show_of_a_move() {
    assert_eq!(
        said(None, &[moved(30, [1, 2], 0, 40), read(&[(1, 70), (2, 50)], 10, 30)]),
        "Client 2's read returned 1: 70, 2: 50. Each of these balances is possible, but not all at \
         one time: whichever of the overlapping moves were made, it shows only one half of a move."
    );
    let lines = [lost(30, [1, 2], 0), read(&[(1, 70)], 10, 20), read(&[(1, 100), (2, 50)], 30, 40)];
    assert_eq!(
        said(None, &lines),
        "Client 2's read returned 1: 70, and client 3's 1: 100, 2: 50; no moves explain both: one \
         of them saw a move that was made, and the other did not see it."
    );
}

#[test]
fn a_sentence_says_what_is_wrong_with_a_floor() {
    assert_eq!(
        said(Some(0), &[lost(101, [1, 2], 0), read(&[(1, -1)], 20, 30)]),
        "Client 2's read returned -1 for 1, and no account may hold less than 0."
    );
    assert_eq!(
        said(Some(0), &[moved(101, [1, 2], 0, 10)]),
        "Client 1's move took 101 out of 1, but it held 100 at first, no more than 0 had come in by \
         then, and it may not hold less than 0."
    );
    let lines = [moved(80, [1, 2], 0, 10), moved(80, [1, 2], 20, 30), lost(5, [2, 1], 0)];
    assert_eq!(
        said(Some(-50), &lines),
        "2 moves took 160 out of 1, but it held 100 at first, no more than 5 had come in by then, and \
         it may not hold less than -50."
    );
    assert_eq!(
        said(Some(0), &[refused(70, [1, 2], 0, 10)]),
        "Client 1's move of 70 from 1 was refused, but that much was certainly there the whole \
         time."
    );
}
