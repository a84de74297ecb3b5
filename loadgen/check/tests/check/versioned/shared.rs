//! Documents that others write as well, of whom the history says nothing.

use fastrand::Rng;
use loadgen_check::history::{Initial, NIL, NO, Op, Outcome};
use loadgen_check::{AnomalyKind, Doubt, Judgement, Object, Operation, Verdict, verify};

use super::{Asks, MODEL, UNBOUNDED, valid};
use crate::generate::{Faults, closed_loop};

fn judged(object: Object) -> Judgement {
    let history = loadgen_check::History { objects: vec![Object { is_shared: true, ..object }] };
    loadgen_check::judge(&history, MODEL, &UNBOUNDED).remove(0)
}

fn one(op: Op, arg: i64, result: i64, (call_ns, return_ns): (u64, u64)) -> Operation {
    let (outcome, client) = (Outcome::Ok, 0);
    Operation { call_ns, return_ns, arg, new: NIL, result, client, op, outcome }
}

fn object(initial: i64, operations: &[Operation]) -> Object {
    let (initial, operations) = (Initial::Value(initial), operations.to_vec());
    Object { initial, operations, ..Object::default() }
}

/// Of a history that is right some operations are those of others: they are in no history, and what
/// they wrote is seen all the same.
#[test]
fn what_others_wrote_accuses_nobody() {
    let asks = Asks { reads: 40, unconditional: 25, wrong: 20, unread: 5 };
    let (mut open, mut valid_all_the_same) = (0, 0);
    for seed in 0..4000 {
        let mut rng = Rng::with_seed(seed);
        let (operations, clients) = (rng.usize(2..=30), rng.u32(1..=5));
        let slots = closed_loop(&mut rng, operations, clients);
        let unknown = if rng.bool() { 10 } else { 0 };
        let mut object = valid(&mut rng, &slots, Faults { unknown, fail: 5 }, asks);
        let others = rng.u8(1..=80);
        object.operations.retain(|_| rng.u8(0..100) >= others);
        match judged(object.clone()).verdict {
            Verdict::Invalid => panic!("{seed}: {object:?}"),
            Verdict::Unknown => open += 1,
            Verdict::Valid => valid_all_the_same += 1,
        }
    }
    assert!(open > 400 && valid_all_the_same > 400, "{open} {valid_all_the_same}");
}

#[test]
fn a_version_of_somebody_else_leaves_the_verdict_open_and_says_so() {
    // 7 is a version that nobody of these made.
    let seen = [one(Op::Write, 1, 2, (0, 10)), one(Op::Read, NIL, 7, (11, 20))];
    let judgement = judged(object(1, &seen));
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert_eq!(judgement.doubt, Some(Doubt::Others), "it says why");
    // It was overwritten by one that expected it, and a write was refused for it.
    let more = [
        one(Op::Write, 2, NO, (21, 30)),
        one(Op::Write, 7, 8, (31, 40)),
        one(Op::Read, NIL, 8, (41, 50)),
    ];
    assert_eq!(judged(object(1, &[&seen[..], &more].concat())).verdict, Verdict::Unknown);
}

#[test]
fn others_may_delete_a_document() {
    let deleted = [
        one(Op::Write, NIL, 2, (0, 10)),
        one(Op::Read, NIL, 2, (11, 20)),
        one(Op::Read, NIL, NIL, (21, 30)),
    ];
    for initial in [NIL, 1] {
        let judgement = judged(object(initial, &deleted));
        assert_eq!(judgement.verdict, Verdict::Unknown, "{judgement:?}");
    }
    let alone = loadgen_check::History { objects: vec![object(NIL, &deleted)] };
    let judgement = loadgen_check::judge(&alone, MODEL, &UNBOUNDED).remove(0);
    assert_eq!(judgement.anomalies[0].kind, AnomalyKind::StaleRead, "nobody else is there");
}

#[test]
fn an_update_that_is_lost_is_nobody_elses_doing() {
    let lost = [one(Op::Write, 1, 2, (0, 10)), one(Op::Write, 1, 3, (0, 20))];
    let others = [one(Op::Read, NIL, 7, (21, 30)), one(Op::Read, NIL, NIL, (31, 40))];
    for operations in [lost.to_vec(), [&lost[..], &others].concat()] {
        let judgement = judged(object(1, &operations));
        assert_eq!(judgement.verdict, Verdict::Invalid);
        let kinds: Vec<_> = judgement.anomalies.iter().map(|anomaly| anomaly.kind).collect();
        assert_eq!(kinds, [AnomalyKind::LostUpdate]);
        assert!(judgement.anomalies.iter().all(|anomaly| {
            let object = Object { is_shared: true, ..object(1, &operations) };
            verify(&object, MODEL, anomaly)
        }));
    }
}
