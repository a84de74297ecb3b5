//! Examples of each anomaly and of each near miss.

use super::*;
use crate::sample::{anomaly, object, read};

pub(super) fn take(amount: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: amount, ..sample::done(Op::Take, result, call_ns, return_ns) }
}

pub(super) fn give(amount: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: amount, ..sample::done(Op::Give, NIL, call_ns, return_ns) }
}

fn unknown(op: Op, amount: i64, call_ns: u64) -> Operation {
    Operation { arg: amount, ..sample::unknown(op, call_ns) }
}

/// The anomalies, of which each is proved; none if an order explains every answer.
fn anomalies(initial: i64, operations: &[Operation]) -> Vec<Anomaly> {
    let object = object(initial, operations);
    let judgement = judge(&object);
    let Judgement { verdict, anomalies, order, .. } = judgement;
    assert!(anomalies.iter().all(|anomaly| verify(&object, MODEL, anomaly)), "{anomalies:?}");
    let specification = Stock { initial };
    assert_eq!(verdict == Verdict::Valid, brute::is_linearizable(&specification, operations));
    if verdict == Verdict::Valid {
        assert_eq!(certificate::replay(&specification, operations, &order.unwrap()), Ok(()));
    }
    anomalies
}

#[test]
fn more_than_there_was_is_an_oversell() {
    let [two, three] = [take(2, YES, 0, 10), take(3, YES, 0, 20)];
    assert_eq!(anomalies(5, &[two, three]), []);
    assert_eq!(anomalies(4, &[two, three]), [anomaly(Oversell, &[20], &[0, 1])]);
    // Without the largest one all others are explained; and it alone proves nothing.
    let many = [take(4, YES, 0, 5), take(1, YES, 0, 10), take(1, YES, 0, 11), take(1, YES, 0, 12)];
    assert_eq!(anomalies(4, &many), [anomaly(Oversell, &[10], &[0, 1])]);
    assert_eq!(anomalies(2, &many[..1]), [anomaly(Oversell, &[5], &[0])]);
    // What is wrong by itself makes nothing else so.
    let read = [take(2, YES, 0, 10), take(6, YES, 0, 11), read(3, 20, 30)];
    assert_eq!(anomalies(5, &read), [anomaly(Oversell, &[11], &[1])]);
}

#[test]
fn what_was_given_back_can_be_taken_again() {
    let taken = take(3, YES, 10, 20);
    assert_eq!(anomalies(1, &[taken, give(2, 20, 30)]), []);
    assert_eq!(anomalies(1, &[taken, give(2, 21, 30)]), [anomaly(Oversell, &[20], &[0])]);
    assert_eq!(anomalies(1, &[taken, give(1, 0, 30)]), [anomaly(Oversell, &[20], &[0])]);
    assert_eq!(anomalies(1, &[taken, unknown(Op::Give, 2, 20)]), []);
    assert_eq!(anomalies(1, &[taken, unknown(Op::Give, 2, 21)]).len(), 1);
    let failed = Operation { outcome: Outcome::Fail, ..give(2, 0, 5) };
    assert_eq!(anomalies(1, &[taken, failed]), [anomaly(Oversell, &[20], &[0])]);
    // There is no end to it.
    assert_eq!(anomalies(1, &[give(7, 0, 5), read(8, 6, 10)]), []);
}

#[test]
fn an_answer_that_too_few_were_left_is_wrong_where_enough_were() {
    let no = take(3, NO, 10, 20);
    assert_eq!(anomalies(2, &[no]), []);
    assert_eq!(anomalies(3, &[no]), [anomaly(PhantomSoldOut, &[20], &[0])]);
    assert_eq!(anomalies(2, &[no, give(1, 0, 9)]), [anomaly(PhantomSoldOut, &[20], &[0])]);
    assert_eq!(anomalies(2, &[no, give(1, 0, 10)]), []);
    assert_eq!(anomalies(4, &[no, take(2, YES, 20, 30)]), []);
    assert_eq!(anomalies(4, &[no, take(2, YES, 21, 30)]).len(), 1);
    assert_eq!(anomalies(4, &[no, take(1, YES, 0, 30)]).len(), 1);
    assert_eq!(anomalies(4, &[no, unknown(Op::Take, 2, 20)]), []);
    assert_eq!(anomalies(4, &[no, unknown(Op::Take, 2, 21)]).len(), 1);
    // A read of none says the same.
    let none = [read(0, 10, 20), give(1, 0, 9)];
    assert_eq!(anomalies(0, &none), [anomaly(PhantomSoldOut, &[20], &[0])]);
}

