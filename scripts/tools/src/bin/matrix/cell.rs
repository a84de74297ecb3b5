//! What a detector was expected to say to a specimen, and what it said.

use store::{Detection, Detector, Specimen};

use crate::trial::Trial;

/// A specimen, and what each detector says to it.
pub(crate) struct Row {
    pub(crate) specimen: Specimen,
    /// One for each detector; `None` where a correct specimen has nothing to be put before it.
    pub(crate) cells: Vec<Option<Cell>>,
}

/// What one detector says to one specimen.
pub(crate) struct Cell {
    pub(crate) expected: Detection,
    pub(crate) measured: Measured,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Measured {
    /// It was not put before the detector.
    Nothing,
    /// More than half of the trials caught it.
    Caught(Summary),
    /// No more than half did.
    Missed(Summary),
}

/// All trials of a specimen by a detector.
#[derive(Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) trials: usize,
    /// Of these, those that caught it.
    pub(crate) caught: usize,
    /// The median over the trials; one that did not catch it took longer than any that did.
    pub(crate) tries: u64,
    /// The seconds that the same trial took.
    pub(crate) seconds: f64,
}

impl Row {
    pub(crate) fn new(specimen: Specimen, detectors: &[Detector], trials: &[Trial]) -> Self {
        let cell = |detector: &Detector| {
            let expected = expected(specimen, *detector)?;
            let name = detector.to_string();
            let own = trials.iter().filter(|trial| {
                trial.detector == name
                    && trial.workload == specimen.workload.name
                    && trial.mode == specimen.mode.name
            });
            Some(Cell { expected, measured: Measured::of(own.collect()) })
        };
        Self { specimen, cells: detectors.iter().map(cell).collect() }
    }
}

/// Of a correct specimen a detector is expected to say nothing.
fn expected(specimen: Specimen, detector: Detector) -> Option<Detection> {
    match (specimen.mode.bug, detector) {
        (Some(bug), _) => Some(bug.expected(detector)),
        (None, Detector::Rustc | Detector::GoRace) => None,
        (None, _) => Some(Detection::Missed),
    }
}

impl Cell {
    pub(crate) fn is_missing(&self) -> bool {
        self.measured == Measured::Nothing && !self.cannot_apply()
    }

    /// Whether it was measured, and is not what was expected.
    pub(crate) fn is_unexpected(&self) -> bool {
        match self.measured {
            Measured::Nothing => false,
            Measured::Caught(_) => self.expected != Detection::Caught,
            Measured::Missed(_) => self.expected == Detection::Caught,
        }
    }

    /// Whether the bug cannot be put before the detector: where that was tried, it said nothing.
    pub(crate) fn cannot_apply(&self) -> bool {
        matches!(self.expected, Detection::CannotApply(_))
            && !matches!(self.measured, Measured::Caught(_))
    }
}

impl Measured {
    fn of(mut trials: Vec<&Trial>) -> Self {
        let effort = |trial: &Trial| (!trial.caught, trial.tries);
        trials.sort_by(|a, b| effort(a).cmp(&effort(b)).then(a.seconds.total_cmp(&b.seconds)));
        // Of an even number the worse of the two in the middle: caught is what more than half are.
        let Some(median) = trials.get(trials.len() / 2) else {
            return Self::Nothing;
        };
        let summary = Summary {
            trials: trials.len(),
            caught: trials.iter().filter(|trial| trial.caught).count(),
            tries: median.tries,
            seconds: median.seconds,
        };
        if median.caught { Self::Caught(summary) } else { Self::Missed(summary) }
    }
}

#[cfg(test)]
mod tests {
    use store::Workload;

    use super::*;

    fn trials(of: &[&str]) -> Vec<Trial> {
        of.iter().map(|trial| format!("stall counter {trial}").parse().unwrap()).collect()
    }

    fn measured(of: &[&str]) -> Measured {
        Measured::of(trials(of).iter().collect())
    }

    fn cell(workload: &str, mode: &str, detector: Detector, trials: &[Trial]) -> Option<Cell> {
        let specimen = Workload::named(workload).unwrap().specimen(mode).unwrap();
        Row::new(specimen, &[detector], trials).cells.remove(0)
    }

    #[test]
    fn the_median_is_of_the_tries_and_of_the_seconds_that_these_took() {
        let of = ["racy caught 9 0.1", "racy caught 2 0.7", "racy caught 4 0.3"];
        let summary = Summary { trials: 3, caught: 3, tries: 4, seconds: 0.3 };
        assert_eq!(measured(&of), Measured::Caught(summary));
    }

    #[test]
    fn a_trial_that_did_not_catch_it_took_longer_than_any_that_did() {
        let of = ["racy missed 1 0.1", "racy caught 2 0.2", "racy caught 3 0.3"];
        let summary = Summary { trials: 3, caught: 2, tries: 3, seconds: 0.3 };
        assert_eq!(measured(&of), Measured::Caught(summary));
    }

    #[test]
    fn half_of_the_trials_are_not_enough() {
        assert!(matches!(measured(&["racy caught 1 0", "racy missed 9 0"]), Measured::Missed(_)));
        assert_eq!(measured(&[]), Measured::Nothing);
    }

    #[test]
    fn an_alarm_about_a_correct_specimen_is_not_expected() {
        let stall = |trials: &[&str]| {
            let cell = cell("counter", "mutex", Detector::Stall, &self::trials(trials)).unwrap();
            (cell.is_unexpected(), cell.is_missing())
        };
        assert_eq!(stall(&["mutex caught 1 0"]), (true, false));
        assert_eq!(stall(&["mutex missed 1 0"]), (false, false));
        assert_eq!(stall(&["racy caught 1 0"]), (false, true));
        assert!(cell("counter", "mutex", Detector::GoRace, &[]).is_none());
    }

    #[test]
    fn what_cannot_apply_is_neither_missing_nor_unexpected_until_it_is_caught() {
        let tsan = |trials: &[&str]| {
            let trials: Vec<Trial> = trials
                .iter()
                .map(|trial| format!("tsan counter {trial}").parse().unwrap())
                .collect();
            let cell = cell("counter", "go-map", Detector::ThreadSanitizer, &trials).unwrap();
            (cell.cannot_apply(), cell.is_unexpected(), cell.is_missing())
        };
        assert_eq!(tsan(&[]), (true, false, false));
        assert_eq!(tsan(&["go-map missed 5 1"]), (true, false, false));
        assert_eq!(tsan(&["go-map caught 1 1"]), (false, true, false));
    }
}
