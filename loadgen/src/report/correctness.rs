//! The verdict, and what it rests on.

use std::time::Duration;

use check::history::Op;
use check::{Anomaly, AnomalyKind, Bounds, Loss, Model, Totals, Verdict, judge_totals};
use serde::{Serialize, Serializer};

use super::Server;
use super::anomaly::AnomalySummary;
use crate::judged::Judged;
use crate::plan::Judging;
use crate::record::Record;
use crate::state::{ReadError, State};

/// Whether the answers were right.
#[derive(Debug, Serialize)]
pub struct Correctness {
    /// What the operations mean.
    #[serde(serialize_with = "as_text")]
    pub model: Model,
    /// Whether what was observed can be true.
    pub verdict: Verdict,
    /// Why there is no verdict, or one by the totals alone.
    pub reason: Option<String>,
    /// Updates that were acknowledged; where some are answered with no, those answered with yes.
    pub acknowledged: u64,
    /// Updates that may have been applied or not.
    pub unknown: u64,
    /// The state before the first operation; of a set its size. `None` where it was not read.
    pub before: Option<i64>,
    /// The state after the last; `None` where it could not be read.
    pub after: Option<i64>,
    /// Acknowledged updates that are not in the state.
    pub lost: Option<Bounds>,
    /// Updates in the state that nobody sent.
    pub excess: Option<Bounds>,
    /// What is certainly wrong.
    pub anomalies: Vec<AnomalySummary>,
    /// What was judged operation by operation; `None` where the totals alone were.
    pub history: Option<HistorySummary>,
}

/// A history that was judged.
#[derive(Debug, Serialize)]
pub struct HistorySummary {
    /// How many operations it has, the read after the run among them.
    pub operations: usize,
    /// Whether any order of them explains every answer.
    pub verdict: Verdict,
    /// How long it took to find out.
    pub judged_in_s: f64,
}

/// What a verdict is made of.
pub(super) struct Evidence<'e> {
    pub(super) record: &'e Record,
    pub(super) judging: Option<&'e Judging>,
    pub(super) judged: Option<&'e Judged>,
    /// Before and after.
    pub(super) state: Option<&'e (State, Result<State, ReadError>)>,
    /// The server, where it ended by itself.
    pub(super) died: Option<&'e Server>,
    /// Whether the run was ended because the target did nothing any more.
    pub(super) ended_by_stall: bool,
}

impl Correctness {
    /// `None` where there is nothing to judge by.
    pub(super) fn new(evidence: &Evidence<'_>) -> Option<Self> {
        let Evidence { record, judging, judged, state, died, ended_by_stall } = *evidence;
        if judging.is_none() && state.is_none() {
            return None;
        }
        let model = judging.map_or(Model::Counter, |judging| judging.model);
        let (before, after) = state.map_or((None, None), |(before, after)| {
            (Some(before.size()), after.as_ref().ok().map(State::size))
        });
        let acknowledged = acknowledged(record, judging, judged);
        let unknown = record.updates().unknown;
        let loss = acknowledged
            .zip(before.zip(after))
            .and_then(|(acknowledged, sizes)| loss(model, sizes, acknowledged, unknown));
        let of_totals = |anomaly| AnomalySummary::of_totals(model, anomaly);
        let mut anomalies: Vec<_> =
            loss.iter().flat_map(|loss| &loss.anomalies).map(of_totals).collect();
        if judged.is_none() {
            anomalies.extend(oversell(model, before, acknowledged).as_ref().map(of_totals));
        }
        anomalies.extend(judged.iter().flat_map(|judged| AnomalySummary::of_history(judged)));
        let reason = match state {
            Some((_, Err(_))) if died.is_some() => {
                Some("the server ended before its state could be read".to_owned())
            }
            Some((_, Err(_))) if ended_by_stall => {
                Some("the target has stalled, and its state could not be read".to_owned())
            }
            Some((_, Err(error))) => Some(format!("the state could not be read: {error}")),
            _ => judged.and_then(|judged| judged.reason().map(str::to_owned)),
        };
        let too_long = judging.filter(|judging| judged.is_none() && judging.history_limit > 0);
        let undecided = reason.is_some() || (loss.is_none() && judged.is_none());
        Some(Self {
            model,
            verdict: match () {
                () if !anomalies.is_empty() => Verdict::Invalid,
                () if undecided => Verdict::Unknown,
                () => Verdict::Valid,
            },
            reason: reason.or_else(|| too_long.map(too_long_text)),
            acknowledged: acknowledged.unwrap_or_default(),
            unknown,
            before,
            after,
            lost: loss.as_ref().map(|loss| loss.lost),
            excess: loss.as_ref().map(|loss| loss.excess),
            anomalies,
            history: judged.map(HistorySummary::new),
        })
    }

    /// Acknowledged updates that were certainly lost.
    #[must_use]
    pub fn certainly_lost(&self) -> u64 {
        self.lost.map_or(0, |lost| lost.min)
    }

    /// Whether more was certainly acknowledged as taken than there was.
    #[must_use]
    pub fn oversells(&self) -> bool {
        use AnomalyKind::{Oversell, PhantomSuccess};
        self.anomalies.iter().any(|anomaly| matches!(anomaly.kind, Oversell | PhantomSuccess))
    }
}

impl HistorySummary {
    pub(super) fn new(judged: &Judged) -> Self {
        let Judged { took, .. } = judged;
        Self {
            operations: judged.operations(),
            verdict: judged.verdict(),
            judged_in_s: Duration::as_secs_f64(took),
        }
    }
}

/// A model by its name.
fn as_text<S: Serializer>(model: &Model, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(model)
}

/// Updates that were acknowledged; `None` where that takes a history and there is none: where the
/// status alone does not say whether something was taken.
fn acknowledged(
    record: &Record,
    judging: Option<&Judging>,
    judged: Option<&Judged>,
) -> Option<u64> {
    let reads_answers = judging.is_some_and(|judging| {
        matches!(judging.model, Model::Bounded { .. }) && judging.result.is_some()
    });
    if !reads_answers {
        return Some(record.updates().ok);
    }
    let operations = judged?.history.objects.iter().flat_map(|object| &object.operations);
    let yes = operations.filter(|o| o.op == Op::Take && o.result == check::history::YES);
    Some(yes.count() as u64)
}

/// What the sizes before and after prove; `None` where updates do not change the size.
fn loss(
    model: Model,
    (before, after): (i64, i64),
    acknowledged: u64,
    unknown: u64,
) -> Option<Loss> {
    let totals = |before, after| judge_totals(&Totals { before, after, acknowledged, unknown });
    match model {
        Model::Counter | Model::FetchAndAdd | Model::Set => Some(totals(before, after)),
        Model::Bounded { .. } => Some(totals(after, before)),
        Model::Register => None,
    }
}

/// What the totals say of a sale: more was acknowledged as taken than there was.
fn oversell(model: Model, before: Option<i64>, acknowledged: Option<u64>) -> Option<Anomaly> {
    let Model::Bounded { capacity } = model else { return None };
    let there_was = before.map_or(capacity, |before| u64::try_from(before).unwrap_or(0));
    let count = acknowledged?.checked_sub(there_was).filter(|surplus| *surplus > 0)?;
    Some(Anomaly { kind: AnomalyKind::Oversell, count, times_ns: Vec::new(), witness: Vec::new() })
}

fn too_long_text(judging: &Judging) -> String {
    format!(
        "more than {} operations, so no history was kept: judged by the totals alone",
        judging.history_limit
    )
}
