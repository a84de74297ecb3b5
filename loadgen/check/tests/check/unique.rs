//! Values that are handed out, each once.

use fastrand::Rng;
use loadgen_check::AnomalyKind::DuplicateValue;
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome};
use loadgen_check::models::unique::{self, Issued};
use loadgen_check::{
    Anomaly, AnomalyKind, Judgement, Lists, Model, Object, Operation, Tokens, Verdict, certificate,
    explain, files, verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{self, anomaly};
use crate::{brute, twin};

fn judge(object: &Object) -> Option<Judgement> {
    unique::judge(object.initial_elements(), &object.operations, true)
}

fn valid(rng: &mut Rng, slots: &[Slot]) -> Object {
    let initial: Vec<_> = (0..rng.i64(0..=2)).collect();
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..20) };
    let mut value = 10;
    let answer = |_: &_, _: &Operation, _: &mut Lists| {
        value += 1;
        value
    };
    let specification = Issued { initial: &initial };
    let ask = |_: &mut Rng| (Op::Add, NIL, NIL);
    let mut object = generate::object(rng, &specification, slots, faults, ask, answer);
    object.initial = Initial::Elements(initial);
    rng.shuffle(&mut object.operations);
    object
}

/// Some return what another returned, or what was there at first.
fn made_up(rng: &mut Rng) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(6..=14));
    let slots = at_random(rng, operations, ticks);
    let mut object = valid(rng, &slots);
    twin::perturb(rng, &mut object.operations);
    for operation in &mut object.operations {
        if operation.outcome == Outcome::Ok && rng.u8(0..12) == 0 {
            operation.result = rng.i64(0..=2);
        }
    }
    object
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Unique, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert_eq!(tally.kinds, [DuplicateValue].into());
}

/// Undecided exactly where some value makes it valid, and another makes it invalid.
#[test]
fn an_addition_without_a_result_is_undecided_where_it_may_be_another() {
    let make = |rng: &mut Rng| {
        let mut object = made_up(rng);
        twin::forget(rng, &mut object.operations, Op::Add);
        object
    };
    let tally = twin::compare(Model::Unique, make, |object| {
        let judgement = judge(object)?;
        let specification = Issued { initial: object.initial_elements() };
        let is_explained = brute::is_linearizable(&specification, &object.operations);
        let answers = object.operations.iter().filter(|add| add.outcome == Outcome::Ok);
        let results: Vec<_> = answers.map(|add| add.result).collect();
        let others = results.len() + object.initial_elements().len();
        let is_open = results.contains(&NIL) && others > 1;
        let expected = match (is_explained, is_open) {
            (false, _) => Verdict::Invalid,
            (true, true) => Verdict::Unknown,
            (true, false) => Verdict::Valid,
        };
        assert_eq!(judgement.verdict, expected);
        Some(judgement)
    });
    assert!(tally.unknown > 0, "{tally:?}");
}

#[test]
fn each_of_many_duplicates_is_proved() {
    let make = |rng: &mut Rng| {
        let (operations, clients) = (rng.usize(20..=40), rng.u32(1..=4));
        let slots = closed_loop(rng, operations, clients);
        let mut object = valid(rng, &slots);
        twin::garble(rng, &mut object.operations);
        object
    };
    let kinds = twin::prove(Model::Unique, make, |object| judge(object).unwrap());
    assert_eq!(kinds, [DuplicateValue].into());
}

fn add(value: i64, call_ns: u64, return_ns: u64) -> Operation {
    Operation { arg: NIL, ..sample::done(Op::Add, value, call_ns, return_ns) }
}

fn object(initial: &[i64], operations: &[Operation]) -> Object {
    let initial = Initial::Elements(initial.to_vec());
    Object { initial, operations: operations.to_vec(), ..Object::default() }
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|found| verify(object, Model::Unique, found)), "{anomalies:?}");
    anomalies
}

#[test]
fn a_value_that_comes_again_is_a_duplicate_each_time() {
    let operations = [add(7, 0, 40), add(7, 0, 10), add(8, 0, 5), add(7, 0, 30), add(8, 0, 50)];
    let expected = [anomaly(DuplicateValue, &[30, 40, 50], &[1, 3])];
    assert_eq!(anomalies(&object(&[], &operations)), expected);
    // Of two that are complete at once, the one that is told of first.
    let ties = [add(7, 0, 10), add(7, 0, 10)];
    assert_eq!(anomalies(&object(&[], &ties)), [anomaly(DuplicateValue, &[10], &[0, 1])]);
}

#[test]
fn a_value_that_was_there_at_first_is_a_duplicate_each_time() {
    let operations = [add(7, 0, 40), add(7, 0, 10), add(8, 0, 5)];
    let expected = [anomaly(DuplicateValue, &[10, 40], &[1])];
    assert_eq!(anomalies(&object(&[7], &operations)), expected);
    assert_eq!(anomalies(&object(&[7, 7, 9], &operations[2..])), []);
}

