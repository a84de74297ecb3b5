//! Summaries of histograms.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use serde::Serialize;

use crate::record::Times;

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
    pub histogram: String,
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
    /// `None` for an empty histogram, which has no percentiles.
    pub(crate) fn new(histogram: &Histogram<u64>) -> Option<Self> {
        if histogram.is_empty() {
            return None;
        }
        let at = |percentile: f64| histogram.value_at_percentile(percentile).min(histogram.max());
        Some(Self {
            min: histogram.min(),
            mean: histogram.mean(),
            stdev: histogram.stdev(),
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
            max: histogram.max(),
            histogram: encode(histogram),
        })
    }
}

impl Parts {
    pub(crate) fn new(times: &Times) -> Option<Self> {
        if times.total.is_empty() {
            return None;
        }
        let mut connect = times.connect.clone();
        let found = times.total.len() - connect.len();
        connect.record_n(0, found).expect("the histogram grows to any value");
        Some(Self {
            connect: Part::new(&connect),
            processing: Part::new(&times.processing),
            waiting: Part::new(&times.waiting),
            total: Part::new(&times.total),
        })
    }
}

impl Part {
    fn new(histogram: &Histogram<u64>) -> Self {
        Self {
            min: histogram.min(),
            mean: histogram.mean(),
            stdev: histogram.stdev(),
            median: histogram.value_at_percentile(50.0).min(histogram.max()),
            max: histogram.max(),
        }
    }
}

fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("writing to a vector cannot fail");
    STANDARD.encode(bytes)
}
