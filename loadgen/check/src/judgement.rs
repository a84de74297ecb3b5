//! What a judge says.

use serde::Serialize;

use crate::anomaly::Anomaly;

/// Whether what was observed can be true of a correct service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It can.
    Valid,
    /// It cannot.
    Invalid,
    /// It could not be decided.
    Unknown,
}

/// A count known only within limits, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bounds {
    /// At least this many.
    pub min: u64,
    /// At most this many.
    pub max: u64,
}

impl Bounds {
    /// Whether there is certainly one.
    #[must_use]
    pub fn is_certain(self) -> bool {
        self.min > 0
    }
}

/// The verdict on one object, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Invalid if and only if there are anomalies.
    pub verdict: Verdict,
    /// Why it could not be decided.
    pub reason: Option<String>,
    /// Every kind that was found, each once, the earliest first.
    pub anomalies: Vec<Anomaly>,
    /// For a valid verdict, where a certificate was asked for: indices into the object's
    /// operations, in an order that explains every answer. Operations that are `fail` are not in
    /// it, nor those that are `unknown` and explained as never applied.
    pub order: Option<Vec<u32>>,
}

impl Judgement {
    /// Valid, with the order that certifies it where one was asked for.
    #[must_use]
    pub fn valid(order: Option<Vec<u32>>) -> Self {
        Self { verdict: Verdict::Valid, reason: None, anomalies: Vec::new(), order }
    }

    /// Not decided, for `reason`.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        let reason = Some(reason.into());
        Self { verdict: Verdict::Unknown, reason, anomalies: Vec::new(), order: None }
    }

    /// Invalid for each of `anomalies`, of which there is at least one.
    #[must_use]
    pub fn invalid(mut anomalies: Vec<Anomaly>) -> Self {
        anomalies.sort_by_key(|anomaly| anomaly.times_ns.first().copied());
        Self { verdict: Verdict::Invalid, reason: None, anomalies, order: None }
    }
}
