//! Ten million operations, in memory that does not grow.

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::incremental::{Incremental, Standing};
use loadgen_check::{Model, Operation};

const CLIENTS: u32 = 64;
const OPERATIONS: u64 = 10_000_000;

/// A correct service under clients that ask the next thing when the last is answered. Of a thousand
/// updates one has an unknown outcome.
fn most_kept(model: Model, initial: i64) -> usize {
    let mut rng = Rng::with_seed(0);
    let mut judge = Incremental::new(model, Some(initial), false).unwrap();
    let mut state = initial;
    let mut most = 0;
    let mut in_flight = vec![None; CLIENTS as usize];
    for now_ns in 0..OPERATIONS {
        let client = rng.u32(0..CLIENTS);
        let flight = &mut in_flight[client as usize];
        if let Some(operation) = flight.take() {
            judge.end(ended(&mut rng, model, &mut state, operation, now_ns));
        }
        let op = match model {
            _ if rng.u8(0..20) == 0 => Op::Read,
            Model::Bounded { .. } => Op::Take,
            _ => Op::Add,
        };
        judge.begin(client, op, now_ns);
        let (outcome, arg) = (Outcome::Ok, if op == Op::Add { 1 } else { NIL });
        let call_ns = now_ns;
        *flight = Some(Operation {
            call_ns,
            return_ns: NEVER,
            arg,
            new: NIL,
            result: NIL,
            client,
            op,
            outcome,
        });
        if now_ns % 100 == 0 {
            assert_eq!(judge.look(now_ns), &Standing::Open, "{model}, {now_ns}");
            most = most.max(judge.size());
        }
    }
    most
}

/// `operation` takes effect at its end.
fn ended(
    rng: &mut Rng,
    model: Model,
    state: &mut i64,
    operation: Operation,
    now_ns: u64,
) -> Operation {
    let is_unknown = operation.op != Op::Read && rng.u16(0..1000) == 0;
    let applies = !is_unknown || rng.bool();
    let result = match operation.op {
        Op::Read => *state,
        Op::Take if *state == 0 => NO,
        Op::Take => {
            *state -= i64::from(applies);
            YES
        }
        _ => {
            *state += i64::from(applies);
            if model == Model::Counter { NIL } else { *state }
        }
    };
    if is_unknown {
        return Operation { outcome: Outcome::Unknown, ..operation };
    }
    Operation { result, return_ns: now_ns, ..operation }
}

#[test]
fn ten_million_operations_of_each_model_need_no_more_than_what_is_in_flight() {
    let sold = i64::try_from(OPERATIONS / 2).unwrap();
    for (model, initial) in [
        (Model::FetchAndAdd, 0),
        (Model::Counter, 0),
        (Model::Bounded { capacity: Some(OPERATIONS / 2) }, sold),
    ] {
        let most = most_kept(model, initial);
        assert!(most < 10 * CLIENTS as usize, "{model}: {most} things were kept");
    }
}
