//! Thresholds, and whether the run kept to them.

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, Tone, field};
use crate::threshold::Checked;

/// A threshold, and what it came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ThresholdSummary {
    /// As it was given.
    pub threshold: String,
    /// The figure, in `unit`; `None` where there is none, or where it is longer than any time.
    pub value: Option<f64>,
    /// What it was held against, in `unit`.
    pub limit: f64,
    /// `us`, `requests/s`, `share` (from 0 to 1), `requests`, `updates` or `bytes`.
    pub unit: &'static str,
    /// Whether the run kept to it.
    pub holds: bool,
    /// The figure for a person.
    #[serde(skip)]
    shown: String,
}

impl ThresholdSummary {
    pub(super) fn new(checked: &Checked) -> Self {
        let Checked { threshold, value, holds } = checked;
        Self {
            threshold: threshold.text.clone(),
            value: value.filter(|value| value.is_finite()),
            limit: threshold.limit,
            unit: threshold.metric.unit().name(),
            holds: *holds,
            shown: checked.value(),
        }
    }

    /// The threshold, and the figure behind it.
    pub(super) fn sentence(&self) -> String {
        format!("{} ({})", self.threshold, self.shown)
    }

    /// In the text report, the first with a label.
    pub(super) fn fields(all: &[Self]) -> Vec<Field> {
        let one = |(index, one): (usize, &Self)| {
            let label = if index == 0 { "Thresholds:" } else { "" };
            let (mark, tone) = if one.holds { ('✓', Tone::Good) } else { ('✗', Tone::Bad) };
            field(label, format!("{mark} {}", one.sentence())).toned(tone)
        };
        all.iter().enumerate().map(one).collect()
    }
}
