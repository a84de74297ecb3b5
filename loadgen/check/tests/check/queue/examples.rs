//! Each anomaly, and what is just none.

use loadgen_check::AnomalyKind::{DoubleHandout, FutureRead, OutOfTurn, Phantom, PhantomSoldOut};
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome};
use loadgen_check::{AnomalyKind, Judgement, Model, Object, Operation, files, verify};

use super::{add, anomalies, judge, lost, take, with};
use crate::sample::{anomaly, read};

/// The witness of the only kind of anomaly that there is, if there is any.
#[track_caller]
fn witness(kind: AnomalyKind, initial: &[i64], operations: &[Operation]) -> Option<Vec<u32>> {
    let found = anomalies(&with(initial, operations));
    assert!(found.iter().all(|one| one.kind == kind), "{found:?}");
    found.into_iter().next().map(|one| one.witness)
}

#[test]
fn an_element_is_handed_out_once_and_only_where_it_is() {
    let twice = with(&[7], &[take(7, 0, 10), take(7, 0, 20), take(7, 0, 15)]);
    assert_eq!(anomalies(&twice), [anomaly(DoubleHandout, &[15, 20], &[0, 2])]);
    let phantom = with(&[7], &[take(8, 0, 10), take(7, 0, 10)]);
    assert_eq!(anomalies(&phantom), [anomaly(Phantom, &[10], &[0])]);
    let early = with(&[], &[take(8, 0, 10), add(8, 11, 20)]);
    assert_eq!(anomalies(&early), [anomaly(FutureRead, &[10], &[0, 1])]);
    assert_eq!(anomalies(&with(&[], &[take(8, 0, 10), add(8, 10, 20)])), []);
    // Nothing else is wrong with an element that was handed out too early.
    let more = [add(7, 0, 9), take(8, 0, 10), add(8, 11, 20), take(7, 11, 20)];
    assert_eq!(anomalies(&with(&[], &more)), [anomaly(FutureRead, &[10], &[1, 2])]);
    let failed = Operation { outcome: Outcome::Fail, ..add(8, 0, 5) };
    let phantom = anomalies(&with(&[], &[take(8, 0, 10), failed]));
    assert_eq!(phantom, [anomaly(Phantom, &[10], &[0])]);
    assert_eq!(anomalies(&with(&[], &[take(8, 0, 10), lost(Op::Add, 8, 10)])), []);
}

#[test]
fn what_came_first_is_handed_out_first() {
    let out_of_turn = |operations: &[Operation]| witness(OutOfTurn, &[], operations);
    let [one, other] = [add(7, 0, 10), add(8, 11, 20)];
    let wrong = [one, other, take(8, 0, 30), take(7, 31, 40)];
    assert_eq!(out_of_turn(&wrong), Some(vec![0, 1, 2, 3]));
    assert_eq!(anomalies(&with(&[], &wrong)), [anomaly(OutOfTurn, &[30], &[0, 1, 2, 3])]);
    // Ties are concurrent, of the additions as of the takes.
    assert_eq!(out_of_turn(&[one, add(8, 10, 20), take(8, 0, 30), take(7, 31, 40)]), None);
    assert_eq!(out_of_turn(&[one, other, take(8, 0, 30), take(7, 30, 40)]), None);
    // It may have been put in at any time later.
    assert_eq!(out_of_turn(&[lost(Op::Add, 7, 0), other, take(8, 0, 30), take(7, 31, 40)]), None);
    assert_eq!(
        out_of_turn(&[one, lost(Op::Add, 8, 11), take(8, 0, 30), take(7, 31, 40)]),
        Some(vec![0, 1, 2, 3])
    );
    assert_eq!(out_of_turn(&[one, other, take(8, 0, 30)]), Some(vec![0, 1, 2]));
    assert_eq!(out_of_turn(&[lost(Op::Add, 7, 0), other, take(8, 0, 30)]), None);
    assert_eq!(out_of_turn(&[one, other, take(7, 0, 30)]), None);
}

