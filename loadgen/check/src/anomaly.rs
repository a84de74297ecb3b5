//! Named ways of being invalid.

use serde::Serialize;

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
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// An acknowledged update is not in the state.
    LostUpdate,
    /// A take that was acknowledged took nothing: what a lost update is called where something is
    /// taken. The judges call it that.
    PhantomSuccess,
    /// The state, or an answer, holds an update that nobody sent.
    Phantom,
    /// The state, or an answer, holds an update that had failed.
    FailedWrite,
    /// Two updates were given the same value.
    DuplicateValue,
    /// A value was passed over: there are not enough updates to reach a later one.
    SkippedValue,
    /// A read returned what had been overwritten before it began.
    StaleRead,
    /// A read returned what was only written after it had ended.
    FutureRead,
    /// A write was acknowledged although what it expected had been replaced before it began.
    StaleWrite,
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
    /// What was to be done once was done again: it has two results.
    DoubleEffect,
    /// Two payloads were accepted for one key.
    ConflictingPayload,
    /// A payload was refused that is the one which the key holds.
    WrongRefusal,
    /// It was refused although what it expected was there all the time, or nothing else can have come
    /// first.
    PhantomRefusal,
    /// An element was handed out again.
    DoubleHandout,
    /// An element was handed out before one that had come first.
    OutOfTurn,
    /// A lock was granted while somebody held it.
    TwoHolders,
    /// Somebody gave a lock back without holding it, and the answer was that it was done.
    StrayRelease,
    /// Somebody held a lock, gave it back, and was told that it did not hold it.
    LostLock,
    /// A read of all accounts does not sum to what was there at first: money appeared, or vanished.
    BrokenTotal,
    /// A read returned a balance that no moves lead to.
    WrongBalance,
    /// A read returned balances each of which was there, but not at one time: one half of a move.
    TornRead,
    /// Each of two reads can be explained, but not both.
    ConflictingReads,
    /// A read returned a balance below the floor.
    Overdraft,
    /// More was moved out of an account than was there.
    Overspending,
    /// No order of the operations explains every answer.
    NotLinearizable,
}

impl Anomaly {
    /// What the totals prove, without naming an operation.
    pub(crate) fn of_totals(kind: AnomalyKind, count: u64) -> Self {
        Self { kind, count, times_ns: Vec::new(), witness: Vec::new() }
    }
}

/// What anomalies of a kind are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names {
    /// One of them, as in `stale read`.
    pub one: &'static str,
    /// Several of them, as in `stale reads`.
    pub several: &'static str,
    /// What a line about them begins with, as in `Stale reads`.
    pub label: &'static str,
}

impl AnomalyKind {
    /// Whether updates of which the history says nothing would explain it: those of other clients,
    /// or of a proxy that sends a request again.
    #[must_use]
    pub fn is_excess(self) -> bool {
        matches!(
            self,
            Self::Phantom
                | Self::FailedWrite
                | Self::SkippedValue
                | Self::FutureRead
                | Self::PhantomSoldOut
                | Self::PhantomRefusal
                | Self::DoubleHandout
                | Self::OutOfTurn
                | Self::LostLock
                | Self::BrokenTotal
                | Self::WrongBalance
                | Self::TornRead
                | Self::ConflictingReads
                | Self::Overspending
        )
    }

    /// What anomalies of the kind are called.
    #[must_use]
    pub fn names(self) -> Names {
        let (one, several, label) = match self {
            Self::LostUpdate => ("lost update", "lost updates", "Lost updates"),
            Self::PhantomSuccess => ("phantom success", "phantom successes", "Phantom successes"),
            Self::Phantom => ("phantom", "phantoms", "Phantoms"),
            Self::FailedWrite => {
                ("visible failed write", "visible failed writes", "Failed writes seen")
            }
            Self::DuplicateValue => ("duplicate value", "duplicate values", "Duplicate values"),
            Self::SkippedValue => ("skipped value", "skipped values", "Skipped values"),
            Self::StaleRead => ("stale read", "stale reads", "Stale reads"),
            Self::FutureRead => ("future read", "future reads", "Future reads"),
            Self::StaleWrite => ("stale write", "stale writes", "Stale writes"),
            Self::Oversell => ("oversell", "oversells", "Oversells"),
            Self::LateSale => ("late sale", "late sales", "Late sales"),
            Self::PhantomSoldOut => ("phantom sold-out", "phantom sold-outs", "Phantom sold-outs"),
            Self::MissingElement => ("missing element", "missing elements", "Missing elements"),
            Self::DuplicateElement => {
                ("duplicate element", "duplicate elements", "Duplicate elements")
            }
            Self::IncomparableLists => {
                ("pair of incomparable lists", "incomparable lists", "Incomparable lists")
            }
            Self::OrderViolation => ("order violation", "order violations", "Order violations"),
            Self::DoubleEffect => ("double effect", "double effects", "Double effects"),
            Self::ConflictingPayload => {
                ("conflicting payload", "conflicting payloads", "Conflicting payloads")
            }
            Self::WrongRefusal => ("wrong refusal", "wrong refusals", "Wrong refusals"),
            Self::PhantomRefusal => ("phantom refusal", "phantom refusals", "Phantom refusals"),
            Self::DoubleHandout => ("double hand-out", "double hand-outs", "Double hand-outs"),
            Self::OutOfTurn => {
                ("hand-out out of turn", "hand-outs out of turn", "Handed out out of turn")
            }
            Self::TwoHolders => ("second holder", "second holders", "Two holders at once"),
            Self::StrayRelease => ("stray release", "stray releases", "Stray releases"),
            Self::LostLock => ("lost lock", "lost locks", "Lost locks"),
            Self::BrokenTotal => ("broken total", "broken totals", "Broken totals"),
            Self::WrongBalance => ("wrong balance", "wrong balances", "Wrong balances"),
            Self::TornRead => ("torn read", "torn reads", "Torn reads"),
            Self::ConflictingReads => {
                ("pair of conflicting reads", "conflicting reads", "Conflicting reads")
            }
            Self::Overdraft => ("overdraft", "overdrafts", "Overdrafts"),
            Self::Overspending => ("overspending", "overspendings", "Overspendings"),
            Self::NotLinearizable => ("contradiction", "contradictions", "Not linearizable"),
        };
        Names { one, several, label }
    }
}
