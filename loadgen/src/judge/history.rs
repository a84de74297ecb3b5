//! The operations of a run as a history, and what any order of them explains.

pub(super) mod elements;
pub(super) mod keyed;

use std::borrow::Cow;
use std::iter::repeat_n;
use std::sync::Arc;
use std::time::Duration;

use check::history::{Initial, NEVER, NIL, Op, Outcome};
use check::{History, Judgement, Limits, Model, Object, Operation, Pool, Tokens, Verdict};

use super::{After, LastRead};
use crate::extract::Steps;
use crate::plan::{Effort, Kind, Plan};
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
    let lags = plan.reads.iter().any(|read| read.judged == Some(judged) && read.lags);
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

/// What `object` of the kind with this `name` is called among those of others.
fn within(name: &str, object: &Object) -> String {
    if object.key == name { name.to_owned() } else { format!("{name}/{}", object.key) }
}

/// A history, and what was found of each of its objects.
#[derive(Debug)]
pub struct Judged {
    /// What is judged: at least one kind, of which each has the objects behind those of the one before.
    pub kinds: Vec<JudgedKind>,
    /// The operations.
    pub history: History,
    /// For each object of the history.
    pub judgements: Vec<Judgement>,
    /// How long that took.
    pub took: Duration,
}

/// The objects of a history that are of one kind.
#[derive(Debug, Clone)]
pub struct JudgedKind {
    /// What it is called; empty where there is one kind.
    pub name: String,
    /// What operations on its objects mean.
    pub model: Model,
    /// How many objects there are.
    pub objects: usize,
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
        let objects = history.objects.len();
        let kinds = vec![JudgedKind { name: String::new(), model, objects }];
        Self { kinds, history, judgements, took: spent() }
    }

    /// What was found of several kinds, each with its name, as one. There is at least one; the objects
    /// of several are called by their kind's name, too.
    pub(super) fn together(all: Vec<(String, Self)>) -> Self {
        let is_alone = all.len() == 1;
        let named = all.into_iter().map(|(name, mut judged)| {
            if !is_alone {
                judged
                    .history
                    .objects
                    .iter_mut()
                    .for_each(|object| object.key = within(&name, object));
                judged.kinds[0].name = name;
            }
            judged
        });
        let joined = named.reduce(|mut joined, more| {
            joined.kinds.extend(more.kinds);
            joined.history.objects.extend(more.history.objects);
            joined.judgements.extend(more.judgements);
            joined.took += more.took;
            joined
        });
        joined.expect("something is judged")
    }

    /// What operations on the object with this index mean.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn model_of(&self, object: usize) -> Model {
        let mut behind = 0;
        let kind = self.kinds.iter().find(|kind| {
            behind += kind.objects;
            object < behind
        });
        kind.expect("there is such an object").model
    }

    /// The models, as they are spelt.
    #[must_use]
    pub fn models(&self) -> String {
        let models = self.kinds.iter().map(|kind| match kind.name.as_str() {
            "" => kind.model.to_string(),
            name => format!("{} ({name})", kind.model),
        });
        models.collect::<Vec<_>>().join(", ")
    }

    /// Each object with what its operations mean and what was found of it.
    pub fn objects(&self) -> impl Iterator<Item = (&Object, Model, &Judgement)> {
        let models = self.kinds.iter().flat_map(|kind| repeat_n(kind.model, kind.objects));
        let objects = self.history.objects.iter().zip(models).zip(&self.judgements);
        objects.map(|((object, model), judgement)| (object, model, judgement))
    }

    /// The objects of the kind with this index, and what was found of each.
    fn part(&self, kind: usize) -> (&[Object], &[Judgement]) {
        let first = self.kinds[..kind].iter().map(|kind| kind.objects).sum();
        let all = first..first + self.kinds[kind].objects;
        (&self.history.objects[all.clone()], &self.judgements[all])
    }

    /// The objects of the kind with this index.
    pub(super) fn objects_of(&self, kind: usize) -> &[Object] {
        self.part(kind).0
    }

    /// The history of the kind with this index.
    #[must_use]
    pub fn of_kind(&self, kind: usize) -> Cow<'_, History> {
        if self.kinds.len() == 1 {
            return Cow::Borrowed(&self.history);
        }
        Cow::Owned(History { objects: self.part(kind).0.to_vec() })
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

    /// The operations of each object of the kind with this index in an order that explains every
    /// answer, where the verdict is valid and such orders were asked for.
    #[must_use]
    pub fn certificate(&self, kind: usize) -> Option<History> {
        let (objects, judgements) = self.part(kind);
        let ordered = objects.iter().zip(judgements).map(|(object, judged)| {
            let operation = |index: &u32| object.operations[*index as usize];
            let operations = judged.order.as_ref()?.iter().map(operation).collect();
            Some(check::Object { operations, ..object.clone() })
        });
        Some(History { objects: ordered.collect::<Option<_>>()? })
    }
}
