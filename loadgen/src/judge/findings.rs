//! Everything that is not right, and how much each of it weighs.

use check::{Anomaly, AnomalyKind, Model, Names, Verdict};

use super::{Ended, Facts, Judged, Judgement};
use crate::record::Counts;
use crate::subject;
use crate::watch::StopReason;

/// One thing that is not right, from whatever source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// How much it weighs.
    pub severity: Severity,
    /// How often it certainly happened.
    pub count: u64,
    /// What there is to say about it, in a line.
    pub text: String,
    /// What proves it.
    pub proof: Proof,
}

/// What is not right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Answers that cannot be true.
    Anomaly(AnomalyKind),
    /// What a user says of the service does not hold.
    Invariant,
    /// A verdict was asked for, and there is none.
    Undecided,
    /// The server under test ended by itself.
    Died,
    /// The run ended before it was to.
    CutShort,
    /// Not one request was answered well.
    NothingOk,
    /// The target did nothing for too long with requests in flight.
    Stalled {
        /// Whether it answered again after the last time.
        recovered: bool,
    },
    /// The server's output says that something went wrong: what recognised it.
    Output(&'static str),
    /// The target served one request at a time.
    Serialised,
    /// A specimen did not do what the catalogue says.
    Unexpected,
    /// A figure does not keep to its limit.
    Crossed {
        /// Whether the run was ended for it.
        ended_the_run: bool,
    },
}

/// How much a finding weighs, the least first. The exit code is that of the heaviest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A threshold was crossed.
    Crossed,
    /// Something is wrong, or could not be shown to be right.
    Suspect,
    /// The target could not be reached, died or answered not one request well, or the run was cut.
    Incomplete,
    /// The answers cannot be true. That holds however the run ended.
    Proven,
}

/// What proves a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It is as it says.
    Itself,
    /// The totals: what was acknowledged, and the state before and after.
    Totals,
    /// Operations of a history.
    Operations {
        /// The index of their object.
        object: usize,
        /// Their indices among those of the object.
        operations: Vec<u32>,
    },
    /// Lines of the server's output.
    Output(Vec<String>),
}

/// Everything about a run that is not right; `judgement` is what was judged of it so far.
pub(super) fn all(facts: &Facts, judgement: &Judgement) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(correctness) = &judgement.correctness {
        let of_totals = |anomaly| of_anomaly(correctness.model, anomaly, Proof::Totals);
        findings.extend(correctness.anomalies.iter().map(of_totals));
        findings.extend(judgement.judged.iter().flat_map(of_history));
        let broken = correctness.invariants.iter().filter(|one| one.holds == Some(false));
        findings.extend(broken.map(|one| {
            let text = format!("the invariant `{}` does not hold: {}", one.text, one.why);
            Finding::one(FindingKind::Invariant, Severity::Proven, text)
        }));
        if correctness.verdict == Verdict::Unknown {
            findings.push(undecided(correctness.reason.as_deref()));
        }
    }
    findings.extend(end(facts, judgement));
    let Counts { outcomes, followed, .. } = facts.record.counts();
    if outcomes.ok == followed && !judgement.ended_by_stall {
        let text = "not one request was answered well";
        findings.push(Finding::one(FindingKind::NothingOk, Severity::Incomplete, text));
    }
    findings.extend(crossed(facts, judgement));
    findings.extend(stall(facts, judgement));
    let counted = judgement.said.iter().filter(|said| said.provoked.is_none());
    findings.extend(counted.map(of_output));
    if judgement.serialised.is_some() {
        let text = "the target served one request at a time";
        findings.push(Finding::one(FindingKind::Serialised, Severity::Note, text));
    }
    findings
}

impl Finding {
    /// Something that happened once, and needs no proof.
    pub(super) fn one(kind: FindingKind, severity: Severity, text: impl Into<String>) -> Self {
        Self { kind, severity, count: 1, text: text.into(), proof: Proof::Itself }
    }
}

impl Judged {
    /// Everything about the history that is not right.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let undecided = (self.verdict() == Verdict::Unknown).then(|| undecided(self.reason()));
        of_history(self).chain(undecided).collect()
    }
}

