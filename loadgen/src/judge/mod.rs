//! Whether what a run saw is right: facts in, a judgement out.
//!
//! Nothing here asks a clock, reads, writes, or lays anything out. Whatever is not right becomes a
//! [`Finding`], from which the exit code follows.

mod early;
pub(crate) mod expectation;
mod facts;
mod findings;
mod history;
mod invariants;
mod judged;
mod objection;
mod serialised;
#[cfg(test)]
pub(crate) mod tests;
mod totals;

use std::time::Duration;

use check::Verdict;
use check::history::{NIL, Op, Outcome};

use crate::plan::{Judging, Kind, Plan};
use crate::record::{Log, Operations};
use crate::state::State;
use crate::subject;
use crate::threshold::{Checked, Figures};
use crate::watch::StopReason;
pub(crate) use early::Early;
pub use facts::Ended;
pub(crate) use facts::{After, Facts, LastRead};
pub use findings::{Finding, FindingKind, Proof, Severity};
#[cfg(test)]
pub(crate) use history::of as history_of;
pub(crate) use invariants::all_hold;
pub(crate) use judged::updates_of;
pub use judged::{Judged, JudgedKind};
pub use serialised::Serialised;
pub(crate) use totals::{Correctness, accuse};

/// What is to be said of a run.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// Whether the answers were right; `None` where nothing was to be judged.
    pub(crate) correctness: Option<Correctness>,
    /// The history with its verdicts, where one was kept.
    pub(crate) judged: Option<Judged>,
    /// That the target served one request at a time.
    pub(crate) serialised: Option<Serialised>,
    /// Whether the run was ended because the target did nothing any more.
    pub(crate) ended_by_stall: bool,
    /// What the run was ended for, where it was to end at the first anomaly and the record bears it
    /// out.
    pub(crate) ended_at: Option<check::Proof>,
    /// What the thresholds came to.
    pub(crate) thresholds: Vec<Checked>,
    /// What the server's output says that matters, and what of it we provoked.
    pub(crate) said: Vec<subject::Finding>,
    /// Everything that is not right.
    pub(crate) findings: Vec<Finding>,
}

/// Judges what a run of `plan` saw.
///
/// The operations that were kept, and what the server said, move from the facts into the judgement. `clock` is the
/// time since any instant, by which a search is given up.
pub(crate) fn judge(
    plan: &Plan,
    facts: &mut Facts,
    clock: &(dyn Fn() -> Duration + Sync),
) -> Judgement {
    let logs = Logs::of(facts.record.take_operations());
    let unreadable = logs.unreadable;
    let memory_used_up = logs.memory_used_up;
    let judged = plan.judging.as_ref().zip(logs.all);
    let judged = judged.map(|(judging, logs)| history(plan, judging, facts, logs, clock));
    let ended_by_stall = facts.stop == Some(StopReason::Stalled) && facts.ended() == Ended::Running;
    let correctness =
        Correctness::new(plan, facts, judged.as_ref(), memory_used_up, ended_by_stall);
    let correctness = correctness.map(|one| {
        let checked = invariants::check(plan, facts, judged.as_ref());
        invariants::with(Correctness { unreadable, ..one }, checked)
    });
    // Where requests are spaced by their times, so are the answers.
    let serialised = judged.as_ref().filter(|_| !plan.load.shape.is_open());
    let serialised =
        serialised.and_then(|judged| Serialised::of(&judged.history, plan.load.concurrency));
    let ended_at = match &facts.stop {
        Some(StopReason::Proved(proof)) => {
            judged.as_ref().filter(|judged| early::bears_out(judged, proof)).map(|_| proof.clone())
        }
        _ => None,
    };
    let thresholds = thresholds(plan, facts, correctness.as_ref());
    // What a server does about a request that was given up is our doing.
    let hung_up = facts.record.all_counts().given_up > 0;
    let seen = facts.server.as_mut().map(|(server, _)| std::mem::take(&mut server.seen));
    let said = subject::findings(seen.unwrap_or_default(), hung_up);
    let findings = Vec::new();
    let mut judgement = Judgement {
        correctness,
        judged,
        serialised,
        ended_by_stall,
        ended_at,
        thresholds,
        said,
        findings,
    };
    judgement.findings = findings::all(facts, &judgement);
    judgement
}

/// What the thresholds of `plan` came to. The one that ended the run counts as it was then.
fn thresholds(plan: &Plan, facts: &Facts, correctness: Option<&Correctness>) -> Vec<Checked> {
    let (counts, latency) = (facts.record.counts(), facts.record.latency());
    let elapsed = facts.span.elapsed;
    let whole = Figures {
        counts: &counts,
        latency: &latency.total,
        dropped: facts.record.dropped(),
        elapsed,
        lost: correctness.and_then(|correctness| correctness.lost),
    };
    let steps: Vec<_> =
        (0..plan.scenario.steps.len()).map(|step| facts.record.of_step(step)).collect();
    let of_step = |name: &str| {
        let index = plan.scenario.step_called(name)?;
        let (counts, latency) = &steps[index];
        Some(Figures { counts, latency: &latency.total, dropped: 0, elapsed, lost: None })
    };
    let mut checked = plan.thresholds.check(whole, &of_step);
    if let Some(StopReason::Crossed(crossed)) = &facts.stop {
        let mut all = checked.iter_mut();
        if let Some(ended) = all.find(|checked| checked.threshold == crossed.threshold) {
            ended.clone_from(crossed);
        }
    }
    checked
}

