//! What came of each of several kinds of what is judged.

use check::{Model, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::AnomalySummary;
use super::correctness::as_text;
use super::layout::{Field, detail};
use super::verdict::in_words;
use crate::judge::{Judged, JudgedKind, updates_of};
use crate::state::{Size, Source, State};

/// What came of one kind of what is judged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KindSummary {
    /// What it is called.
    pub name: String,
    /// What its operations mean.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub model: Model,
    /// Whether what was observed of it can be true.
    pub verdict: Verdict,
    /// Why there is no verdict.
    pub reason: Option<String>,
    /// How many objects there are of it.
    pub objects: usize,
    /// Updates that were acknowledged.
    pub acknowledged: u64,
    /// Updates that may have been applied or not.
    pub unknown: u64,
    /// Where its state was read, and by which rule; `None` where it was not.
    pub read_from: Option<Source>,
    /// Its state before the load, of a set its size; `None` where it was not read, or is no number.
    #[schemars(with = "Option<f64>")]
    pub before: Option<Size>,
    /// The same after it.
    #[schemars(with = "Option<f64>")]
    pub after: Option<Size>,
    /// The verdict in words.
    #[serde(skip)]
    said: String,
}

/// The states of what is judged, as far as they were read.
pub(super) struct States<'s> {
    /// By the index of its kind, where each was read, and its place among what was.
    pub(super) sources: &'s [(Option<usize>, Source)],
    pub(super) before: Option<&'s State>,
    pub(super) after: Option<&'s State>,
}

impl States<'_> {
    /// Where the only state was read.
    pub(super) fn only_source(&self) -> Option<&Source> {
        let [(_, only)] = self.sources else { return None };
        Some(only)
    }

    /// Where that of the kind with this index was read, and what it was before the load and after it.
    fn of(&self, kind: usize) -> (Option<&Source>, Option<Size>, Option<Size>) {
        let place = self.sources.iter().position(|(judged, _)| *judged == Some(kind));
        let Some(place) = place else { return (None, None, None) };
        let size = |state: Option<&State>| state?.parts().get(place)?.size();
        (Some(&self.sources[place].1), size(self.before), size(self.after))
    }
}

impl KindSummary {
    /// Of each kind of what was `judged`; of none where there is one.
    pub(super) fn all(judged: &Judged, states: &States<'_>) -> Vec<Self> {
        if judged.kinds.len() < 2 {
            return Vec::new();
        }
        let mut objects = judged.objects();
        let kinds = judged.kinds.iter().enumerate();
        let summary = |(index, kind): (usize, &JudgedKind)| {
            let of_kind: Vec<_> = objects.by_ref().take(kind.objects).collect();
            let judgements = || of_kind.iter().map(|(.., judgement)| *judgement);
            let (verdict, reason) = judged.verdict_on(index);
            let (acknowledged, unknown) = updates_of(judged.objects_of(index));
            let anomalies = judgements().flat_map(|judgement| &judgement.anomalies);
            let anomalies: Vec<_> =
                anomalies.map(|anomaly| AnomalySummary::of_totals(kind.model, anomaly)).collect();
            let (source, before, after) = states.of(index);
            Self {
                name: kind.name.clone(),
                model: kind.model,
                verdict,
                reason: reason.map(str::to_owned),
                objects: kind.objects,
                acknowledged,
                unknown,
                read_from: source.cloned(),
                before,
                after,
                said: in_words(verdict, &anomalies, reason),
            }
        };
        kinds.map(summary).collect()
    }

    /// A line of each of `all`.
    pub(super) fn fields(all: &[Self]) -> impl Iterator<Item = Field> + '_ {
        all.iter().map(|kind| detail(&kind.name, kind.text()).toned(kind.verdict))
    }

    /// The verdict, and what it rests on.
    fn text(&self) -> String {
        let Self { said, model, acknowledged, before, after, .. } = self;
        let states = match (before, after) {
            (Some(before), Some(after)) => format!(", {before} before and {after} after"),
            _ => String::new(),
        };
        format!("{said} ({model}, {acknowledged} acknowledged{states})")
    }
}
