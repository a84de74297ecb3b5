//! What is claimed of a mode.

use store::{Expectation, Mode};

use crate::{Scenario, Subject};

/// A mode, and what every scenario is to show of it.
#[derive(Debug)]
pub struct Model {
    /// The workload's name in the catalogue.
    pub workload: &'static str,
    /// The mode's name in the catalogue, with `_` for `-`: an identifier, to name tests by.
    pub mode: &'static str,
    /// What is claimed of the mode.
    pub claim: Claim,
    /// The preemptions that an interleaving of two threads has at most, and one fewer with three;
    /// `None` explores every interleaving. `LOOM_MAX_PREEMPTIONS` overrides it.
    pub preemptions: Option<usize>,
}

/// What becomes of operations that meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Some order of the operations explains every interleaving.
    Holds,
    /// Two accesses of the same cell are a data race.
    DataRace,
    /// No data race, and yet an interleaving that lacks an acknowledged update.
    LosesUpdates,
    /// No data race, and yet an interleaving that sells more than there is.
    Oversells,
    /// More is answered to be sold than there is, in every interleaving, and what is left is right.
    AnswersFalsely,
    /// No data race: whichever operation meets a conflicting one ends the process.
    FatalError,
    /// An interleaving in which every thread waits for another, or for itself.
    Deadlock,
}

impl Claim {
    /// Whether the catalogue says the same of the mode. That a mode serves one request at a time,
    /// no model sees: it holds.
    #[must_use]
    pub fn agrees_with(self, mode: &Mode) -> bool {
        match mode.expectation {
            Expectation::Correct => self == Self::Holds && mode.bug.is_none(),
            Expectation::Serialises => self == Self::Holds && mode.bug.is_some(),
            Expectation::LosesUpdates => {
                use store::Bug::{LoadThenStore, UnawaitedTask};
                let is_raced = !matches!(mode.bug, Some(LoadThenStore | UnawaitedTask));
                self == if is_raced { Self::DataRace } else { Self::LosesUpdates }
            }
            Expectation::Oversells => {
                let is_false = mode.bug == Some(store::Bug::FalseSuccess);
                self == if is_false { Self::AnswersFalsely } else { Self::Oversells }
            }
            Expectation::Crashes => self == Self::FatalError,
            Expectation::Hangs => self == Self::Deadlock,
        }
    }

    /// What an outcome shows that no order explains, where such outcomes are claimed.
    #[must_use]
    pub fn anomaly(self) -> Option<&'static str> {
        match self {
            Self::LosesUpdates => Some("loses updates"),
            Self::Oversells => Some("oversells"),
            Self::AnswersFalsely => Some("answers falsely"),
            Self::Holds | Self::DataRace | Self::FatalError | Self::Deadlock => None,
        }
    }
}

impl Model {
    /// The mode in the catalogue.
    ///
    /// # Panics
    /// If it is not there.
    #[must_use]
    pub fn catalogued(&self) -> &'static Mode {
        let workload = store::Workload::named(self.workload).expect("a workload of the catalogue");
        let mode = workload.specimen(&self.mode.replace('_', "-"));
        mode.expect("a mode of the catalogue").mode
    }

    /// Runs `scenario` in every interleaving, and judges what they show; `test` is the path of the
    /// test that asks for it, whose last segment names the scenario.
    ///
    /// # Panics
    /// If the claim is not borne out, or the exploration was not complete or showed nothing; and
    /// without `--cfg store_loom`, since there is nothing to explore then.
    pub fn check<S: Subject>(&self, scenario: &'static Scenario<S>, test: &str) {
        #[cfg(store_loom)]
        crate::checks::check(self, scenario, test);
        #[cfg(not(store_loom))]
        panic!("{test} needs loom, which scripts/loom runs, for {scenario:?}");
    }
}
