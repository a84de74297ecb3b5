//! The verdict in the shape of its JSON form.

use std::fmt;
use std::time::Duration;

use check::{Bounds, Model, Verdict};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::anomaly::AnomalySummary;
use super::consistency::ConsistencySummary;
use super::kinds::{KindSummary, States};
use crate::extract::Decimal;
use crate::invariant::Checked;
use crate::judge::{self, Judged};
use crate::state::{Size, Source};

/// Whether the answers were right.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Correctness {
    /// What the operations mean: the models of all that is judged.
    #[serde(rename = "model")]
    pub models: String,
    /// The first of them, whose words the report has.
    #[serde(skip)]
    pub(super) model: Model,
    /// Whether what was observed can be true.
    pub verdict: Verdict,
    /// Why there is no verdict, or one by the totals alone.
    pub reason: Option<String>,
    /// Updates that were acknowledged; where some are answered with no, those answered with yes.
    pub acknowledged: u64,
    /// Updates that may have been applied or not.
    pub unknown: u64,
    /// Updates that were refused by a status of which nobody said what it means.
    pub undeclared: u64,
    /// Answers whose result could not be read.
    pub unreadable: u64,
    /// Where the state was read, and by which rule; `None` where it was not.
    pub read_from: Option<Source>,
    /// The state before the first operation; of a set its size. `None` where it was not read.
    #[schemars(with = "Option<f64>")]
    pub before: Option<Size>,
    /// The state after the last; `None` where it could not be read.
    #[schemars(with = "Option<f64>")]
    pub after: Option<Size>,
    /// How long after the first read began the state was first read that stayed; `None` where the first
    /// read returned it.
    pub settled_s: Option<f64>,
    /// What the first read returned, where it was another; of a set its size.
    #[schemars(with = "Option<f64>")]
    pub first_read: Option<Size>,
    /// Acknowledged updates that are not in the state.
    pub lost: Option<Bounds>,
    /// Updates in the state that nobody sent.
    pub excess: Option<Bounds>,
    /// What is certainly wrong.
    pub anomalies: Vec<AnomalySummary>,
    /// What a user says that holds, and whether it does; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) invariants: Vec<Checked>,
    /// What still holds and what does not, where a history was judged and is invalid. Without what
    /// was not put to the test.
    pub consistency: Vec<ConsistencySummary>,
    /// In which unit amounts and the values of operations are, as `0.01`; left out where that is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub unit: Option<Decimal>,
    /// What was judged operation by operation; `None` where the totals alone were.
    pub history: Option<HistorySummary>,
    /// What came of each kind of what is judged, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindSummary>,
}

/// A history that was judged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistorySummary {
    /// How many operations it has, the read after the run among them.
    pub operations: usize,
    /// How many objects they are about.
    pub objects: usize,
    /// Whether any order of them explains every answer.
    pub verdict: Verdict,
    /// How long it took to find out.
    pub judged_in_s: f64,
}

impl Correctness {
    pub(super) fn new(
        correctness: &judge::Correctness,
        judged: Option<&Judged>,
        states: &States<'_>,
    ) -> Self {
        let judge::Correctness {
            model,
            verdict,
            ref reason,
            acknowledged,
            unknown,
            assumed,
            unreadable,
            before,
            after,
            settled,
            lost,
            excess,
            ref anomalies,
            ref invariants,
            decimals,
        } = *correctness;
        let of_totals = anomalies.iter().map(|anomaly| AnomalySummary::of_totals(model, anomaly));
        let of_history = judged.into_iter().flat_map(AnomalySummary::of_history);
        Self {
            models: judged.map_or_else(|| model.to_string(), Judged::models),
            model,
            verdict,
            reason: reason.clone(),
            acknowledged,
            unknown,
            undeclared: assumed,
            unreadable,
            read_from: states.only_source().cloned(),
            before,
            after,
            settled_s: settled.map(|settled| settled.after.as_secs_f64()),
            first_read: settled.map(|settled| settled.first),
            lost,
            excess,
            anomalies: of_totals.chain(of_history).collect(),
            invariants: invariants.clone(),
            consistency: judged.map(ConsistencySummary::of_history).unwrap_or_default(),
            unit: (decimals > 0).then(|| Decimal::unit(decimals)),
            history: judged.map(HistorySummary::new),
            kinds: judged.map(|judged| KindSummary::all(judged, states)).unwrap_or_default(),
        }
    }
}

impl HistorySummary {
    fn new(judged: &Judged) -> Self {
        Self {
            operations: judged.operations(),
            objects: judged.history.objects.len(),
            verdict: judged.verdict(),
            judged_in_s: Duration::as_secs_f64(&judged.took),
        }
    }
}

/// A value by its name.
pub(super) fn as_text<T: fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
