//! Pools: elements that are put in, and handed out once.

use std::collections::BTreeSet;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{DoubleHandout, FutureRead, Phantom, PhantomSoldOut};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome};
use loadgen_check::models::dispense::{self, Pool};
use loadgen_check::{
    Anomaly, AnomalyKind, Judgement, Model, Object, Operation, Verdict, certificate, explain,
    files, verify,
};

use crate::generate::{Slot, at_random, back_to_back};
use crate::sample::{self, anomaly};
use crate::twin;

fn judge(object: &Object) -> Option<Judgement> {
    dispense::judge(object.initial_elements(), &object.operations, true)
}

fn add(element: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: element, ..sample::done(Op::Add, NIL, call_ns, return_ns) }
}

fn take(result: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: NIL, ..sample::done(Op::Take, result, call_ns, return_ns) }
}

fn unknown(op: Op, arg: i64, call_ns: u64) -> Operation {
    Operation { arg, ..sample::unknown(op, call_ns) }
}

fn pool(initial: &[i64], operations: &[Operation]) -> Object {
    let initial = Initial::Elements(initial.to_vec());
    Object { initial, operations: operations.to_vec(), ..Object::default() }
}

/// What a correct pool answers, some of which is lost.
fn valid(rng: &mut Rng, slots: &[Slot], lost_percent: u8) -> Object {
    let mut held: Vec<i64> = (0..rng.i64(0..=2)).collect();
    let initial = Initial::Elements(held.clone());
    let mut last = 10;
    let mut operations = Vec::with_capacity(slots.len());
    for slot in slots {
        let Slot { client, call_ns, return_ns, .. } = *slot;
        let is_lost = rng.u8(0..100) < lost_percent;
        let is_done = !is_lost || rng.bool();
        let (op, arg, result) = if rng.u8(0..100) < 45 {
            last += 1;
            if is_done {
                held.push(last);
            }
            (Op::Add, last, NIL)
        } else {
            let place = (is_done && !held.is_empty()).then(|| rng.usize(..held.len()));
            let taken = place.map(|place| held.swap_remove(place));
            (Op::Take, NIL, taken.unwrap_or(NO))
        };
        let (outcome, result, return_ns) = match is_lost {
            true if !is_done && rng.bool() => (Outcome::Fail, NIL, return_ns),
            true => (Outcome::Unknown, NIL, NEVER),
            false => (Outcome::Ok, result, return_ns),
        };
        let new = NIL;
        operations.push(Operation { call_ns, return_ns, arg, new, result, client, op, outcome });
    }
    Object { initial, operations, ..Object::default() }
}

/// Some return what another returned, what is not there, or that nothing is.
fn spoil(rng: &mut Rng, object: &mut Object) {
    for _ in 0..rng.u8(0..=2) {
        let answered = |take: &&mut Operation| (take.op, take.outcome) == (Op::Take, Outcome::Ok);
        let takes = object.operations.iter_mut().filter(answered).collect::<Vec<_>>();
        let Some(take) = rng.choice(takes) else { return };
        take.result = match rng.u8(0..3) {
            0 => NO,
            1 => rng.i64(0..=2),
            _ => rng.i64(10..=15),
        };
    }
}

fn made_up(rng: &mut Rng) -> Object {
    let (count, ticks) = (twin::few(rng), rng.u64(5..=14));
    let slots = at_random(rng, count, ticks);
    let lost_percent = rng.u8(0..40);
    let mut object = valid(rng, &slots, lost_percent);
    spoil(rng, &mut object);
    rng.shuffle(&mut object.operations);
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Dispense, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [DoubleHandout, FutureRead, Phantom, PhantomSoldOut].into());
}

/// An answer that cannot be read makes nothing valid, and hides nothing that the others prove.
#[test]
fn a_take_that_does_not_say_what_it_took_is_undecided_at_most() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng);
        twin::forget(rng, &mut object.operations, Op::Take);
        object
    };
    let tally = twin::compare(Model::Dispense, make, judge);
    assert!(tally.unknown > 0 && tally.uncovered == 0, "{tally:?}");
}

