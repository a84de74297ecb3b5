//! Examples by hand: of each anomaly, and of what is next to it.

use loadgen_check::AnomalyKind::{
    self, ConflictingPayload, DoubleEffect, FutureRead, LostUpdate, Phantom, PhantomRefusal,
    StaleRead, WrongRefusal,
};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome};
use loadgen_check::models::once::{self, Key};
use loadgen_check::{
    Anomaly, Judgement, Limits, Model, Object, Operation, Verdict, certificate, verify,
};

use super::judge;
use crate::sample::{self, anomaly};

pub(super) fn add(payload: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    let outcome = if return_ns == NEVER { Outcome::Unknown } else { Outcome::Ok };
    let arg = payload;
    Operation { arg, outcome, ..sample::done(Op::Add, result, call_ns, return_ns) }
}

pub(super) fn read(payload: i64, result: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: payload, ..sample::read(result, call_ns, return_ns) }
}

pub(super) fn object(operations: &[Operation]) -> Object {
    Object { operations: operations.to_vec(), ..Object::default() }
}

/// The anomalies, of which each is proved.
pub(super) fn anomalies(operations: &[Operation]) -> Vec<Anomaly> {
    let object = object(operations);
    let judgement = judge(&object).unwrap();
    assert_ne!(judgement.verdict, Verdict::Unknown);
    let anomalies = judgement.anomalies;
    assert!(anomalies.iter().all(|found| verify(&object, Model::Once, found)), "{anomalies:?}");
    anomalies
}

#[test]
fn two_results_are_a_double_effect() {
    let same = [add(1, 7, 0, 30), add(1, 7, 0, 10), read(NIL, 7, 0, 20), read(1, 7, 0, 5)];
    assert_eq!(anomalies(&same), []);
    let twice = [add(1, 7, 0, 30), add(1, 8, 0, 10), add(1, 8, 0, 20), add(1, 9, 0, 40)];
    assert_eq!(anomalies(&twice), [anomaly(DoubleEffect, &[30, 40], &[1, 0])]);
    let read = [add(1, 7, 0, 10), read(NIL, 8, 0, 10)];
    assert_eq!(anomalies(&read), [anomaly(DoubleEffect, &[10], &[0, 1])]);
}

#[test]
fn two_payloads_that_are_accepted_are_in_conflict() {
    let twice = [add(1, 7, 0, 30), add(2, 7, 0, 10), add(2, 7, 0, 20), add(NIL, 7, 0, 40)];
    assert_eq!(anomalies(&twice), [anomaly(ConflictingPayload, &[30, 40], &[1, 0])]);
    let read = [add(1, 7, 0, 10), read(2, 7, 0, 20)];
    assert_eq!(anomalies(&read), [anomaly(ConflictingPayload, &[20], &[0, 1])]);
    // A read without a payload is of any; one of nothing is of none.
    let any = [add(1, 7, 0, 10), self::read(NIL, 7, 0, 20), self::read(2, NIL, 0, 20)];
    assert_eq!(anomalies(&any), []);
    // One that is unknown may have been refused.
    assert_eq!(anomalies(&[add(1, 7, 0, 10), add(2, NIL, 0, NEVER)]), []);
}

#[test]
fn a_refusal_of_the_payload_that_is_held_is_wrong() {
    let refused = [add(1, NO, 5, 30), add(1, 7, 0, 10), add(1, NO, 5, 20), add(2, NO, 15, 20)];
    let other = add(2, NIL, 0, NEVER);
    let expected = [anomaly(WrongRefusal, &[20, 30], &[1, 2])];
    assert_eq!(anomalies(&[&refused[..], &[other]].concat()), expected);
    let told = [read(1, 7, 0, 10), add(1, NO, 5, 20), add(1, NIL, 0, NEVER)];
    assert_eq!(anomalies(&told), [anomaly(WrongRefusal, &[20], &[0, 1])]);
    assert_eq!(anomalies(&[add(1, 7, 0, 10), add(NIL, NO, 0, 20)]), []);
}

