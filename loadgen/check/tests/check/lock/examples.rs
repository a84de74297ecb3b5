//! Examples of each anomaly and of each near miss.

use super::*;
use crate::sample::{self, anomaly};
use loadgen_check::history::Initial;

fn operation(op: Op, client: u32, result: i64, times_ns: (u64, u64)) -> Operation {
    let (call_ns, return_ns) = times_ns;
    Operation { arg: NIL, client, ..sample::done(op, result, call_ns, return_ns) }
}

pub(super) fn take(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(Op::Take, client, result, (call_ns, return_ns))
}

pub(super) fn give(client: u32, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    operation(Op::Give, client, result, (call_ns, return_ns))
}

fn unknown(op: Op, client: u32, call_ns: u64) -> Operation {
    Operation { arg: NIL, client, ..sample::unknown(op, call_ns) }
}

pub(super) fn lock(operations: &[Operation]) -> Object {
    Object { operations: operations.to_vec(), ..Object::default() }
}

/// The anomalies, of which each is proved; none if an order explains every answer.
pub(super) fn anomalies(operations: &[Operation]) -> Vec<Anomaly> {
    let object = lock(operations);
    let Judgement { verdict, anomalies, order, .. } = judge(&object);
    assert!(anomalies.iter().all(|one| verify(&object, Model::Lock, one)), "{anomalies:?}");
    assert_eq!(verdict == Verdict::Valid, brute::is_linearizable(&Lock, operations));
    if verdict == Verdict::Valid {
        assert_eq!(certificate::replay(&Lock, operations, &order.unwrap()), Ok(()));
    }
    anomalies
}

#[test]
fn one_at_a_time_holds_it() {
    let first = [take(1, YES, 0, 10), give(1, YES, 30, 40)];
    let with = |second: Operation| anomalies(&[first[0], first[1], second]);
    assert_eq!(with(take(2, YES, 0, 30)), []);
    assert_eq!(with(take(2, YES, 0, 29)), [anomaly(TwoHolders, &[29], &[1, 0, 2])]);
    assert_eq!(with(take(2, YES, 0, 5)), [anomaly(TwoHolders, &[10], &[2, 0])]);
    let never = [take(1, YES, 0, 10), take(2, YES, 11, 20), take(1, YES, 21, 30)];
    assert_eq!(anomalies(&never), [anomaly(TwoHolders, &[20, 30], &[0, 1])]);
    // Whoever gave it back in between was one of the two.
    let [first, second] = [take(1, YES, 0, 10), take(2, YES, 11, 20)];
    let third = [first, second, give(2, YES, 25, 28), take(3, YES, 29, 35)];
    assert_eq!(anomalies(&third), [anomaly(TwoHolders, &[20, 35], &[0, 1])]);
    // It may have been given back.
    assert_eq!(
        anomalies(&[take(1, YES, 0, 10), unknown(Op::Give, 1, 20), take(2, YES, 11, 20)]),
        []
    );
    let late = [take(1, YES, 0, 10), unknown(Op::Give, 1, 21), take(2, YES, 11, 20)];
    assert_eq!(anomalies(&late), [anomaly(TwoHolders, &[20], &[1, 0, 2])]);
    // By another client, or in vain, it was not.
    let vain = [take(1, YES, 0, 10), unknown(Op::Give, 3, 11), take(2, YES, 12, 20)];
    assert_eq!(anomalies(&vain), [anomaly(TwoHolders, &[20], &[0, 2])]);
    let own = [take(1, YES, 0, 10), unknown(Op::Give, 2, 11), take(2, YES, 12, 20)];
    assert_eq!(anomalies(&own)[0].kind, NotLinearizable);
    let failed = Operation { outcome: Outcome::Fail, ..give(1, NIL, 11, 12) };
    assert_eq!(anomalies(&[take(1, YES, 0, 10), failed, take(2, YES, 13, 20)]).len(), 1);
    // A give that ended before it was granted does not end it.
    let before = [give(1, NO, 0, 5), take(1, YES, 6, 10), take(2, YES, 11, 20)];
    assert_eq!(anomalies(&before), [anomaly(TwoHolders, &[20], &[1, 2])]);
}

