//! Runs of several specimens, side by side.

use std::borrow::Cow;
use std::time::SystemTime;

use check::{Bounds, Verdict, Words};
use schemars::JsonSchema;
use serde::Serialize;
use store::Expectation;

use super::layout::{Cell, Field, Grid, LABEL_WIDTH, Screen, Tone, cell, lines, width, wrap};
use super::making::Making;
use super::section::Expected;
use super::specimen::{Line, should};
use super::table::table;
use super::text::text_of;
use super::verdict::{bounds_text, headline};
use super::{Correctness, Details, Report, Section, Stall};
use crate::escape;
use crate::exit::{Conclusion, Exit};
use crate::judge::Finding;
use crate::plan::Specimen;

/// The reports of several specimens.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Comparison {
    #[schemars(extend("const" = "loadgen/comparison/1"))]
    schema: &'static str,
    /// Whether every specimen did what the catalogue says.
    pub as_expected: bool,
    /// Which specimens were not run, and why; `None` where all were.
    pub partial: Option<String>,
    /// How the comparison was made.
    #[serde(flatten)]
    pub making: Making,
    /// A report for each specimen.
    pub runs: Vec<Report>,
    /// For each of them its specimen, and whether it is as expected.
    #[serde(skip)]
    specimens: Vec<(Specimen, bool)>,
    /// A sentence about each specimen that was not run.
    #[serde(skip)]
    not_run: Vec<String>,
    /// Everything that is not as expected.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// A specimen that was run.
#[derive(Debug)]
pub struct Compared {
    /// Which one.
    pub specimen: Specimen,
    /// What came of it.
    pub report: Report,
    /// Whether that is what the catalogue says.
    pub as_expected: bool,
}

impl Comparison {
    /// Sets the reports of `runs` side by side. `findings` is what of them is not as expected.
    #[must_use]
    pub fn new(runs: Vec<Compared>, findings: Vec<Finding>) -> Self {
        let as_expected = runs.iter().all(|run| run.as_expected);
        let taken_apart = |run: Compared| ((run.specimen, run.as_expected), run.report);
        let (specimens, runs): (_, Vec<Report>) = runs.into_iter().map(taken_apart).unzip();
        let (schema, partial, not_run) = ("loadgen/comparison/1", None, Vec::new());
        let making = runs.first().map(|run| run.making.clone());
        let making = making.unwrap_or_else(|| Making::begun(SystemTime::now()));
        Self { schema, as_expected, partial, making, runs, specimens, not_run, findings }
    }

    /// Says that `specimens` were not run, if there are any, and why.
    #[must_use]
    pub fn without(mut self, specimens: &[Specimen], reason: &str) -> Self {
        if !specimens.is_empty() {
            let run = self.specimens.iter().map(|(specimen, _)| *specimen);
            let all: Vec<_> = run.chain(specimens.iter().copied()).collect();
            let one_workload = is_of_one_workload(&all);
            let name = |specimen: &Specimen| {
                if one_workload { specimen.mode.to_owned() } else { specimen.to_string() }
            };
            let names: Vec<_> = specimens.iter().map(name).collect();
            self.as_expected = false;
            self.partial = Some(format!("not run: {} ({reason})", names.join(", ")));
            let sentence = |name: String| format!("{name}: not run ({reason})");
            self.not_run = names.into_iter().map(sentence).collect();
        }
        self
    }

    /// One run in full; two in columns; more in a table, a line each. Then what came of them.
    #[must_use]
    pub fn text(&self, details: Details) -> String {
        let screen = details.screen;
        let making = || format!("\n{}\n", lines(self.making.fields(), screen).join("\n"));
        let body = match self.runs.as_slice() {
            [run] => run.text(details),
            [left, right] => {
                let columns = columns(&[left, right], screen) + &making();
                columns + &proofs(&self.runs, screen) + &locks(&self.runs, screen)
            }
            runs if self.is_of_one_workload() => {
                table(self.lines(), true, screen) + &making() + &locks(runs, screen)
            }
            _ => table(self.lines(), false, screen) + &making(),
        };
        let conclusions = self.conclusions().into_iter();
        let painted = |(tone, sentence): (Tone, String)| {
            let lines = wrap(&escape::line(&sentence), screen.at_most(usize::MAX)).into_iter();
            lines.map(|line| screen.paint(tone, &line)).collect::<Vec<_>>().join("\n")
        };
        let conclusions: Vec<_> = conclusions.map(painted).collect();
        format!("{body}\n{}\n", conclusions.join("\n"))
    }

