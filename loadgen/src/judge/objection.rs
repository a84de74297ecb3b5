//! What speaks against an accusation by the totals.

use check::{Anomaly, Doubt, Loss, Model};

use super::Facts;
use crate::extract::Steps;
use crate::plan::Plan;
use crate::state::Size;

/// Why some of what the totals seem to prove is not certain.
pub(super) struct Objection {
    pub(super) reason: String,
    /// Whether it explains an anomaly.
    pub(super) clears: fn(&Anomaly) -> bool,
}

/// What else than the service may have made the totals what they are, if they are wrong; a state that
/// moves by itself is no ground for a verdict in any case.
pub(super) fn objection(
    plan: &Plan,
    facts: &Facts,
    loss: &Loss,
    (before, after): (Size, Size),
) -> Option<Objection> {
    let all = |_: &Anomaly| true;
    let excess = |anomaly: &Anomaly| anomaly.kind.is_excess();
    if let Some(moving) = facts.before.as_ref().filter(|before| before.moves()) {
        let from_to = match (moving.first.size(), moving.state.size()) {
            (Some(from), Some(to)) => format!("went from {from} to {to}"),
            _ => "changed".to_owned(),
        };
        let reason = format!("before the load the state {from_to} by itself: somebody else writes");
        return Some(Objection { reason, clears: all });
    }
    if facts.after.as_ref().is_some_and(|after| after.is_moving) {
        let reason = "the state had not settled when the wait was over: --settle TIME waits longer";
        return Some(Objection { reason: reason.to_owned(), clears: all });
    }
    if plan.judging.is_none() && !loss.anomalies.is_empty() && are_amounts(before, after) {
        let reason = format!(
            "the state is written with decimals, {before} before and {after} after: if each update \
             adds 1, say so with --model counter"
        );
        return Some(Objection { reason, clears: all });
    }
    if plan.judging.is_none() && after.value.floor() < before.value.floor() {
        let reason = format!(
            "the number fell from {before} to {after}: if it is what is left, say so with --model bounded"
        );
        return Some(Objection { reason, clears: all });
    }
    let excess_min = loss.excess.min;
    if excess_min == 0 {
        return None;
    }
    let counts = |step: usize| facts.record.all_counts_of(step);
    let assumed: u64 = plan.scenario.updates().map(|step| counts(step).assumed).sum();
    let reason = match () {
        () if plan.judging.is_none() => format!(
            "the number rose by {excess_min} more than updates were sent: does each add more than \
             one, or does somebody else write? --model counter says that each adds one"
        ),
        () if assumed >= excess_min => doubted(Doubt::Refusals(assumed)),
        () if !plan.is_exclusive => doubted(Doubt::Others),
        () => return None,
    };
    Some(Objection { reason, clears: excess })
}

/// Whether numbers may be amounts of money, of which nobody said what an update adds to them.
fn are_amounts(before: Size, after: Size) -> bool {
    before.value.has_decimals() || after.value.has_decimals()
}

/// Whether the state `before` the load does not say how much there was: of what is taken from, nothing is
/// not 0. The service may make it with the first update.
pub(super) fn is_unsaid(model: Model, before: Size) -> bool {
    before.is_nothing && matches!(model, Model::Bounded { .. })
}

pub(super) const UNSAID: &str = "before the load, there is nothing where the state is read";

/// Why the states say nothing of how many updates there were.
pub(super) fn no_ground(plan: &Plan, (before, after): (Size, Size)) -> Option<String> {
    let decimals = plan.kinds().first().map_or(0, |kind| kind.decimals);
    if after.is_nothing {
        return Some("after the load, there is nothing where the state is read".to_owned());
    }
    Steps::from(decimals, before.value).count(after.value).is_none().then(|| {
        let each = match decimals {
            0 => "a whole number".to_owned(),
            _ => format!("a number with no more decimals than {decimals}"),
        };
        format!("the state went from {before} to {after}: updates do not each add {each} to it")
    })
}

/// What leaves a verdict open, and what would settle it.
pub(super) fn doubted(doubt: Doubt) -> String {
    let settles = match doubt {
        Doubt::Refusals(_) => "--answers STATUS=WORD says what they mean",
        Doubt::Others => "--exclusive says that nobody does",
    };
    format!("{doubt}: {settles}")
}