#[test]
fn an_earlier_read_shows_that_enough_were_left() {
    let lost = unknown(Op::Take, 3, 0);
    assert_eq!(anomalies(7, &[read(4, 5, 10), take(2, NO, 20, 30), lost, lost]), []);
    let shown = [read(4, 5, 10), take(2, NO, 20, 30), take(1, YES, 12, 14), take(3, YES, 0, 3)];
    assert_eq!(anomalies(7, &shown), [anomaly(PhantomSoldOut, &[30], &[1])]);
    // What may have been given back before the read is in it.
    let shown = [unknown(Op::Give, 5, 0), read(5, 5, 10), take(5, NO, 20, 30)];
    assert_eq!(anomalies(0, &shown), [anomaly(PhantomSoldOut, &[30], &[1, 2])]);
    // So is what was taken.
    let taken = [unknown(Op::Give, 5, 0), take(3, YES, 0, 3), read(2, 5, 10), take(2, NO, 20, 30)];
    assert_eq!(anomalies(0, &taken), [anomaly(PhantomSoldOut, &[30], &[2, 3])]);
}

#[test]
fn takes_behind_an_answer_that_too_few_were_left_are_late() {
    let no = take(3, NO, 0, 10);
    let lost = unknown(Op::Take, 5, 0);
    assert_eq!(anomalies(5, &[no, lost, take(2, YES, 11, 20)]).len(), 1, "a sum of neither");
    let late = [no, unknown(Op::Take, 3, 0), take(3, YES, 11, 20)];
    assert_eq!(anomalies(5, &late), [anomaly(LateSale, &[20], &[0, 2])]);
    assert_eq!(anomalies(5, &[no, unknown(Op::Take, 3, 0), take(2, YES, 11, 20)]), []);
    let given = [no, unknown(Op::Take, 3, 0), take(3, YES, 11, 20), give(1, 5, 30)];
    assert_eq!(anomalies(5, &given), []);
    // What was over before the answer is in it.
    let given = [take(3, NO, 6, 10), unknown(Op::Take, 6, 0), take(3, YES, 11, 20), give(1, 0, 5)];
    assert_eq!(anomalies(5, &given), [anomaly(LateSale, &[20], &[0, 2])]);
    let none = [read(0, 0, 10), unknown(Op::Take, 3, 0), take(1, YES, 11, 20)];
    assert_eq!(anomalies(3, &none), [anomaly(LateSale, &[20], &[0, 2])]);
}

#[test]
fn takes_behind_a_read_of_less_are_an_oversell() {
    let operations = [unknown(Op::Take, 2, 0), read(3, 5, 10), take(2, YES, 11, 20)];
    assert_eq!(anomalies(5, &operations), []);
    let more = [&operations[..], &[take(2, YES, 10, 30), take(2, YES, 12, 40)]].concat();
    assert_eq!(anomalies(5, &more)[0], anomaly(Oversell, &[40], &[2, 3, 4]));
    let behind = [&operations[..], &[take(2, YES, 11, 30)]].concat();
    assert_eq!(anomalies(5, &behind), [anomaly(Oversell, &[30], &[1, 2, 3])]);
    let below = [unknown(Op::Take, 2, 0), read(-1, 5, 10)];
    assert_eq!(anomalies(1, &below), [anomaly(Oversell, &[10], &[1])]);
}

