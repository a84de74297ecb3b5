//! What a load came to in each second.

use serde::Serialize;

use crate::record::{Outcomes, Second};

/// What ended in a second of a load, counted from its start. The last one may have been shorter.
#[derive(Debug, Clone, Serialize)]
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
}

impl SecondSummary {
    pub(super) fn all(seconds: &[Second]) -> Vec<Self> {
        (0..).zip(seconds).map(|(number, second)| Self::new(number, second)).collect()
    }

    /// Of the second with this number, from 0.
    pub(crate) fn new(number: u64, second: &Second) -> Self {
        let Outcomes { ok, fail, unknown } = second.outcomes;
        let latency = second.latency();
        let at = |percentile| {
            let us = latency.percentile_among_us(percentile, second.dropped);
            us.filter(|_| !latency.is_empty())
        };
        Self {
            second: number,
            ok,
            fail,
            unknown,
            dropped: second.dropped,
            warm_up: second.warm_up,
            p50_us: at(50.0),
            p99_us: at(99.0),
            max_us: (!latency.is_empty()).then(|| latency.max_us()),
            in_flight: second.in_flight,
            bytes_read: second.bytes_read,
        }
    }
}
