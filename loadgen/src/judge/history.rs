//! The operations of a run as a history, and what any order of them explains.

pub(super) mod elements;
pub(super) mod keyed;

use std::sync::Arc;
use std::time::Duration;

use check::history::{Initial, NEVER, NIL, Op, Outcome};
use check::{History, Judgement, Limits, Lists, Model, Object, Operation, Pool, Tokens, Verdict};

use super::{After, LastRead};
use crate::extract::Steps;
use crate::plan::{Effort, Plan};
use crate::record::Log;
use crate::state::{Before, State};

/// The operations of a run of `plan`: on one object, the reads after it among them, or on as many as
/// its requests were about.
pub(crate) fn of(plan: &Plan, log: Log, before: Option<&Before>, after: Option<&After>) -> History {
    let Log { mut operations, objects, keys, pool: Pool { mut lists, mut tokens }, .. } = log;
    let client = operations.iter().map(|operation| operation.client + 1).max().unwrap_or(0);
    let steps = plan.steps(before);
    let initial = initial(plan, before, steps, &mut tokens);
    if plan.scenario.has_many_objects() {
        let is_shared = is_shared(plan, before);
        let common = Object { initial, is_shared, ..Object::default() };
        let mut objects = by_key(&operations, &objects, keys, &common);
        if let Some(Before { state: first, .. }) = before {
            let decimals = plan.judging.as_ref().map_or(0, |judging| judging.decimals);
            let (common, tokens) = (&common, &mut tokens);
            let states = keyed::States { first, client, common, decimals, tokens };
            states.put_into(&mut objects, reads(plan, after));
        }
        let tokens = Arc::new(tokens);
        for object in &mut objects {
            object.tokens = Arc::clone(&tokens);
        }
        return History { objects };
    }
    let indices = (0_u32..).zip(&operations);
    let assumed = indices.filter(|(_, one)| is_assumed(one)).map(|(index, _)| index).collect();
    for LastRead { called, returned, state } in reads(plan, after) {
        let Ok(state) = state else { continue };
        let Some(result) = result_of(plan, state, steps, &mut lists, &mut tokens) else {
            continue;
        };
        operations.push(read((*called, *returned), result, client));
    }
    let is_shared = is_shared(plan, before);
    let key = plan.key.clone();
    let tokens = Arc::new(tokens);
    History {
        objects: vec![Object {
            key,
            initial,
            operations,
            lists,
            tokens,
            assumed,
            is_shared,
            ..Object::default()
        }],
    }
}

/// The reads after the load that say something of what is judged: where what was acknowledged may be
/// applied later, the last alone.
fn reads<'a>(plan: &Plan, after: Option<&'a After>) -> impl Iterator<Item = &'a LastRead> {
    let model = plan.judging.as_ref().map(|judging| judging.model);
    let shows_state = model.is_none_or(|model| model.has(Op::Read));
    let lags = plan.read.as_ref().is_some_and(|read| read.lags);
    let reads: Vec<_> =
        after.iter().filter(|_| shows_state).flat_map(|after| after.reads()).collect();
    let earlier = if lags { reads.len().saturating_sub(1) } else { 0 };
    reads.into_iter().skip(earlier)
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

/// What each object was at first: as the state `before` the load says, or else the plan.
fn initial(plan: &Plan, before: Option<&Before>, steps: Steps, tokens: &mut Tokens) -> Initial {
    let planned = plan.judging.as_ref().and_then(|judging| judging.initial.as_ref());
    match before.map(|before| &before.state).or(planned) {
        // Of many objects each has its own.
        None | Some(State::Nothing | State::Keyed(_)) => Initial::Default,
        Some(State::Number(number)) => Initial::Value(steps.count(*number).expect(FITS)),
        Some(State::Text(text)) => Initial::Value(tokens.of(text)),
        Some(State::Elements(elements)) => Initial::Elements(elements.put_into(tokens)),
    }
}

/// Why the first number has a count.
const FITS: &str = "the fraction is its own, and what does not fit was not read";

/// Whether others may change the object, too.
pub(super) fn is_shared(plan: &Plan, before: Option<&Before>) -> bool {
    !plan.is_exclusive || before.is_some_and(Before::moves)
}

