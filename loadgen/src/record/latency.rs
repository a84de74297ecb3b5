//! How long requests took.

mod packed;
#[cfg(test)]
mod tests;

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

pub(super) use packed::{Packed, from_base64, to_base64};

/// The parts of the time that requests took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Latency {
    /// Making the connection, of requests that are ok and made one: for others it is zero.
    pub(crate) connect: Distribution,
    /// From the connection, or the call where there was one, to the last byte; of those that are ok.
    pub(crate) processing: Distribution,
    /// From the same instant to the first byte; of those that are ok.
    pub(crate) waiting: Distribution,
    /// From the first byte to the last; of those that are ok, where these did not come at once.
    pub(crate) body: Distribution,
    /// From when it was due to the last byte; of those that are ok.
    pub(crate) total: Distribution,
    /// From when it was due to its end; of all that are not ok.
    pub(crate) failed: Distribution,
}

/// A distribution of times.
///
/// A histogram of whole microseconds, to three digits, says where they lie. What a histogram only
/// says to three digits is kept exactly beside it, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Packed", try_from = "Packed")]
pub(crate) struct Distribution {
    histogram: Histogram<u64>,
    /// The greatest number there is as long as there is no time.
    min_ns: u64,
    max_ns: u64,
    sum_ns: u128,
    squares_ns2: u128,
}

impl Latency {
    /// Adds what was measured elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        let Self { connect, processing, waiting, body, total, failed } = other;
        self.connect.merge(connect);
        self.processing.merge(processing);
        self.waiting.merge(waiting);
        self.body.merge(body);
        self.total.merge(total);
        self.failed.merge(failed);
    }
}

impl Distribution {
    /// Without any time in it.
    pub(crate) fn new() -> Self {
        Self { histogram: histogram(), min_ns: u64::MAX, max_ns: 0, sum_ns: 0, squares_ns2: 0 }
    }

    /// Adds a time.
    pub(crate) fn record(&mut self, time: Duration) {
        self.record_ns(nanoseconds(time));
    }

    /// The same, in nanoseconds.
    pub(super) fn record_ns(&mut self, time_ns: u64) {
        self.histogram.record(time_ns / 1000).expect("the histogram grows to any value");
        self.min_ns = self.min_ns.min(time_ns);
        self.max_ns = self.max_ns.max(time_ns);
        self.sum_ns = self.sum_ns.saturating_add(time_ns.into());
        let square_ns2 = u128::from(time_ns) * u128::from(time_ns);
        self.squares_ns2 = self.squares_ns2.saturating_add(square_ns2);
    }

