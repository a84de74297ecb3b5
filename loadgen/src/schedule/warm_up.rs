//! The requests at the start of a load that are kept out of its figures.

use std::time::Duration;

/// How long a load warms up. What is sent then is answered and judged, and is in addition to the
/// requests and the duration that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmUp {
    /// For so many requests; 0 for none.
    Requests(u64),
    /// For so long.
    Time(Duration),
}

impl WarmUp {
    /// Without any.
    pub const NONE: Self = Self::Requests(0);

    /// Whether a request with this number, which begins at `at` since the start, is part of it.
    pub(super) fn has(self, number: u64, at: impl FnOnce() -> Duration) -> bool {
        match self {
            Self::Requests(requests) => number < requests,
            Self::Time(time) => at() < time,
        }
    }

    /// When it is over, since the start, where the first request behind it was due at `first_due`; `None`
    /// while nobody knows.
    pub(crate) fn over(self, first_due: Option<Duration>) -> Option<Duration> {
        match self {
            Self::NONE => Some(Duration::ZERO),
            Self::Requests(_) => first_due,
            Self::Time(time) => Some(time),
        }
    }

    /// How many requests it is known to have.
    #[must_use]
    pub fn requests(self) -> u64 {
        match self {
            Self::Requests(requests) => requests,
            Self::Time(_) => 0,
        }
    }

    /// For how long it is known to last.
    #[must_use]
    pub fn time(self) -> Duration {
        match self {
            Self::Requests(_) => Duration::ZERO,
            Self::Time(time) => time,
        }
    }
}
