//! Takes from a number that is bounded.

mod amounts;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    LateSale, LostUpdate, Oversell, Phantom, PhantomSoldOut, StaleRead,
};
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::bounded::{self, Stock};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, certificate,
    verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{self, anomaly, object, read, unknown};
use crate::{brute, twin};

/// How many there are, each history says for itself.
const MODEL: Model = Model::Bounded { capacity: Some(0) };

fn judge(object: &Object) -> Option<Judgement> {
    bounded::judge(object.initial_or(0), &object.operations, true)
}

/// Takes and, of a hundred operations, so many reads.
fn valid(rng: &mut Rng, slots: &[Slot], reads: u8) -> Object {
    let initial = rng.i64(0..=4);
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..20) };
    let ask = |rng: &mut Rng| {
        if rng.u8(0..100) < reads { (Op::Read, NIL, NIL) } else { (Op::Take, NIL, NIL) }
    };
    let answer = |left: &i64, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => *left,
        _ if *left > 0 => YES,
        _ => NO,
    };
    let mut object = generate::object(rng, &Stock { initial }, slots, faults, ask, answer);
    object.initial = Initial::Value(initial);
    twin::forget(rng, &mut object.operations, Op::Read);
    rng.shuffle(&mut object.operations);
    object
}

/// Some return something else than they should.
fn made_up(rng: &mut Rng, reads: u8) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(6..=14));
    let slots = at_random(rng, operations, ticks);
    let mut object = valid(rng, &slots, reads);
    twin::perturb(rng, &mut object.operations);
    object
}

/// Many return something else than they should.
fn garbled(rng: &mut Rng, reads: u8) -> Object {
    let (operations, clients) = (rng.usize(20..=40), rng.u32(1..=4));
    let slots = closed_loop(rng, operations, clients);
    let mut object = valid(rng, &slots, reads);
    twin::garble(rng, &mut object.operations);
    object
}

/// Nobody knows how many there are, unless the history says it.
const UNSAID: Model = Model::Bounded { capacity: None };

fn judged(object: &Object, model: Model) -> Judgement {
    let history = History { objects: vec![object.clone()] };
    let limits = Limits { certify: true, memory_bytes: usize::MAX, expired: &|| false };
    loadgen_check::judge(&history, model, &limits).remove(0)
}

#[test]
fn what_the_history_says_of_an_object_is_how_many_there_are() {
    let mut rng = Rng::with_seed(77);
    let mut seen = [0; 2];
    for _ in 0..500 {
        let object = made_up(&mut rng, 30);
        let Initial::Value(initial) = object.initial else { panic!("it says it") };
        let said = Model::Bounded { capacity: Some(initial.cast_unsigned()) };
        let [unsaid, said] = [UNSAID, said].map(|model| judged(&object, model));
        assert_eq!(unsaid, said, "{object:?}");
        assert!(unsaid.anomalies.iter().all(|one| verify(&object, UNSAID, one)), "{object:?}");
        seen[usize::from(unsaid.verdict == Verdict::Invalid)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}

/// With any number of them, or nothing that was seen.
#[test]
fn where_nothing_says_how_many_there_were_no_rule_speaks() {
    let mut rng = Rng::with_seed(78);
    for round in 0..500 {
        let mut object = if round % 2 == 0 { made_up(&mut rng, 30) } else { garbled(&mut rng, 10) };
        // What is found where there is a number proves nothing without one.
        let found = judged(&object, UNSAID).anomalies;
        object.initial = Initial::Default;
        assert!(found.iter().all(|one| !verify(&object, UNSAID, one)), "{object:?}");
        let tells = object.operations.iter().any(|one| one.outcome == Outcome::Ok);
        let expected = if tells {
            Judgement::unknown("nothing says how many there were at first")
        } else {
            Judgement::valid(Some(Vec::new()))
        };
        assert_eq!(judged(&object, UNSAID), expected, "{object:?}");
    }
    let failed = Operation { outcome: Outcome::Fail, ..no(0, 10) };
    let nothing =
        Object { initial: Initial::Default, ..object(0, &[failed, unknown(Op::Take, 5)]) };
    assert_eq!(judged(&nothing, UNSAID), Judgement::valid(Some(Vec::new())));
}

#[test]
fn the_verdicts_on_takes_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(MODEL, |rng| made_up(rng, 0), judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [Oversell, LateSale, PhantomSoldOut].into());
}

#[test]
fn the_verdicts_on_takes_and_reads_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(MODEL, |rng| made_up(rng, 40), judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    let of_reads = [LostUpdate, Phantom, StaleRead];
    assert_eq!(
        tally.kinds,
        [Oversell, LateSale, PhantomSoldOut].into_iter().chain(of_reads).collect()
    );
}

#[test]
fn a_take_whose_answer_was_not_read_is_held_for_unknown() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng, 20);
        twin::forget(rng, &mut object.operations, Op::Take);
        object
    };
    let tally = twin::compare(MODEL, make, |object| {
        let judgement = judge(object)?;
        let mut weakened = object.operations.clone();
        for take in weakened.iter_mut().filter(|take| take.op == Op::Take && take.result == NIL) {
            if take.outcome == Outcome::Ok {
                take.outcome = Outcome::Unknown;
            }
        }
        let specification = Stock { initial: object.initial_or(0) };
        let is_valid = brute::is_linearizable(&specification, &weakened);
        assert_eq!(judgement.verdict != Verdict::Invalid, is_valid);
        Some(judgement)
    });
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_anomalies_is_proved() {
    let judge = |object: &Object| judge(object).unwrap();
    let kinds = twin::prove(MODEL, |rng| garbled(rng, 40), judge);
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

fn yes(call_ns: u64, return_ns: u64) -> Operation {
    sample::done(Op::Take, YES, call_ns, return_ns)
}

fn no(call_ns: u64, return_ns: u64) -> Operation {
    sample::done(Op::Take, NO, call_ns, return_ns)
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|anomaly| verify(object, MODEL, anomaly)), "{anomalies:?}");
    anomalies
}

