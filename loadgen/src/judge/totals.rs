//! What was acknowledged, against the state before and after.

use std::time::Duration;

use check::files::{Stopped, needs_more};
use check::history::Outcome;
use check::{Anomaly, Bounds, Model, Totals, Verdict};

use super::facts::After;
use super::objection::{Objection, UNSAID, doubted, is_unsaid, no_ground, objection};
use super::{Ended, Facts, Judged, updates_of};
use crate::invariant::Checked;
use crate::plan::{Judging, Plan};
use crate::record::{Counts, Record};
use crate::state::{Size, State};

/// Whether the answers were right, and what that rests on beside the history.
#[derive(Debug)]
pub(crate) struct Correctness {
    /// What the operations mean; where several kinds are judged, those on the first of them.
    pub(crate) model: Model,
    /// Of the totals and the history together.
    pub(crate) verdict: Verdict,
    /// Why there is no verdict, or one by the totals alone.
    pub(crate) reason: Option<String>,
    /// Updates that were acknowledged; where some are answered with no, those answered with yes.
    pub(crate) acknowledged: u64,
    /// Updates that may have been applied or not.
    pub(crate) unknown: u64,
    /// Updates that were refused by a status of which nobody said what it means.
    pub(crate) assumed: u64,
    /// Answers whose result could not be read.
    pub(crate) unreadable: u64,
    /// The state before the first operation, of a set its size; `None` where it was not read.
    pub(crate) before: Option<Size>,
    /// The state after the last; `None` where it could not be read.
    pub(crate) after: Option<Size>,
    /// That the first read after the run returned another state than the last.
    pub(crate) settled: Option<Settled>,
    /// Acknowledged updates that are not in the state.
    pub(crate) lost: Option<Bounds>,
    /// Updates in the state that nobody sent.
    pub(crate) excess: Option<Bounds>,
    /// What the totals prove.
    pub(crate) anomalies: Vec<Anomaly>,
    /// What a user says that holds, and whether it does.
    pub(crate) invariants: Vec<Checked>,
    /// Numbers were counted in steps of one with its point so many places to the left.
    pub(crate) decimals: u8,
}

/// A state that changed for a while after the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settled {
    /// How long after the first read began the last state was first read.
    pub(crate) after: Duration,
    /// What the first read returned, of a set its size.
    pub(crate) first: Size,
}