#[test]
fn what_failed_or_is_unknown_or_was_not_read_proves_nothing() {
    let with = |outcome, result| Operation { outcome, ..add(result, 0, 10) };
    let operations = [add(7, 0, 10), with(Outcome::Fail, 7), with(Outcome::Unknown, 7)];
    let judgement = judge(&object(&[], &operations)).unwrap();
    assert_eq!(judgement, Judgement::valid(Some(vec![0])));
    let open = Judgement::unknown("1 answers carried no result");
    assert_eq!(judge(&object(&[], &[add(7, 0, 10), add(NIL, 0, 10)])), Some(open.clone()));
    assert_eq!(judge(&object(&[7], &[add(NIL, 0, 10)])), Some(open));
    // Whatever it returned, it was the only one.
    let alone = judge(&object(&[], &[add(NIL, 0, 10)])).unwrap();
    assert_eq!(alone, Judgement::valid(Some(vec![0])));
    let both = [add(7, 0, 10), add(7, 0, 20), add(NIL, 0, 10)];
    assert_eq!(anomalies(&object(&[], &both)), [anomaly(DuplicateValue, &[20], &[0, 1])]);
}

#[test]
fn the_order_is_that_of_the_beginnings() {
    let operations = [add(1, 30, 40), add(2, 0, 50), add(3, 10, 20), sample::unknown(Op::Add, 0)];
    let judgement = judge(&object(&[9], &operations)).unwrap();
    assert_eq!(judgement, Judgement::valid(Some(vec![1, 2, 0])));
    let specification = Issued { initial: &[9] };
    assert_eq!(certificate::replay(&specification, &operations, &[1, 2, 0]), Ok(()));
    assert_eq!(unique::judge(&[], &operations, false), Some(Judgement::valid(None)));
}

#[test]
fn what_is_no_addition_is_not_covered() {
    assert_eq!(judge(&object(&[], &[sample::read(1, 0, 10)])), None);
    assert_eq!(judge(&object(&[], &[add(NO, 0, 10)])), None);
    let failed = Operation { outcome: Outcome::Fail, ..sample::read(1, 0, 10) };
    assert_eq!(judge(&object(&[], &[failed])).unwrap(), Judgement::valid(Some(vec![])));
}

#[test]
fn a_witness_that_proves_something_else_is_refused() {
    let with = |outcome| Operation { outcome, ..add(7, 0, 10) };
    let object = object(
        &[9],
        &[
            add(7, 0, 10),
            add(7, 0, 10),
            add(8, 0, 10),
            with(Outcome::Unknown),
            with(Outcome::Fail),
            add(NIL, 0, 10),
            add(NIL, 0, 10),
            sample::read(7, 0, 10),
            add(9, 0, 10),
        ],
    );
    let refused =
        |kind, witness: &[u32]| !verify(&object, Model::Unique, &anomaly(kind, &[0], witness));
    assert!(!refused(DuplicateValue, &[0, 1]) && !refused(DuplicateValue, &[8]));
    assert!(refused(DuplicateValue, &[0, 2]), "different values");
    assert!(refused(DuplicateValue, &[0, 0]), "one addition twice");
    assert!(refused(DuplicateValue, &[0, 3]) && refused(DuplicateValue, &[0, 4]), "not ok");
    assert!(refused(DuplicateValue, &[5, 6]), "no values");
    assert!(refused(DuplicateValue, &[0, 7]), "a read");
    assert!(refused(DuplicateValue, &[0]), "it was not there at first");
    assert!(refused(DuplicateValue, &[]) && refused(DuplicateValue, &[9]), "no operation");
    assert!(refused(AnomalyKind::Phantom, &[0, 1]), "another kind");
}

const ORDERS: &str = r#"{"schema":"loadgen/history/2","model":"unique","initial":{"i":["A-0"]}}
{"client":1,"call":0,"return":10,"op":"add","key":"i","arg":null,"result":"A-1","outcome":"ok"}
{"client":2,"call":0,"return":12,"op":"add","key":"i","arg":null,"result":17,"outcome":"ok"}
{"client":3,"call":5,"return":null,"op":"add","key":"i","arg":null,"result":null,"outcome":"unknown"}
{"client":1,"call":20,"return":30,"op":"add","key":"i","arg":null,"result":"A-1","outcome":"ok"}
{"client":2,"call":20,"return":40,"op":"add","key":"i","arg":null,"result":"A-0","outcome":"ok"}
"#;

#[test]
fn a_file_of_texts_is_read_judged_explained_and_written() {
    let (model, history) = files::read(ORDERS.as_bytes(), None).unwrap();
    let mut again = Vec::new();
    files::write(&mut again, model, &history).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), ORDERS);
    let mut object = history.objects[0].clone();
    let time = |time_ns: u64| format!("{time_ns} ns");
    let expected = [anomaly(DuplicateValue, &[30, 40], &[0, 3])];
    assert_eq!(anomalies(&object), expected);
    assert_eq!(
        explain(&object, model, &expected[0], &time).sentence,
        "Client 1's add at 0 ns returned A-1 and so did client 1's at 20 ns; no value is handed out \
         twice."
    );
    object.operations.remove(3);
    let expected = [anomaly(DuplicateValue, &[40], &[3])];
    assert_eq!(anomalies(&object), expected);
    assert_eq!(
        explain(&object, model, &expected[0], &time).sentence,
        "Client 2's add returned A-0, which was there at first."
    );
}

/// Without a text, too: the first version of histories has no such model.
#[test]
fn a_history_of_integers_is_of_the_second_version() {
    let object = Object { tokens: Tokens::default().into(), ..object(&[], &[add(1, 0, 10)]) };
    let history = loadgen_check::History { objects: vec![object] };
    for (model, version) in [(Model::Unique, "2"), (Model::Once, "2"), (Model::FetchAndAdd, "1")] {
        let mut bytes = Vec::new();
        files::write(&mut bytes, model, &history).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let header = format!("{{\"schema\":\"loadgen/history/{version}\"");
        assert!(text.starts_with(&header), "{text}");
    }
}