#[test]
fn more_takes_than_there_was_are_an_oversell() {
    let operations = [yes(0, 40), yes(0, 10), yes(0, 30), yes(0, 20), no(0, 50)];
    assert_eq!(anomalies(&object(2, &operations)), [anomaly(Oversell, &[30, 40], &[1, 3, 2])]);
    assert_eq!(anomalies(&object(0, &operations[..1])), [anomaly(Oversell, &[40], &[0])]);
}

#[test]
fn more_takes_than_a_read_said_there_was_are_an_oversell() {
    let operations = [unknown(Op::Take, 0), read(1, 5, 10), yes(11, 20), yes(11, 30)];
    assert_eq!(anomalies(&object(2, &operations)), [anomaly(Oversell, &[30], &[1, 2, 3])]);
}

#[test]
fn a_read_of_less_than_nothing_is_an_oversell() {
    let operations = [unknown(Op::Take, 0), unknown(Op::Take, 0), read(-1, 5, 10)];
    assert_eq!(anomalies(&object(1, &operations)), [anomaly(Oversell, &[10], &[2])]);
    let oversold = [yes(0, 1), yes(0, 2), read(-1, 5, 10)];
    assert_eq!(anomalies(&object(1, &oversold)), [anomaly(Oversell, &[2], &[0, 1])]);
}

#[test]
fn a_take_after_the_answer_that_nothing_was_left_is_late() {
    let operations = [unknown(Op::Take, 0), no(0, 10), no(0, 12), yes(11, 20), yes(10, 30)];
    assert_eq!(anomalies(&object(2, &operations)), [anomaly(LateSale, &[20], &[1, 3])]);
    let shown = [unknown(Op::Take, 0), read(0, 0, 10), yes(11, 20)];
    assert_eq!(anomalies(&object(1, &shown)), [anomaly(LateSale, &[20], &[1, 2])]);
}

#[test]
fn that_nothing_was_left_is_a_phantom_where_not_enough_takes_had_begun() {
    let operations = [yes(0, 10), no(11, 20), no(11, 21), yes(21, 30), no(21, 40)];
    assert_eq!(anomalies(&object(2, &operations)), [anomaly(PhantomSoldOut, &[20], &[1])]);
    let shown = [yes(0, 10), read(0, 11, 20)];
    assert_eq!(anomalies(&object(2, &shown)), [anomaly(PhantomSoldOut, &[20], &[1])]);
}

#[test]
fn a_phantom_makes_no_take_late() {
    let operations = [no(0, 5), yes(10, 20), yes(10, 20), no(21, 30), yes(31, 40)];
    let expected = [
        anomaly(PhantomSoldOut, &[5], &[0]),
        anomaly(LateSale, &[40], &[3, 4]),
        anomaly(Oversell, &[40], &[1, 2, 4]),
    ];
    assert_eq!(anomalies(&object(2, &operations)), expected);
}

#[test]
fn a_read_of_more_than_can_be_left_is_stale_or_tells_of_a_loss() {
    let stale = [yes(0, 10), read(3, 11, 20), read(2, 21, 30)];
    assert_eq!(anomalies(&object(3, &stale)), [anomaly(StaleRead, &[20], &[1])]);
    let lost = [yes(0, 10), yes(0, 10), read(2, 11, 20), read(2, 21, 30)];
    assert_eq!(anomalies(&object(3, &lost)), [anomaly(LostUpdate, &[20], &[2])]);
}

