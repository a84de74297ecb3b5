//! Limits that the figures of a run are to keep to.

mod metric;

use std::fmt;
use std::time::Duration;

use check::Bounds;

use crate::record::{Counts, Distribution, Snapshot};
pub(crate) use metric::{Metric, Unit};

/// A limit on a figure: `p(99)<50ms`.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    pub(crate) metric: Metric,
    /// The step that it is about; `None` where it is about all requests.
    pub(crate) step: Option<String>,
    pub(crate) comparison: Comparison,
    /// In the unit of the metric.
    pub(crate) limit: f64,
    /// As it was given.
    pub(crate) text: String,
}

/// How a figure is to stand to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// The thresholds of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thresholds {
    pub(crate) all: Vec<Threshold>,
    /// Whether they are checked every second, and the first that is crossed ends the run.
    pub(crate) abort: bool,
}

/// What thresholds are held against: all of it behind the warm-up, as in the report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures<'f> {
    pub(crate) counts: &'f Counts,
    /// The latencies of the requests that are ok.
    pub(crate) latency: &'f Distribution,
    pub(crate) dropped: u64,
    pub(crate) elapsed: Duration,
    /// The updates that were lost, where the state was read.
    pub(crate) lost: Option<Bounds>,
}

/// What a threshold came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    pub(crate) threshold: Threshold,
    /// The figure: infinite where it is more than any number, `None` where there is none.
    pub(crate) value: Option<f64>,
    pub(crate) holds: bool,
}

impl Thresholds {
    /// Holds all of them against the figures of a run that is over, or of the step that `of_step` finds
    /// by its name.
    pub(crate) fn check<'f>(
        &self,
        figures: Figures<'f>,
        of_step: &dyn Fn(&str) -> Option<Figures<'f>>,
    ) -> Vec<Checked> {
        self.all.iter().map(|threshold| threshold.check(figures, of_step)).collect()
    }

    /// The first that a run has crossed with the figures so far, of the whole or of the step that
    /// `of_step` finds, and is to end for.
    pub(crate) fn crossed<'f>(
        &self,
        figures: Figures<'f>,
        of_step: &dyn Fn(&str) -> Option<Figures<'f>>,
    ) -> Option<Checked> {
        if !self.abort {
            return None;
        }
        let tells = self.all.iter().filter(|threshold| threshold.tells_while_running());
        let mut checked = tells.map(|threshold| threshold.check(figures, of_step));
        checked.find(|checked| !checked.holds && checked.value.is_some())
    }
}

impl<'f> Figures<'f> {
    /// Those of a run that is at `snapshot`, its load having gone on for `elapsed`: what is lost is only
    /// known at the end.
    pub(crate) fn so_far(snapshot: &'f Snapshot, elapsed: Duration) -> Self {
        let Snapshot { counts, latency, dropped, .. } = snapshot;
        Self { counts, latency, dropped: *dropped, elapsed, lost: None }
    }

    /// The same of the step with this index; `None` before one of its requests has ended: a flow may
    /// come to it late.
    pub(crate) fn of_step_so_far(
        snapshot: &'f Snapshot,
        index: usize,
        elapsed: Duration,
    ) -> Option<Self> {
        let (counts, latency) = snapshot.of_step(index);
        let has_ended = counts.outcomes.sum() > 0;
        has_ended.then_some(Self { counts, latency, dropped: 0, elapsed, lost: None })
    }
}

impl Threshold {
    /// Holds it against `figures`, or those that `of_step` finds where it is about a step. A figure that
    /// there is not does not keep to any limit.
    fn check<'f>(
        &self,
        figures: Figures<'f>,
        of_step: &dyn Fn(&str) -> Option<Figures<'f>>,
    ) -> Checked {
        let figures = self.step.as_ref().map_or(Some(figures), |step| of_step(step));
        let value = figures.and_then(|figures| self.metric.of(figures, self.comparison));
        let holds = value.is_some_and(|value| self.comparison.holds(value, self.limit));
        Checked { threshold: self.clone(), value, holds }
    }

    /// Whether a run that goes on tells that it is crossed: what is lost is only known at the end, and a
    /// sum that is too small still grows.
    fn tells_while_running(&self) -> bool {
        match self.metric {
            Metric::Lost => false,
            Metric::Bytes | Metric::Dropped => self.comparison.is_upper(),
            _ => true,
        }
    }
}

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
            #[expect(clippy::float_cmp, reason = "it is what was asked for")]
            Self::Equal => value == limit,
        }
    }

    /// Whether the limit is not to be exceeded.
    fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }
}

impl Checked {
    /// The figure, for a person to read.
    pub(crate) fn value(&self) -> String {
        match self.value {
            Some(value) => self.threshold.metric.unit().show(value),
            None => "no figure".to_owned(),
        }
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is = if self.holds { "holds" } else { "is crossed" };
        write!(f, "the threshold {} {is}: {}", self.threshold.text, self.value())
    }
}

#[cfg(test)]
mod tests;
