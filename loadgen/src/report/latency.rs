//! Summaries of distributions.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::connection_times::ms;
use crate::record::{self, Distribution};

/// A distribution of times, in microseconds. A percentile that falls among requests that were dropped
/// is `None`: it is longer than any time.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "each is the percentile of its name")]
pub struct Latency {
    pub min: u64,
    pub mean: f64,
    pub stdev: f64,
    pub p50: Option<u64>,
    pub p66: Option<u64>,
    pub p75: Option<u64>,
    pub p80: Option<u64>,
    pub p90: Option<u64>,
    pub p95: Option<u64>,
    pub p98: Option<u64>,
    pub p99: Option<u64>,
    pub p99_9: Option<u64>,
    pub p99_99: Option<u64>,
    pub max: u64,
    /// How many requests were dropped, which are longer than any.
    #[serde(skip)]
    pub(super) dropped: u64,
    /// The whole distribution: base64 of an `HdrHistogram` in its V2 form, deflated.
    #[serde(rename = "histogram", serialize_with = "encoded")]
    #[schemars(with = "String")]
    pub(super) distribution: Distribution,
}

#[cfg(test)]
impl Latency {
    /// Of requests that took so long, in microseconds, and of so many that were dropped.
    pub(super) fn of_us(times_us: &[u32], dropped: u64) -> Self {
        let times = times_us.iter().map(|us| std::time::Duration::from_micros((*us).into()));
        Self::new(&times.collect(), dropped).expect("a test has times")
    }
}

/// The parts of a request's time.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Parts {
    /// Making the connection; zero for requests that found one.
    pub connect: Part,
    /// From the connection to the last byte.
    pub processing: Part,
    /// From the connection to the first byte.
    pub waiting: Part,
    /// From the start to the last byte.
    pub total: Part,
}

/// A distribution of times in five numbers, in microseconds.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Part {
    pub min: u64,
    pub mean: f64,
    pub stdev: f64,
    pub median: u64,
    pub max: u64,
}

/// The phases of a request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Phases {
    /// Looking the target's name up: once at the start, and again for new connections where that was
    /// asked for.
    pub resolve: Option<Phase>,
    /// Making a connection, of requests that are ok and made one.
    pub connect: Option<Phase>,
    /// Agreeing on TLS, which is a part of that.
    pub tls: Option<Phase>,
    /// From the connection, or the start where there was one, to the first byte of the answer.
    pub first_byte: Option<Phase>,
    /// From the first byte of the answer to the last; 0 where all of it came at once.
    pub body: Option<Phase>,
}

/// The times of a phase, in microseconds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Phase {
    /// How many there are.
    pub count: u64,
    /// How long they are.
    #[serde(flatten)]
    pub times: Latency,
}

impl Latency {
    /// Of the times in `distribution` and as many that are longer than any as were `dropped`; `None`
    /// without any time, as there are no percentiles then.
    pub(super) fn new(distribution: &Distribution, dropped: u64) -> Option<Self> {
        if distribution.is_empty() {
            return None;
        }
        let at = |percentile: f64| distribution.percentile_among_us(percentile, dropped);
        Some(Self {
            min: distribution.min_us(),
            mean: distribution.mean_us(),
            stdev: distribution.stdev_us(),
            p50: at(50.0),
            p66: at(66.0),
            p75: at(75.0),
            p80: at(80.0),
            p90: at(90.0),
            p95: at(95.0),
            p98: at(98.0),
            p99: at(99.0),
            p99_9: at(99.9),
            p99_99: at(99.99),
            max: distribution.max_us(),
            dropped,
            distribution: distribution.clone(),
        })
    }

    /// Any percentile in microseconds; `None` where it falls among what was dropped.
    pub(super) fn percentile_us(&self, percentile: f64) -> Option<u64> {
        self.distribution.percentile_among_us(percentile, self.dropped)
    }

    /// One of its percentiles in milliseconds. One among what was dropped is more than the longest time.
    pub(super) fn percentile_ms(&self, us: Option<u64>) -> String {
        match us {
            Some(us) => format!("{:.3}", ms(us)),
            None => format!("> {:.3}", ms(self.max)),
        }
    }
}

impl Parts {
    pub(super) fn new(latency: &record::Latency) -> Option<Self> {
        let record::Latency { connect, processing, waiting, total, .. } = latency;
        if total.is_empty() {
            return None;
        }
        Some(Self {
            connect: Part::new(&connect.with_zeros(total.count() - connect.count())),
            processing: Part::new(processing),
            waiting: Part::new(waiting),
            total: Part::new(total),
        })
    }
}

impl Phases {
    /// Those of the requests that are ok, and of all names and connections that were `reached`.
    pub(super) fn new(latency: &record::Latency, reached: &record::Reached) -> Self {
        let record::Latency { connect, waiting, body, total, .. } = latency;
        Self {
            resolve: Phase::new(&reached.lookups.times),
            connect: Phase::new(connect),
            tls: Phase::new(&reached.handshakes.times),
            first_byte: Phase::new(waiting),
            body: Phase::new(&body.with_zeros(total.count() - body.count())),
        }
    }
}