#[test]
fn a_read_of_something_after_the_answer_that_nothing_was_left_is_stale() {
    let operations = [yes(0, 90), no(0, 10), read(1, 11, 20)];
    assert_eq!(anomalies(&object(1, &operations)), [anomaly(StaleRead, &[20], &[1, 2])]);
}

#[test]
fn a_read_of_less_than_can_be_left_is_a_phantom() {
    let operations = [yes(0, 10), read(1, 11, 20), yes(20, 30)];
    assert_eq!(anomalies(&object(3, &operations)), []);
    assert_eq!(anomalies(&object(4, &operations)), [anomaly(Phantom, &[20], &[1])]);
}

#[test]
fn a_phantom_makes_no_oversell() {
    let operations = [read(1, 0, 10), yes(11, 20), yes(11, 20), yes(11, 20)];
    assert_eq!(anomalies(&object(5, &operations)), [anomaly(Phantom, &[10], &[0])]);
}

#[test]
fn an_acknowledged_take_without_a_result_leaves_the_verdict_open() {
    let operations = [sample::done(Op::Take, NIL, 0, 10), no(0, 10)];
    let open = judge(&object(1, &operations)).unwrap();
    assert_eq!(open, Judgement::unknown("1 answers carried no result"));
    assert_eq!(anomalies(&object(2, &operations)), [anomaly(PhantomSoldOut, &[10], &[1])]);
}

#[test]
fn takes_of_unknown_outcome_are_in_the_certificate_if_they_are_needed() {
    let operations = [no(5, 10), yes(0, 30), unknown(Op::Take, 10), unknown(Op::Take, 9)];
    let judged = |initial| judge(&object(initial, &operations)).unwrap();
    assert_eq!(judged(1), Judgement::valid(Some(vec![1, 0])));
    assert_eq!(judged(2), Judgement::valid(Some(vec![1, 2, 0])));
    assert_eq!(judged(3), Judgement::valid(Some(vec![1, 2, 3, 0])));
    let order = judged(3).order.unwrap();
    assert_eq!(certificate::replay(&Stock { initial: 3 }, &operations, &order), Ok(()));
    assert_eq!(bounded::judge(2, &operations, false), Some(Judgement::valid(None)));
}

#[test]
fn what_is_no_take_or_read_is_left_to_the_search() {
    assert_eq!(judge(&object(-1, &[no(0, 10)])), None);
    assert_eq!(judge(&object(1, &[sample::done(Op::Take, 2, 0, 10)])), None);
    assert_eq!(judge(&object(1, &[sample::done(Op::Add, NIL, 0, 10)])), None);
    let full = object(i64::MAX, &[read(i64::MAX, 0, 10), yes(0, 10)]);
    assert_eq!(anomalies(&full), []);
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let object = object(
        2,
        &[
            yes(0, 10),
            yes(0, 20),
            yes(0, 30),
            no(0, 5),
            yes(6, 40),
            read(1, 0, 15),
            read(1, 50, 60),
            read(0, 70, 80),
        ],
    );
    let refused = |kind, witness: &[u32]| !verify(&object, MODEL, &anomaly(kind, &[0], witness));
    assert!(!refused(Oversell, &[0, 1, 2]) && !refused(LateSale, &[3, 4]));
    assert!(!refused(StaleRead, &[6]));
    assert!(refused(LostUpdate, &[6]), "a later read has it");
    assert!(refused(Oversell, &[0, 1]), "there were two");
    assert!(refused(Oversell, &[0, 1, 1]), "one take twice");
    assert!(refused(Oversell, &[0, 1, 3]), "one that failed");
    assert!(refused(Oversell, &[5]), "something was left");
    assert!(refused(Oversell, &[5, 1, 2]), "the read was not before");
    assert!(refused(Oversell, &[]) && refused(Oversell, &[9]), "no operation");
    assert!(refused(LateSale, &[3, 2]), "it began before");
    assert!(refused(LateSale, &[5, 4]), "one was left");
    assert!(refused(LateSale, &[3, 6]), "a read takes nothing");
    assert!(refused(PhantomSoldOut, &[3]), "two had begun");
    assert!(refused(PhantomSoldOut, &[6]), "one was left");
    assert!(refused(StaleRead, &[5]), "one was left");
    assert!(refused(StaleRead, &[7]) && refused(StaleRead, &[3, 7]), "nothing was left");
    assert!(refused(Phantom, &[5]), "one had begun");
}
