//! Several runs of one scenario, each from a fresh state, side by side.

use check::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Cell, Grid, Screen, Tone, cell, field, lines};
use super::text::text_of;
use super::verdict::headline;
use super::{Details, Making, Report, Section};
use crate::exit::Conclusion;
use crate::judge::Finding;

/// Several runs of one scenario.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Repeated {
    #[schemars(extend("const" = "loadgen/comparison/1"))]
    schema: &'static str,
    /// How the report was made.
    #[serde(flatten)]
    pub making: Making,
    /// How many runs were judged, and what they came to.
    pub verdicts: Verdicts,
    /// The runs, in their order.
    pub runs: Vec<Report>,
}

/// How many runs came to which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verdicts {
    pub valid: u64,
    pub invalid: u64,
    pub unknown: u64,
}

impl Repeated {
    /// These runs, of which there is at least one.
    #[must_use]
    pub fn new(runs: Vec<Report>) -> Self {
        let mut verdicts = Verdicts::default();
        for correctness in runs.iter().filter_map(|run| run.correctness.as_ref()) {
            *match correctness.verdict {
                Verdict::Valid => &mut verdicts.valid,
                Verdict::Invalid => &mut verdicts.invalid,
                Verdict::Unknown => &mut verdicts.unknown,
            } += 1;
        }
        let making = runs[0].making.clone();
        Self { schema: "loadgen/comparison/1", making, verdicts, runs }
    }

    /// A line for each run, and the requests that prove the first anomaly.
    #[must_use]
    pub fn text(&self, details: Details) -> String {
        let screen = details.screen;
        let first = self.runs.iter().find(|run| is_invalid(run));
        let mut blocks = vec![self.table(screen), lines(self.making.fields(), screen)];
        blocks.extend(first.into_iter().flat_map(|run| run.witnesses(screen)));
        blocks.push(lines(vec![field("Runs:", self.summary()).toned(self.tone())], screen));
        text_of(blocks)
    }

    fn tone(&self) -> Tone {
        match self.verdicts {
            Verdicts { invalid: 1.., .. } => Tone::Bad,
            Verdicts { unknown: 1.., .. } => Tone::Doubtful,
            _ => Tone::Plain,
        }
    }

    /// How many runs showed an anomaly, and after how many requests the first was proven.
    fn summary(&self) -> String {
        let Verdicts { valid, invalid, unknown } = self.verdicts;
        let of = self.runs.len();
        let text = format!("{of}: {valid} valid, {invalid} invalid, {unknown} unknown");
        let first = self.runs.iter().position(is_invalid);
        let sent = |runs: &[Report]| runs.iter().map(|run| run.requests.sent).sum::<u64>();
        match first {
            Some(first) => {
                let sent = sent(&self.runs[..=first]);
                format!("{text}; the first invalid one is run {}, after {sent} requests", first + 1)
            }
            None => text,
        }
    }

    fn table(&self, screen: Screen) -> Vec<String> {
        let headings = ["run", "requests", "ok", "p99 ms", "verdict"];
        let mut rows = vec![headings.map(cell).into()];
        rows.extend(self.runs.iter().zip(1..).map(|(run, number)| row(run, number)));
        let grid = Grid { indent: "", gap: "   ", right: &[0, 1, 2, 3] };
        grid.lines(&rows, screen).unwrap_or_else(|| {
            let short = rows.iter().map(|row| format!("{} {}", row[0].text, row[4].text));
            short.collect()
        })
    }

    /// What there is to show of each run.
    #[must_use]
    pub fn sections(&self) -> Vec<Section<'_>> {
        let named = self.runs.iter().zip(1..);
        named
            .map(|(run, number)| Section {
                title: format!("run {number}").into(),
                ..Section::of(run)
            })
            .collect()
    }

    /// Everything that is not right in any run.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.runs.iter().flat_map(Report::findings).cloned().collect()
    }

    /// The exit code that follows, and why: of the run that weighs most.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let heaviest = |run: &&Report| run.findings().iter().map(|finding| finding.severity).max();
        // Of several that weigh the same the first.
        let worst = self.runs.iter().rev().max_by_key(heaviest);
        worst.map_or_else(Conclusion::success, Report::conclusion)
    }
}

fn is_invalid(run: &Report) -> bool {
    run.correctness.as_ref().is_some_and(|one| one.verdict == Verdict::Invalid)
}

fn row(run: &Report, number: usize) -> Vec<Cell> {
    let p99 = run.latency_us.as_ref().map(|latency| latency.percentile_ms(latency.p99));
    let verdict = run.correctness.as_ref().map_or_else(|| "-".to_owned(), headline);
    let tone = run.correctness.as_ref().map_or(Tone::Plain, |one| one.verdict.into());
    vec![
        cell(number),
        cell(run.requests.sent),
        cell(run.requests.ok),
        cell(p99.unwrap_or_else(|| "-".to_owned())),
        cell(verdict).toned(tone),
    ]
}
