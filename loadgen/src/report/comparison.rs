//! Runs of the counter server in several modes, side by side.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;
use store::{Expectation, Mode};

use super::field::{Field, LABEL_WIDTH};
use super::text::{bounds_text, headline, ms};
use super::{Details, Report, Server, Stall};
use check::Verdict;

/// The reports of several modes.
#[derive(Debug, Serialize)]
pub struct Comparison {
    schema: &'static str,
    /// Whether every mode did what the catalogue says.
    pub as_expected: bool,
    /// Which modes were not run, and why; `None` where all were.
    pub partial: Option<String>,
    /// A report for each mode.
    pub runs: Vec<Report>,
    #[serde(skip)]
    modes: Vec<&'static Mode>,
    /// A sentence about each mode that was not run.
    #[serde(skip)]
    not_run: Vec<String>,
}

impl Comparison {
    /// Sets the reports of `runs` side by side.
    #[must_use]
    pub fn new(runs: Vec<(&'static Mode, Report)>) -> Self {
        let (modes, runs): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        let as_expected =
            modes.iter().zip(&runs).all(|(mode, run)| as_expected(mode.expectation, run));
        let not_run = Vec::new();
        Self { schema: "loadgen/comparison/1", as_expected, partial: None, runs, modes, not_run }
    }

    /// Says that `modes` were not run, if there are any, and why.
    #[must_use]
    pub fn without(mut self, modes: &[&'static Mode], reason: &str) -> Self {
        if !modes.is_empty() {
            let names: Vec<_> = modes.iter().map(|mode| mode.name).collect();
            self.as_expected = false;
            self.partial = Some(format!("not run: {} ({reason})", names.join(", ")));
            let sentence = |name| format!("{name}: not run ({reason})");
            self.not_run = names.into_iter().map(sentence).collect();
        }
        self
    }

    /// Whether modes were left out, or one was cut short that should have run to its end.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let unexpected = |(mode, run): &(&&Mode, &Report)| !as_expected(mode.expectation, run);
        let mut unexpected = self.modes.iter().zip(&self.runs).filter(unexpected);
        self.partial.is_some() || unexpected.any(|(_, run)| run.is_incomplete())
    }

    /// One run in full; two in columns; more in a table, a line each. Then what came of them.
    #[must_use]
    pub fn text(&self, details: Details) -> String {
        let body = match self.runs.as_slice() {
            [run] => run.text(details),
            [left, right] => columns(&[left, right]) + &proofs(&self.runs),
            runs => table(runs),
        };
        let runs = self.modes.iter().zip(&self.runs);
        let mut conclusions: Vec<_> = runs.map(|(mode, run)| conclusion(mode, run)).collect();
        conclusions.extend_from_slice(&self.not_run);
        format!("{body}\n{}\n", conclusions.join("\n"))
    }
}

fn as_expected(expectation: Expectation, run: &Report) -> bool {
    let Some(correctness) = &run.correctness else { return false };
    let is_clean = !run.is_incomplete() && !run.has_findings() && !run.has_stalled();
    match expectation {
        Expectation::Correct => is_clean && correctness.verdict == Verdict::Valid,
        Expectation::LosesUpdates => is_clean && correctness.certainly_lost() > 0,
        Expectation::Crashes => run.server.as_ref().is_some_and(Server::crashed),
    }
}

/// A sentence about a run, and whether it is what the catalogue expects of the mode.
fn conclusion(mode: &Mode, run: &Report) -> String {
    let what = match (&run.partial, &run.correctness) {
        (Some(reason), _) => reason.clone(),
        (None, _) if run.requests.ok == 0 => "not one request was answered well".to_owned(),
        (None, Some(correctness)) if correctness.verdict == Verdict::Valid => {
            format!("all {} acknowledged updates are in the counter", correctness.acknowledged)
        }
        (None, Some(correctness)) if correctness.certainly_lost() > 0 => {
            let lost = correctness.lost.map(bounds_text).unwrap_or_default();
            format!("{lost} of {} acknowledged updates were lost", correctness.acknowledged)
        }
        (None, Some(correctness)) => headline(correctness),
        (None, None) => "nothing was judged".to_owned(),
    };
    let expected = match mode.expectation {
        _ if as_expected(mode.expectation, run) => "as expected",
        Expectation::Correct | Expectation::LosesUpdates if run.is_incomplete() => {
            "NOT as expected"
        }
        Expectation::Correct => "NOT as expected: it should lose none",
        Expectation::LosesUpdates => "NOT as expected: it should lose updates",
        Expectation::Crashes => "NOT as expected: it should crash",
    };
    format!("{}: {what} ({expected})", mode.name)
}

/// The reports in columns; a line that only one of them has leaves the other's place empty.
fn columns(runs: &[&Report; 2]) -> String {
    let sides = runs.map(side);
    let width = sides[0].iter().map(|field| field.value.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let [left, right] = sides;
    for (label, left, right) in side_by_side(left, right) {
        let line = format!("{label:<LABEL_WIDTH$}{left:<width$}  {right}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What proves the first anomaly of each run, where there is one.
fn proofs(runs: &[Report]) -> String {
    let proof = |run: &Report| {
        let witness = run.witnesses().into_iter().next()?;
        Some(format!("\n{}: {}\n", run.target.mode.unwrap_or_default(), witness.join("\n")))
    };
    runs.iter().filter_map(proof).collect()
}

/// What of a report is worth comparing.
fn side(run: &Report) -> Vec<Field> {
    let mut fields = vec![Field {
        label: "Server Mode:",
        value: run.target.mode.unwrap_or(run.target.url.as_str()).to_owned(),
    }];
    let compared = |field: &Field| {
        !matches!(
            field.label,
            "Time per request:"
                | "Transfer rate:"
                | "Total transferred:"
                | "HTML transferred:"
                | "Keep-Alive requests:"
        )
    };
    fields.extend(run.measured_fields().into_iter().filter(compared));
    if let Some(latency) = &run.latency_us {
        for (label, us) in [
            ("Latency p50:", latency.p50),
            ("Latency p90:", latency.p90),
            ("Latency p99:", latency.p99),
            ("Latency max:", latency.max),
        ] {
            fields.push(Field { label, value: format!("{:.3} [ms]", ms(us)) });
        }
    }
    fields.extend(run.correctness_fields());
    fields.extend(run.stall.as_ref().map(Stall::field));
    fields.extend(run.end_fields());
    fields
}

/// Merges two lists of fields by their labels, which come in the same order on both sides.
fn side_by_side(left: Vec<Field>, right: Vec<Field>) -> Vec<(&'static str, String, String)> {
    let alone = |field: Field| (field.label, String::new(), field.value);
    let mut rows = Vec::new();
    let mut right = right.into_iter().peekable();
    let mut left = left.into_iter();
    while let Some(field) = left.next() {
        let still_to_come =
            |label| field.label == label || left.as_slice().iter().any(|f| f.label == label);
        while let Some(only_right) = right.next_if(|other| !still_to_come(other.label)) {
            rows.push(alone(only_right));
        }
        let paired = right.next_if(|other| other.label == field.label);
        rows.push((field.label, field.value, paired.map(|other| other.value).unwrap_or_default()));
    }
    rows.extend(right.map(alone));
    rows
}

fn table(runs: &[Report]) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_header([
        "mode",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "acknowledged",
        "counter",
        "lost",
        "verdict",
    ]);
    for run in runs {
        table.add_row(row(run));
    }
    for number in 1..7 {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn row(run: &Report) -> [String; 8] {
    let none = || "-".to_owned();
    let latency = run.latency_us.as_ref();
    let correctness = run.correctness.as_ref();
    [
        run.target.mode.unwrap_or_default().to_owned(),
        run.throughput.requests_per_s.map_or_else(none, |rate| format!("{rate:.0}")),
        latency.map_or_else(none, |latency| format!("{:.3}", ms(latency.p50))),
        latency.map_or_else(none, |latency| format!("{:.3}", ms(latency.p99))),
        run.requests.ok.to_string(),
        correctness.and_then(|c| c.after).map_or_else(none, |after| after.to_string()),
        correctness.and_then(|c| c.lost).map_or_else(none, bounds_text),
        verdict(run),
    ]
}

fn verdict(run: &Report) -> String {
    let crashed = run.server.iter().filter(|server| server.crashed());
    let findings = crashed.flat_map(|server| &server.findings);
    if let Some(finding) = findings.last() {
        return format!("died: {}", finding.line);
    }
    match (&run.partial, run.correctness.as_ref().map(|c| c.verdict)) {
        (Some(_), _) if run.ended_by_stall() => "stalled",
        (Some(_), _) => "partial",
        (None, Some(Verdict::Valid)) => "valid",
        (None, Some(Verdict::Invalid)) => "INVALID",
        (None, Some(Verdict::Unknown) | None) => "unknown",
    }
    .to_owned()
}
