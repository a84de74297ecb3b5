//! Summaries of distributions.

use serde::{Serialize, Serializer};

use crate::record::{self, Distribution};

/// A distribution of times, in microseconds.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "each is the percentile of its name")]
pub struct Latency {
    pub min: u64,
    pub mean: f64,
    pub stdev: f64,
    pub p50: u64,
    pub p66: u64,
    pub p75: u64,
    pub p80: u64,
    pub p90: u64,
    pub p95: u64,
    pub p98: u64,
    pub p99: u64,
    pub p99_9: u64,
    pub p99_99: u64,
    pub max: u64,
    /// The whole distribution: base64 of an `HdrHistogram` in its V2 form, deflated.
    #[serde(rename = "histogram", serialize_with = "encoded")]
    pub(super) distribution: Distribution,
}

/// The parts of a request's time.
#[derive(Debug, Serialize)]
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
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Part {
    pub min: u64,
    pub mean: f64,
    pub stdev: f64,
    pub median: u64,
    pub max: u64,
}

impl Latency {
    /// `None` without any time: there are no percentiles then.
    pub(super) fn new(distribution: &Distribution) -> Option<Self> {
        if distribution.is_empty() {
            return None;
        }
        let at = |percentile: f64| distribution.percentile_us(percentile);
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
            distribution: distribution.clone(),
        })
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