#[test]
fn a_refusal_when_no_other_can_have_come_first_is_a_phantom() {
    assert_eq!(anomalies(&[add(1, NO, 0, 10)]), [anomaly(PhantomRefusal, &[10], &[0])]);
    // Refused ones explain no refusals.
    let both = [add(1, NO, 0, 10), add(2, NO, 0, 20)];
    assert_eq!(anomalies(&both), [anomaly(PhantomRefusal, &[10, 20], &[0])]);
    let late = [add(1, NO, 0, 10), add(2, 7, 11, 20)];
    assert_eq!(anomalies(&late), [anomaly(PhantomRefusal, &[10], &[0])]);
    let just = [add(1, NO, 0, 10), add(2, 7, 10, 20)];
    assert_eq!(anomalies(&just), []);
    let failed = Operation { outcome: Outcome::Fail, ..add(2, NIL, 0, 10) };
    assert_eq!(anomalies(&[add(1, NO, 0, 10), failed]).len(), 1);
    let own = [add(1, NO, 0, 10), add(1, NIL, 0, NEVER)];
    assert_eq!(anomalies(&own), [anomaly(PhantomRefusal, &[10], &[0])]);
    assert_eq!(anomalies(&[add(1, NO, 0, 10), add(2, NIL, 10, NEVER)]), []);
}

/// Each of two is explained by the other's payload, but not both.
#[test]
fn refusals_of_all_payloads_are_phantoms_together() {
    let operations = [
        add(1, NIL, 0, NEVER),
        add(2, NIL, 0, NEVER),
        add(2, NO, 5, 20),
        add(1, NO, 5, 10),
        add(1, NO, 5, 30),
    ];
    let expected = [anomaly(PhantomRefusal, &[10, 20, 30], &[2, 3])];
    assert_eq!(anomalies(&operations), expected);
    let third = add(3, NIL, 11, NEVER);
    let expected = [anomaly(PhantomRefusal, &[10], &[2, 3])];
    assert_eq!(anomalies(&[&operations[..], &[third]].concat()), expected);
    let third = add(3, NIL, 10, NEVER);
    assert_eq!(anomalies(&[&operations[..], &[third]].concat()), []);
}

#[test]
fn a_refusal_before_the_payload_that_was_accepted_is_a_phantom() {
    let operations =
        [add(3, NIL, 0, NEVER), add(1, NO, 0, 10), add(2, 7, 11, 20), add(2, 7, 11, 30)];
    assert_eq!(anomalies(&operations), [anomaly(PhantomRefusal, &[10], &[2, 1])]);
}

#[test]
fn a_result_that_nothing_can_have_led_to_is_a_phantom() {
    assert_eq!(anomalies(&[read(NIL, 7, 0, 10)]), [anomaly(Phantom, &[10], &[0])]);
    let refused = [read(NIL, 7, 0, 10), add(1, NO, 0, 20), add(1, NIL, 0, NEVER)];
    let expected = [anomaly(Phantom, &[10], &[1, 0]), anomaly(PhantomRefusal, &[20], &[1])];
    assert_eq!(anomalies(&refused), expected);
    let of_another = [read(2, 7, 0, 10), add(1, NIL, 0, NEVER)];
    assert_eq!(anomalies(&of_another), [anomaly(Phantom, &[10], &[0])]);
    assert_eq!(anomalies(&[read(NIL, 7, 0, 10), add(1, NIL, 0, NEVER)]), []);
    // What is told later tells what it cannot have been before.
    let told = [read(NIL, 7, 0, 10), read(2, 7, 0, 20), add(1, NIL, 0, NEVER)];
    assert_eq!(anomalies(&told), [anomaly(Phantom, &[10, 20], &[1, 0])]);
}

#[test]
fn a_result_before_anything_can_have_led_to_it_is_of_the_future() {
    let late = [read(NIL, 7, 0, 10), add(1, 7, 11, 20), read(1, 7, 0, 9)];
    assert_eq!(anomalies(&late), [anomaly(FutureRead, &[9, 10], &[2])]);
    assert_eq!(anomalies(&[read(NIL, 7, 0, 10), add(1, 7, 10, 20)]), []);
    let unknown = [read(NIL, 7, 0, 10), add(1, NIL, 11, NEVER)];
    assert_eq!(anomalies(&unknown), [anomaly(FutureRead, &[10], &[0])]);
    let of_another = [add(2, NIL, 0, NEVER), read(NIL, 7, 0, 10), add(1, 7, 11, 20)];
    assert_eq!(anomalies(&of_another), [anomaly(FutureRead, &[10], &[2, 1])]);
    assert_eq!(anomalies(&of_another[..2]), []);
}

