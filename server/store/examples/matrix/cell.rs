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
        self.measured == Measured::Nothing && !matches!(self.expected, Detection::CannotApply(_))
    }

    /// Whether it was measured, and is not what was expected.
    pub(crate) fn is_unexpected(&self) -> bool {
        match self.measured {
            Measured::Nothing => false,
            Measured::Caught(_) => self.expected != Detection::Caught,
            Measured::Missed(_) => self.expected != Detection::Missed,
        }
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
