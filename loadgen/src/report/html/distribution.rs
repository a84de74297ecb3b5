//! Latency as a distribution.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use check::History;
use check::history::{NEVER, Outcome};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use super::Section;

/// How long operations that are ok took.
pub(super) struct Distribution {
    histogram: Histogram<u64>,
    /// What the histogram counts in, in microseconds.
    unit_us: f64,
}

/// Points of the curve each time the distance to 100 % is halved.
const TICKS: u32 = 5;

impl Distribution {
    /// What the report says; without one, what the history does.
    pub(super) fn of(section: &Section<'_>) -> Option<Self> {
        match (section.report, section.judged) {
            (Some(report), _) => Self::of_report(&report.latency_us.as_ref()?.histogram),
            (None, Some(judged)) => Self::of_history(&judged.history),
            (None, None) => None,
        }
    }

    /// From the base64 of an `HdrHistogram` in microseconds.
    fn of_report(histogram: &str) -> Option<Self> {
        let bytes = STANDARD.decode(histogram).ok()?;
        let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
        Some(Self { histogram, unit_us: 1.0 })
    }

    fn of_history(history: &History) -> Option<Self> {
        let mut histogram = Histogram::new(3).expect("3 digits are possible");
        for operation in history.objects.iter().flat_map(|object| &object.operations) {
            if operation.outcome == Outcome::Ok && operation.return_ns != NEVER {
                let took_ns = operation.return_ns.saturating_sub(operation.call_ns);
                histogram.record(took_ns).ok()?;
            }
        }
        (!histogram.is_empty()).then_some(Self { histogram, unit_us: 0.001 })
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
        self.us(self.histogram.max())
    }

    /// The curve: shares of all, from 0 to 1, with the longest time among them, in microseconds.
    pub(super) fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let steps = self.histogram.iter_quantiles(TICKS);
        let steps = steps.map(|step| (step.quantile(), self.us(step.value_iterated_to())));
        std::iter::once((0.0, self.us(self.histogram.min()))).chain(steps)
    }

    #[expect(clippy::cast_precision_loss, reason = "no latency comes near 2^52 ns, 52 days")]
    fn us(&self, value: u64) -> f64 {
        value.min(self.histogram.max()) as f64 * self.unit_us
    }
}
