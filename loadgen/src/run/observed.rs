//! What whoever watches a run is told of it.

use std::time::Duration;

use crate::record::{Second, Snapshot};
use crate::report::SecondSummary;
use crate::scenario::Scenario;
use crate::subject::Finding;
use crate::threshold::Figures;

/// What whoever watches a run is told.
#[derive(Debug, Clone, Copy)]
pub enum Observed<'o> {
    /// From time to time: so many requests have ended.
    Ended(u64),
    /// Another second of the load is over.
    Second(&'o Moment<'o>),
    /// The server under test has said something more that may be a finding: all of them until now.
    Said(&'o [Finding]),
    /// The target has stalled.
    Stalled {
        /// How long ago it last did something.
        silent_for: Duration,
        /// How many requests it leaves unanswered.
        in_flight: u64,
        /// Whether it answered others in that time.
        others_answered: bool,
    },
    /// It goes on.
    Recovered {
        /// How long it did nothing.
        silent_for: Duration,
    },
    /// The load is over; the state is yet to be read, and the answers to be judged.
    Over,
}

/// The end of a second of a load.
#[derive(Debug)]
pub struct Moment<'m> {
    /// How many seconds are over.
    pub(crate) over: u64,
    /// What came in the last of them.
    pub(crate) second: &'m Second,
    /// How far the load is.
    pub(crate) so_far: &'m Snapshot,
    /// What its steps are.
    pub(crate) scenario: &'m Scenario,
    /// For how long the load has gone on behind its warm-up.
    pub(crate) elapsed: Duration,
    /// The rate that is asked for then, in requests a second; `None` of a closed loop.
    pub(crate) rate: Option<f64>,
}

impl<'m> Moment<'m> {
    /// What came in the second.
    #[must_use]
    pub fn summary(&self) -> SecondSummary {
        SecondSummary::new(self.over - 1, self.second, &self.scenario.kind_names())
    }

    /// What thresholds are held against.
    pub(crate) fn figures(&self) -> Figures<'m> {
        Figures::so_far(self.so_far, self.elapsed)
    }

    /// The same of the step that is called `name`; `None` before one of its requests has ended.
    pub(crate) fn figures_of(&self, name: &str) -> Option<Figures<'m>> {
        let index = self.scenario.step_called(name)?;
        Figures::of_step_so_far(self.so_far, index, self.elapsed)
    }

    /// How many updates were acknowledged so far, those of the warm-up included.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.so_far.acknowledged
    }

    /// The rate that is asked for at its end, in requests a second; `None` of a closed loop.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }
}