    /// What came in addition to `earlier`, which this was once. Its mean and deviation are exact; so is
    /// its longest time where none was as long before, and otherwise, as the shortest, to three digits.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        // `subtract` may leave a wrong least value behind.
        let mut histogram = histogram();
        for bucket in self.histogram.iter_recorded() {
            let us = bucket.value_iterated_to();
            // Beyond its range, a histogram tells what the end of that has.
            let is_covered = us <= earlier.histogram.max();
            let before = if is_covered { earlier.histogram.count_at(us) } else { 0 };
            let count = bucket.count_at_value() - before;
            if count > 0 {
                histogram.record_n(us, count).expect("the histogram grows to any value");
            }
        }
        if histogram.is_empty() {
            return Self::new();
        }
        let least_ns = histogram.min().saturating_mul(1000).max(self.min_ns);
        let most_ns = histogram.max().saturating_mul(1000).saturating_add(999).min(self.max_ns);
        let is_longest = self.max_ns > earlier.max_ns;
        Self {
            min_ns: least_ns,
            max_ns: if is_longest { self.max_ns } else { most_ns },
            sum_ns: self.sum_ns - earlier.sum_ns,
            squares_ns2: self.squares_ns2 - earlier.squares_ns2,
            histogram,
        }
    }

    /// The same with `count` times of zero.
    pub(crate) fn with_zeros(&self, count: u64) -> Self {
        let mut with = self.clone();
        if count > 0 {
            with.histogram.record_n(0, count).expect("the histogram grows to any value");
            with.min_ns = 0;
        }
        with
    }

    /// Adds all times of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        let Self { histogram, min_ns, max_ns, sum_ns, squares_ns2 } = other;
        self.histogram.add(histogram).expect("the histogram grows to any value");
        self.min_ns = self.min_ns.min(*min_ns);
        self.max_ns = self.max_ns.max(*max_ns);
        self.sum_ns = self.sum_ns.saturating_add(*sum_ns);
        self.squares_ns2 = self.squares_ns2.saturating_add(*squares_ns2);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.histogram.is_empty()
    }

    /// How many times there are.
    pub(crate) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The shortest time in whole microseconds; 0 without any.
    pub(crate) fn min_us(&self) -> u64 {
        if self.is_empty() { 0 } else { self.min_ns / 1000 }
    }

    /// The longest time in whole microseconds; 0 without any.
    pub(crate) fn max_us(&self) -> u64 {
        self.max_ns / 1000
    }

    /// The mean in microseconds; 0 without any time.
    pub(crate) fn mean_us(&self) -> f64 {
        let (whole_ns, rest_ns) = self.mean_ns();
        (float(whole_ns) + rest_ns) / 1000.0
    }

    /// The standard deviation in microseconds; 0 without any time.
    pub(crate) fn stdev_us(&self) -> f64 {
        let count = u128::from(self.count().max(1));
        let (mean_ns, rest_ns) = self.mean_ns();
        // The squares of the distances from the whole part of the mean, exactly; from the mean
        // itself they are less by the square of the rest, each.
        let products = mean_ns.saturating_mul(self.sum_ns.saturating_mul(2) - mean_ns * count);
        let distances = self.squares_ns2.saturating_sub(products);
        (float(distances) / float(count) - rest_ns * rest_ns).max(0.0).sqrt() / 1000.0
    }

    /// A percentile in whole microseconds, to three digits; never outside of all times.
    pub(crate) fn percentile_us(&self, percentile: f64) -> u64 {
        self.histogram.value_at_percentile(percentile).clamp(self.min_us(), self.max_us())
    }

    /// The same, where so many more requests are longer than any time here; `None` where it is one of
    /// those.
    pub(crate) fn percentile_among_us(&self, percentile: f64, longer: u64) -> Option<u64> {
        let (count, all) = (self.count(), self.count() + longer);
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = percentile * all as f64 / count as f64;
        (share <= 100.0 + 1e-9).then(|| self.percentile_us(share.min(100.0)))
    }

    /// How many of the times, in whole microseconds, are how long.
    pub(crate) fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }

    /// The mean in nanoseconds: its whole part, and the rest.
    fn mean_ns(&self) -> (u128, f64) {
        let count = u128::from(self.count().max(1));
        (self.sum_ns / count, float(self.sum_ns % count) / float(count))
    }

    /// Whether the exact numbers can be those of the times in the histogram.
    fn is_sound(&self) -> bool {
        if self.is_empty() {
            return *self == Self::new();
        }
        let count = u128::from(self.count());
        let product = |ns: u64| u128::from(ns).saturating_mul(count);
        (product(self.min_ns)..=product(self.max_ns)).contains(&self.sum_ns)
    }
}

impl Default for Distribution {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
impl FromIterator<Duration> for Distribution {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        let mut distribution = Self::new();
        times.into_iter().for_each(|time| distribution.record(time));
        distribution
    }
}

/// A time in nanoseconds; the greatest number there is where it is longer.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    let whole_ns = time.as_secs().saturating_mul(1_000_000_000);
    whole_ns.saturating_add(time.subsec_nanos().into())
}

/// A histogram of three digits that grows to whatever value it is given.
fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three significant digits are within the allowed five")
}

#[expect(clippy::cast_precision_loss, reason = "a mean and a deviation are shown, not counted")]
fn float(number: u128) -> f64 {
    number as f64
}
