//! The verdict, and what it rests on.

use serde::{Serialize, Serializer};

use super::{Server, State};
use crate::check::{self, Anomaly, Bounds, Totals, Verdict};
use crate::record::Record;

/// Whether the answers were right.
#[derive(Debug, Serialize)]
pub struct Correctness {
    /// What the operations mean.
    pub model: &'static str,
    /// Whether what was observed can be true.
    pub verdict: Verdict,
    /// Why there is no verdict.
    pub reason: Option<String>,
    /// Operations that were acknowledged.
    pub acknowledged: u64,
    /// Operations that may have been applied or not.
    pub unknown: u64,
    /// The counter before the first operation.
    pub before: i64,
    /// The counter after the last; `None` where it could not be read.
    pub after: Option<i64>,
    /// Acknowledged updates that are not in the counter.
    pub lost: Option<Bounds>,
    /// Updates in the counter that nobody sent.
    pub excess: Option<Bounds>,
    /// What is certainly wrong.
    #[serde(serialize_with = "with_witness")]
    pub anomalies: Vec<Anomaly>,
}

impl Correctness {
    pub(super) fn new(record: &Record, state: State, died: Option<&Server>) -> Self {
        let (acknowledged, unknown) = (record.outcomes.ok, record.outcomes.unknown);
        let before = state.before;
        let undecided = |reason: String| Self {
            model: "counter",
            verdict: Verdict::Unknown,
            reason: Some(reason),
            acknowledged,
            unknown,
            before,
            after: None,
            lost: None,
            excess: None,
            anomalies: Vec::new(),
        };
        match state.after {
            Ok(after) => {
                let judged = check::judge(&Totals { before, after, acknowledged, unknown });
                Self {
                    verdict: judged.verdict,
                    reason: None,
                    after: Some(after),
                    lost: Some(judged.lost),
                    excess: Some(judged.excess),
                    anomalies: judged.anomalies,
                    ..undecided(String::new())
                }
            }
            Err(_) if died.is_some() => {
                undecided("the server ended before its counter could be read".to_owned())
            }
            Err(error) => undecided(format!("the counter could not be read: {error}")),
        }
    }

    /// Acknowledged updates that were certainly lost.
    #[must_use]
    pub fn certainly_lost(&self) -> u64 {
        self.lost.map_or(0, |lost| lost.min)
    }
}

/// Totals prove an anomaly without naming an operation.
fn with_witness<S: Serializer>(anomalies: &[Anomaly], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(anomalies.iter().map(|anomaly| {
        serde_json::json!({ "kind": anomaly.kind, "count": anomaly.count, "witness": [] })
    }))
}