#[test]
fn it_is_refused_only_while_somebody_may_hold_it() {
    let [one, free, two] = [take(1, YES, 10, 20), give(1, NIL, 30, 40), take(2, YES, 60, 70)];
    let with = |call_ns, return_ns| {
        let refused = take(3, NO, call_ns, return_ns);
        let found = anomalies(&[refused, one, free, two]);
        assert!(found.iter().all(|one| one.kind == PhantomRefusal), "{found:?}");
        found.into_iter().next().map(|one| one.witness)
    };
    assert_eq!(with(0, 10), None);
    assert_eq!(with(0, 9), Some(vec![0, 1]));
    assert_eq!(with(25, 26), None);
    assert_eq!(with(40, 50), None);
    assert_eq!(with(41, 59), Some(vec![1, 0, 3]));
    assert_eq!(with(41, 60), None);
    assert_eq!(with(90, 99), None);
    let last = [take(1, YES, 0, 5), give(1, YES, 6, 10), take(1, NO, 11, 20)];
    assert_eq!(anomalies(&last), [anomaly(PhantomRefusal, &[20], &[0, 2])]);
    assert_eq!(anomalies(&[take(1, NO, 0, 10)]), [anomaly(PhantomRefusal, &[10], &[0])]);
    // Its own holder is refused as well.
    assert_eq!(anomalies(&[take(1, YES, 0, 5), take(1, NO, 6, 10)]), []);
    // One that waits from early on comes behind the next, and explains nothing.
    let waits = [
        take(3, NO, 11, 14),
        take(4, YES, 0, 40),
        take(1, YES, 0, 5),
        give(1, YES, 6, 10),
        take(2, YES, 15, 20),
        give(2, YES, 30, 35),
    ];
    assert_eq!(anomalies(&waits), [anomaly(PhantomRefusal, &[14], &[2, 0, 4])]);
    // So does one that is still giving it back, before the last one.
    let slow = [
        take(3, NO, 31, 34),
        take(4, YES, 0, 3),
        give(4, YES, 5, 50),
        take(1, YES, 0, 15),
        give(1, YES, 20, 30),
    ];
    assert_eq!(anomalies(&slow), [anomaly(PhantomRefusal, &[34], &[3, 0])]);
}

#[test]
fn who_takes_without_an_answer_may_hold_it() {
    let refused = take(3, NO, 10, 20);
    assert_eq!(anomalies(&[refused, unknown(Op::Take, 1, 20)]), []);
    assert_eq!(anomalies(&[refused, unknown(Op::Take, 1, 21)]).len(), 1);
    // It has to come free for the next.
    let next = take(2, YES, 30, 40);
    assert_eq!(anomalies(&[refused, unknown(Op::Take, 1, 5), next]).len(), 1);
    assert_eq!(anomalies(&[refused, unknown(Op::Take, 1, 5), next, unknown(Op::Give, 1, 7)]), []);
    assert_eq!(
        anomalies(&[refused, unknown(Op::Take, 1, 5), next, unknown(Op::Give, 2, 7)]).len(),
        1
    );
    assert_eq!(
        anomalies(&[refused, take(1, NIL, 0, 9), give(1, YES, 30, 35), take(2, YES, 36, 40)]),
        []
    );
    let given = [unknown(Op::Take, 1, 0), give(1, YES, 5, 10)];
    assert_eq!(anomalies(&given), []);
    assert_eq!(anomalies(&[unknown(Op::Take, 2, 0), give(1, YES, 5, 10)]).len(), 1);
}

#[test]
fn only_its_holder_gives_it_back() {
    let own = [take(1, YES, 0, 5), give(1, NIL, 6, 10), give(1, YES, 11, 20)];
    assert_eq!(anomalies(&own), [anomaly(StrayRelease, &[20], &[1, 2])]);
    assert_eq!(
        anomalies(&[take(1, YES, 0, 5), give(2, YES, 6, 10)]),
        [anomaly(StrayRelease, &[10], &[1])]
    );
    assert_eq!(anomalies(&[take(1, YES, 0, 5), give(2, NO, 6, 10)]), []);
    let lost = [take(1, YES, 0, 5), give(1, NO, 6, 10), give(1, YES, 11, 20)];
    assert_eq!(anomalies(&lost), [anomaly(LostLock, &[10], &[0, 1])]);
    assert_eq!(anomalies(&[take(1, YES, 0, 5), give(1, NO, 5, 10)]), []);
}

