//! What our own server serves, and what is expected of it.

use std::fmt;

use store::Expectation;

/// A mode of a workload of our server, by name, and what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Specimen {
    /// The workload.
    pub workload: &'static str,
    /// How its state is protected.
    pub mode: &'static str,
    /// What becomes of it under load.
    pub expectation: Expectation,
    /// Whether it is known to answer soon, and to serve many requests at a time unless it is expected not to.
    /// Where a database decides that, nothing is known.
    pub has_known_pace: bool,
}

impl From<store::Specimen> for Specimen {
    fn from(store::Specimen { workload, mode }: store::Specimen) -> Self {
        Self {
            workload: workload.name,
            mode: mode.name,
            expectation: mode.expectation,
            has_known_pace: true,
        }
    }
}

impl fmt::Display for Specimen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.workload, self.mode)
    }
}