#[test]
fn what_is_wrong_with_long_histories_is_proven() {
    let make = |rng: &mut Rng| {
        let slots = back_to_back(rng, 200, 8);
        let mut object = valid(rng, &slots, 5);
        (0..20).for_each(|_| spoil(rng, &mut object));
        object
    };
    let judge = |object: &Object| judge(object).unwrap();
    let kinds: BTreeSet<AnomalyKind> = twin::prove(Model::Dispense, make, judge);
    assert!(kinds.contains(&DoubleHandout) && kinds.contains(&PhantomSoldOut), "{kinds:?}");
}

fn anomalies(object: &Object) -> Vec<Anomaly> {
    let judgement = judge(object).unwrap();
    for anomaly in &judgement.anomalies {
        assert!(verify(object, Model::Dispense, anomaly), "{anomaly:?}");
    }
    if judgement.verdict == Verdict::Valid {
        let specification = Pool { initial: object.initial_elements() };
        let order = judgement.order.unwrap();
        assert_eq!(certificate::replay(&specification, &object.operations, &order), Ok(()));
    }
    judgement.anomalies
}

#[test]
fn an_element_is_handed_out_once_and_only_where_it_is() {
    let twice = pool(&[7], &[take(7, 0, 10), take(7, 0, 20), take(7, 0, 15)]);
    assert_eq!(anomalies(&twice), [anomaly(DoubleHandout, &[15, 20], &[0, 2])]);
    let phantom = pool(&[7], &[take(8, 0, 10), take(7, 0, 10)]);
    assert_eq!(anomalies(&phantom), [anomaly(Phantom, &[10], &[0])]);
    let early = pool(&[], &[take(8, 0, 10), add(8, 11, 20)]);
    assert_eq!(anomalies(&early), [anomaly(FutureRead, &[10], &[0, 1])]);
    assert_eq!(anomalies(&pool(&[], &[take(8, 0, 10), add(8, 10, 20)])), []);
    let failed = Operation { outcome: Outcome::Fail, ..add(8, 0, 5) };
    assert_eq!(anomalies(&pool(&[], &[take(8, 0, 10), failed])).len(), 1);
    assert_eq!(anomalies(&pool(&[], &[take(8, 0, 10), unknown(Op::Add, 8, 10)])), []);
}

#[test]
fn nothing_is_left_at_some_instant_of_the_answer() {
    let sold_out = |initial: &[i64], operations: &[Operation]| {
        let found = anomalies(&pool(initial, operations));
        assert!(found.iter().all(|one| one.kind == PhantomSoldOut), "{found:?}");
        found.into_iter().next().map(|one| one.witness)
    };
    // It was there before, during, and after.
    let there = [take(NO, 10, 20), add(7, 0, 9), take(7, 21, 30)];
    assert_eq!(sold_out(&[], &there), Some(vec![0, 1, 2]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), take(7, 21, 30)]), Some(vec![0, 1]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20)]), Some(vec![0]));
    // Ties are concurrent.
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), add(7, 0, 10), take(7, 21, 30)]), None);
    assert_eq!(sold_out(&[], &[take(NO, 10, 20), add(7, 0, 9), take(7, 20, 30)]), None);
    // One goes when the other comes, and no instant is without both.
    let relay = [take(NO, 10, 20), take(7, 15, 30), add(8, 0, 14), take(8, 25, 30)];
    assert_eq!(sold_out(&[7], &relay), Some(vec![0]));
    let gap = [take(NO, 10, 20), take(7, 15, 30), add(8, 0, 15), take(8, 25, 30)];
    assert_eq!(sold_out(&[7], &gap), None);
    // Whoever may have taken it explains one of them.
    let lost = unknown(Op::Take, NIL, 20);
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), lost]), None);
    assert_eq!(sold_out(&[7, 8], &[take(NO, 10, 20), lost]), Some(vec![0]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 19), lost]), Some(vec![0]));
    assert_eq!(sold_out(&[7], &[take(NO, 10, 20), take(7, 21, 30), lost]), Some(vec![0, 1]));
}