#[test]
fn each_take_of_what_came_later_counts() {
    let operations = [
        add(7, 0, 10),
        add(8, 11, 20),
        add(9, 11, 20),
        take(9, 21, 35),
        take(8, 21, 30),
        take(7, 36, 40),
    ];
    assert_eq!(anomalies(&with(&[], &operations)), [anomaly(OutOfTurn, &[30, 35], &[0, 1, 4, 5])]);
}

#[test]
fn what_was_there_at_first_came_in_its_order_and_before_all_else() {
    let out_of_turn = |operations: &[Operation]| witness(OutOfTurn, &[7, 8], operations);
    assert_eq!(out_of_turn(&[take(8, 0, 10), take(7, 11, 20)]), Some(vec![0, 1]));
    assert_eq!(out_of_turn(&[take(8, 0, 10), take(7, 10, 20)]), None);
    assert_eq!(out_of_turn(&[take(7, 0, 10), take(8, 11, 20)]), None);
    assert_eq!(out_of_turn(&[take(8, 0, 10)]), Some(vec![0]));
    let early = [add(9, 0, 10), take(9, 0, 10), take(7, 11, 20), take(8, 0, 20)];
    assert_eq!(out_of_turn(&early), Some(vec![0, 1, 2]));
}

#[test]
fn a_take_that_may_have_been_done_may_have_taken_what_came_first() {
    let out_of_turn = |operations: &[Operation]| witness(OutOfTurn, &[], operations);
    let [one, other, third] = [add(7, 0, 10), add(8, 0, 10), add(9, 11, 20)];
    let first_two = |call_ns, also_ns| {
        let lost = [call_ns, also_ns].map(|ns| lost(Op::Take, NIL, ns));
        out_of_turn(&[one, other, third, take(9, 21, 30), lost[0], lost[1]])
    };
    assert_eq!(first_two(0, 30), None);
    assert_eq!(first_two(0, 31), Some(vec![1, 2, 3]));
    // What may never have been put in need not have been taken.
    let operations = [one, lost(Op::Add, 8, 0), third, take(9, 21, 30), lost(Op::Take, NIL, 0)];
    assert_eq!(out_of_turn(&operations), None);
    // It took one of them alone.
    let operations = [one, other, third, take(9, 21, 30), take(NIL, 0, 30)];
    assert_eq!(out_of_turn(&operations), Some(vec![1, 2, 3]));
    let operations = [one, third, take(9, 21, 30), take(NIL, 0, 30)];
    assert_eq!(
        judge(&with(&[], &operations)),
        Some(Judgement::unknown("1 answers carried no result"))
    );
}

#[test]
fn a_take_that_was_not_needed_was_not_done() {
    let [one, other] = [add(7, 0, 10), add(8, 11, 20)];
    let order = |operations: &[Operation]| judge(&with(&[], operations)).unwrap().order.unwrap();
    assert_eq!(order(&[one, other, take(8, 21, 30), lost(Op::Take, NIL, 0)]), [0, 3, 1, 2]);
    assert_eq!(order(&[one, lost(Op::Take, NIL, 20)]), [0, 1]);
    assert_eq!(order(&[lost(Op::Take, NIL, 20), take(NO, 21, 30)]), [1]);
    let lost_add = lost(Op::Add, 9, 0);
    assert_eq!(order(&[lost_add, lost(Op::Take, NIL, 20), take(NO, 21, 30)]), [2]);
    let certified = super::queue::judge(&[], &[one], false);
    assert_eq!(certified, Some(Judgement::valid(None)));
}

