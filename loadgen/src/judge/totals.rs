//! What was acknowledged, against the state before and after.

use check::history::Op;
use check::{Anomaly, Bounds, Model, Totals, Verdict};

use super::{Ended, Facts, Judged};
use crate::plan::{Judging, Plan};
use crate::scenario::UPDATE;
use crate::state::State;

/// Whether the answers were right, and what that rests on beside the history.
#[derive(Debug)]
pub(crate) struct Correctness {
    /// What the operations mean.
    pub(crate) model: Model,
    /// Of the totals and the history together.
    pub(crate) verdict: Verdict,
    /// Why there is no verdict, or one by the totals alone.
    pub(crate) reason: Option<String>,
    /// Updates that were acknowledged; where some are answered with no, those answered with yes.
    pub(crate) acknowledged: u64,
    /// Updates that may have been applied or not.
    pub(crate) unknown: u64,
    /// The state before the first operation, of a set its size; `None` where it was not read.
    pub(crate) before: Option<i64>,
    /// The state after the last; `None` where it could not be read.
    pub(crate) after: Option<i64>,
    /// Acknowledged updates that are not in the state.
    pub(crate) lost: Option<Bounds>,
    /// Updates in the state that nobody sent.
    pub(crate) excess: Option<Bounds>,
    /// What the totals prove.
    pub(crate) anomalies: Vec<Anomaly>,
}

impl Correctness {
    /// `None` where there is nothing to judge by.
    pub(super) fn new(
        plan: &Plan,
        facts: &Facts,
        judged: Option<&Judged>,
        ended_by_stall: bool,
    ) -> Option<Self> {
        let judging = plan.judging.as_ref();
        if judging.is_none() && facts.before.is_none() {
            return None;
        }
        let model = judging.map_or(Model::Counter, |judging| judging.model);
        let before = facts.before.as_ref().map(State::size);
        let after = facts.after.as_ref().and_then(|read| read.state.as_ref().ok());
        let after = after.map(State::size);
        let acknowledged = acknowledged(facts, judging, judged);
        let unknown = facts.record.outcomes_of(UPDATE).unknown;
        let loss =
            acknowledged.zip(before.zip(after)).and_then(|(acknowledged, (before, after))| {
                model.judge_totals(&Totals { before, after, acknowledged, unknown })
            });
        let mut anomalies = loss.as_ref().map(|loss| loss.anomalies.clone()).unwrap_or_default();
        if judged.is_none() {
            anomalies
                .extend(acknowledged.and_then(|acknowledged| model.oversold(before, acknowledged)));
        }
        let reason = unread(facts, ended_by_stall)
            .or_else(|| judged.and_then(|judged| judged.reason().map(str::to_owned)));
        let is_history_invalid = judged.is_some_and(|one| one.verdict() == Verdict::Invalid);
        let is_undecided = reason.is_some() || (loss.is_none() && judged.is_none());
        let too_long = judging.filter(|judging| judged.is_none() && judging.history_limit > 0);
        Some(Self {
            model,
            verdict: match () {
                () if !anomalies.is_empty() || is_history_invalid => Verdict::Invalid,
                () if is_undecided => Verdict::Unknown,
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
        })
    }
}

/// Why the state after the run is not known, where it was to be read.
fn unread(facts: &Facts, ended_by_stall: bool) -> Option<String> {
    let error = facts.after.as_ref()?.state.as_ref().err()?;
    Some(if facts.ended() != Ended::Running {
        "the server ended before its state could be read".to_owned()
    } else if ended_by_stall {
        "the target has stalled, and its state could not be read".to_owned()
    } else {
        format!("the state could not be read: {error}")
    })
}

/// Updates that were acknowledged; `None` where that takes a history and there is none: where the
/// status alone does not say whether something was taken.
fn acknowledged(facts: &Facts, judging: Option<&Judging>, judged: Option<&Judged>) -> Option<u64> {
    let reads_answers =
        judging.is_some_and(|judging| judging.model.may_decline() && judging.result.is_some());
    if !reads_answers {
        return Some(facts.record.outcomes_of(UPDATE).ok);
    }
    let operations = judged?.history.objects.iter().flat_map(|object| &object.operations);
    let yes = operations.filter(|o| o.op == Op::Take && o.result == check::history::YES);
    Some(yes.count() as u64)
}

fn too_long_text(judging: &Judging) -> String {
    format!(
        "more than {} operations, so no history was kept: judged by the totals alone",
        judging.history_limit
    )
}
