//! What a judge says.

use std::fmt;

use serde::Serialize;

use crate::anomaly::Anomaly;
use crate::weaker::Weaker;

/// Whether what was observed can be true of a correct service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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

/// What else than the service may have made a history what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// So many refusals, of which nobody declared what they mean, may have been applied.
    Refusals(u64),
    /// Others may have written, of whom the history says nothing.
    Others,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusals(1) => f.write_str("1 refusal may have been applied"),
            Self::Refusals(count) => write!(f, "{count} refusals may have been applied"),
            Self::Others => f.write_str(
                "more was done than was asked for, but others may write as well, or a proxy may \
                 repeat requests",
            ),
        }
    }
}

/// The verdict on one object, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Invalid if and only if there are anomalies.
    pub verdict: Verdict,
    /// Why it could not be decided.
    pub reason: Option<String>,
    /// What else would explain what was seen, where it would be invalid but for that.
    pub doubt: Option<Doubt>,
    /// Every kind that was found, each once, the earliest first.
    pub anomalies: Vec<Anomaly>,
    /// For an invalid verdict, what still holds and what does not, as far as there are rules for it
    /// and the operations put it to the test; the strongest first.
    pub weaker: Vec<Weaker>,
    /// For a valid verdict, where a certificate was asked for: indices into the object's
    /// operations, in an order that explains every answer. Operations that are `fail` are not in
    /// it, nor those that are `unknown` and explained as never applied.
    pub order: Option<Vec<u32>>,
}

impl Judgement {
    /// Valid, with the order that certifies it where one was asked for.
    #[must_use]
    pub fn valid(order: Option<Vec<u32>>) -> Self {
        Self { order, ..Self::blank() }
    }

    /// Not decided, for `reason`.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unknown, reason: Some(reason.into()), ..Self::blank() }
    }

    /// Not decided, since something else would explain what was seen.
    #[must_use]
    pub(crate) fn doubted(doubt: Doubt) -> Self {
        Self { doubt: Some(doubt), ..Self::unknown(doubt.to_string()) }
    }

    /// Invalid for each of `anomalies`, of which there is at least one.
    #[must_use]
    pub fn invalid(mut anomalies: Vec<Anomaly>) -> Self {
        anomalies.sort_by_key(|anomaly| anomaly.times_ns.first().copied());
        Self { verdict: Verdict::Invalid, anomalies, ..Self::blank() }
    }

    fn blank() -> Self {
        Self {
            verdict: Verdict::Valid,
            reason: None,
            doubt: None,
            anomalies: Vec::new(),
            weaker: Vec::new(),
            order: None,
        }
    }
}
