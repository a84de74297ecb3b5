//! The operations of a run as a history, and what any order of them explains.

pub(super) mod elements;
pub(super) mod keyed;

use std::sync::Arc;
use std::time::Duration;

use check::history::{Initial, NEVER, NIL, Op, Outcome};
use check::{History, Model, Object, Operation, Pool, Tokens};

use super::{After, LastRead};
use crate::extract::Steps;
use crate::plan::{Kind, Plan};
use crate::record::Log;
use crate::scenario::balances;
use crate::state::{Before, State};

/// The operations of a run of `plan` on what is judged under this index: on one object, the reads after
/// them among them, or on as many as the requests were about.
pub(crate) fn of(
    plan: &Plan,
    judged: usize,
    log: Log,
    before: Option<&Before>,
    after: Option<&After>,
) -> History {
    let Log { mut operations, objects, keys, mut pool, .. } = log;
    let kind = &plan.kinds()[judged];
    let client = operations.iter().map(|operation| operation.client + 1).max().unwrap_or(0);
    let first = before.and_then(|before| plan.state_of(judged, &before.state));
    let steps = kind.steps(first);
    let reads = reads(plan, judged, after);
    let initial = initial(kind, first, steps, &mut pool.tokens);
    let is_shared = is_shared(plan, before);
    if plan.scenario.has_many_objects(judged) {
        let common = Object { initial, is_shared, ..Object::default() };
        let mut objects = by_key(&operations, &objects, keys, &common);
        if let Some(first) = first {
            let (common, decimals, tokens) = (&common, kind.decimals, &mut pool.tokens);
            let states = keyed::States { first, client, common, decimals, tokens };
            states.put_into(&mut objects, &reads);
        }
        let tokens = Arc::new(pool.tokens);
        for object in &mut objects {
            object.tokens = Arc::clone(&tokens);
        }
        return History { objects };
    }
    let indices = (0_u32..).zip(&operations);
    let assumed = indices.filter(|(_, one)| is_assumed(one)).map(|(index, _)| index).collect();
    for SeenAfter { called, returned, state } in reads {
        let Some(result) = result_of(kind, state, steps, &mut pool) else { continue };
        operations.push(read((called, returned), result, client));
    }
    let Pool { lists, balances, tokens } = pool;
    let (key, tokens) = (kind.name.clone(), Arc::new(tokens));
    History {
        objects: vec![Object {
            key,
            initial,
            operations,
            lists,
            balances,
            tokens,
            assumed,
            is_shared,
        }],
    }
}

/// The state of one kind, as it was read after the load.
pub(super) struct SeenAfter<'a> {
    called: Duration,
    returned: Duration,
    state: &'a State,
}

/// The reads after the load that say something of what is `judged` under this index: where what was
/// acknowledged may be applied later, the last alone.
fn reads<'a>(plan: &Plan, judged: usize, after: Option<&'a After>) -> Vec<SeenAfter<'a>> {
    let shows_state = plan.kinds()[judged].model.has(Op::Read);
    let reads: Vec<_> =
        after.iter().filter(|_| shows_state).flat_map(|after| after.reads()).collect();
    let lags = plan.reads.iter().any(|read| read.how.judged == Some(judged) && read.lags);
    let earlier = if lags { reads.len().saturating_sub(1) } else { 0 };
    let seen =
        reads.into_iter().skip(earlier).filter_map(|LastRead { called, returned, state }| {
            let state = plan.state_of(judged, state.as_ref().ok()?)?;
            Some(SeenAfter { called: *called, returned: *returned, state })
        });
    seen.collect()
}

/// A read between these times, by a client of its own.
fn read((called, returned): (Duration, Duration), result: i64, client: u32) -> Operation {
    Operation {
        call_ns: nanoseconds(called),
        return_ns: nanoseconds(returned),
        arg: NIL,
        new: NIL,
        result,
        client,
        op: Op::Read,
        outcome: Outcome::Ok,
    }
}

/// The objects that `operations` are about, each by its place among the `keys`, with what they have in
/// `common`.
fn by_key(
    operations: &[Operation],
    objects: &[u32],
    keys: Vec<String>,
    common: &Object,
) -> Vec<Object> {
    let mut counts = vec![0; keys.len()];
    for object in objects {
        counts[*object as usize] += 1;
    }
    let object = |(key, count): (String, usize)| Object {
        key,
        operations: Vec::with_capacity(count),
        ..common.clone()
    };
    let mut all: Vec<_> = keys.into_iter().zip(counts).map(object).collect();
    for (operation, object) in operations.iter().zip(objects) {
        let Object { operations, assumed, .. } = &mut all[*object as usize];
        if is_assumed(operation) {
            assumed.push(u32::try_from(operations.len()).expect("a log has fewer operations"));
        }
        operations.push(*operation);
    }
    all.retain(|object| !object.operations.is_empty());
    all
}

/// What each object of `kind` was at first: as the state `before` the load says, or else the plan.
fn initial(kind: &Kind, before: Option<&State>, steps: Steps, tokens: &mut Tokens) -> Initial {
    match before.or(kind.initial.as_ref()) {
        Some(State::Number(number)) => Initial::Value(steps.count(*number).expect(FITS)),
        Some(State::Text(text)) => Initial::Value(tokens.of(text)),
        Some(State::Elements(elements)) => Initial::Elements(elements.put_into(tokens)),
        Some(State::Keyed(all)) if is_of_accounts(kind) => {
            Initial::Balances(balances(all, steps, tokens).expect(FITS))
        }
        // Of many objects each has its own.
        None | Some(State::Nothing | State::Keyed(_) | State::Several(_)) => Initial::Default,
    }
}

/// Why what was there at first has a count.
const FITS: &str = "the fraction is its own, and what does not fit was not read";

fn is_of_accounts(kind: &Kind) -> bool {
    matches!(kind.model, Model::Accounts { .. })
}

/// Whether others may change the object, too.
pub(super) fn is_shared(plan: &Plan, before: Option<&Before>) -> bool {
    !plan.is_exclusive || before.is_some_and(Before::moves)
}

/// Whether the answer to `operation` refused it, by nobody's word that it means that.
pub(super) fn is_assumed(operation: &Operation) -> bool {
    let Operation { op, outcome, return_ns, .. } = *operation;
    outcome == Outcome::Fail && op != Op::Read && return_ns != NEVER
}

/// The result of a read of `kind` that found `state`, as it stands in the `pool`. `None` where it tells
/// nothing: a number that is between two `steps`, or none where the model knows no state without one.
fn result_of(kind: &Kind, state: &State, steps: Steps, pool: &mut Pool) -> Option<i64> {
    match state {
        State::Nothing => (kind.model == Model::Register).then_some(NIL),
        State::Number(number) => steps.count(*number),
        State::Text(text) => Some(pool.tokens.of(text)),
        State::Elements(elements) => {
            let elements = elements.put_into(&mut pool.tokens);
            Some(pool.lists.push(&elements))
        }
        State::Keyed(all) if is_of_accounts(kind) => {
            let row = balances(all, steps, &mut pool.tokens)?;
            Some(pool.balances.push(&row))
        }
        State::Keyed(_) | State::Several(_) => None,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}