    /// A sentence about each specimen; where they are of several workloads, one about those that
    /// are as expected, which the table shows.
    fn conclusions(&self) -> Vec<(Tone, String)> {
        let tone = |is_good: bool| if is_good { Tone::Good } else { Tone::Bad };
        let mut conclusions = Vec::new();
        if self.is_of_one_workload() {
            let conclusions_of =
                self.lines().map(|line| (tone(line.as_expected), conclusion(line)));
            conclusions.extend(conclusions_of);
        } else {
            let (expected, surprises): (Vec<_>, Vec<_>) =
                self.lines().partition(|line| line.as_expected);
            let all = self.runs.len() + self.not_run.len();
            let surprise = |line: Line<'_>| {
                (Tone::Bad, format!("{} {}", line.specimen.workload, conclusion(line)))
            };
            conclusions.extend(surprises.into_iter().map(surprise));
            let sum = format!("{} of {all} as expected", expected.len());
            conclusions.push((tone(expected.len() == all), sum));
        }
        conclusions.extend(self.not_run.iter().map(|sentence| (Tone::Doubtful, sentence.clone())));
        conclusions
    }

    /// The exit code that follows, and why.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let conclusion = Conclusion::of(&self.findings, None);
        let reason = self.surprise().filter(|_| conclusion.exit != Exit::Success);
        Conclusion { reason: reason.unwrap_or(conclusion.reason), ..conclusion }
    }

    /// What is not as expected, in a line.
    fn surprise(&self) -> Option<String> {
        let mut surprises = self.lines().filter(|line| !line.as_expected);
        let first = surprises.next()?;
        let others = surprises.count();
        let sentence = format!("{} {}", first.specimen.workload, conclusion(first));
        Some(match others {
            0 => sentence,
            _ => format!("{} specimens did not do what they should: {sentence}, …", others + 1),
        })
    }

    /// What there is to show of each run, and what was expected of it.
    #[must_use]
    pub fn sections(&self) -> Vec<Section<'_>> {
        let is_of_one_workload = self.is_of_one_workload();
        self.lines().map(|line| section(line, is_of_one_workload)).collect()
    }

    fn is_of_one_workload(&self) -> bool {
        let specimens: Vec<_> = self.specimens.iter().map(|(specimen, _)| *specimen).collect();
        is_of_one_workload(&specimens)
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> + Clone {
        let line = |(&(specimen, as_expected), run)| Line { specimen, as_expected, run };
        self.specimens.iter().zip(&self.runs).map(line)
    }
}

