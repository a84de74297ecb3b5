//! What the threads of a model do.

use crate::Subject;

/// What each thread does, and what there is before any of them starts.
#[derive(Debug)]
pub struct Scenario<S: Subject> {
    /// What there is at the start.
    pub start: S::Start,
    /// The operations of each thread, in its order.
    pub threads: &'static [&'static [S::Operation]],
    /// What meets what.
    pub conflict: Conflict,
}

/// Which operations of different threads meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Two of them write.
    Writes,
    /// One reads what another writes.
    ReadAndWrite,
    /// One goes through all that another writes.
    IterationAndWrite,
    /// One adds where there is no room.
    Full,
    /// All of them read: harmless whatever protects the store.
    None,
}

impl Conflict {
    /// What a mode that ends the process says where two such operations meet.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Writes => "concurrent map writes",
            Self::ReadAndWrite => "concurrent map read and map write",
            Self::IterationAndWrite => "concurrent map iteration and map write",
            Self::Full => "unlock of unlocked lock",
            Self::None => "nothing",
        }
    }
}
