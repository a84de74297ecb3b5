//! What a load came to in each second.

use schemars::JsonSchema;
use serde::Serialize;

use crate::record::{Distribution, Outcomes, Second, StepSecond};

/// What ended in a second of a load, counted from its start. The last one may have been shorter.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SecondSummary {
    /// Its number, from 0.
    pub second: u64,
    /// Requests that are ok.
    pub ok: u64,
    /// Requests that were certainly not applied.
    pub fail: u64,
    /// Requests that may have been applied.
    pub unknown: u64,
    /// Requests that were due in it and never sent.
    pub dropped: u64,
    /// Requests of the warm-up, which are in no other number here.
    pub warm_up: u64,
    /// The median of the times of those that are ok, to three digits; `None` without any, or where it
    /// is one that was dropped.
    pub p50_us: Option<u64>,
    /// Their 99th percentile.
    pub p99_us: Option<u64>,
    /// The longest.
    pub max_us: Option<u64>,
    /// Requests in flight at its end.
    pub in_flight: u64,
    /// Bytes of complete answers, heads included.
    pub bytes_read: u64,
    /// What each step came to, in their order, where there are several with names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepSecondSummary>,
}

/// What ended of one step in a second of a load.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StepSecondSummary {
    /// What it is called.
    pub name: String,
    /// Requests that are ok.
    pub ok: u64,
    /// Requests that were certainly not applied.
    pub fail: u64,
    /// Requests that may have been applied.
    pub unknown: u64,
    /// The median of the times of those that are ok, to three digits; `None` without any.
    pub p50_us: Option<u64>,
    /// Their 99th percentile.
    pub p99_us: Option<u64>,
    /// The longest.
    pub max_us: Option<u64>,
}

impl SecondSummary {
    /// All seconds of a load whose requests are of kinds with these names, where they have any.
    pub(super) fn all(seconds: &[Second], names: &[&str]) -> Vec<Self> {
        (0..).zip(seconds).map(|(number, second)| Self::new(number, second, names)).collect()
    }

    /// Of the second with this number, from 0.
    pub(crate) fn new(number: u64, second: &Second, names: &[&str]) -> Self {
        let Outcomes { ok, fail, unknown } = second.outcomes;
        let [p50_us, p99_us, max_us] = times(&second.latency(), second.dropped);
        let of_step = |(index, name): (usize, &&str)| {
            StepSecondSummary::new((*name).to_owned(), &second.of_step(index))
        };
        Self {
            second: number,
            ok,
            fail,
            unknown,
            dropped: second.dropped,
            warm_up: second.warm_up,
            p50_us,
            p99_us,
            max_us,
            in_flight: second.in_flight,
            bytes_read: second.bytes_read,
            steps: names.iter().enumerate().map(of_step).collect(),
        }
    }
}

impl StepSecondSummary {
    fn new(name: String, step: &StepSecond) -> Self {
        let Outcomes { ok, fail, unknown } = step.outcomes;
        // Which step a request would have been that was dropped, nobody knows.
        let [p50_us, p99_us, max_us] = times(&step.latency(), 0);
        Self { name, ok, fail, unknown, p50_us, p99_us, max_us }
    }
}

/// The median, the 99th percentile and the longest of these times, where so many more requests were
/// dropped.
fn times(latency: &Distribution, dropped: u64) -> [Option<u64>; 3] {
    let at = |percentile| {
        let us = latency.percentile_among_us(percentile, dropped);
        us.filter(|_| !latency.is_empty())
    };
    let max_us = (!latency.is_empty()).then(|| latency.max_us());
    [at(50.0), at(99.0), max_us]
}
