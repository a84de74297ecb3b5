//! What the totals prove, and what they leave open.

use check::history::{NO, YES};
use check::{Anomaly, AnomalyKind, Bounds};

use super::*;
use crate::extract::Scalar;
use crate::record::{Operations, Room};
use crate::scenario::{Keep, Key};

/// A run of bookings by the status alone: what was left before and after, and the answers.
fn booked(before: i64, after: i64, answers: &[(u16, u64)]) -> Facts {
    let state = || State::Number(before.into());
    let before = Some(Before { first: state(), state: state() });
    Facts { before, record: record(answers, false), ..facts() }.then(Ok(after))
}

const SALE: Option<Model> = Some(Model::Bounded { capacity: Some(20) });

/// How many there are, only the state says.
const STOCK: Option<Model> = Some(Model::Bounded { capacity: None });

fn correctness(plan: &Plan, facts: Facts) -> Correctness {
    judgement(plan, facts).correctness.unwrap()
}

#[test]
fn an_oversell_is_measured_from_what_was_there_before() {
    let oversold_of = |model, facts| {
        let anomalies = correctness(&plan(model), facts).anomalies;
        let is_oversell = |one: &&Anomaly| one.kind == AnomalyKind::Oversell;
        anomalies.iter().find(is_oversell).map(|one| one.count)
    };
    let oversold = |facts| oversold_of(SALE, facts);
    assert_eq!(oversold(booked(5, 0, &[(200, 7), (409, 3)])), Some(2));
    assert_eq!(oversold(booked(5, 0, &[(200, 5), (409, 5)])), None);
    assert_eq!(oversold(booked(30, 9, &[(200, 21)])), None);
    // Without a state there is what the model says.
    let unseen = |sold| Facts { before: None, after: None, ..booked(0, 0, &[(200, sold)]) };
    assert_eq!((oversold(unseen(20)), oversold(unseen(23))), (None, Some(3)));
    // Where nothing stood, the model says it, too.
    let nothing = |sold| {
        let before = Some(Before { first: State::Nothing, state: State::Nothing });
        Facts { before, after: None, ..booked(0, 0, &[(200, sold)]) }
    };
    assert_eq!((oversold(nothing(20)), oversold(nothing(23))), (None, Some(3)));
    // It may be made with the first of them: that there are 17 of nothing, is no loss.
    let made = Facts { after: booked(0, 17, &[]).after, ..nothing(3) };
    let found = correctness(&plan(SALE), made);
    assert_eq!((found.verdict, found.anomalies, found.lost), (Verdict::Unknown, Vec::new(), None));
    // What neither says, nobody knows.
    let stock = |facts| oversold_of(STOCK, facts);
    assert_eq!(stock(booked(5, 0, &[(200, 7), (409, 3)])), Some(2));
    assert_eq!(stock(booked(5, 0, &[(200, 5), (409, 5)])), None);
    assert_eq!((stock(unseen(1000)), stock(nothing(1000))), (None, None));
    assert_eq!(correctness(&plan(STOCK), unseen(1000)).verdict, Verdict::Unknown);
}

/// Each of many objects has its own number, and what is in no state has none.
#[test]
fn of_an_object_that_is_in_no_state_nobody_knows_how_many_there_were() {
    let refused = |client| check::Operation { outcome: Outcome::Fail, ..take(client, NIL) };
    let verdict = |apples: u32, pears: &[check::Operation]| {
        let mut record = record(&[(200, 10)], false);
        record.operations = vec![Operations::new(Some(Room { operations: 30, bytes: usize::MAX }))];
        let [apple, pear] =
            ["apple", "pear"].map(|key| record.operations[0].object(key.as_bytes()));
        for client in 0..apples {
            record.operations[0].keep(apple, take(client, YES));
        }
        for operation in pears {
            record.operations[0].keep(pear, *operation);
        }
        let first = State::Keyed(vec![("apple".to_owned(), Scalar::Number(3.into()))]);
        let before = Some(Before { first: first.clone(), state: first });
        let mut plan = plan(STOCK);
        plan.is_exclusive = true;
        let step = &mut plan.scenario.steps[0];
        step.key = Some(Key::parse("{{seq}}", &step.call.variables).unwrap());
        let found = correctness(&plan, Facts { before, after: None, record, ..facts() });
        (found.verdict, found.reason)
    };
    let unknown = "nothing says how many there were at first".to_owned();
    assert_eq!(verdict(3, &[]), (Verdict::Valid, None));
    assert_eq!(verdict(4, &[]).0, Verdict::Invalid);
    let sold: Vec<_> = (10..20).map(|client| take(client, YES)).collect();
    assert_eq!(verdict(3, &sold), (Verdict::Unknown, Some(unknown)));
    assert_eq!(verdict(4, &sold).0, Verdict::Invalid);
    // Of what there is not, and was refused, nothing has to be known.
    assert_eq!(verdict(3, &[refused(10), refused(11)]), (Verdict::Valid, None));
}

