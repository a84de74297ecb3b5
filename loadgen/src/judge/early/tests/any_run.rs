//! Runs of any kind: what ends one is invalid in the end.

use std::time::Duration;

use check::history::{NO, YES};
use tokio::time::Instant;

use super::*;
use crate::exit::Exit;
use crate::judge::tests::facts;
use crate::judge::{After, Facts, LastRead, judge};
use crate::record::{Record, Room};
use crate::watch::StopReason;

const WORKERS: usize = 2;
const END_NS: u64 = 80;

/// What the clients of a run did, and what each worker has to tell of it.
struct Made {
    operations: Vec<Operation>,
    told: Vec<Vec<Event>>,
}

/// Clients that do one thing after the other to a service that now and then answers something else
/// than it should, and in each of the ways in which a request can end.
fn made(rng: &mut Rng, model: Model, initial: i64) -> Made {
    let mut made = Made { operations: Vec::new(), told: vec![Vec::new(); WORKERS] };
    let clients = rng.u32(1..7);
    let mut in_flight = vec![None; clients as usize];
    let (mut value, amiss, unlike) = (initial, rng.u8(0..30), rng.u8(0..60));
    for now_ns in 1..END_NS {
        let client = rng.u32(0..clients);
        let told = &mut made.told[client as usize % WORKERS];
        if let Some((op, call_ns)) = in_flight[client as usize] {
            let (client, return_ns) = (client, now_ns);
            let arg = if op == Op::Add { 1 } else { NIL };
            let begun = Operation {
                call_ns,
                return_ns,
                arg,
                new: NIL,
                result: NIL,
                client,
                op,
                outcome: Outcome::Ok,
            };
            let ended = if rng.u8(0..100) < unlike {
                unlike_others(rng, begun, &mut value, model)
            } else {
                Some(Operation { result: answer(rng, model, op, &mut value, amiss), ..begun })
            };
            made.operations.extend(ended);
            told.extend(ended.map(Event::Ended));
        }
        let update = if let Model::Bounded { .. } = model { Op::Take } else { Op::Add };
        let op = if rng.u8(0..4) == 0 { Op::Read } else { update };
        told.push(Event::Begun { client, op, call_ns: now_ns });
        in_flight[client as usize] = Some((op, now_ns));
    }
    made
}

/// What the service answers, which is as it should be but for `amiss` of a thousand answers.
fn answer(rng: &mut Rng, model: Model, op: Op, value: &mut i64, amiss: u8) -> i64 {
    let is_amiss = rng.u16(0..1000) < amiss.into();
    if op == Op::Read {
        return *value + if is_amiss { rng.i64(-2..=2) } else { 0 };
    }
    if let Model::Bounded { .. } = model {
        let is_left = *value > 0;
        *value -= i64::from(is_left && !is_amiss);
        return if is_left || is_amiss { YES } else { NO };
    }
    *value += i64::from(!is_amiss);
    if model == Model::Counter { NIL } else { *value }
}

/// The end of an operation that has no proper answer; `None` where nothing is kept of it. It may have
/// been applied, unless it certainly was not.
fn unlike_others(
    rng: &mut Rng,
    begun: Operation,
    value: &mut i64,
    model: Model,
) -> Option<Operation> {
    let (outcome, return_ns, may_be_applied) = match rng.u8(0..5) {
        0 => return None,
        1 => (Outcome::Fail, NEVER, false),
        // Nobody declared what this refusal means.
        2 => (Outcome::Fail, begun.return_ns, true),
        3 => (Outcome::Unknown, begun.return_ns, true),
        _ => (Outcome::Unknown, NEVER, true),
    };
    if begun.op != Op::Read && may_be_applied && rng.bool() {
        let is_taken = matches!(model, Model::Bounded { .. });
        *value += if is_taken { -i64::from(*value > 0) } else { 1 };
    }
    Some(Operation { outcome, return_ns, ..begun })
}

/// A state before a run: there, not there, or not the same from one moment to the next.
fn before(rng: &mut Rng, initial: i64) -> Option<Before> {
    let state = State::Number(initial.into());
    match rng.u8(0..8) {
        0 => None,
        1 => Some(Before { first: State::Nothing, state: State::Nothing }),
        2 => Some(Before { first: State::Number((initial + 1).into()), state }),
        _ => Some(Before { first: state.clone(), state }),
    }
}

/// What was seen of a run that was ended for `proof`, and did all of `operations`.
fn seen(rng: &mut Rng, before: Option<Before>, operations: &[Operation], proof: &Proof) -> Facts {
    let room = Room { operations: 1000, bytes: usize::MAX };
    let mut record = Record::new(1, Some(room), Instant::now());
    for operation in operations {
        record.operations[0].keep(None, *operation);
    }
    let (called, returned) = (Duration::from_nanos(END_NS), Duration::from_nanos(END_NS + 5));
    let state = if rng.bool() { State::Nothing } else { State::Number(rng.i64(0..30).into()) };
    let after = rng.bool().then(|| After::once(LastRead { called, returned, state: Ok(state) }));
    Facts { record, before, after, stop: Some(StopReason::Proved(proof.clone())), ..facts() }
}

#[test]
fn whatever_ends_a_run_is_invalid_in_the_end() {
    let [said, unsaid] = [Some(9), None].map(|capacity| Model::Bounded { capacity });
    for model in [Model::FetchAndAdd, Model::Counter, said, unsaid] {
        let mut ended = [0; 2];
        let mut plan = plan(Some(model));
        plan.load.threads = WORKERS;
        plan.judging.as_mut().unwrap().ends_at_first = true;
        for seed in 0..4000 {
            let mut rng = Rng::with_seed(seed);
            let initial = if let Model::Bounded { .. } = model { 9 } else { 0 };
            plan.is_exclusive = rng.bool();
            let before = before(&mut rng, initial);
            let Made { operations, told } = made(&mut rng, model, initial);
            let Some(mut early) = Early::new(&plan, before.as_ref()) else {
                let is_number = |before: &Before| matches!(before.state, State::Number(_));
                assert!(model == unsaid && !before.is_some_and(|before| is_number(&before)));
                continue;
            };
            match tell(&mut rng, &mut early, told, END_NS) {
                Standing::Open => {}
                // Where others may write, a count that only they explain is left to the end.
                Standing::Stopped(reason) => assert!(!plan.is_exclusive, "seed {seed}: {reason}"),
                Standing::Invalid(proof) => {
                    let mut facts = seen(&mut rng, before, &operations, &proof);
                    let judgement = judge(&plan, &mut facts, &|| Duration::ZERO);
                    let exit = Exit::of(&judgement.findings);
                    assert!(
                        judgement.ended_at.is_some() && exit == Exit::Invalid,
                        "{model}, seed {seed}: {proof:?}\n{:?}\n{operations:?}",
                        judgement.judged.map(|judged| judged.judgements)
                    );
                    ended[usize::from(plan.is_exclusive)] += 1;
                }
            }
        }
        assert!(ended.iter().all(|count| *count > 200), "{model}: {ended:?}");
    }
}