impl Correctness {
    /// `None` where there is nothing to judge by. Where there is no history for want of memory,
    /// `memory_used_up` is how many operations were kept until then.
    pub(super) fn new(
        plan: &Plan,
        facts: &Facts,
        judged: Option<&Judged>,
        memory_used_up: Option<u64>,
        ended_by_stall: bool,
    ) -> Option<Self> {
        let judging = plan.judging.as_ref();
        if judging.is_none() && facts.before.is_none() {
            return facts.watched.as_ref().map(|_| Self::of_invariants(facts));
        }
        let model = plan.kinds().first().map_or(Model::Counter, |kind| kind.model);
        let before = facts.before.as_ref().and_then(|before| before.state.size());
        let after = facts.after.as_ref().and_then(|after| after.last().state.as_ref().ok());
        let after = after.and_then(State::size);
        let Updates { acknowledged, unknown } = Updates::of(plan, facts, judged);
        let is_unsaid = before.is_some_and(|before| is_unsaid(model, before));
        let unsaid = (is_unsaid && judged.is_none()).then(|| UNSAID.to_owned());
        let states = before.zip(after).filter(|_| !is_unsaid);
        let no_ground = states.and_then(|states| no_ground(plan, states)).or(unsaid);
        let states = states.filter(|_| no_ground.is_none());
        let counts = |step: usize| facts.record.all_counts_of(step);
        let assumed: u64 = plan.scenario.updates().map(|step| counts(step).assumed).sum();
        let loss_if_unknown = |unknown| {
            let (before, after) = plan.scenario.counted().and(states)?;
            let (before, after) = (before.value.floor(), after.value.floor());
            model.judge_totals(&Totals { before, after, acknowledged: acknowledged?, unknown })
        };
        let loss = loss_if_unknown(unknown);
        // What was refused may be in the state, in place of what was lost.
        let bounds = loss_if_unknown(unknown + assumed).map(|loss| loss.lost);
        let mut anomalies = loss.as_ref().map(|loss| loss.anomalies.clone()).unwrap_or_default();
        let objection = loss
            .as_ref()
            .zip(states)
            .and_then(|(loss, states)| objection(plan, facts, loss, states));
        if let Some(Objection { clears, .. }) = &objection {
            anomalies.retain(|anomaly| !clears(anomaly));
        }
        // Of many objects no total says how much there was of any.
        if judged.is_none() && plan.scenario.counted().is_some() {
            let floor = |size: Option<Size>| size.map(|size| size.value.floor());
            let (before, after) = (floor(before.filter(|_| !is_unsaid)), floor(after));
            anomalies.extend(
                acknowledged.and_then(|acknowledged| model.oversold(before, after, acknowledged)),
            );
        }
        let is_history_invalid = judged.is_some_and(|one| one.verdict() == Verdict::Invalid);
        let is_told = judged.is_some_and(tells_of_an_update);
        let nothing = (acknowledged == Some(0) && !is_told).then_some(NOTHING);
        let reason = unread(facts, ended_by_stall)
            .or(no_ground)
            .or_else(|| objection.map(|objection| objection.reason))
            .or_else(|| judged.and_then(undecided))
            .or_else(|| Some(out_of_memory(judging?, memory_used_up?)))
            .or_else(|| nothing.map(str::to_owned));
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
            assumed,
            unreadable: 0,
            before,
            after,
            settled: facts.after.as_ref().and_then(settled),
            lost: bounds.or_else(|| lost_of_kinds(plan, facts, judged?)),
            excess: loss.as_ref().map(|loss| loss.excess),
            anomalies,
            invariants: Vec::new(),
            decimals: plan.kinds().first().map_or(0, |kind| kind.decimals),
        })
    }
}

impl Correctness {
    /// Where nothing but invariants is judged.
    fn of_invariants(facts: &Facts) -> Self {
        let Counts { outcomes, followed, assumed, .. } = facts.record.all_counts();
        let acknowledged = outcomes.ok - followed;
        let nothing = (acknowledged == 0).then(|| NOTHING.to_owned());
        Self {
            model: Model::Counter,
            verdict: if nothing.is_some() { Verdict::Unknown } else { Verdict::Valid },
            reason: nothing,
            acknowledged,
            unknown: outcomes.unknown,
            assumed,
            unreadable: 0,
            before: None,
            after: None,
            settled: None,
            lost: None,
            excess: None,
            anomalies: Vec::new(),
            invariants: Vec::new(),
            decimals: 0,
        }
    }
}

const NOTHING: &str = "nothing was acknowledged";

/// How many updates are missing of several kinds together, of those whose totals say it; `None` where none
/// does.
fn lost_of_kinds(plan: &Plan, facts: &Facts, judged: &Judged) -> Option<Bounds> {
    let before = facts.before.as_ref().filter(|before| !before.moves())?;
    let after = facts.after.as_ref().filter(|after| !after.is_moving)?;
    let after = after.last().state.as_ref().ok()?;
    let lost = judged.kinds.iter().enumerate().filter_map(|(index, kind)| {
        plan.scenario.counted_of(index)?;
        let whole = |state| {
            let size = plan.state_of(index, state)?.size().filter(|size| !size.is_nothing)?;
            size.value.to_integer()
        };
        let (before, after) = (whole(&before.state)?, whole(after)?);
        let objects = judged.objects_of(index);
        let (acknowledged, unknown) = updates_of(objects);
        // What was refused may be in the state, in place of what was lost.
        let refused: usize = objects.iter().map(|object| object.assumed.len()).sum();
        let unknown = unknown + refused as u64;
        let totals = Totals { before, after, acknowledged, unknown };
        Some(kind.model.judge_totals(&totals)?.lost)
    });
    lost.reduce(|one, more| Bounds { min: one.min + more.min, max: one.max + more.max })
}

