//! What refusals that nobody declared, and others who may write, do to a verdict.

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::counter::Sum;
use loadgen_check::{
    History, Judgement, Limits, Lists, Model, Object, Operation, Verdict, judge, vacuity,
};

use crate::brute;
use crate::generate::{self, Faults, at_random};
use crate::sample::{done, object, read};
use crate::twin;

fn judged(object: &Object, model: Model) -> Judgement {
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    judge(&History { objects: vec![object.clone()] }, model, &limits).remove(0)
}

fn refused(op: Op, call_ns: u64, return_ns: u64) -> Operation {
    Operation { outcome: Outcome::Fail, ..done(op, NIL, call_ns, return_ns) }
}

/// Additions and reads of which some are wrong, and some refused.
fn counter(rng: &mut Rng) -> Object {
    let operations = twin::few(rng);
    let slots = at_random(rng, operations, 12);
    let faults = Faults { unknown: 10, fail: 30 };
    let ask = |rng: &mut Rng| if rng.bool() { (Op::Add, 1, NIL) } else { (Op::Read, NIL, NIL) };
    let answer = |sum: &i128, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => generate::result(*sum),
        _ => NIL,
    };
    let mut object = generate::object(rng, &Sum { initial: 0 }, &slots, faults, ask, answer);
    twin::perturb(rng, &mut object.operations);
    object
}

/// A history is invalid if and only if no order explains it, whether what was refused was done or
/// not.
#[test]
fn what_may_have_been_done_proves_nothing() {
    let mut verdicts = [0, 0, 0];
    for seed in 0..20_000 {
        let mut rng = Rng::with_seed(seed);
        let mut object = counter(&mut rng);
        let indices = (0..).zip(&object.operations);
        object.assumed = indices
            .filter(|(_, operation)| operation.outcome == Outcome::Fail)
            .map(|(index, _)| index)
            .collect();
        let explained =
            |object: &Object| brute::is_linearizable(&Sum { initial: 0 }, &object.operations);
        let expected = match (explained(&object), explained(&object.clone().doubted())) {
            (true, _) => Verdict::Valid,
            (false, true) => Verdict::Unknown,
            (false, false) => Verdict::Invalid,
        };
        let judgement = judged(&object, Model::Counter);
        assert_eq!(judgement.verdict, expected, "seed {seed}: {object:#?}");
        verdicts[expected as usize] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 500), "{verdicts:?}");
}

#[test]
fn refusals_that_would_explain_it_are_counted() {
    let mut object = object(0, &[refused(Op::Add, 0, 10), read(1, 20, 30)]);
    assert_eq!(judged(&object, Model::Counter).verdict, Verdict::Invalid);
    object.assumed = vec![0];
    let judgement = judged(&object, Model::Counter);
    assert_eq!(judgement.reason.as_deref(), Some("1 refusal may have been applied"));
    object.operations.push(read(0, 40, 50));
    assert_eq!(judged(&object, Model::Counter).verdict, Verdict::Invalid);
}

