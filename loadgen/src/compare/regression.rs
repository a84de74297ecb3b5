//! What is worse by too much.

use super::change::Change;
use super::{Changes, Direction};

/// Something that is worse by too much.
#[derive(Debug, Clone, Copy)]
pub enum Regression<'c> {
    /// The verdict is worse, which no percentage excuses.
    Correctness,
    /// Runs ended early, which none did before.
    Partial,
    /// A figure.
    Figure(&'c Change),
}

impl Regression<'_> {
    /// Its name in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Correctness => "correctness",
            Self::Partial => "partial",
            Self::Figure(change) => change.figure.name,
        }
    }
}

impl Changes {
    /// What is worse: the verdict, whether runs went to their end, and the figures that are worse by more
    /// than `percent`. Where there are runs enough to test a figure, its difference has to be
    /// significant, too.
    #[must_use]
    pub fn regressions(&self, percent: f64) -> Vec<Regression<'_>> {
        let is_worse = self.correctness == Some(Direction::Worse);
        let correctness = is_worse.then_some(Regression::Correctness);
        let is_partial = self.baseline.partial == 0 && self.candidate.partial > 0;
        let partial = is_partial.then_some(Regression::Partial);
        let figures = self.figures.iter().filter(|change| {
            let is_noise = change.tested.is_some_and(|tested| tested.direction != Direction::Worse);
            change.figure.is_tested && change.worse_percent() > percent && !is_noise
        });
        correctness.into_iter().chain(partial).chain(figures.map(Regression::Figure)).collect()
    }
}