/// Whether any answer says what became of an update: that there was nothing to take, for one.
fn tells_of_an_update(judged: &Judged) -> bool {
    let operations = judged.history.objects.iter().flat_map(|object| &object.operations);
    operations.into_iter().any(|one| one.is_update() && one.outcome == Outcome::Ok)
}

/// Whether the totals of a run so far, whose states were `before` and `after`, accuse the service; or
/// may do so later, where what was acknowledged is applied later.
pub(crate) fn accuse(plan: &Plan, record: &Record, before: &State, after: &State) -> bool {
    let model = plan.model().unwrap_or(Model::Counter);
    if plan.reads.iter().any(|read| read.lags) {
        return true;
    }
    let Some(counted) = plan.scenario.counted() else { return false };
    let outcomes = record.all_counts_of(counted).outcomes;
    let (acknowledged, unknown) = (outcomes.ok, outcomes.unknown);
    let (Some(before), Some(after)) = (before.size(), after.size()) else { return false };
    if is_unsaid(model, before) {
        return false;
    }
    let (before, after) = (before.value.floor(), after.value.floor());
    let loss = model.judge_totals(&Totals { before, after, acknowledged, unknown });
    loss.is_some_and(|loss| !loss.anomalies.is_empty())
}

/// That the state changed after the first read, and when it had come to what it was at last.
fn settled(after: &After) -> Option<Settled> {
    let first = after.first.state.as_ref().ok()?.size()?;
    Some(Settled { after: after.settled_after()?, first })
}

/// Why the state after the run is not known, where it was to be read.
fn unread(facts: &Facts, ended_by_stall: bool) -> Option<String> {
    let error = facts.after.as_ref()?.last().state.as_ref().err()?;
    Some(if facts.ended() != Ended::Running {
        "the server ended before its state could be read".to_owned()
    } else if ended_by_stall {
        "the target has stalled, and its state could not be read".to_owned()
    } else {
        format!("the state could not be read: {error}")
    })
}

/// Why the history is undecided.
fn undecided(judged: &Judged) -> Option<String> {
    let doubt = judged.judgements.iter().find_map(|judgement| judgement.doubt);
    doubt.map(doubted).or_else(|| judged.reason().map(str::to_owned))
}

/// That there was no memory for the history. What the totals say is less than what was asked for.
fn out_of_memory(judging: &Judging, kept: u64) -> String {
    needs_more(judging.effort.memory_bytes, Stopped::After(kept))
}

/// How many updates there were.
struct Updates {
    /// Those that were acknowledged; `None` where that takes a history and there is none: where the
    /// status alone does not say whether something was done.
    acknowledged: Option<u64>,
    /// Those that may have been done.
    unknown: u64,
}

impl Updates {
    fn of(plan: &Plan, facts: &Facts, judged: Option<&Judged>) -> Self {
        let updates: Vec<_> = plan.scenario.updates().collect();
        let counts = updates.iter().map(|step| facts.record.all_counts_of(*step));
        let Counts { outcomes, doubtful, .. } = counts.reduce(Counts::and).unwrap_or_default();
        if !updates.iter().any(|step| plan.scenario.steps[*step].meaning.decides()) {
            // An answer that may be another's says nothing of this update.
            return Self {
                acknowledged: Some(outcomes.ok - doubtful.ok),
                unknown: outcomes.unknown + doubtful.ok + doubtful.fail,
            };
        }
        let Some(judged) = judged else {
            return Self { acknowledged: None, unknown: outcomes.unknown };
        };
        let (acknowledged, unknown) = updates_of(&judged.history.objects);
        Self { acknowledged: Some(acknowledged), unknown }
    }
}

fn too_long_text(judging: &Judging) -> String {
    format!(
        "more than {} operations, so no history was kept: judged only by the totals",
        judging.history_limit
    )
}
