//! What came of the calls.

use std::fmt;
use std::ops::AddAssign;

/// Numbers of operations; all but the first four are bugs that showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) operations: u64,
    /// Updates that the store said it had made.
    pub(crate) acknowledged: u64,
    /// Updates that the store said it had not made.
    pub(crate) refused: u64,
    /// Updates that can be seen in the state at the end.
    pub(crate) state: u64,
    /// Acknowledged and not in the state.
    pub(crate) lost: u64,
    /// Acknowledged with an id that another had.
    pub(crate) duplicate: u64,
    /// In the state and never acknowledged, or removed since.
    pub(crate) phantom: u64,
    /// Acknowledged beyond what there was to sell.
    pub(crate) oversold: u64,
}

impl Findings {
    /// Whether no bug showed.
    pub(crate) fn are_clean(&self) -> bool {
        self.lost + self.duplicate + self.phantom + self.oversold == 0
    }
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.state += other.state;
        self.lost += other.lost;
        self.duplicate += other.duplicate;
        self.phantom += other.phantom;
        self.oversold += other.oversold;
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, acknowledged, refused, state, .. } = self;
        let Self { lost, duplicate, phantom, oversold, .. } = self;
        write!(f, "operations {operations}, acknowledged {acknowledged}, refused {refused}, ")?;
        write!(f, "state {state}, lost {lost}, duplicate {duplicate}, phantom {phantom}, ")?;
        write!(f, "oversold {oversold}")
    }
}