#[test]
fn what_others_may_have_done_proves_nothing() {
    let add = |result, call_ns, return_ns| done(Op::Add, result, call_ns, return_ns);
    let put = |arg, call_ns, return_ns| Operation { arg, ..add(NIL, call_ns, return_ns) };
    let overtaking = vec![put(1, 0, 10), put(2, 20, 30), done(Op::Take, 2, 40, 50)];
    for (model, operations, is_proven) in [
        (Model::Counter, vec![read(3, 0, 10)], false),
        (Model::Counter, vec![add(NIL, 0, 10), read(0, 20, 30)], true),
        (Model::FetchAndAdd, vec![add(1, 0, 10), add(3, 20, 30)], false),
        (Model::FetchAndAdd, vec![add(1, 0, 10), add(1, 20, 30)], true),
        (Model::FetchAndAdd, vec![add(1, 0, 10), add(1, 0, 10), add(9, 20, 30)], true),
        (Model::Bounded { capacity: Some(2) }, vec![done(Op::Take, NO, 0, 10)], false),
        (Model::Bounded { capacity: Some(0) }, vec![done(Op::Take, YES, 0, 10)], true),
        (Model::Unique, vec![add(7, 0, 10), add(7, 0, 10)], true),
        (Model::Once, vec![read(3, 0, 10)], false),
        (Model::Once, vec![add(NO, 0, 10)], false),
        (Model::Once, vec![read(3, 0, 10), add(3, 20, 30)], false),
        (Model::Once, vec![read(3, 0, 10), read(NIL, 20, 30)], true),
        (Model::Once, vec![add(3, 0, 10), add(4, 20, 30)], true),
        (Model::Once, vec![add(NO, 0, 10), add(3, 20, 30)], true),
        (Model::Dispense, vec![done(Op::Take, 3, 0, 10)], false),
        (Model::Dispense, vec![add(NIL, 0, 10), done(Op::Take, NO, 20, 30)], false),
        (Model::Dispense, vec![done(Op::Take, 1, 0, 10), add(NIL, 20, 30)], false),
        (Model::Dispense, vec![done(Op::Take, 1, 0, 9), done(Op::Take, 1, 0, 10)], false),
        (Model::Queue, vec![done(Op::Take, 3, 0, 10)], false),
        (Model::Queue, overtaking, false),
    ] {
        let exclusive = Object { operations, ..Object::default() };
        assert_eq!(judged(&exclusive, model).verdict, Verdict::Invalid, "{model}");
        let shared = Object { is_shared: true, ..exclusive };
        let expected = if is_proven { Verdict::Invalid } else { Verdict::Unknown };
        let judgement = judged(&shared, model);
        assert_eq!(judgement.verdict, expected, "{model}: {shared:#?}");
        assert!(judgement.anomalies.iter().all(|anomaly| !anomaly.kind.is_excess()));
    }
}

#[test]
fn nothing_acknowledged_and_nothing_read_prove_nothing() {
    let lost = Operation { outcome: Outcome::Unknown, ..done(Op::Add, NIL, 0, NEVER) };
    let add = |result| done(Op::Add, result, 0, 10);
    let (nothing, unread) = (Some("nothing was acknowledged"), Some("nothing was read"));
    for (model, operations, expected) in [
        (Model::Counter, vec![], nothing),
        (Model::Counter, vec![read(0, 0, 10), lost, refused(Op::Add, 0, 10)], nothing),
        (Model::Counter, vec![add(NIL)], unread),
        (Model::Counter, vec![add(NIL), read(1, 20, 30)], None),
        (Model::FetchAndAdd, vec![add(1)], None),
        (Model::FetchAndAdd, vec![add(NIL)], unread),
        (Model::Set, vec![add(NIL)], unread),
        (Model::Register, vec![done(Op::Write, NIL, 0, 10)], unread),
        (Model::Register, vec![done(Op::Write, NIL, 0, 10), read(NIL, 20, 30)], None),
        (Model::Bounded { capacity: Some(9) }, vec![refused(Op::Take, 0, 10)], nothing),
        (Model::Bounded { capacity: Some(9) }, vec![done(Op::Take, YES, 0, 10)], None),
        (Model::Unique, vec![add(NIL)], unread),
        (Model::Unique, vec![add(1)], None),
        (Model::Once, vec![add(NIL)], unread),
        (Model::Once, vec![add(1)], None),
        (Model::Dispense, vec![add(NIL)], unread),
        (Model::Dispense, vec![done(Op::Take, 7, 0, 10)], None),
        (Model::Queue, vec![add(NIL)], unread),
        (Model::Queue, vec![done(Op::Take, 7, 0, 10)], None),
        // Without a floor, anything can be moved.
        (Model::Accounts { floor: None }, vec![done(Op::Move, YES, 0, 10)], unread),
        (Model::Accounts { floor: Some(0) }, vec![done(Op::Move, YES, 0, 10)], None),
        (Model::Accounts { floor: None }, vec![done(Op::Move, YES, 0, 9), read(0, 0, 10)], None),
    ] {
        let history = History { objects: vec![Object { operations, ..Object::default() }] };
        assert_eq!(vacuity(&history, model), expected, "{model}: {history:#?}");
    }
}