#[test]
fn what_was_refused_without_a_word_may_be_there_in_place_of_what_is_lost() {
    let lost = |answers: &[(u16, u64)], after| {
        let facts = Facts { record: record(answers, false), ..facts() }.then(Ok(after));
        let Correctness { lost, assumed, unknown, .. } = correctness(&plan(None), facts);
        (lost.unwrap(), assumed, unknown)
    };
    assert_eq!(lost(&[(200, 10)], 8), (Bounds { min: 2, max: 2 }, 0, 0));
    assert_eq!(lost(&[(200, 10), (409, 3)], 8), (Bounds { min: 2, max: 5 }, 3, 0));
    // A server's error and a redirection may have been applied as well.
    assert_eq!(lost(&[(200, 10), (500, 3)], 8), (Bounds { min: 2, max: 5 }, 0, 3));
    assert_eq!(lost(&[(200, 10), (302, 3)], 8), (Bounds { min: 2, max: 5 }, 0, 3));
}

#[test]
fn an_answer_that_says_no_is_not_acknowledged() {
    let arguments = ["loadgen", "-n", "10", "--model", "bounded:20", "--result", "json:/n", URL];
    let Ok(Command::Load(session)) = cli::parse(arguments.map(Into::into)) else {
        panic!("{arguments:?}")
    };
    let Runs::Url(plan) = session.runs else { panic!("it has a URL") };
    let taken = (0..10).map(|client| take(client, if client < 6 { YES } else { NO }));
    assert_eq!(correctness(&plan, kept(200, taken)).acknowledged, 6);
}

fn take(client: u32, result: i64) -> check::Operation {
    let (call_ns, return_ns, op, outcome) = (0, 10, Op::Take, Outcome::Ok);
    check::Operation { call_ns, return_ns, arg: NIL, new: NIL, result, client, op, outcome }
}

/// A run of these operations, each of which was answered with `status`, without a state.
fn kept(status: u16, operations: impl Iterator<Item = check::Operation>) -> Facts {
    let mut record = record(&[(status, 10)], false);
    record.operations = vec![Operations::new(Some(Room { operations: 10, bytes: usize::MAX }))];
    for operation in operations {
        record.operations[0].keep(None, operation);
    }
    Facts { before: None, after: None, record, ..facts() }
}

#[test]
fn where_no_answer_says_what_became_of_an_update_nothing_is_proven() {
    let said = |operations: &[check::Operation]| {
        let found = correctness(&plan(SALE), kept(404, operations.iter().copied()));
        (found.verdict, found.reason)
    };
    let nothing = (Verdict::Unknown, Some("nothing was acknowledged".to_owned()));
    assert_eq!(said(&[]), nothing);
    assert_eq!(said(&[check::Operation { outcome: Outcome::Fail, ..take(1, NIL) }]), nothing);
    let read = check::Operation { op: Op::Read, ..take(1, 20) };
    assert_eq!(said(&[read]), nothing);
    // That nothing is left is an observation, which may be wrong.
    let sold_out = kept(409, std::iter::once(take(1, NO)));
    let plan = Plan { is_exclusive: true, ..plan(SALE) };
    assert_eq!(correctness(&plan, sold_out).verdict, Verdict::Invalid);
    let empty = super::plan(Some(Model::Bounded { capacity: Some(0) }));
    let none = correctness(&empty, kept(409, (0..10).map(|client| take(client, NO))));
    assert_eq!((none.verdict, none.reason), (Verdict::Valid, None));
}

/// What a client kept of such an answer names another object than the one that is known.
#[test]
fn where_answers_may_be_of_others_no_object_that_follows_from_one_is_accused() {
    let oversold = |unasked| {
        let mut record = record(&[(200, 10)], false);
        record.operations = vec![Operations::new(Some(Room { operations: 30, bytes: usize::MAX }))];
        let object = record.operations[0].object(b"cart");
        for client in 0..30 {
            record.operations[0].keep(object, take(client, YES));
        }
        record.unasked = unasked;
        Facts { before: None, after: None, record, ..facts() }
    };
    let mut plan = plan(SALE);
    let step = &mut plan.scenario.steps[0];
    step.key = Some(Key::parse("{{seq}}", &step.call.variables).unwrap());
    assert_eq!(correctness(&plan, oversold(1)).verdict, Verdict::Invalid);
    let (slot, name, extract) = (0, "cart".to_owned(), "json:/cart".parse().unwrap());
    plan.scenario.steps[0].keeps.push(Keep { slot, name, extract });
    assert_eq!(correctness(&plan, oversold(0)).verdict, Verdict::Invalid);
    let found = correctness(&plan, oversold(1));
    assert_eq!(found.verdict, Verdict::Unknown);
    assert!(found.reason.unwrap().contains("answers may belong to other requests"));
}

/// What a refusal was taken for may have been done: it was another request's.
#[test]
fn where_refusals_may_be_of_others_there_may_be_more_than_is_known() {
    let mut plan = plan(SALE);
    plan.is_exclusive = true;
    let refused = |doubtful| {
        let taken = (0..10).map(|client| take(client, if client == 0 { NO } else { YES }));
        let mut facts = kept(200, taken);
        let kind = crate::record::Kind { step: 0, is_warm_up: false };
        let fail = crate::record::Outcomes { fail: doubtful, ..Default::default() };
        facts.record.doubt([(kind, fail)]);
        correctness(&plan, facts).verdict
    };
    assert_eq!(refused(0), Verdict::Invalid, "there were twenty, and nine were taken");
    assert_ne!(refused(1), Verdict::Invalid);
}