#[test]
fn what_the_rule_does_not_cover_is_left_undecided() {
    for object in [
        pool(&[7], &[add(7, 0, 10)]),
        pool(&[7, 7], &[]),
        pool(&[], &[add(7, 0, 10), add(7, 20, 30)]),
        pool(&[], &[add(NIL, 0, 10)]),
        pool(&[], &[sample::read(7, 0, 10)]),
    ] {
        assert_eq!(judge(&object), None, "{object:?}");
    }
    let unread = pool(&[7], &[take(NIL, 0, 10)]);
    assert_eq!(judge(&unread), Some(Judgement::unknown("1 answers carried no result")));
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = pool(
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
    let refused =
        |kind, witness: &[u32]| !verify(&object, Model::Dispense, &anomaly(kind, &[0], witness));
    assert!(!refused(DoubleHandout, &[0, 1]) && !refused(PhantomSoldOut, &[3, 2]));
    assert!(!refused(Phantom, &[7]) && !refused(PhantomSoldOut, &[3]));
    assert!(refused(DoubleHandout, &[0, 0]) && refused(DoubleHandout, &[0, 2]));
    assert!(refused(DoubleHandout, &[3, 4]), "nothing is no element");
    assert!(refused(Phantom, &[0]) && refused(Phantom, &[6]) && refused(Phantom, &[3]));
    assert!(refused(FutureRead, &[6, 5]), "they overlap");
    assert!(refused(PhantomSoldOut, &[4]), "all was taken by then");
    assert!(refused(PhantomSoldOut, &[3, 0]), "it was taken before");
    assert!(refused(PhantomSoldOut, &[2]) && refused(PhantomSoldOut, &[]));
    assert!(refused(DoubleHandout, &[0, 99]), "no operation");
}

#[test]
fn a_sentence_says_what_was_there() {
    let said = |initial: &[i64], operations: &[Operation]| {
        let mut object = pool(initial, operations);
        for (client, operation) in (1..).zip(&mut object.operations) {
            operation.client = client;
        }
        let anomaly = judge(&object).unwrap().anomalies.remove(0);
        explain(&object, Model::Dispense, &anomaly, &|ns| ns.to_string()).sentence
    };
    for (initial, operations, expected) in [
        (
            &[7][..],
            vec![take(7, 0, 10), take(7, 0, 20)],
            "Client 1's take returned 7 and so did client 2's; it was put in once.",
        ),
        (&[], vec![take(7, 0, 10)], "Client 1's take returned 7, which nobody had put in."),
        (
            &[],
            vec![take(7, 0, 10), add(7, 20, 30)],
            "Client 1's take returned 7 and was over before client 2's add of it began.",
        ),
        (
            &[7],
            vec![take(NO, 0, 10)],
            "Client 1's take was told that nothing is left, but something was certainly left the \
             whole time.",
        ),
        (
            &[],
            vec![take(NO, 10, 20), add(7, 0, 5), take(7, 30, 40)],
            "Client 1's take was told that nothing is left, but 7 was: client 2's add of it was \
             over before, and client 3's take, which returned it, began after.",
        ),
        (
            &[7],
            vec![take(NO, 10, 20), take(7, 30, 40)],
            "Client 1's take was told that nothing is left, but 7 was: it was there at first, and \
             client 2's take, which returned it, began after.",
        ),
    ] {
        assert_eq!(said(initial, &operations), expected);
    }
}

#[test]
fn elements_may_be_texts_and_a_file_says_the_same_again() {
    let text = r#"{"schema":"loadgen/history/2","model":"dispense","initial":{"jobs":["a","b"]}}
{"client":0,"call":0,"return":10,"op":"take","key":"jobs","arg":null,"result":"a","outcome":"ok"}
{"client":1,"call":0,"return":20,"op":"take","key":"jobs","arg":null,"result":"a","outcome":"ok"}
{"client":1,"call":30,"return":40,"op":"take","key":"jobs","arg":null,"result":false,"outcome":"ok"}
{"client":2,"call":50,"return":60,"op":"add","key":"jobs","arg":"c","result":null,"outcome":"ok"}
"#;
    let (model, history) = files::read(text.as_bytes(), None).unwrap();
    let kinds: Vec<_> = anomalies(&history.objects[0]).iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [DoubleHandout, PhantomSoldOut]);
    let mut written = Vec::new();
    files::write(&mut written, model, &history).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), text);
}
