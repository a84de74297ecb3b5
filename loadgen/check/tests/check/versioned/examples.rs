//! Histories by hand: each anomaly, and what is next to it.

use loadgen_check::AnomalyKind::{
    FutureRead, LostUpdate, OrderViolation, Phantom, PhantomRefusal, StaleRead, StaleWrite,
};
use loadgen_check::certificate::{self, Broken};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome};
use loadgen_check::models::versioned::Document;
use loadgen_check::{Anomaly, Judgement, Object, Operation, Verdict, verify};

use super::{MODEL, judge};
use crate::sample::{self, anomaly, object, read};

/// A write that expected a version and made one, or was refused.
fn write(expected: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: expected, ..sample::done(Op::Write, result, call_ns, return_ns) }
}

/// A write of which nobody knows what became.
fn unknown(expected: i64, call_ns: u64) -> Operation {
    Operation { outcome: Outcome::Unknown, ..write(expected, NIL, call_ns, NEVER) }
}

/// The anomalies of a document that was at version 1 at first, each with a witness that proves it.
#[track_caller]
fn anomalies(operations: &[Operation]) -> Vec<Anomaly> {
    let object = object(1, operations);
    let judgement = judge(&object).unwrap();
    assert_ne!(judgement.verdict, Verdict::Unknown, "{judgement:?}");
    let anomalies = judgement.anomalies;
    assert!(anomalies.iter().all(|anomaly| verify(&object, MODEL, anomaly)), "{anomalies:?}");
    anomalies
}

/// Why it is left open.
#[track_caller]
fn open(operations: &[Operation]) -> String {
    let judgement = judge(&object(1, operations)).unwrap();
    assert_eq!(judgement.verdict, Verdict::Unknown, "{judgement:?}");
    judgement.reason.unwrap()
}

#[test]
fn of_two_writes_that_expected_the_same_version_one_was_lost() {
    let operations = [write(1, 2, 0, 10), write(1, 3, 0, 30), write(1, 4, 5, 20)];
    assert_eq!(anomalies(&operations), [anomaly(LostUpdate, &[20, 30], &[0, 2])]);
    // Whichever version the answer carried, or none.
    let unread = [write(1, 2, 0, 10), write(1, NIL, 0, 20)];
    assert_eq!(anomalies(&unread), [anomaly(LostUpdate, &[20], &[0, 1])]);
    assert_eq!(anomalies(&[write(1, 2, 0, 10), write(1, NO, 0, 20)]), []);
    assert_eq!(anomalies(&[write(1, 2, 0, 10), unknown(1, 0)]), []);
    assert_eq!(anomalies(&[write(1, 2, 0, 10), write(2, 3, 0, 20)]), []);
    assert_eq!(anomalies(&[write(NIL, 2, 0, 10), write(NIL, 3, 0, 20)]), []);
    let failed = Operation { outcome: Outcome::Fail, ..write(1, NIL, 0, 20) };
    assert_eq!(anomalies(&[write(1, 2, 0, 10), failed]), []);
}

#[test]
fn what_is_lost_is_told_once_and_proves_nothing_further() {
    let late = [write(1, 2, 0, 10), write(1, 3, 11, 20)];
    assert_eq!(anomalies(&late), [anomaly(LostUpdate, &[20], &[0, 1])]);
    // Of a refusal in between only the lost one says that it was wrong.
    let refused = [write(1, 2, 0, 10), write(1, NO, 11, 20), write(1, 3, 21, 30)];
    assert_eq!(anomalies(&refused), [anomaly(LostUpdate, &[30], &[0, 2])]);
    let unread = [write(1, NIL, 0, 10), write(1, NO, 11, 20), write(1, 3, 21, 30)];
    assert_eq!(anomalies(&unread), [anomaly(LostUpdate, &[30], &[0, 2])]);
    let stale = [write(1, 2, 0, 10), write(1, NO, 11, 20), read(1, 21, 30)];
    assert_eq!(anomalies(&stale), [anomaly(StaleRead, &[30], &[0, 2])]);
}

#[test]
fn a_version_that_nobody_made_is_a_phantom() {
    assert_eq!(anomalies(&[read(7, 0, 10)]), [anomaly(Phantom, &[10], &[0])]);
    assert_eq!(anomalies(&[read(NIL, 0, 10)]), [anomaly(Phantom, &[10], &[0])]);
    // A write that expected it says no less.
    assert_eq!(anomalies(&[write(7, 2, 0, 10)]), [anomaly(Phantom, &[10], &[0])]);
    // It may be that of a write whose answer is not known, if that began in time.
    assert_eq!(anomalies(&[read(7, 0, 10), unknown(NIL, 10)]), []);
    assert_eq!(anomalies(&[read(7, 0, 10), unknown(NIL, 11)]), [anomaly(Phantom, &[10], &[0])]);
    assert_eq!(anomalies(&[read(7, 0, 10), unknown(7, 0)]), [anomaly(Phantom, &[10], &[0])]);
    let replaced = [write(1, 2, 0, 10), unknown(1, 0), read(7, 0, 20)];
    assert_eq!(anomalies(&replaced), [anomaly(Phantom, &[20], &[2])]);
}

