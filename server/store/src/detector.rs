//! Which detector is expected to catch which bug.

use std::fmt;

use crate::bug::Bug;

/// Something that finds concurrency bugs, or some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detector {
    /// The compiler refuses the mistake as safe code would make it.
    Rustc,
    /// The model checker loom, which runs a model in every interleaving.
    Loom,
    /// Shuttle, which runs a model in schedules drawn at random.
    Shuttle,
    /// The interpreter Miri: a data race, a deadlock, or a result that is wrong in its schedule.
    Miri,
    /// `ThreadSanitizer`'s reports.
    ThreadSanitizer,
    /// Go's race detector, and its runtime, on the same bug in Go.
    GoRace,
    /// A load whose totals are judged: what was acknowledged against what is there.
    Totals,
    /// A load whose every answer is judged.
    History,
    /// A load that notices when nothing is answered any more.
    Stall,
    /// A load that notices when one request is served at a time.
    Throughput,
}

/// What a detector is expected to say to a specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detection {
    /// It finds the bug.
    Caught,
    /// It finds nothing.
    Missed,
    /// The bug cannot be put before it, for this reason.
    CannotApply(&'static str),
}

impl Detector {
    /// Every detector, from those that need no run to those that need a load.
    pub const ALL: [Self; 10] = [
        Self::Rustc,
        Self::Loom,
        Self::Shuttle,
        Self::Miri,
        Self::ThreadSanitizer,
        Self::GoRace,
        Self::Totals,
        Self::History,
        Self::Stall,
        Self::Throughput,
    ];
}

/// As a command line and a table name it.
impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rustc => "rustc",
            Self::Loom => "loom",
            Self::Shuttle => "shuttle",
            Self::Miri => "miri",
            Self::ThreadSanitizer => "tsan",
            Self::GoRace => "go",
            Self::Totals => "totals",
            Self::History => "history",
            Self::Stall => "stall",
            Self::Throughput => "throughput",
        })
    }
}

impl Bug {
    /// What `detector` is expected to say to a specimen with this bug.
    #[must_use]
    pub fn expected(self, detector: Detector) -> Detection {
        self.row()[detector as usize]
    }

    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a bug is a line")]
    fn row(self) -> [Detection; Detector::ALL.len()] {
        use Detection::{CannotApply, Caught, Missed};
        const MARKED: Detection =
            CannotApply("the specimen ends its process before two touch the map");
        match self {
            //                           rustc   loom    shuttle miri    tsan    go      totals  history stall   throughput
            Self::DataRace            => [Caught, Caught, Missed, Caught, Caught, Caught, Caught, Caught, Missed, Missed],
            Self::LoadThenStore       => [Missed, Caught, Caught, Caught, Missed, Missed, Caught, Caught, Missed, Missed],
            Self::CheckThenAct        => [Missed, Caught, Caught, Caught, Missed, Missed, Caught, Caught, Missed, Missed],
            Self::FalseSuccess        => [Missed, Caught, Caught, Caught, Missed, Missed, Caught, Caught, Missed, Missed],
            Self::UnprotectedMap      => [Caught, Caught, Caught, Caught, MARKED, Caught, Caught, Caught, Missed, Missed],
            Self::RacyAppend          => [Caught, Caught, Missed, Caught, Caught, Caught, Caught, Caught, Missed, Missed],
            Self::UnawaitedTask       => [Missed, Caught, Caught, Caught, Missed, Missed, Caught, Caught, Missed, Missed],
            Self::ForgottenUnlock     => [Missed, Caught, Caught, Caught, Missed, Missed, Missed, Missed, Caught, Missed],
            Self::UnlockOfUnlocked    => [Caught, Caught, Caught, Caught, Missed, Caught, Caught, Caught, Missed, Missed],
            Self::AccessOutsideLock   => [Caught, Caught, Missed, Caught, Caught, Caught, Caught, Caught, Missed, Missed],
            Self::CopiedLock          => [Caught, Caught, Missed, Caught, Caught, Caught, Caught, Caught, Missed, Missed],
            Self::LockOverSlowCall    => [Missed, Missed, Missed, Missed, Missed, Missed, Missed, Missed, Missed, Caught],
            Self::LockTakenTwice      => [Missed, Caught, Caught, Caught, Missed, Missed, Missed, Missed, Caught, Missed],
            Self::OppositeOrder       => [Missed, Caught, Caught, Caught, Missed, Missed, Missed, Missed, Caught, Missed],
            Self::SendNobodyReceives  => [Missed, Caught, Caught, Caught, Missed, Missed, Missed, Missed, Caught, Missed],
        }
    }
}