#[test]
fn a_read_of_nothing_when_the_effect_was_shown_is_stale_or_tells_of_a_loss() {
    let stale = [add(1, 7, 0, 10), read(NIL, NIL, 11, 20), read(NIL, NIL, 11, 30)];
    let later = [&stale[..], &[read(NIL, 7, 12, 40)]].concat();
    assert_eq!(anomalies(&later), [anomaly(StaleRead, &[20, 30], &[0, 1])]);
    let lost = anomaly(LostUpdate, &[20], &[0, 1]);
    assert!(!verify(&object(&later), Model::Once, &lost), "a later answer shows it");
    assert_eq!(anomalies(&stale), [anomaly(LostUpdate, &[20], &[0, 1])]);
    let just = [add(1, 7, 0, 10), read(NIL, NIL, 10, 20)];
    assert_eq!(anomalies(&just), []);
    // One that began with it is not later.
    let at_once = [&stale[..2], &[read(NIL, 7, 11, 40)]].concat();
    assert_eq!(anomalies(&at_once), [anomaly(LostUpdate, &[20], &[0, 1])]);
    // The payload that a read of nothing asks for makes no difference.
    let asked = [add(1, 7, 0, 10), read(2, NIL, 11, 20)];
    assert_eq!(anomalies(&asked), [anomaly(LostUpdate, &[20], &[0, 1])]);
}

#[test]
fn refusals_show_the_effect_as_well() {
    let refused = [add(2, NIL, 0, NEVER), add(1, NO, 0, 10), read(NIL, NIL, 11, 20)];
    assert_eq!(anomalies(&refused), [anomaly(LostUpdate, &[20], &[1, 2])]);
    let again = [&refused[..], &[add(1, NO, 30, 40)]].concat();
    assert_eq!(anomalies(&again), [anomaly(StaleRead, &[20], &[1, 2])]);
}

#[test]
fn an_effect_that_was_lost_is_done_again() {
    let operations = [add(1, 7, 0, 10), read(NIL, NIL, 20, 30), add(1, 8, 40, 50)];
    let expected = [anomaly(LostUpdate, &[30], &[0, 1]), anomaly(DoubleEffect, &[50], &[0, 2])];
    assert_eq!(anomalies(&operations), expected);
}

#[test]
fn an_addition_without_a_result_leaves_the_verdict_open() {
    let judged = |operations: &[Operation]| judge(&object(operations)).unwrap();
    let open = Judgement::unknown("1 answers carried no result");
    assert_eq!(judged(&[add(1, NIL, 0, 10), add(1, 7, 0, 10)]), open);
    assert_eq!(judged(&[add(1, NIL, 0, 10), read(NIL, 7, 0, 10)]), open);
    assert_eq!(judged(&[add(1, NIL, 0, 10), add(2, NO, 0, 10)]).verdict, Verdict::Valid);
    assert_eq!(judged(&[add(1, NIL, 0, 10), add(1, NIL, 0, NEVER)]).verdict, Verdict::Valid);
    // It was done all the same.
    let conflict = [add(1, NIL, 0, 10), add(2, 7, 0, 20)];
    assert_eq!(anomalies(&conflict), [anomaly(ConflictingPayload, &[20], &[0, 1])]);
    let lost = [add(1, NIL, 0, 10), read(NIL, NIL, 20, 30)];
    assert_eq!(anomalies(&lost), [anomaly(LostUpdate, &[30], &[0, 1])]);
}