#[test]
fn a_write_makes_one_version_at_most() {
    let operations = [unknown(NIL, 0), read(7, 0, 10), read(8, 11, 20), read(9, 11, 30)];
    assert_eq!(anomalies(&operations), [anomaly(Phantom, &[20, 30], &[1, 2])]);
    let late = [operations[0], operations[1], operations[2], unknown(NIL, 20)];
    assert_eq!(anomalies(&late), []);
}

#[test]
fn what_was_seen_before_its_write_began_is_of_the_future() {
    let operations = [write(1, 2, 11, 20), read(2, 0, 10)];
    assert_eq!(anomalies(&operations), [anomaly(FutureRead, &[10], &[0, 1])]);
    let expected = [write(1, 2, 11, 20), write(2, 3, 0, 10)];
    assert_eq!(anomalies(&expected), [anomaly(FutureRead, &[10], &[0, 1])]);
    assert_eq!(anomalies(&[write(1, 2, 10, 20), read(2, 0, 10)]), []);
}

#[test]
fn a_read_of_what_was_replaced_is_stale() {
    let operations = [write(1, 2, 0, 10), read(1, 11, 20)];
    assert_eq!(anomalies(&operations), [anomaly(StaleRead, &[20], &[0, 1])]);
    assert_eq!(anomalies(&[write(1, 2, 0, 10), read(1, 10, 20)]), []);
    // A read shows that the write was done, and so does a write that expected what it made.
    let shown = [write(1, 2, 0, 99), read(2, 0, 10), read(1, 11, 20)];
    assert_eq!(anomalies(&shown), [anomaly(StaleRead, &[20], &[0, 1, 2])]);
    let shown = [write(1, 2, 0, 99), write(2, 3, 0, 10), read(1, 11, 20)];
    assert_eq!(anomalies(&shown), [anomaly(StaleRead, &[20], &[0, 1, 2])]);
}

#[test]
fn what_expects_nothing_replaces_what_was_there_before() {
    let operations = [write(1, 2, 0, 10), write(NIL, 3, 11, 20), read(2, 21, 30)];
    assert_eq!(anomalies(&operations), [anomaly(StaleRead, &[30], &[0, 1, 2])]);
    let at_once = [write(NIL, 2, 0, 10), write(NIL, 3, 10, 20), read(2, 21, 30)];
    assert_eq!(anomalies(&at_once), []);
    // Here 3 can only come behind 2, as nothing comes between that and 1.
    let linked = [write(1, 2, 0, 10), write(NIL, 3, 10, 20), read(2, 21, 30)];
    assert_eq!(anomalies(&linked), [anomaly(OrderViolation, &[30], &[0, 1, 2])]);
    let first = [write(NIL, 3, 11, 20), read(1, 21, 30)];
    assert_eq!(anomalies(&first), [anomaly(StaleRead, &[30], &[0, 1])]);
}

#[test]
fn a_write_that_expected_what_was_replaced_is_stale() {
    let operations = [write(1, 2, 0, 10), write(NIL, 3, 11, 20), write(2, 4, 21, 30)];
    assert_eq!(anomalies(&operations), [anomaly(StaleWrite, &[30], &[0, 1, 2])]);
    let at_once = [write(1, 2, 0, 10), write(NIL, 3, 11, 20), write(2, 4, 20, 30)];
    assert_eq!(anomalies(&at_once), []);
    assert_eq!(anomalies(&[write(1, 2, 0, 10), write(NIL, 3, 11, 20), unknown(2, 21)]), []);
}