#[test]
fn a_read_of_more_than_can_have_been_left_is_stale_or_tells_of_a_loss() {
    let taken = take(2, YES, 0, 10);
    assert_eq!(anomalies(5, &[taken, read(5, 10, 20)]), []);
    assert_eq!(anomalies(5, &[taken, read(4, 10, 20)]).len(), 1, "a sum of nothing");
    let stale = [taken, read(5, 11, 20), read(3, 21, 30)];
    assert_eq!(anomalies(5, &stale), [anomaly(StaleRead, &[20], &[1])]);
    let lost = [taken, read(5, 11, 20), read(4, 21, 30)];
    assert_eq!(anomalies(5, &lost), [anomaly(LostUpdate, &[20], &[1])]);
    let shown = [read(3, 0, 10), unknown(Op::Take, 2, 0), read(5, 11, 20)];
    assert_eq!(anomalies(5, &shown), [anomaly(StaleRead, &[20], &[0, 2])]);
    let refused = [take(4, NO, 0, 10), unknown(Op::Take, 2, 0), read(4, 11, 20)];
    assert_eq!(anomalies(5, &refused), [anomaly(StaleRead, &[20], &[0, 2])]);
    let given = [read(3, 0, 10), unknown(Op::Take, 2, 0), read(5, 11, 20), give(2, 0, 30)];
    assert_eq!(anomalies(5, &given), []);
}

#[test]
fn a_read_of_less_than_can_have_been_left_is_a_phantom() {
    assert_eq!(anomalies(5, &[take(2, YES, 20, 30), read(3, 10, 20)]), []);
    let phantom = [take(2, YES, 21, 30), read(3, 10, 20)];
    assert_eq!(anomalies(5, &phantom), [anomaly(Phantom, &[20], &[1])]);
    let given = [give(2, 0, 9), read(5, 10, 20)];
    assert_eq!(anomalies(5, &given), [anomaly(Phantom, &[20], &[1])]);
    // What is wrong by itself makes nothing else so.
    let cascade = [read(1, 0, 10), take(3, YES, 11, 20), read(2, 21, 30)];
    assert_eq!(anomalies(5, &cascade), [anomaly(Phantom, &[10], &[0])]);
}

#[test]
fn amounts_that_come_to_no_sum_are_no_order() {
    let operations = [read(4, 0, 20), take(2, YES, 0, 20), take(5, YES, 0, 20)];
    let found = anomalies(7, &operations);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].witness.len()), (NotLinearizable, 1));
    assert_eq!(anomalies(7, &[read(5, 0, 20), operations[1], operations[2]]), []);
}

#[test]
fn an_answer_that_could_not_be_read_leaves_the_verdict_open() {
    let unread = take(2, NIL, 0, 10);
    assert_eq!(judge(&object(3, &[unread])), Judgement::unknown("1 answers carried no result"));
    let low = object(4, &[unread, take(2, NO, 11, 20)]);
    assert_eq!(judge(&low).anomalies, [anomaly(PhantomSoldOut, &[20], &[1])]);
    assert_eq!(judge(&object(3, &[unread, take(2, NO, 11, 20)])).verdict, Verdict::Unknown);
}

#[test]
fn where_others_may_give_back_nothing_is_certain() {
    let shared = |operations: &[Operation]| {
        let object = Object { is_shared: true, ..object(1, operations) };
        let judgement = judge(&object);
        (judgement.verdict, judgement.doubt.is_some())
    };
    assert_eq!(shared(&[take(2, YES, 0, 10)]), (Verdict::Invalid, false));
    assert_eq!(shared(&[take(2, YES, 0, 10), give(1, 20, 30)]), (Verdict::Unknown, true));
    assert_eq!(shared(&[take(1, NO, 0, 10), take(2, NO, 0, 10)]), (Verdict::Unknown, true));
    assert_eq!(shared(&[take(2, NO, 0, 10), give(1, 0, 30)]), (Verdict::Valid, false));
    // Amounts that come to no sum may be those of others.
    let sums = [read(4, 0, 20), take(2, YES, 0, 20), take(5, YES, 0, 20)];
    let object = Object { is_shared: true, ..object(7, &sums) };
    assert_eq!(judge(&object).verdict, Verdict::Unknown);
}

