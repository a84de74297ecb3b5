//! What came of each step, where there are several.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Latency;
use super::first_answers::first_answers;
use super::layout::{Cell, Field, Grid, Screen, cell, field, lines};
use crate::plan::Plan;
use crate::record::Record;

/// What came of one step, without the warm-up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepSummary {
    /// What it is called.
    pub name: String,
    /// Its requests: begun …
    pub sent: u64,
    /// … and done, …
    pub ok: u64,
    /// … certainly not done, …
    pub fail: u64,
    /// … or either.
    pub unknown: u64,
    /// The beginning of the content of the first answer of each status, its secrets masked.
    pub first_answers: BTreeMap<u16, String>,
    /// Times of those that are ok, from when they were due; `None` without any.
    pub latency_us: Option<Latency>,
}

#[cfg(test)]
impl StepSummary {
    /// Of requests that took so long, in microseconds, and of one that failed.
    pub(super) fn of_us(name: &str, times_us: &[u32]) -> Self {
        let ok = times_us.len() as u64;
        Self {
            name: name.to_owned(),
            sent: ok + 1,
            ok,
            fail: 1,
            unknown: 0,
            first_answers: BTreeMap::new(),
            latency_us: (ok > 0).then(|| Latency::of_us(times_us, 0)),
        }
    }
}

/// How many rounds of a flow there were, without the warm-up.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rounds {
    /// Those that began.
    pub begun: u64,
    /// Those whose every step was done.
    pub complete: u64,
}

impl Rounds {
    /// Those of a run of `plan`; `None` where it has no flow.
    pub(super) fn of(plan: &Plan, record: &Record) -> Option<Self> {
        let last = plan.scenario.steps.len() - 1;
        let outcomes = |step| record.of_step(step).0.outcomes;
        let is_flow = plan.scenario.order.is_flow();
        is_flow.then(|| Self { begun: outcomes(0).sum(), complete: outcomes(last).ok })
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        let Self { begun, complete } = self;
        vec![field("Complete rounds:", complete), field("Broken off:", begun - complete)]
    }
}

impl StepSummary {
    /// Those of a run of `plan`, and behind them the requests whose answers were followed, where any are;
    /// none where there is one, or the steps have no names.
    pub(super) fn all(plan: &Plan, record: &Record) -> Vec<Self> {
        let summary = |(index, name): (usize, &str)| {
            let (counts, latency) = record.of_step(index);
            Self {
                name: name.to_owned(),
                sent: counts.outcomes.sum(),
                ok: counts.outcomes.ok,
                fail: counts.outcomes.fail,
                unknown: counts.outcomes.unknown,
                first_answers: first_answers(record.first_answers_of(index)),
                latency_us: Latency::new(&latency.total, 0),
            }
        };
        plan.scenario.kind_names().into_iter().enumerate().map(summary).collect()
    }

    fn cells(&self) -> Vec<Cell> {
        let latency = self.latency_us.as_ref();
        let ms = |of: fn(&Latency) -> Option<u64>| {
            latency.map_or_else(|| "-".to_owned(), |latency| latency.percentile_ms(of(latency)))
        };
        let times = [ms(|l| l.p50), ms(|l| l.p99), ms(|l| Some(l.max))];
        let counts = [self.sent, self.ok, self.fail, self.unknown].map(|count| count.to_string());
        let name = [self.name.clone()];
        name.into_iter().chain(counts).chain(times).map(cell).collect()
    }
}

const HEADINGS: [&str; 8] =
    ["step", "requests", "ok", "fail", "unknown", "p50 ms", "p99 ms", "max ms"];

/// The steps, a line each; where that does not fit, a block each. Nothing where there are none.
pub(super) fn table(steps: &[StepSummary], screen: Screen) -> Vec<String> {
    if steps.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![HEADINGS.map(cell).into()];
    rows.extend(steps.iter().map(StepSummary::cells));
    let grid = Grid { indent: "", gap: "   ", right: &[1, 2, 3, 4, 5, 6, 7] };
    grid.lines(&rows, screen).unwrap_or_else(|| {
        let block = |step: &StepSummary| {
            let named = HEADINGS.iter().zip(step.cells());
            let fields = named.map(|(name, cell)| field(format!("{name}:"), cell.text)).collect();
            lines(fields, screen)
        };
        steps.iter().flat_map(block).collect()
    })
}