#[test]
fn a_refusal_of_the_version_that_was_there_is_a_phantom() {
    assert_eq!(anomalies(&[write(1, NO, 0, 10)]), [anomaly(PhantomRefusal, &[10], &[0])]);
    assert_eq!(anomalies(&[write(NIL, NO, 0, 10)]), [anomaly(PhantomRefusal, &[10], &[0])]);
    assert_eq!(anomalies(&[write(7, NO, 0, 10)]), []);
    // Another write may have begun in time, or not.
    assert_eq!(anomalies(&[write(1, NO, 0, 10), write(1, 2, 10, 20)]), []);
    assert_eq!(anomalies(&[write(1, NO, 0, 10), unknown(1, 10)]), []);
    let late = [write(1, NO, 0, 10), write(1, 2, 11, 20)];
    assert_eq!(anomalies(&late), [anomaly(PhantomRefusal, &[10], &[0, 1])]);
    // It was there before and after.
    let around = [write(1, 2, 0, 10), write(2, NO, 11, 20), read(2, 21, 30), unknown(2, 0)];
    assert_eq!(anomalies(&around), [anomaly(PhantomRefusal, &[20], &[0, 1, 2])]);
    let touching = [write(1, 2, 0, 10), write(2, NO, 10, 20), read(2, 21, 30), unknown(2, 0)];
    assert_eq!(anomalies(&touching), []);
    let replaced = [write(1, 2, 0, 10), write(2, NO, 11, 20), read(2, 20, 30), unknown(2, 0)];
    assert_eq!(anomalies(&replaced), []);
}

#[test]
fn versions_that_time_orders_another_way_are_out_of_order() {
    // 5, 2, 3: but 3 was there when the write of 2 had not begun.
    let operations =
        [write(NIL, 5, 0, 99), write(5, 2, 20, 90), write(2, 3, 5, 90), read(3, 5, 10)];
    assert_eq!(anomalies(&operations), [anomaly(OrderViolation, &[90], &[2, 3, 1])]);
    // It was replaced as well before the first of them was made.
    let shown = [write(1, 2, 20, 90), write(2, 3, 5, 90), write(3, 4, 5, 90), read(4, 5, 10)];
    assert_eq!(anomalies(&shown), [anomaly(StaleWrite, &[90], &[2, 3, 0])]);
    let circle = [write(3, 2, 0, 10), write(2, 3, 0, 20)];
    assert_eq!(anomalies(&circle), [anomaly(OrderViolation, &[20], &[0, 1])]);
    // Two writes at once, and each was there when the other had been.
    let between = [
        write(NIL, 2, 0, 90),
        write(NIL, 3, 0, 90),
        read(2, 5, 10),
        read(3, 11, 20),
        read(2, 21, 30),
    ];
    assert_eq!(anomalies(&between), [anomaly(OrderViolation, &[30], &[2, 3, 4])]);
}

#[test]
fn a_write_without_a_version_was_done() {
    assert_eq!(
        anomalies(&[write(1, NIL, 0, 10), read(1, 11, 20)]),
        [anomaly(StaleRead, &[20], &[0, 1])]
    );
    assert_eq!(anomalies(&[write(1, NIL, 0, 10), write(1, NO, 11, 20)]), []);
    // The version that was read may be another than that of the write.
    assert_eq!(open(&[write(1, NIL, 0, 10), read(7, 11, 20)]), "1 answers carried no result");
    assert_eq!(open(&[read(7, 0, 6), write(1, NIL, 6, 10)]), "1 answers carried no result");
    assert_eq!(anomalies(&[read(7, 0, 5), write(1, NIL, 6, 10)]), [anomaly(Phantom, &[5], &[0])]);
}

#[test]
fn a_version_that_was_made_twice_leaves_the_verdict_open() {
    let reason = "1 version was made more than once, so they do not tell what was replaced";
    assert_eq!(open(&[write(1, 2, 0, 10), write(2, 2, 11, 20)]), reason);
    assert_eq!(open(&[write(1, 2, 0, 10), write(NIL, 2, 11, 20), read(2, 21, 30)]), reason);
    // What was there at first may have been made again.
    assert_eq!(open(&[write(1, 2, 0, 10), write(2, 1, 11, 20), write(1, 3, 21, 30)]), reason);
    // Each time that it was made it can be replaced.
    let twice =
        [write(NIL, 2, 0, 9), write(2, 3, 10, 19), write(NIL, 2, 20, 29), write(2, 4, 30, 39)];
    assert_eq!(open(&twice), reason);
    assert!(!verify(&object(1, &twice), MODEL, &anomaly(LostUpdate, &[39], &[1, 3])));
    // Others are certain whatever, as long as nobody else may have made them again.
    let clock = [write(1, 2, 0, 10), write(1, 2, 0, 20)];
    assert_eq!(anomalies(&clock), [anomaly(LostUpdate, &[20], &[0, 1])]);
    assert_eq!(open(&[clock[0], clock[1], unknown(NIL, 0)]), reason);
    let shared = Object { is_shared: true, ..object(1, &clock) };
    assert_eq!(judge(&shared).unwrap().verdict, Verdict::Unknown);
    assert_eq!(
        anomalies(&[write(1, 2, 0, 10), write(2, 2, 11, 20), read(7, 21, 30)]),
        [anomaly(Phantom, &[30], &[2])]
    );
}