#[test]
fn nothing_is_left_at_some_instant_of_the_answer() {
    let sold_out =
        |initial: &[i64], operations: &[Operation]| witness(PhantomSoldOut, initial, operations);
    // It was there before, during, and after.
    let there = [take(NO, 10, 20), add(7, 0, 9), take(7, 21, 30)];
    assert_eq!(sold_out(&[], &there), Some(vec![0, 1, 2]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), take(7, 21, 30)]), Some(vec![0, 1]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20)]), Some(vec![0]));
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), add(7, 0, 9)]), Some(vec![0, 1]));
    // Ties are concurrent.
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), add(7, 0, 10), take(7, 21, 30)]), None);
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), add(7, 0, 9), take(7, 20, 30)]), None);
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), lost(Op::Add, 7, 0), take(7, 21, 30)]), None);
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), lost(Op::Add, 7, 0)]), None);
    // One goes when the other comes, and no instant is without both.
    let relay = [take(NO, 10, 20), take(7, 15, 30), add(8, 0, 14), take(8, 25, 30)];
    assert_eq!(sold_out(&[7], &relay), Some(vec![0, 1, 2, 3]));
    let gap = [take(NO, 10, 20), take(7, 15, 30), add(8, 0, 15), take(8, 25, 30)];
    assert_eq!(sold_out(&[7], &gap), None);
    // Of several, the fewest that are enough.
    let more = [&relay[..], &[add(9, 0, 9), take(9, 18, 40), take(6, 12, 13)]].concat();
    assert_eq!(sold_out(&[6, 7], &more), Some(vec![0, 4, 5, 2, 3]));
    // Whoever may have taken it explains one of them.
    let lost = lost(Op::Take, NIL, 20);
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), lost]), None);
    assert_eq!(sold_out(&[7, 8], &[take(NO, 10, 20), lost]), Some(vec![0]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 19), lost]), Some(vec![0]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), take(7, 21, 30), lost]), Some(vec![0, 1]));
}

#[test]
fn several_answers_that_nothing_is_left_have_an_instant_each() {
    let operations = [
        take(NO, 0, 12),
        add(7, 5, 10),
        take(7, 15, 20),
        take(NO, 14, 16),
        take(NO, 20, 20),
        add(8, 20, 20),
        take(8, 20, 20),
        take(NO, 20, 20),
    ];
    assert_eq!(anomalies(&with(&[], &operations)), []);
    assert_eq!(anomalies(&with(&[], &[take(NO, 11, 14), operations[1], operations[2]])).len(), 1);
}

#[test]
fn what_the_rule_does_not_cover_is_left_undecided() {
    let twice = Some(Judgement::unknown("an element was put in more than once"));
    for object in [
        with(&[7], &[add(7, 0, 10)]),
        with(&[7, 7], &[]),
        with(&[], &[add(7, 0, 10), add(7, 20, 30)]),
        with(&[], &[add(7, 0, 10), lost(Op::Add, 7, 20)]),
    ] {
        assert_eq!(judge(&object), twice, "{object:?}");
    }
    for operation in [
        add(NIL, 0, 10),
        read(7, 0, 10),
        take(7, 10, 5),
        take(7, 10, NEVER),
        Operation { result: NO, ..add(7, 0, 10) },
    ] {
        assert_eq!(judge(&with(&[], &[operation])), None, "{operation:?}");
        let failed = Operation { outcome: Outcome::Fail, ..operation };
        assert_eq!(anomalies(&with(&[], &[failed])), []);
    }
}

#[test]
fn elements_may_be_texts_and_a_file_says_the_same_again() {
    let text = r#"{"schema":"loadgen/history/2","model":"dispense:fifo","initial":{"jobs":["a","b"]}}
{"client":0,"call":0,"return":10,"op":"take","key":"jobs","arg":null,"result":"b","outcome":"ok"}
{"client":1,"call":20,"return":30,"op":"take","key":"jobs","arg":null,"result":"a","outcome":"ok"}
{"client":1,"call":40,"return":50,"op":"take","key":"jobs","arg":null,"result":false,"outcome":"ok"}
{"client":2,"call":60,"return":70,"op":"add","key":"jobs","arg":"c","result":null,"outcome":"ok"}
"#;
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    assert_eq!(model, Model::Queue);
    let object: &Object = &history.objects[0];
    assert_eq!(anomalies(object), [anomaly(OutOfTurn, &[10], &[0, 1])]);
    assert!(verify(object, model, &anomaly(OutOfTurn, &[10], &[0, 1])));
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), text);
    // Whole numbers alone make no older history of it.
    let numbers = text.replace("\"a\"", "1").replace("\"b\"", "2").replace("\"c\"", "3");
    let (model, history) = files::read(numbers.as_bytes(), None).unwrap();
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), numbers);
}
