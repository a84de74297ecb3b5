//! Latency as a distribution.

use std::borrow::Cow;

use check::History;
use check::history::{NEVER, Outcome};
use hdrhistogram::Histogram;

use super::Section;

/// How long operations that are ok took.
pub(super) struct Distribution<'s> {
    histogram: Cow<'s, Histogram<u64>>,
    /// The shortest and the longest, exactly, in what the histogram counts in.
    min: u64,
    max: u64,
    /// What that is, in microseconds.
    unit_us: f64,
}

/// Points of the curve each time the distance to 100 % is halved.
const TICKS: u32 = 5;

impl<'s> Distribution<'s> {
    /// What the report says; without one, what the history does.
    pub(super) fn of(section: &Section<'s>) -> Option<Self> {
        match (section.report, section.judged) {
            (Some(report), _) => {
                let distribution = &report.latency_us.as_ref()?.distribution;
                Some(Self {
                    histogram: Cow::Borrowed(distribution.histogram()),
                    min: distribution.min_us(),
                    max: distribution.max_us(),
                    unit_us: 1.0,
                })
            }
            (None, Some(judged)) => Self::of_history(&judged.history),
            (None, None) => None,
        }
    }

    fn of_history(history: &History) -> Option<Self> {
        let mut histogram = Histogram::new(3).expect("3 digits are possible");
        let (mut min, mut max) = (u64::MAX, 0);
        for operation in history.objects.iter().flat_map(|object| &object.operations) {
            if operation.outcome == Outcome::Ok && operation.return_ns != NEVER {
                let took_ns = operation.return_ns.saturating_sub(operation.call_ns);
                histogram.record(took_ns).ok()?;
                (min, max) = (took_ns.min(min), took_ns.max(max));
            }
        }
        let distribution = Self { histogram: Cow::Owned(histogram), min, max, unit_us: 0.001 };
        (distribution.count() > 0).then_some(distribution)
    }

    pub(super) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// In microseconds.
    pub(super) fn percentile_us(&self, percentile: f64) -> f64 {
        self.us(self.histogram.value_at_percentile(percentile))
    }

    /// In microseconds.
    pub(super) fn max_us(&self) -> f64 {
        self.us(self.max)
    }

    /// The curve: shares of all, from 0 to 1, with the longest time among them, in microseconds.
    pub(super) fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let steps = self.histogram.iter_quantiles(TICKS);
        let steps = steps.map(|step| (step.quantile(), self.us(step.value_iterated_to())));
        std::iter::once((0.0, self.us(self.min))).chain(steps)
    }

    #[expect(clippy::cast_precision_loss, reason = "no latency comes near 2^52 ns, 52 days")]
    fn us(&self, value: u64) -> f64 {
        value.clamp(self.min, self.max) as f64 * self.unit_us
    }
}
