//! What a judge says.

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

/// A named way of being invalid, and the proof that it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Its name.
    pub kind: AnomalyKind,
    /// How often it certainly happened.
    pub count: u64,
    /// When each was complete, in nanoseconds on the history's clock, ascending. Empty where the
    /// totals alone prove it.
    pub times_ns: Vec<u64>,
    /// The fewest operations that prove the first: indices into the object's operations, in the
    /// order that [`verify()`](crate::verify()) expects. Empty where the totals alone prove it.
    pub witness: Vec<u32>,
}

/// The names of anomalies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// An acknowledged update is not in the state.
    LostUpdate,
    /// A take that was acknowledged took nothing: what a lost update is called where something is
    /// taken. The judges call it that.
    PhantomSuccess,
    /// The state, or an answer, holds an update that nobody sent.
    Phantom,
    /// Two updates were given the same value.
    DuplicateValue,
    /// A value was passed over: there are not enough updates to reach a later one.
    SkippedValue,
    /// A read returned what had been overwritten before it began.
    StaleRead,
    /// A read returned what was only written after it had ended.
    FutureRead,
    /// More was taken than there was.
    Oversell,
    /// Something was taken after the answer that nothing was left.
    LateSale,
    /// The answer was that nothing is left while something was.
    PhantomSoldOut,
    /// An element that had been added before a read began is not in its list.
    MissingElement,
    /// An element is in a list more than once.
    DuplicateElement,
    /// Of two lists neither holds all of the other.
    IncomparableLists,
    /// The answers order two operations one way, and time the other.
    OrderViolation,
    /// No order of the operations explains every answer.
    NotLinearizable,
}

impl Anomaly {
    /// What the totals prove, without naming an operation.
    pub(crate) fn of_totals(kind: AnomalyKind, count: u64) -> Self {
        Self { kind, count, times_ns: Vec::new(), witness: Vec::new() }
    }
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