#[test]
fn the_order_is_of_reads_of_nothing_the_effect_and_the_rest() {
    let operations = [
        add(1, 7, 20, 40),
        add(2, NO, 0, 30),
        read(NIL, NIL, 5, 35),
        add(1, NIL, 9, NEVER),
        add(3, NIL, 0, NEVER),
        read(1, 7, 0, 50),
    ];
    let order = vec![2, 3, 1, 5, 0];
    assert_eq!(judge(&object(&operations)).unwrap(), Judgement::valid(Some(order.clone())));
    assert_eq!(certificate::replay(&Key, &operations, &order), Ok(()));
    assert_eq!(once::judge(&operations, false), Some(Judgement::valid(None)));
    let idle = [read(NIL, NIL, 5, 35), add(1, NIL, 9, NEVER), read(NIL, NIL, 0, 50)];
    assert_eq!(judge(&object(&idle)).unwrap(), Judgement::valid(Some(vec![2, 0])));
}

#[test]
fn what_is_no_addition_or_read_is_not_covered() {
    assert_eq!(judge(&object(&[sample::done(Op::Write, NIL, 0, 10)])), None);
    assert_eq!(judge(&object(&[read(NIL, NO, 0, 10)])), None);
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    let used = |value| {
        let initial = Initial::Value(value);
        let history = loadgen_check::History {
            objects: vec![Object { initial, ..object(&[add(1, 7, 0, 10)]) }],
        };
        loadgen_check::judge(&history, Model::Once, &limits).remove(0)
    };
    assert_eq!(used(NIL), Judgement::valid(None));
    assert_eq!(used(7), Judgement::unknown("there is no rule for such a history"));
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = object(&[
        add(1, 7, 0, 10),
        add(1, 8, 0, 20),
        add(2, 7, 5, 20),
        add(1, NO, 0, 5),
        read(NIL, NIL, 6, 30),
        read(NIL, NIL, 5, 30),
        read(NIL, 7, 0, 3),
        add(3, NIL, 0, NEVER),
        add(3, NIL, 4, 50),
        read(2, 7, 0, 4),
        add(4, NIL, 0, NEVER),
    ]);
    let refused = |kind: AnomalyKind, witness: &[u32]| {
        !verify(&object, Model::Once, &anomaly(kind, &[0], witness))
    };
    assert!(!refused(DoubleEffect, &[0, 1]) && !refused(ConflictingPayload, &[1, 2]));
    assert!(!refused(WrongRefusal, &[0, 3]) && !refused(LostUpdate, &[3, 4]));
    assert!(refused(DoubleEffect, &[0, 2]), "the same result");
    assert!(refused(DoubleEffect, &[0, 8]) && refused(DoubleEffect, &[0, 7]), "no result");
    assert!(refused(DoubleEffect, &[0, 3]) && refused(DoubleEffect, &[0, 4]), "no result");
    assert!(refused(DoubleEffect, &[0]) && refused(DoubleEffect, &[0, 99]), "no operation");
    assert!(refused(ConflictingPayload, &[0, 1]), "the same payload");
    assert!(refused(ConflictingPayload, &[0, 6]), "a read that tells none");
    assert!(refused(ConflictingPayload, &[0, 7]), "not acknowledged");
    assert!(refused(ConflictingPayload, &[2, 3]), "refused");
    assert!(refused(WrongRefusal, &[2, 3]), "another payload");
    assert!(refused(WrongRefusal, &[0, 1]) && refused(WrongRefusal, &[3, 3]), "not refused");
    assert!(refused(StaleRead, &[3, 4]), "no later answer shows it");
    assert!(refused(LostUpdate, &[3, 5]), "it had begun");
    assert!(refused(LostUpdate, &[7, 4]) && refused(LostUpdate, &[3, 6]), "not shown, or seen");
    assert!(refused(Phantom, &[6]) && refused(Phantom, &[0]), "one had begun");
    assert!(refused(FutureRead, &[6]), "one had begun");
    assert!(refused(FutureRead, &[7, 6]), "an unknown one excludes nothing");
    assert!(!refused(FutureRead, &[9]) && refused(Phantom, &[9]), "its payload comes later");
    assert!(refused(PhantomRefusal, &[3]), "another had begun");
    assert!(refused(PhantomRefusal, &[8, 3]), "one of what the other shows had begun");
    assert!(refused(PhantomRefusal, &[6]) && refused(FutureRead, &[3]), "of another kind");
}