#[test]
fn what_has_another_form_or_comes_to_too_much_is_left_undecided() {
    let undecided = |initial, operations: &[Operation]| {
        assert_eq!(judge_by_rules(&object(initial, operations)), None);
        judge(&object(initial, operations)).verdict
    };
    assert_eq!(undecided(1, &[take(0, YES, 0, 10)]), Verdict::Unknown);
    assert_eq!(undecided(1, &[give(-1, 0, 10)]), Verdict::Unknown);
    assert_eq!(undecided(1, &[give(i64::MAX, 0, 10)]), Verdict::Unknown);
    assert_eq!(undecided(1, &[take(i64::MAX, NO, 0, 10)]), Verdict::Valid);
    assert_eq!(undecided(-1, &[take(2, NO, 0, 10), give(3, 0, 10)]), Verdict::Valid);
    assert_eq!(undecided(-1, &[take(3, YES, 0, 10), give(3, 0, 10)]), Verdict::Invalid);
    let refused = Operation { result: NO, ..give(1, 0, 10) };
    assert_eq!(undecided(1, &[refused]), Verdict::Invalid);
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let sold = object(
        10,
        &[
            take(4, YES, 0, 10),
            take(4, YES, 0, 20),
            take(4, YES, 0, 30),
            give(1, 0, 40),
            take(5, NO, 0, 5),
        ],
    );
    let refused = |kind, witness: &[u32]| !verify(&sold, MODEL, &anomaly(kind, &[0], witness));
    assert!(!refused(Oversell, &[0, 1, 2]));
    assert!(refused(Oversell, &[0, 1]), "so much was there");
    assert!(refused(Oversell, &[0, 1, 1]), "one take twice");
    assert!(refused(Oversell, &[0, 1, 4]), "one that failed");
    assert!(refused(Oversell, &[0, 1, 3]), "what was given back");
    assert!(refused(Oversell, &[4, 0, 1]), "that is no read");
    assert!(refused(Oversell, &[]) && refused(Oversell, &[99]), "no operation");
    assert!(refused(LateSale, &[0, 1, 2]), "no answer tells of too few");
    assert!(refused(LateSale, &[4, 0, 1, 2]), "they began before");
    assert!(refused(PhantomSoldOut, &[4]), "all may have been taken");
    let read = object(
        10,
        &[
            take(4, YES, 0, 10),
            read(6, 20, 30),
            read(9, 40, 50),
            take(2, YES, 55, 58),
            read(4, 60, 70),
            take(3, NO, 72, 80),
            read(1, 82, 90),
            give(1, 100, 110),
            take(2, YES, 92, 95),
            read(-1, 96, 98),
        ],
    );
    let refused = |kind, witness: &[u32]| !verify(&read, MODEL, &anomaly(kind, &[0], witness));
    assert!(!refused(StaleRead, &[2]) && !refused(StaleRead, &[1, 2]));
    assert!(!refused(PhantomSoldOut, &[5]) && !refused(PhantomSoldOut, &[4, 5]));
    assert!(!refused(Phantom, &[6]) && !refused(Phantom, &[4, 6]));
    assert!(!refused(Oversell, &[6, 8]) && !refused(Oversell, &[9]));
    assert!(refused(StaleRead, &[1]) && refused(StaleRead, &[4]) && refused(StaleRead, &[5]));
    assert!(refused(StaleRead, &[2, 1]) && refused(StaleRead, &[4, 2]), "it was not before");
    assert!(refused(LostUpdate, &[2]), "a later read has it");
    assert!(refused(LostUpdate, &[1, 2]) && refused(LostUpdate, &[5]));
    assert!(refused(PhantomSoldOut, &[6]), "a read of one");
    assert!(refused(PhantomSoldOut, &[6, 5]), "it was not before");
    assert!(refused(PhantomSoldOut, &[0]) && refused(PhantomSoldOut, &[1]));
    assert!(refused(Phantom, &[5]) && refused(Phantom, &[1]) && refused(Phantom, &[0]));
    assert!(refused(Phantom, &[9]), "less than nothing");
    assert!(refused(Oversell, &[1, 3]), "so much was there");
    assert!(refused(Oversell, &[6, 3]), "it was over before");
    assert!(refused(Oversell, &[6, 9]) && refused(Oversell, &[6]));
    assert!(refused(LateSale, &[6, 8]), "one was left");
}
