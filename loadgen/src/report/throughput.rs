//! Rates and amounts, and what came.

use schemars::JsonSchema;
use serde::Serialize;

use crate::extract::header;
use crate::record::{Counts, Record, Span};

/// Rates and amounts. Rates are of what was over while the run lasted, amounts of all.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Throughput {
    /// Of requests that are ok; `None` where not one is.
    pub requests_per_s: Option<f64>,
    /// Of complete answers, heads included.
    pub bytes_read_per_s: f64,
    /// Of requests, heads included.
    pub bytes_written_per_s: f64,
    /// Complete answers, heads included.
    pub bytes_read: u64,
    /// Their content.
    pub body_bytes_read: u64,
    /// Requests, heads included.
    pub bytes_written: u64,
    /// Their content.
    pub body_bytes_written: u64,
}

/// What the answers that are ok looked like.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Document {
    /// The Server header of the first answer with the lowest status.
    pub server_software: Option<String>,
    /// The length of the first content.
    pub bytes: Option<u64>,
    /// Whether others differed.
    pub varies: bool,
}

impl Throughput {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn new(counts: &Counts, span: Span) -> Self {
        let Counts { outcomes, within, traffic, .. } = counts;
        let elapsed_s = span.elapsed.as_secs_f64();
        let per_s = |count: u64| if elapsed_s > 0.0 { count as f64 / elapsed_s } else { 0.0 };
        Self {
            requests_per_s: (outcomes.ok > 0).then(|| per_s(within.ok)),
            bytes_read_per_s: per_s(within.bytes_read),
            bytes_written_per_s: per_s(within.bytes_written),
            bytes_read: traffic.bytes_read,
            body_bytes_read: traffic.body_bytes_read,
            bytes_written: traffic.bytes_written,
            body_bytes_written: traffic.body_bytes_written,
        }
    }
}

impl Document {
    pub(super) fn new(record: &Record, counts: &Counts) -> Self {
        let head = record.first_answers().into_values().next().map(|first| &first.head);
        Self {
            server_software: head.and_then(|head| header(head, "server")),
            bytes: counts.document.map(|document| document.bytes),
            varies: counts.document.is_some_and(|document| document.varies),
        }
    }
}