#[test]
fn unknown_writes_are_in_the_certificate_where_they_are_needed() {
    let order = |operations: &[Operation]| judge(&object(1, operations)).unwrap().order;
    let chain = [unknown(1, 0), unknown(NIL, 0), read(7, 5, 10), write(7, 8, 11, 20)];
    assert_eq!(order(&chain), Some(vec![0, 2, 3]));
    assert_eq!(order(&[unknown(1, 0), read(1, 5, 10)]), Some(vec![1]));
    assert_eq!(order(&[unknown(1, 0), write(1, NO, 5, 10)]), Some(vec![0, 1]));
}

#[test]
fn a_version_that_nobody_knows_is_told_by_what_comes_after() {
    let operations =
        [unknown(1, 0), unknown(NIL, 0), write(7, NO, 0, 90), read(7, 0, 90), read(8, 0, 90)];
    let document = Document::of(1, &operations);
    let replayed = |order: &[u32]| {
        let some: Vec<_> = order.iter().map(|index| operations[*index as usize]).collect();
        let all: Vec<_> = (0..).take(order.len()).collect();
        certificate::replay(&document, &some, &all)
    };
    assert_eq!(replayed(&[0, 3, 1, 4]), Ok(()));
    assert_eq!(replayed(&[0, 2, 4, 1, 3]), Ok(()));
    assert_eq!(replayed(&[0, 2, 3]), Err(Broken::Answer(2)), "it was another");
    assert_eq!(replayed(&[0, 3, 4]), Err(Broken::Answer(2)), "it was 7");
    assert_eq!(replayed(&[0, 3, 1, 3]), Err(Broken::Answer(3)), "it was made before");
    assert_eq!(replayed(&[3, 0]), Err(Broken::Answer(0)), "it was not made yet");
}

#[test]
fn it_begins_with_no_document_unless_the_history_says() {
    let created = Object {
        initial: Initial::Default,
        operations: vec![read(NIL, 0, 10), write(NIL, 1, 11, 20), write(1, 2, 21, 30)],
        ..Object::default()
    };
    assert_eq!(judge(&created), Some(Judgement::valid(Some(vec![0, 1, 2]))));
    let lost = Object { operations: vec![write(NIL, 1, 0, 5), read(NIL, 6, 10)], ..created };
    assert_eq!(judge(&lost).unwrap().anomalies, [anomaly(StaleRead, &[10], &[0, 1])]);
}

#[test]
fn what_is_no_write_or_read_is_not_covered() {
    assert_eq!(judge(&object(1, &[sample::done(Op::Add, NIL, 0, 10)])), None);
    assert_eq!(judge(&object(1, &[write(1, 2, 10, 5)])), None);
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let operations = [
        write(1, 2, 0, 10),
        write(2, 3, 11, 20),
        read(3, 21, 30),
        write(3, NO, 25, 40),
        unknown(3, 22),
        write(NIL, 5, 31, 60),
        read(5, 50, 70),
        read(9, 41, 49),
    ];
    let object = object(1, &operations);
    assert_eq!(judge(&object).unwrap().verdict, Verdict::Valid);
    let refused = |kind, witness: &[u32]| !verify(&object, MODEL, &anomaly(kind, &[0], witness));
    assert!(refused(LostUpdate, &[0, 1]), "they expected different versions");
    assert!(refused(LostUpdate, &[0, 0]) && refused(LostUpdate, &[0]), "one write");
    assert!(refused(LostUpdate, &[1, 4]), "one is unknown");
    assert!(refused(LostUpdate, &[3, 5]), "one was refused, one expected none");
    assert!(refused(Phantom, &[7]), "the unknown write may have made it");
    assert!(refused(Phantom, &[6]) && refused(Phantom, &[7, 6]), "it was made");
    assert!(refused(FutureRead, &[0, 1]) && refused(FutureRead, &[5, 6]), "it was there");
    assert!(refused(StaleRead, &[1, 2]) && refused(StaleRead, &[0, 1, 2]), "it was there");
    assert!(refused(StaleRead, &[0, 1]), "no read");
    assert!(refused(StaleRead, &[5, 6]) && refused(StaleRead, &[9, 6]), "no other version");
    assert!(refused(StaleWrite, &[0, 1]) && refused(StaleWrite, &[2, 5]), "it was there");
    assert!(refused(PhantomRefusal, &[3]), "the unknown write may have replaced it");
    assert!(refused(PhantomRefusal, &[2, 3]) && refused(PhantomRefusal, &[2, 3, 6]));
    assert!(refused(OrderViolation, &[0, 1, 2]) && refused(OrderViolation, &[5, 6]));
    assert!(refused(OrderViolation, &[]) && refused(LostUpdate, &[]) && refused(Phantom, &[]));
}
