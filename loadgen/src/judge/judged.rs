//! Histories with their verdicts, as one.

use std::borrow::Cow;
use std::iter::repeat_n;
use std::time::Duration;

use check::history::Outcome;
use check::{History, Judgement, Limits, Model, Object, Operation, Verdict};

use crate::plan::Effort;

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
    pub(crate) fn objects_of(&self, kind: usize) -> &[Object] {
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
        verdict(&self.judgements)
    }

    /// Why the first object that is unknown is.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        reason(&self.judgements)
    }

    /// The verdict on the kind with this index, and why the first of its objects that is unknown is.
    pub(crate) fn verdict_on(&self, kind: usize) -> (Verdict, Option<&str>) {
        let judgements = self.part(kind).1;
        (verdict(judgements), reason(judgements))
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

/// How many updates of `objects` were acknowledged, and how many may have been done.
pub(crate) fn updates_of(objects: &[Object]) -> (u64, u64) {
    let operations = || objects.iter().flat_map(|object| &object.operations);
    let may_be = |one: &&Operation| one.outcome == Outcome::Unknown && one.is_update();
    let acknowledged = operations().filter(|one| one.is_acknowledged()).count();
    (acknowledged as u64, operations().filter(may_be).count() as u64)
}

fn verdict(judgements: &[Judgement]) -> Verdict {
    let any = |verdict| judgements.iter().any(|judged| judged.verdict == verdict);
    if any(Verdict::Invalid) {
        Verdict::Invalid
    } else if any(Verdict::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Valid
    }
}

fn reason(judgements: &[Judgement]) -> Option<&str> {
    judgements.iter().find_map(|judged| judged.reason.as_deref())
}