/// Why the run ended early, where that has no other name: a stall, or the first anomaly.
fn end(facts: &Facts, judgement: &Judgement) -> Option<Finding> {
    let ended = facts.ended();
    if ended != Ended::Running {
        let text = format!("the server ended: {ended}");
        return Some(Finding::one(FindingKind::Died, Severity::Incomplete, text));
    }
    let crossed = matches!(facts.stop, Some(StopReason::Crossed(_)));
    let has_name = judgement.ended_by_stall || judgement.ended_at.is_some() || crossed;
    let stop = facts.stop.as_ref().filter(|_| !has_name)?;
    Some(Finding::one(FindingKind::CutShort, Severity::Incomplete, reason(stop)))
}

fn reason(stop: &StopReason) -> String {
    match stop {
        StopReason::Interrupted => "interrupted".to_owned(),
        StopReason::ServerEnded => "the server ended".to_owned(),
        StopReason::Stalled => STALLED.to_owned(),
        StopReason::Unreachable(error) => format!("the target could not be reached: {error}"),
        StopReason::Dead(error) => format!("the target takes no more connections: {error}"),
        StopReason::Short(shortage) => shortage.to_string(),
        StopReason::NoWorker(error) => format!("a worker could not be started: {error}"),
        StopReason::BrokenConnection(error) => {
            format!("{error} (-r goes on after receive errors)")
        }
        StopReason::Crossed(checked) => checked.to_string(),
        StopReason::Proved(proof) => format!(
            "ended at a {}, but the whole run does not confirm it: the answers turned out to belong \
             to other requests, or there were more than are kept",
            proof.kind.names().one
        ),
    }
}

/// The thresholds that do not hold.
fn crossed(facts: &Facts, judgement: &Judgement) -> impl Iterator<Item = Finding> {
    let crossed = judgement.thresholds.iter().filter(|checked| !checked.holds);
    crossed.map(|checked| {
        let ended_the_run =
            matches!(&facts.stop, Some(StopReason::Crossed(stop)) if **stop == *checked);
        let kind = FindingKind::Crossed { ended_the_run };
        Finding::one(kind, Severity::Crossed, checked.to_string())
    })
}

const STALLED: &str = "the target has stalled";
const HANGS_ALONE: &str = "requests hang while others are answered";

/// A stall weighs where it ended the run: otherwise requests show what it did.
fn stall(facts: &Facts, judgement: &Judgement) -> Option<Finding> {
    let stalls = facts.stalled.as_ref().map(|stalled| &stalled.stalls);
    if stalls.is_none() && !judgement.ended_by_stall {
        return None;
    }
    let kind = FindingKind::Stalled { recovered: stalls.is_some_and(|stalls| stalls.recovered) };
    let severity = if judgement.ended_by_stall { Severity::Suspect } else { Severity::Note };
    let count = stalls.map_or(1, |stalls| stalls.count);
    let hangs_alone = stalls.is_some_and(|stalls| stalls.first.others_answered);
    let text = if hangs_alone { HANGS_ALONE } else { STALLED };
    Some(Finding { kind, severity, count, text: text.to_owned(), proof: Proof::Itself })
}

fn of_history(judged: &Judged) -> impl Iterator<Item = Finding> {
    judged.objects().enumerate().flat_map(move |(object, (_, model, judgement))| {
        judgement.anomalies.iter().map(move |anomaly| {
            let operations = anomaly.witness.clone();
            of_anomaly(model, anomaly, Proof::Operations { object, operations })
        })
    })
}

fn of_anomaly(model: Model, anomaly: &Anomaly, proof: Proof) -> Finding {
    let (kind, count) = (model.named(anomaly.kind), anomaly.count);
    let Names { one, several, .. } = kind.names();
    let text = format!("{count} {}", if count == 1 { one } else { several });
    Finding { kind: FindingKind::Anomaly(kind), severity: Severity::Proven, count, text, proof }
}

fn of_output(said: &subject::Finding) -> Finding {
    let subject::Finding { kind, count, line, detail, .. } = said;
    let mut lines = vec![line.clone()];
    lines.extend_from_slice(detail);
    Finding {
        kind: FindingKind::Output(kind),
        severity: Severity::Suspect,
        count: *count,
        text: line.clone(),
        proof: Proof::Output(lines),
    }
}

fn undecided(reason: Option<&str>) -> Finding {
    let text = reason.unwrap_or("it could not be decided whether the answers were right");
    Finding::one(FindingKind::Undecided, Severity::Suspect, text)
}