/// What was kept of single operations, by kind of what is judged.
struct Logs {
    /// `None` where not all operations were kept.
    all: Option<Vec<Log>>,
    /// How many answers could not be read.
    unreadable: u64,
    /// How many operations were kept until there was no memory for more; `None` where there was.
    memory_used_up: Option<u64>,
}

impl Logs {
    fn of(operations: Vec<Operations>) -> Self {
        let memory_used_up = operations.iter().filter_map(Operations::memory_used_up).max();
        let all: Option<Vec<_>> = operations.into_iter().map(Operations::into_log).collect();
        let unreadable = all.iter().flatten().map(|log| log.unreadable).sum();
        Self { all, unreadable, memory_used_up }
    }
}

/// The histories of all that is judged, with their verdicts.
fn history(
    plan: &Plan,
    judging: &Judging,
    facts: &Facts,
    logs: Vec<Log>,
    clock: &(dyn Fn() -> Duration + Sync),
) -> Judged {
    // What a refusal was taken for, which was another request's, may have been done all the same.
    let may_be_more = facts.record.all_counts().doubtful.fail > 0;
    let judged = |(index, (kind, log)): (usize, (&Kind, Log))| {
        let mut history =
            history::of(plan, index, log, facts.before.as_ref(), facts.after.as_ref());
        history.objects.iter_mut().for_each(|object| object.is_shared |= may_be_more);
        let judged = Judged::new(history, kind.model, judging.effort, clock);
        (kind.name.clone(), as_far_as_seen(plan, facts, index, judged))
    };
    let judged = judging.kinds.iter().zip(logs).enumerate().map(judged).collect();
    let judged = Judged::together(judged);
    let is_in_doubt = plan.scenario.follows_answers() || judging.kinds.len() > 1;
    if facts.record.unasked > 0 && is_in_doubt { judged.undecided(KEPT_IN_DOUBT) } else { judged }
}

/// What was `judged` of the kind with this index, as far as its state can be seen.
fn as_far_as_seen(plan: &Plan, facts: &Facts, index: usize, judged: Judged) -> Judged {
    let before = facts.before.as_ref().and_then(|before| plan.state_of(index, &before.state));
    let last = facts.after.as_ref().and_then(|after| after.last().state.as_ref().ok());
    let last = last.and_then(|last| plan.state_of(index, last));
    if nothing_was_seen(before, last, &judged) {
        return judged.undecided(NOTHING_SEEN);
    }
    let judged = judged.undecided_where(Verdict::Invalid, history::elements::are_others, OTHERS);
    if !plan.scenario.has_many_objects(index) {
        return judged;
    }
    let is_unseen = |object: &_| last.is_some_and(|last| history::keyed::is_unseen(object, last));
    judged.undecided_where(Verdict::Valid, is_unseen, UNSEEN)
}

/// Whether nothing ever stood where the state is read. Then the rule may name the wrong place.
fn nothing_was_seen(before: Option<&State>, last: Option<&State>, judged: &Judged) -> bool {
    let operations = judged.history.objects.iter().flat_map(|object| &object.operations);
    let mut reads = operations.filter(|one| one.op == Op::Read && one.outcome == Outcome::Ok);
    let is_nothing = |state: Option<&State>| state.is_some_and(State::is_nothing);
    is_nothing(before) && is_nothing(last) && reads.all(|read| read.result == NIL)
}

const OTHERS: &str = "answers show none of the elements that were added, but other texts: do \
                      requests say what they add?";

const UNSEEN: &str =
    "updates of an object were acknowledged, but it is not in the state after the load";

/// A request that says what was kept of another's answer is about another object than is known of it.
const KEPT_IN_DOUBT: &str =
    "answers may belong to other requests, and so may what later requests took from them";

const NOTHING_SEEN: &str =
    "there was never anything where the state is read: does the rule name the right place?";

impl Judgement {
    /// Whether there is a finding of which this holds.
    fn has(&self, is: impl Fn(&FindingKind) -> bool) -> bool {
        self.findings.iter().any(|finding| is(&finding.kind))
    }

    /// Whether the run did not come to its end, or to anything. A stall has a name of its own.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Incomplete)
    }

    /// Why the run ended early.
    pub(crate) fn early_end(&self) -> Option<&str> {
        let ends_early = |finding: &&Finding| match finding.kind {
            FindingKind::Died
            | FindingKind::CutShort
            | FindingKind::Crossed { ended_the_run: true } => true,
            FindingKind::Stalled { .. } => self.ended_by_stall,
            _ => false,
        };
        self.findings.iter().find(ends_early).map(|finding| finding.text.as_str())
    }

    /// Whether the server ended by itself and said that something was wrong.
    pub(crate) fn has_crashed(&self) -> bool {
        self.has(|kind| *kind == FindingKind::Died)
            && self.has(|kind| matches!(kind, FindingKind::Output(_)))
    }

    /// Whether the target ever did nothing for too long with requests in flight.
    pub(crate) fn has_stalled(&self) -> bool {
        self.has(|kind| matches!(kind, FindingKind::Stalled { .. }))
    }

    fn is_valid(&self) -> bool {
        self.correctness.as_ref().is_some_and(|one| one.verdict == Verdict::Valid)
    }
}