/// A run, named by its mode, or by its workload and mode where there are several workloads.
fn section(line: Line<'_>, is_of_one_workload: bool) -> Section<'_> {
    let section = Section::of(line.run);
    let title = if is_of_one_workload { section.title } else { line.specimen.to_string().into() };
    let expected = Expected { is_met: line.as_expected, sentence: conclusion(line) };
    Section { title, expected: Some(expected), ..section }
}

/// A sentence about a run, and whether it is what the catalogue expects of the specimen.
fn conclusion(line: Line<'_>) -> String {
    let Line { specimen: Specimen { mode, expectation, .. }, as_expected, run } = line;
    let expected = match expectation {
        _ if as_expected => "as expected".to_owned(),
        Expectation::Correct | Expectation::LosesUpdates if run.judgement.is_incomplete() => {
            "NOT as expected".to_owned()
        }
        expectation => format!("NOT as expected: it should {}", should(expectation)),
    };
    format!("{mode}: {} ({expected})", what(run))
}

/// What came of a run.
fn what(run: &Report) -> String {
    if let Some(reason) = &run.partial {
        return reason.clone();
    }
    if run.requests.ok == 0 {
        return "not one request was answered well".to_owned();
    }
    let Some(correctness) = &run.correctness else { return "nothing was judged".to_owned() };
    let Correctness { acknowledged, verdict, .. } = *correctness;
    let Words { updates, are_there, lost, .. } = correctness.model.words();
    // Of several models, the words of one do not fit the others.
    let several = correctness.kinds.len() > 1;
    let (updates, are_there) =
        if several { (&"updates", &"are there") } else { (updates, are_there) };
    if verdict == Verdict::Valid {
        let slowly = if run.serialised.is_some() { ", added one at a time" } else { "" };
        format!("all {acknowledged} acknowledged {updates} {are_there}{slowly}")
    } else if correctness.lost.is_some_and(Bounds::is_certain) {
        let count = correctness.lost.map(bounds_text).unwrap_or_default();
        format!("{count} of {acknowledged} acknowledged {updates} {}", lost.verb)
    } else {
        headline(correctness)
    }
}

/// Whether it goes without saying of which workload `specimens` are.
fn is_of_one_workload(specimens: &[Specimen]) -> bool {
    specimens.windows(2).all(|pair| pair[0].workload == pair[1].workload)
}

/// The reports in columns, where a line that only one of them has leaves the other's place empty; one
/// below the other where that does not fit.
fn columns(runs: &[&Report; 2], screen: Screen) -> String {
    const GAP: &str = "  ";
    let [left, right] = runs.map(side);
    let label = |label: &str| cell(format!("{label:<width$}", width = LABEL_WIDTH - GAP.len()));
    let value = |field: Option<Field>| match field {
        Some(Field { value, tone, .. }) => Cell { text: value, tone },
        None => cell(""),
    };
    let row = |(name, left, right): Row| vec![label(&name), value(left), value(right)];
    let rows: Vec<_> = side_by_side(left, right).into_iter().map(row).collect();
    let grid = Grid { indent: "", gap: GAP, right: &[] };
    match grid.lines(&rows, screen) {
        Some(lines) => lines.join("\n") + "\n",
        None => text_of(runs.map(|run| lines(side(run), screen)).into()),
    }
}

/// What proves the first anomaly of each run, where there is one.
fn proofs(runs: &[Report], screen: Screen) -> String {
    let proof = |run: &Report| {
        let witness = run.witnesses(screen).into_iter().next()?;
        let mode = run.target.mode.unwrap_or_default();
        let heading = witness.first().map_or(0, |line| width(mode) + 2 + width(line));
        let gap = if heading <= screen.at_most(usize::MAX) { " " } else { "\n" };
        Some(format!("\n{mode}:{gap}{}\n", witness.join("\n")))
    };
    runs.iter().filter_map(proof).collect()
}

/// Who holds which lock in each run that stalled, as far as the target says.
fn locks(runs: &[Report], screen: Screen) -> String {
    const INDENT: &str = "   ";
    let columns = screen.at_most(usize::MAX).saturating_sub(INDENT.len());
    let locks = |run: &Report| {
        let lines = run.stall.as_ref()?.lock_lines();
        let lines: Vec<_> = lines.iter().flat_map(|line| wrap(line, columns)).collect();
        let mode = run.target.mode.unwrap_or_default();
        let lines = lines.join(&format!("\n{INDENT}"));
        (!lines.is_empty()).then(|| format!("\n{mode}:\n{INDENT}{lines}\n"))
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
    fields.extend(run.latency_fields());
    fields.extend(run.correctness_fields());
    fields.extend(run.stall.as_ref().map(Stall::field));
    fields.extend(run.end_fields());
    fields
}

/// A label, and what each side has of it.
type Row = (Cow<'static, str>, Option<Field>, Option<Field>);

/// Merges two lists of fields by their labels, which come in the same order on both sides.
fn side_by_side(left: Vec<Field>, right: Vec<Field>) -> Vec<Row> {
    let alone = |field: Field| (field.label.clone(), None, Some(field));
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
        rows.push((field.label.clone(), Some(field), paired));
    }
    rows.extend(right.map(alone));
    rows
}
