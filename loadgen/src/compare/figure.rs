//! The figures that are compared.

use schemars::JsonSchema;
use serde::Serialize;

use super::run::{Latency, Run};

/// A figure of a run.
#[derive(Debug)]
pub struct Figure {
    /// Its name in JSON, the unit last.
    pub name: &'static str,
    /// What a person calls it.
    pub label: &'static str,
    /// What it is in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Whether its difference is tested, and is a regression where it is large. The others are shown:
    /// few requests decide the longest times, and a mean follows from the rate or from those.
    pub is_tested: bool,
    value: fn(&Run) -> Option<f64>,
}

/// What a figure is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unit {
    PerSecond,
    Percent,
    Microseconds,
    Count,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Better {
    Higher,
    Lower,
}

type Value = fn(&Run) -> Option<f64>;

/// A figure that is tested.
const fn tested(
    name: &'static str,
    label: &'static str,
    unit: Unit,
    better: Better,
    value: Value,
) -> Figure {
    Figure { name, label, unit, better, is_tested: true, value }
}

/// A time that is shown alone.
const fn shown(name: &'static str, label: &'static str, value: Value) -> Figure {
    let (unit, better, is_tested) = (Unit::Microseconds, Better::Lower, false);
    Figure { name, label, unit, better, is_tested, value }
}

use Better::{Higher, Lower};
use Unit::{Count, Microseconds, PerSecond, Percent};

/// Every figure, in the order in which they are shown.
#[rustfmt::skip] // a figure is a line
pub(super) static FIGURES: [Figure; 11] = [
    tested("requests_per_s",  "Requests per second", PerSecond,    Higher, |run| run.told.throughput.requests_per_s),
    tested("ok_percent",      "Requests ok",         Percent,      Higher, ok_percent),
    tested("latency_p50_us",  "Latency p50",         Microseconds, Lower,  |run| latency(run, |latency| latency.p50)),
    tested("latency_p90_us",  "Latency p90",         Microseconds, Lower,  |run| latency(run, |latency| latency.p90)),
    tested("latency_p99_us",  "Latency p99",         Microseconds, Lower,  |run| latency(run, |latency| latency.p99)),
    shown("latency_p99_9_us", "Latency p99.9",       |run| latency(run, |latency| latency.p99_9)),
    shown("latency_max_us",   "Latency max",         |run| latency(run, |latency| latency.max)),
    shown("latency_mean_us",  "Latency mean",        |run| latency(run, |latency| latency.mean)),
    shown("service_p50_us",   "Service p50",         |run| service(run, |latency| latency.p50)),
    shown("service_p99_us",   "Service p99",         |run| service(run, |latency| latency.p99)),
    Figure { unit: Count, ..shown("lost_updates", "Lost updates", lost_updates) },
];

impl Figure {
    /// The figures whose differences are tested.
    pub(super) fn tested() -> impl Iterator<Item = &'static Self> {
        FIGURES.iter().filter(|figure| figure.is_tested)
    }

    /// What it was in each of the `runs` that measured it. A time that is longer than any is infinite.
    pub(super) fn values(&self, runs: &[Run]) -> Vec<f64> {
        runs.iter().filter_map(self.value).collect()
    }
}

/// Of what was due, so that a request that was never sent is none that was answered.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn ok_percent(run: &Run) -> Option<f64> {
    let due = run.told.due();
    (due > 0).then(|| 100.0 * run.told.requests.ok as f64 / due as f64)
}

fn latency(run: &Run, of: fn(&Latency) -> f64) -> Option<f64> {
    run.told.latency_us.as_ref().map(of)
}

fn service(run: &Run, of: fn(&Latency) -> f64) -> Option<f64> {
    run.told.service_us.as_ref().map(of)
}

/// At least so many.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn lost_updates(run: &Run) -> Option<f64> {
    run.told.correctness.as_ref()?.lost.as_ref().map(|lost| lost.min as f64)
}
