//! What the answers and the state say together: pure functions from facts to a verdict.

mod counter;

pub use counter::{Judgement, Totals, judge};

use serde::Serialize;

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

/// A named way of being invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anomaly {
    /// Its name.
    pub kind: AnomalyKind,
    /// How often it certainly happened.
    pub count: u64,
}

/// The names of anomalies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// An acknowledged update is not in the state.
    LostUpdate,
    /// The state holds an update that nobody sent.
    Phantom,
}
