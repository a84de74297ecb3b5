//! The figures that thresholds are about.

use check::Bounds;

use super::{Comparison, Figures};
use crate::record::Outcomes;

/// A figure of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Metric {
    /// A percentile of the latencies of the requests that are ok; from 0 to 100.
    Percentile(f64),
    /// Their mean.
    Mean,
    /// The shortest.
    Min,
    /// The longest.
    Max,
    /// Requests a second that are ok.
    Throughput,
    /// The share of the requests that are not ok.
    ErrorRate,
    /// The share of the requests whose outcome is `fail`.
    FailRate,
    /// The share of the requests whose outcome is `unknown`.
    UnknownRate,
    /// Requests that were due and never sent.
    Dropped,
    /// Updates that were lost.
    Lost,
    /// Bytes of complete answers.
    Bytes,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Microseconds,
    PerSecond,
    /// From 0 to 1.
    Share,
    Requests,
    Updates,
    Bytes,
}

impl Metric {
    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Percentile(_) | Self::Mean | Self::Min | Self::Max => Unit::Microseconds,
            Self::Throughput => Unit::PerSecond,
            Self::ErrorRate | Self::FailRate | Self::UnknownRate => Unit::Share,
            Self::Dropped => Unit::Requests,
            Self::Lost => Unit::Updates,
            Self::Bytes => Unit::Bytes,
        }
    }

    /// What it is of a run, in its unit; `None` where the run has no such figure. Where it is only
    /// known to lie between bounds, the one counts that `comparison` is less likely to hold for.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn of(self, figures: Figures<'_>, comparison: Comparison) -> Option<f64> {
        let Figures { counts, latency, dropped, elapsed, lost } = figures;
        let Outcomes { fail, unknown, .. } = counts.outcomes;
        // A redirect that is followed is no end of what was asked for.
        let sent = counts.outcomes.sum() - counts.followed;
        let share = |count: u64| (sent > 0).then(|| count as f64 / sent as f64);
        // What was dropped is longer than any.
        let time = |us: f64| if dropped > 0 { f64::INFINITY } else { us };
        let is_timed = !latency.is_empty();
        match self {
            Self::Percentile(percentile) => is_timed.then(|| {
                let us = latency.percentile_among_us(percentile, dropped);
                us.map_or(f64::INFINITY, |us| us as f64)
            }),
            Self::Mean => is_timed.then(|| time(latency.mean_us())),
            Self::Min => is_timed.then(|| latency.min_us() as f64),
            Self::Max => is_timed.then(|| time(latency.max_us() as f64)),
            Self::Throughput => {
                let elapsed_s = elapsed.as_secs_f64();
                (elapsed_s > 0.0).then(|| counts.within.ok as f64 / elapsed_s)
            }
            Self::ErrorRate => share(fail + unknown),
            Self::FailRate => share(fail),
            Self::UnknownRate => share(unknown),
            Self::Dropped => Some(dropped as f64),
            Self::Lost => lost.map(|Bounds { min, max }| match comparison {
                Comparison::Less | Comparison::LessOrEqual => max as f64,
                Comparison::Greater | Comparison::GreaterOrEqual => min as f64,
                Comparison::Equal if min == max => min as f64,
                // It may be any of several, of which one at most is the limit.
                Comparison::Equal => f64::NAN,
            }),
            Self::Bytes => Some(counts.traffic.bytes_read as f64),
        }
    }
}

impl Unit {
    /// Its name in the JSON report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Microseconds => "us",
            Self::PerSecond => "requests/s",
            Self::Share => "share",
            Self::Requests => "requests",
            Self::Updates => "updates",
            Self::Bytes => "bytes",
        }
    }

    /// A value in this unit, for a person to read.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            _ if value.is_nan() => "not known exactly".to_owned(),
            Self::Microseconds if value.is_infinite() => "longer than any (dropped)".to_owned(),
            Self::Microseconds => format!("{:.3} ms", value / 1000.0),
            Self::PerSecond => format!("{value:.2} requests/s"),
            Self::Share => format!("{:.3}%", value * 100.0),
            Self::Requests | Self::Updates | Self::Bytes => format!("{value:.0} {}", self.name()),
        }
    }
}
