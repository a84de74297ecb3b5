//! What is claimed of a mode.

use store::Expectation;

use crate::scenarios::Scenario;

/// A mode, and what every scenario is to show of it.
#[derive(Debug)]
pub struct Model {
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
    /// Two accesses of the counter are a data race.
    DataRace,
    /// No data race, and yet an interleaving whose counter lacks an acknowledged update.
    LosesUpdates,
    /// No data race: whichever operation meets a conflicting one ends the process.
    FatalError,
}

impl Claim {
    /// What the catalogue says of a mode of which this is claimed.
    #[must_use]
    pub fn expectation(self) -> Expectation {
        match self {
            Self::Holds => Expectation::Correct,
            Self::DataRace | Self::LosesUpdates => Expectation::LosesUpdates,
            Self::FatalError => Expectation::Crashes,
        }
    }
}

impl Model {
    /// The mode's name in the catalogue.
    #[must_use]
    pub fn mode_name(&self) -> String {
        self.mode.replace('_', "-")
    }

    /// Runs `scenario` in every interleaving, and judges what they show.
    ///
    /// # Panics
    /// If the claim is not borne out, or the exploration was not complete or showed nothing; and
    /// without `--cfg store_loom`, since there is nothing to explore then.
    pub fn check(&self, scenario: &'static Scenario) {
        #[cfg(store_loom)]
        crate::checks::check(self, scenario);
        #[cfg(not(store_loom))]
        panic!("{} needs loom, which scripts/loom runs, for {scenario:?}", self.mode);
    }
}
