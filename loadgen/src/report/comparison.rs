//! Runs of several specimens, side by side.

use std::borrow::Cow;

use serde::Serialize;
use store::Specimen;

use super::expectation::{as_expected, conclusion};
use super::field::{Field, LABEL_WIDTH, field};
use super::table::table;
use super::text::ms;
use super::{Details, Report, Stall};

/// The reports of several specimens.
#[derive(Debug, Serialize)]
pub struct Comparison {
    schema: &'static str,
    /// Whether every specimen did what the catalogue says.
    pub as_expected: bool,
    /// Which specimens were not run, and why; `None` where all were.
    pub partial: Option<String>,
    /// A report for each specimen.
    pub runs: Vec<Report>,
    #[serde(skip)]
    specimens: Vec<Specimen>,
    /// A sentence about each specimen that was not run.
    #[serde(skip)]
    not_run: Vec<String>,
}

impl Comparison {
    /// Sets the reports of `runs` side by side.
    #[must_use]
    pub fn new(runs: Vec<(Specimen, Report)>) -> Self {
        let (specimens, runs): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        let as_expected =
            specimens.iter().zip(&runs).all(|(specimen, run)| as_expected(*specimen, run));
        let (schema, not_run) = ("loadgen/comparison/1", Vec::new());
        Self { schema, as_expected, partial: None, runs, specimens, not_run }
    }

    /// Says that `specimens` were not run, if there are any, and why.
    #[must_use]
    pub fn without(mut self, specimens: &[Specimen], reason: &str) -> Self {
        if !specimens.is_empty() {
            let one_workload = is_of_one_workload(&[&self.specimens, specimens].concat());
            let name = |specimen: &Specimen| {
                if one_workload { specimen.mode.name.to_owned() } else { specimen.to_string() }
            };
            let names: Vec<_> = specimens.iter().map(name).collect();
            self.as_expected = false;
            self.partial = Some(format!("not run: {} ({reason})", names.join(", ")));
            let sentence = |name: String| format!("{name}: not run ({reason})");
            self.not_run = names.into_iter().map(sentence).collect();
        }
        self
    }

    /// Whether specimens were left out, or one was cut short that should have run to its end.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let mut unexpected = self.both().filter(|(specimen, run)| !as_expected(*specimen, run));
        self.partial.is_some() || unexpected.any(|(_, run)| run.is_incomplete())
    }

    /// One run in full; two in columns; more in a table, a line each. Then what came of them.
    #[must_use]
    pub fn text(&self, details: Details) -> String {
        let body = match self.runs.as_slice() {
            [run] => run.text(details),
            [left, right] => columns(&[left, right]) + &proofs(&self.runs) + &locks(&self.runs),
            runs if is_of_one_workload(&self.specimens) => table(self.both(), true) + &locks(runs),
            _ => table(self.both(), false),
        };
        let conclusions = self.conclusions().join("\n");
        format!("{body}\n{conclusions}\n")
    }

    /// A sentence about each specimen; where they are of several workloads, one about those that
    /// are as expected, which the table shows.
    fn conclusions(&self) -> Vec<String> {
        let mut conclusions = Vec::new();
        if is_of_one_workload(&self.specimens) {
            conclusions.extend(self.both().map(|(specimen, run)| conclusion(specimen, run)));
        } else {
            let (expected, surprises): (Vec<_>, Vec<_>) =
                self.both().partition(|(specimen, run)| as_expected(*specimen, run));
            let all = self.runs.len() + self.not_run.len();
            let surprise = |(specimen, run): (Specimen, &Report)| {
                format!("{} {}", specimen.workload.name, conclusion(specimen, run))
            };
            conclusions.extend(surprises.into_iter().map(surprise));
            conclusions.push(format!("{} of {all} as expected", expected.len()));
        }
        conclusions.extend_from_slice(&self.not_run);
        conclusions
    }

    fn both(&self) -> impl Iterator<Item = (Specimen, &Report)> {
        self.specimens.iter().copied().zip(&self.runs)
    }
}

/// Whether it goes without saying of which workload `specimens` are.
fn is_of_one_workload(specimens: &[Specimen]) -> bool {
    specimens.windows(2).all(|pair| pair[0].workload.name == pair[1].workload.name)
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

/// Who holds which lock in each run that stalled, as far as the target says.
fn locks(runs: &[Report]) -> String {
    let locks = |run: &Report| {
        let lines = run.stall.as_ref()?.lock_lines();
        let mode = run.target.mode.unwrap_or_default();
        (!lines.is_empty()).then(|| format!("\n{mode}:\n   {}\n", lines.join("\n   ")))
    };
    runs.iter().filter_map(locks).collect()
}

/// What of a report is worth comparing.
fn side(run: &Report) -> Vec<Field> {
    let mut fields = run.target.specimen_fields();
    let compared = |field: &Field| {
        !matches!(
            field.label.as_ref(),
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
            fields.push(field(label, format!("{:.3} [ms]", ms(us))));
        }
    }
    fields.extend(run.correctness_fields());
    fields.extend(run.stall.as_ref().map(Stall::field));
    fields.extend(run.end_fields());
    fields
}

/// Merges two lists of fields by their labels, which come in the same order on both sides.
fn side_by_side(left: Vec<Field>, right: Vec<Field>) -> Vec<(Cow<'static, str>, String, String)> {
    let alone = |field: Field| (field.label, String::new(), field.value);
    let mut rows = Vec::new();
    let mut right = right.into_iter().peekable();
    let mut left = left.into_iter();
    while let Some(field) = left.next() {
        let still_to_come =
            |label: &str| field.label == label || left.as_slice().iter().any(|f| f.label == label);
        while let Some(only_right) = right.next_if(|other| !still_to_come(&other.label)) {
            rows.push(alone(only_right));
        }
        let paired = right.next_if(|other| other.label == field.label);
        rows.push((field.label, field.value, paired.map(|other| other.value).unwrap_or_default()));
    }
    rows.extend(right.map(alone));
    rows
}