impl Phase {
    /// `None` without any time.
    pub(super) fn new(distribution: &Distribution) -> Option<Self> {
        Some(Self { count: distribution.count(), times: Latency::new(distribution, 0)? })
    }
}

impl Part {
    fn new(distribution: &Distribution) -> Self {
        Self {
            min: distribution.min_us(),
            mean: distribution.mean_us(),
            stdev: distribution.stdev_us(),
            median: distribution.percentile_us(50.0),
            max: distribution.max_us(),
        }
    }
}

fn encoded<S: Serializer>(distribution: &Distribution, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&distribution.encoded())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn of_ms(times_ms: impl IntoIterator<Item = u64>) -> Distribution {
        times_ms.into_iter().map(Duration::from_millis).collect()
    }

    fn numbers(part: &Part) -> [u64; 5] {
        let Part { min, mean, stdev, median, max } = *part;
        // A histogram gives a median to three digits, and never less; the others are exact.
        [min, whole(mean), whole(stdev), median / 1000 * 1000, max]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is small")]
    fn whole(number: f64) -> u64 {
        number.round() as u64
    }

    #[test]
    fn each_part_is_of_its_own_times() {
        let latency = record::Latency {
            // Of five requests two made a connection: for the others it took no time.
            connect: of_ms([10, 20]),
            processing: of_ms([30, 40, 50, 60, 70]),
            waiting: of_ms([20, 20, 20, 20, 20]),
            body: of_ms([10, 30]),
            total: of_ms([31, 42, 53, 64, 90]),
            failed: of_ms([1000]),
        };
        let Parts { connect, processing, waiting, total } = Parts::new(&latency).unwrap();
        assert_eq!(numbers(&connect), [0, 6_000, 8_000, 0, 20_000]);
        assert_eq!(numbers(&processing), [30_000, 50_000, 14_142, 50_000, 70_000]);
        assert_eq!(numbers(&waiting), [20_000, 20_000, 0, 20_000, 20_000]);
        assert_eq!(numbers(&total), [31_000, 56_000, 20_248, 53_000, 90_000]);
        let mut reached = record::Reached::default();
        reached.lookups.found(Duration::from_millis(3));
        let phases = Phases::new(&latency, &reached);
        let shortest_and_longest = |phase: &Option<Phase>| {
            let Phase { count, times } = phase.as_ref().unwrap();
            (*count, times.min, times.max)
        };
        assert_eq!(shortest_and_longest(&phases.resolve), (1, 3_000, 3_000));
        assert_eq!(shortest_and_longest(&phases.connect), (2, 10_000, 20_000));
        assert_eq!(shortest_and_longest(&phases.first_byte), (5, 20_000, 20_000));
        // All of an answer may come at once.
        assert_eq!(shortest_and_longest(&phases.body), (5, 0, 30_000));
        assert_eq!(phases.body.unwrap().times.p50, Some(0));
        let without = record::Latency { total: Distribution::new(), ..latency };
        assert!(Parts::new(&without).is_none());
    }

    #[test]
    fn a_median_has_as_many_above_it_as_below() {
        let part = Part::new(&of_ms(1..=100));
        assert_eq!(numbers(&part), [1_000, 50_500, 28_866, 50_000, 100_000]);
    }

    #[test]
    fn each_percentile_is_of_its_name() {
        // Twenty times of each microsecond, but for the last ones: there the percentiles are close.
        let us = |rank| match rank {
            20_000 => 1002,
            19_991.. => 1001,
            19_961.. => 1000,
            _ => u64::div_ceil(rank, 20),
        };
        let distribution = (1..=20_000).map(us).map(Duration::from_micros).collect();
        let latency = Latency::new(&distribution, 0).unwrap();
        let Latency { min, p50, p66, p75, p80, p90, p95, p98, p99, p99_9, p99_99, max, .. } =
            latency;
        let percentiles = [p50, p66, p75, p80, p90, p95, p98, p99, p99_9, p99_99];
        let expected = [500, 660, 750, 800, 900, 950, 980, 990, 1000, 1001];
        assert_eq!(percentiles, expected.map(Some));
        assert_eq!((min, max), (1, 1002));
        assert!(Latency::new(&Distribution::new(), 0).is_none());
    }

    #[test]
    fn what_was_dropped_ranks_behind_every_time() {
        // Ninety times of 1 to 90 ms, and ten requests that have none.
        let latency = Latency::new(&of_ms(1..=90), 10).unwrap();
        let rounded = |us: Option<u64>| us.map(|us| us / 1000);
        assert_eq!(rounded(latency.p50), Some(50));
        assert_eq!(rounded(latency.p90), Some(90));
        assert_eq!([latency.p95, latency.p99, latency.p99_99], [None; 3]);
        assert_eq!(latency.max, 90_000);
    }
}