/// Whether the answer to `operation` refused it, by nobody's word that it means that.
pub(super) fn is_assumed(operation: &Operation) -> bool {
    let Operation { op, outcome, return_ns, .. } = *operation;
    outcome == Outcome::Fail && op != Op::Read && return_ns != NEVER
}

/// The result of a read that found `state`; the elements of a set go to the end of `lists`. `None`
/// where it tells nothing: a number that is between two `steps`, or none where the model knows no state
/// without one.
fn result_of(
    plan: &Plan,
    state: &State,
    steps: Steps,
    lists: &mut Lists,
    tokens: &mut Tokens,
) -> Option<i64> {
    match state {
        State::Nothing => {
            let model = plan.judging.as_ref().map(|judging| judging.model);
            (model == Some(Model::Register)).then_some(NIL)
        }
        State::Number(number) => steps.count(*number),
        State::Text(text) => Some(tokens.of(text)),
        State::Elements(elements) => Some(lists.push(&elements.put_into(tokens))),
        State::Keyed(_) => None,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}

/// A history, and what was found of each of its objects.
#[derive(Debug)]
pub struct Judged {
    /// What the operations mean.
    pub model: Model,
    /// The operations.
    pub history: History,
    /// For each object of the history.
    pub judgements: Vec<Judgement>,
    /// How long that took.
    pub took: Duration,
}

impl Judged {
    /// Judges `history`, on all cores.
    ///
    /// `clock` is the time since any instant: a search is given up when more of it has passed than
    /// `effort` allows.
    #[must_use]
    pub fn new(
        mut history: History,
        model: Model,
        effort: Effort,
        clock: &(dyn Fn() -> Duration + Sync),
    ) -> Self {
        let begun = clock();
        let spent = || clock().saturating_sub(begun);
        let expired = || spent() > effort.timeout;
        let Effort { memory_bytes, certify, .. } = effort;
        let limits = Limits { certify, memory_bytes, expired: &expired };
        let mut judgements = check::judge(&history, model, &limits);
        if let Some(reason) = check::vacuity(&history, model) {
            for judgement in judgements.iter_mut().filter(|one| one.verdict == Verdict::Valid) {
                *judgement = Judgement::unknown(reason);
            }
        }
        for (object, judgement) in history.objects.iter_mut().zip(&judgements) {
            if judgement.verdict == Verdict::Invalid && !object.assumed.is_empty() {
                // What proves it does not rest on the refusals, nor does what is said of it.
                *object = std::mem::take(object).doubted();
            }
        }
        Self { model, history, judgements, took: spent() }
    }

    /// The same, with nothing decided, for `reason`.
    pub(super) fn undecided(mut self, reason: &str) -> Self {
        self.judgements.fill(Judgement::unknown(reason));
        self
    }

    /// The same, where nothing is decided of objects with this `verdict` of which this holds, for
    /// `reason`.
    pub(super) fn undecided_where(
        mut self,
        verdict: Verdict,
        is_open: impl Fn(&Object) -> bool,
        reason: &str,
    ) -> Self {
        for (object, judgement) in self.history.objects.iter().zip(&mut self.judgements) {
            if judgement.verdict == verdict && is_open(object) {
                *judgement = Judgement::unknown(reason);
            }
        }
        self
    }

    /// Invalid where an object is; otherwise unknown where one is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.judgements.iter().any(|judged| judged.verdict == verdict);
        if any(Verdict::Invalid) {
            Verdict::Invalid
        } else if any(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Valid
        }
    }

    /// Why the first object that is unknown is.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.judgements.iter().find_map(|judged| judged.reason.as_deref())
    }

    /// How many operations were judged.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.history.objects.iter().map(|object| object.operations.len()).sum()
    }

    /// The operations of each object in an order that explains every answer, where the verdict is
    /// valid and such orders were asked for.
    #[must_use]
    pub fn certificate(&self) -> Option<History> {
        let objects = self.history.objects.iter().zip(&self.judgements);
        let ordered = objects.map(|(object, judged)| {
            let operation = |index: &u32| object.operations[*index as usize];
            let operations = judged.order.as_ref()?.iter().map(operation).collect();
            Some(check::Object { operations, ..object.clone() })
        });
        Some(History { objects: ordered.collect::<Option<_>>()? })
    }
}
