//! Judging while a history grows, held against the judges of whole histories.

mod made_up;
mod memory;
mod told;

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::incremental::{Incremental, Standing};
use loadgen_check::models::{bounded, counter, fetch_and_add};
use loadgen_check::{
    AnomalyKind, History, Limits, Model, Object, Operation, Verdict, judge, verify,
};

use crate::sample::done;
use crate::twin::{histories, shown};
use told::Telling;

const BOUNDED: Model = Model::Bounded { capacity: Some(0) };

/// What the judge of whole histories says of `object`, by the rule of its model.
fn is_invalid(model: Model, object: &Object) -> bool {
    let (initial, operations) = (object.initial_or(0), &object.operations);
    let judgement = match model {
        Model::Counter => counter::judge(initial, operations, false),
        Model::FetchAndAdd => fetch_and_add::judge(initial, operations, false),
        _ => bounded::judge(initial, operations, false),
    };
    judgement.unwrap().verdict == Verdict::Invalid
}

/// Tells histories of `model` operation by operation. After each moment the history so far is invalid
/// if and only if the judge of whole histories says so, with what is in flight as unknown; what it is
/// for proves it, then and at the end.
///
/// # Panics
/// When that is not so, with the seed.
fn compare(model: Model) -> Vec<AnomalyKind> {
    let mut kinds = Vec::new();
    let (mut early, mut valid) = (0, 0);
    for seed in 0..histories() {
        let mut rng = Rng::with_seed(seed);
        let object = made_up::object(&mut rng, model);
        let mut judge = Incremental::new(model, Some(object.initial_or(0)), false).unwrap();
        let mut telling = Telling::new(&mut rng, &object);
        let mut standing = Standing::Open;
        let mut so_far = Object::default();
        while let Some(time_ns) = telling.moment(&mut rng, &mut judge) {
            standing = judge.look(time_ns + 1).clone();
            so_far = telling.so_far();
            let expected = is_invalid(model, &so_far);
            let is_as_expected = match &standing {
                Standing::Open => !expected,
                Standing::Invalid(_) => expected,
                Standing::Stopped(_) => false,
            };
            assert!(is_as_expected, "seed {seed}, {time_ns}: {standing:?}\n{}", shown(&so_far));
            if expected {
                break;
            }
        }
        let Standing::Invalid(proof) = standing else {
            valid += 1;
            continue;
        };
        early += u64::from(so_far.operations.len() < object.operations.len());
        assert!(is_invalid(model, &object), "seed {seed}: it has become valid\n{}", shown(&object));
        for object in [so_far, object] {
            let anomaly = proof.anomaly(&object).expect("the witness is in it");
            let holds = verify(&object, model, &anomaly);
            assert!(holds, "seed {seed}: {proof:?} {anomaly:?}\n{}", shown(&object));
        }
        if !kinds.contains(&proof.kind) {
            kinds.push(proof.kind);
        }
    }
    let tenth = histories() / 10;
    assert!(valid >= tenth && early >= tenth, "{valid} are valid, {early} ended early");
    kinds.sort_unstable();
    kinds
}

#[test]
fn at_each_moment_the_values_of_additions_stand_as_the_whole_judge_says() {
    use AnomalyKind::{DuplicateValue, FutureRead, OrderViolation, SkippedValue, StaleRead};
    let mut kinds = [DuplicateValue, FutureRead, OrderViolation, SkippedValue, StaleRead];
    kinds.sort_unstable();
    assert_eq!(compare(Model::FetchAndAdd), kinds);
}

#[test]
fn at_each_moment_a_counter_stands_as_the_whole_judge_says() {
    use AnomalyKind::{Phantom, StaleRead};
    assert_eq!(compare(Model::Counter), [Phantom, StaleRead]);
}

#[test]
fn at_each_moment_takes_stand_as_the_whole_judge_says() {
    use AnomalyKind::{LateSale, Oversell, Phantom, PhantomSoldOut, StaleRead};
    let mut kinds = [LateSale, Oversell, Phantom, PhantomSoldOut, StaleRead];
    kinds.sort_unstable();
    assert_eq!(compare(BOUNDED), kinds);
}

/// What ends a run is what the verdict on all of it calls invalid: whatever was refused by nobody's
/// word, whoever else may write, and whatever comes later.
#[test]
fn what_is_proved_early_is_invalid_in_the_end() {
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    for model in [Model::FetchAndAdd, Model::Counter, BOUNDED] {
        // Of those that are invalid in the end, by whether others may write.
        let (mut proved, mut missed) = ([0_u64; 2], [0_u64; 2]);
        for seed in 0..histories() {
            let mut rng = Rng::with_seed(seed);
            let mut object = made_up::object(&mut rng, model);
            let initial = Some(object.initial_or(0));
            object.is_shared = rng.bool();
            let indices = (0..).zip(&object.operations);
            let failed =
                indices.filter(|(_, one)| one.op != Op::Read && one.outcome == Outcome::Fail);
            object.assumed = failed.map(|(index, _)| index).filter(|_| rng.bool()).collect();
            let mut incremental = Incremental::new(model, initial, object.is_shared).unwrap();
            let mut telling = Telling::new(&mut rng, &object);
            let mut is_proved = false;
            while let Some(time_ns) = telling.moment(&mut rng, &mut incremental) {
                if let Standing::Invalid(proof) = incremental.look(time_ns + 1) {
                    let anomaly = proof.anomaly(&object).expect("the witness is in it");
                    let object = object.clone().doubted();
                    assert!(verify(&object, model, &anomaly), "seed {seed}: {anomaly:?}");
                    is_proved = true;
                    break;
                }
            }
            let is_shared = usize::from(object.is_shared);
            let verdict =
                judge(&History { objects: vec![object.clone()] }, model, &limits)[0].verdict;
            let is_invalid = verdict == Verdict::Invalid;
            assert!(
                is_invalid || !is_proved,
                "{model}, seed {seed}\n{object:?}\n{}",
                shown(&object)
            );
            proved[is_shared] += u64::from(is_proved);
            missed[is_shared] += u64::from(is_invalid && !is_proved);
        }
        assert_eq!(missed[0], 0, "{model}: where nobody else writes all are found");
        assert!(proved[0] > 0 && proved[1] > 4 * missed[1], "{model}: {proved:?} {missed:?}");
    }
}

