//! Reports of runs side by side: what changed, and whether that is more than noise.
//!
//! ```text
//! files -> Run (one report) -> Difference (of their plans) -> Change (of a figure) -> Regression
//! ```
//!
//! Only `files` touches anything outside; all else is pure.

mod change;
mod difference;
mod figure;
mod files;
mod rank;
mod regression;
mod run;
#[cfg(test)]
pub(crate) mod tests;

use check::Verdict;
use difference::differences;
use schemars::JsonSchema;
use serde::Serialize;

pub use change::{Change, Tested, Values};
pub use difference::{Difference, Unlike};
pub use figure::{Better, Figure, Unit};
pub use files::{WrongReport, read};
pub use rank::Method;
pub use regression::Regression;
pub use run::{NoReport, Run};

/// A difference is significant where its p-value is below this.
pub const ALPHA: f64 = 0.05;

/// Two sets of runs, and what changed from the first to the second.
#[derive(Debug)]
pub struct Changes {
    /// The runs that are compared with: A.
    pub baseline: Side,
    /// The runs that are compared: B.
    pub candidate: Side,
    /// What they were not asked for alike.
    pub differences: Vec<Difference>,
    /// The figures that were measured on both sides.
    pub figures: Vec<Change>,
    /// What became of the verdict; `None` where either side has none.
    pub correctness: Option<Direction>,
}

/// What one side is, beside its figures.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Side {
    /// Where its reports were read.
    pub reports: Vec<String>,
    /// The versions of loadgen that made them.
    pub versions: Vec<String>,
    /// The modes of the server of specimens that was loaded, where it was.
    pub modes: Vec<String>,
    /// How many of its runs ended early.
    pub partial: usize,
    /// How many of its runs have each verdict.
    pub verdicts: Verdicts,
}

/// How many runs have each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(missing_docs, reason = "each is the verdict of its name")]
pub struct Verdicts {
    pub valid: usize,
    pub unknown: usize,
    pub invalid: usize,
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    Better,
    Same,
    Worse,
}

/// What changed from the runs of `baseline` to those of `candidate`. Those that were not asked for the
/// same are compared only if that is what `force` says.
///
/// # Errors
/// When they were not asked for the same.
pub fn compare(baseline: &[Run], candidate: &[Run], force: bool) -> Result<Changes, Unlike> {
    let differences = differences(baseline, candidate);
    if differences.is_empty() || force {
        Ok(Changes::new(baseline, candidate, differences))
    } else {
        Err(Unlike(differences))
    }
}

impl Changes {
    fn new(baseline: &[Run], candidate: &[Run], differences: Vec<Difference>) -> Self {
        let figures = change::changes(baseline, candidate);
        let [baseline, candidate] = [baseline, candidate].map(Side::new);
        let worst = [&baseline, &candidate].map(|side| side.verdicts.worst().map(gravity));
        let correctness = match worst {
            [Some(before), Some(after)] if after > before => Some(Direction::Worse),
            [Some(before), Some(after)] if after < before => Some(Direction::Better),
            [Some(_), Some(_)] => Some(Direction::Same),
            _ => None,
        };
        Self { baseline, candidate, differences, figures, correctness }
    }

    /// The figures whose difference was tested.
    pub fn tested(&self) -> impl Iterator<Item = (&Change, Tested)> {
        self.figures.iter().filter_map(|change| Some((change, change.tested?)))
    }

    /// Whether the runs are enough for the test to find anything in the figures that it is for.
    #[must_use]
    pub fn has_enough_runs(&self) -> bool {
        let runs = [&self.baseline, &self.candidate].map(|side| side.reports.len());
        change::is_enough(runs, Figure::tested().count())
    }
}

impl Side {
    fn new(runs: &[Run]) -> Self {
        let mut verdicts = Verdicts::default();
        for verdict in runs.iter().filter_map(Run::verdict) {
            verdicts.count(verdict);
        }
        let distinct = |of: fn(&Run) -> Option<&str>| {
            let mut names: Vec<_> = runs.iter().filter_map(of).map(str::to_owned).collect();
            names.sort();
            names.dedup();
            names
        };
        Self {
            reports: runs.iter().map(|run| run.name.clone()).collect(),
            versions: distinct(Run::version),
            modes: distinct(Run::mode),
            partial: runs.iter().filter(|run| run.is_partial()).count(),
            verdicts,
        }
    }
}

impl Verdicts {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Valid => self.valid += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Invalid => self.invalid += 1,
        }
    }

    /// Runs that have any.
    #[must_use]
    pub fn sum(self) -> usize {
        self.valid + self.unknown + self.invalid
    }

    /// The worst verdict: one run that is invalid proves an error, however many did not meet it.
    /// `None` where no run has any.
    #[must_use]
    pub fn worst(self) -> Option<Verdict> {
        match self {
            Self { invalid: 1.., .. } => Some(Verdict::Invalid),
            Self { unknown: 1.., .. } => Some(Verdict::Unknown),
            Self { valid: 1.., .. } => Some(Verdict::Valid),
            _ => None,
        }
    }
}

fn gravity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 0,
        Verdict::Unknown => 1,
        Verdict::Invalid => 2,
    }
}