#[test]
fn what_the_rule_does_not_cover_is_left_to_the_search() {
    for operations in [
        vec![take(1, YES, 0, 10), give(1, YES, 10, 20)],
        vec![take(1, YES, 0, 10), unknown(Op::Give, 1, 11)],
        vec![take(1, NIL, 0, 10)],
        vec![sample::read(7, 0, 10)],
        vec![take(1, 7, 0, 10)],
        vec![give(1, 7, 0, 10)],
    ] {
        assert_eq!(judge_by_rule(&lock(&operations)), None, "{operations:?}");
    }
    // Nobody knows who held it.
    let held = Object { initial: Initial::Value(7), ..lock(&[take(1, NO, 0, 10)]) };
    assert_eq!(judge(&held).verdict, Verdict::Unknown);
    let free = Object { initial: Initial::Value(NIL), ..lock(&[take(1, NO, 0, 10)]) };
    assert_eq!(judge(&free).verdict, Verdict::Invalid);
}

#[test]
fn others_may_hold_what_is_shared() {
    let shared = |operations: &[Operation]| {
        let judgement = judge(&Object { is_shared: true, ..lock(operations) });
        (judgement.verdict, judgement.doubt.is_some())
    };
    assert_eq!(shared(&[take(1, NO, 0, 10)]), (Verdict::Unknown, true));
    assert_eq!(shared(&[take(1, YES, 0, 5), give(1, NO, 6, 10)]), (Verdict::Unknown, true));
    assert_eq!(shared(&[take(1, YES, 0, 5), take(2, YES, 6, 10)]), (Verdict::Invalid, false));
    let lost = unknown(Op::Give, 3, 0);
    assert_eq!(shared(&[take(1, NO, 0, 10), lost]), (Verdict::Unknown, true));
    assert_eq!(shared(&[give(1, YES, 0, 10), lost]), (Verdict::Invalid, false));
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = lock(&[
        take(1, YES, 0, 10),
        give(1, YES, 20, 30),
        take(2, YES, 15, 18),
        take(3, NO, 32, 34),
        take(2, YES, 40, 50),
        give(2, NO, 60, 70),
        give(3, YES, 60, 70),
        give(1, YES, 80, 90),
        take(3, YES, 12, 25),
        give(2, YES, 26, 31),
        take(3, NO, 29, 34),
    ]);
    let refused =
        |kind, witness: &[u32]| !verify(&object, Model::Lock, &anomaly(kind, &[0], witness));
    assert!(!refused(TwoHolders, &[1, 0, 2]) && !refused(TwoHolders, &[0, 2]));
    assert!(!refused(LostLock, &[4, 5]) && !refused(StrayRelease, &[1, 7]));
    assert!(refused(TwoHolders, &[0, 0]) && refused(TwoHolders, &[1, 0, 0]), "one take twice");
    assert!(refused(TwoHolders, &[0, 8]), "it may have been given back before");
    assert!(refused(TwoHolders, &[0, 3]), "one that was refused");
    assert!(refused(TwoHolders, &[5, 0, 2]) && refused(TwoHolders, &[9, 0, 2]), "another's give");
    assert!(refused(TwoHolders, &[0]) && refused(TwoHolders, &[0, 99]), "no operation");
    assert!(refused(LostLock, &[2, 5]), "it was given back");
    assert!(refused(LostLock, &[0, 5]), "another's take");
    assert!(refused(LostLock, &[4, 9]) && refused(LostLock, &[3, 6]));
    assert!(refused(StrayRelease, &[7]), "it was granted before");
    assert!(refused(StrayRelease, &[9, 7]), "another's give");
    assert!(refused(StrayRelease, &[1, 5]) && refused(StrayRelease, &[0, 7]));
    assert!(refused(StrayRelease, &[6]), "it was granted before");
    assert!(refused(PhantomRefusal, &[3]) && refused(PhantomRefusal, &[10]));
    assert!(refused(PhantomRefusal, &[0, 3]), "the third may hold it");
    let free = lock(&[
        take(1, YES, 0, 5),
        give(1, YES, 6, 10),
        take(3, NO, 12, 20),
        take(2, YES, 21, 30),
        take(4, YES, 15, 40),
    ]);
    let refused =
        |witness: &[u32]| !verify(&free, Model::Lock, &anomaly(PhantomRefusal, &[0], witness));
    assert!(!refused(&[0, 2, 3]) && !refused(&[2, 3]));
    assert!(refused(&[2]) && refused(&[0, 2]), "the fourth may hold it");
    let explained = lock(&[
        free.operations[0],
        free.operations[1],
        free.operations[2],
        free.operations[3],
        take(4, YES, 11, 14),
        give(4, YES, 22, 24),
    ]);
    let by_two = anomaly(PhantomRefusal, &[0], &[0, 2, 3]);
    assert!(!verify(&explained, Model::Lock, &by_two), "the fourth held it");
    assert!(refused(&[0, 2, 4]) && refused(&[4, 2, 3]) && refused(&[0, 3]));
}