fn told(judge: &mut Incremental, operation: Operation) {
    judge.begin(operation.client, operation.op, operation.call_ns);
    judge.end(operation);
}

#[test]
fn models_that_are_judged_as_a_whole_have_no_such_judge() {
    assert!(!Incremental::covers(Model::Register) && !Incremental::covers(Model::Set));
    assert!(Incremental::new(BOUNDED, Some(-1), false).is_none(), "less than nothing is there");
    let unsaid = Model::Bounded { capacity: None };
    assert!(Incremental::covers(unsaid) && Incremental::new(unsaid, Some(2), false).is_some());
    assert!(Incremental::new(unsaid, None, false).is_none(), "nobody knows how many there are");
    assert!(Incremental::new(Model::Counter, Some(i64::MAX), false).is_none(), "no sum fits");
}

#[test]
fn what_the_rules_do_not_cover_is_left_to_the_whole_judge() {
    let stopped = |model, operation| {
        let mut judge = Incremental::new(model, None, false).unwrap();
        told(&mut judge, operation);
        matches!(judge.look(NEVER), Standing::Stopped(_))
    };
    let two = Operation { arg: 2, ..done(Op::Add, NIL, 0, 1) };
    assert!(stopped(Model::Counter, two));
    assert!(stopped(Model::Counter, done(Op::Add, 1, 0, 1)), "it returned something");
    assert!(stopped(Model::FetchAndAdd, Operation { result: 2, ..two }));
    assert!(stopped(BOUNDED, done(Op::Take, 7, 0, 1)));
    assert!(!stopped(Model::Counter, done(Op::Add, NIL, 0, 1)));
}

#[test]
fn what_is_told_out_of_order_proves_nothing_any_more() {
    let mut judge = Incremental::new(Model::FetchAndAdd, None, false).unwrap();
    told(&mut judge, done(Op::Add, 1, 5, 6));
    judge.begin(1, Op::Add, 5);
    assert!(matches!(judge.look(10), Standing::Stopped(_)));
    told(&mut judge, done(Op::Add, 1, 11, 12));
    assert!(matches!(judge.look(20), Standing::Stopped(_)));
}

#[test]
fn an_operation_that_nobody_began_stops_it() {
    for model in [Model::FetchAndAdd, Model::Counter] {
        let mut judge = Incremental::new(model, None, false).unwrap();
        judge.begin(0, Op::Add, 1);
        judge.end(done(Op::Read, 0, 1, 2));
        assert!(matches!(judge.look(3), Standing::Stopped(_)));
    }
}

#[test]
fn beyond_its_limit_it_waits_for_the_end() {
    // A client that hangs, and others whose outcomes are unknown, and were applied, behind it.
    let mut judge = Incremental::new(Model::FetchAndAdd, None, false).unwrap().within(50);
    judge.begin(0, Op::Add, 0);
    for number in 0..100 {
        let time_ns = 10 * number;
        let unknown = Operation {
            client: 1,
            outcome: Outcome::Unknown,
            ..done(Op::Add, NIL, time_ns, NEVER)
        };
        told(&mut judge, unknown);
        let result = 2 * i64::try_from(number).unwrap() + 2;
        told(
            &mut judge,
            Operation { client: 1, ..done(Op::Add, result, time_ns + 1, time_ns + 2) },
        );
        assert!(judge.size() < 60);
        judge.look(time_ns + 5);
    }
    assert_eq!(judge.look(NEVER), &Standing::Stopped("too much is unknown or in flight"));
    let mut judge = Incremental::new(Model::Counter, None, false).unwrap().within(50);
    judge.begin(50, Op::Add, 0);
    assert_eq!(judge.look(1), &Standing::Stopped("there are too many clients"));
}

#[test]
fn a_take_too_many_is_shown_by_all_that_succeeded() {
    let mut judge = Incremental::new(Model::Bounded { capacity: Some(2) }, None, false).unwrap();
    let takes = [YES, YES, NO, YES].map(|result| done(Op::Take, result, 0, 10));
    let takes: Vec<_> =
        (0..).zip(takes).map(|(client, take)| Operation { client, ..take }).collect();
    for take in &takes {
        judge.begin(take.client, take.op, take.call_ns);
    }
    for take in &takes {
        judge.end(*take);
    }
    let Standing::Invalid(proof) = judge.look(11) else { panic!("three of two were taken") };
    let object = Object { operations: takes, ..Object::default() };
    let anomaly = proof.anomaly(&object).unwrap();
    assert_eq!((anomaly.kind, &*anomaly.witness), (AnomalyKind::Oversell, &[0, 1, 3][..]));
    assert!(verify(&object, Model::Bounded { capacity: Some(2) }, &anomaly));
}
