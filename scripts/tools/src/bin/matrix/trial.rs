//! One time that a specimen was put before a detector.

use std::str::FromStr;

/// What came of it. As text: detector, workload, mode, `caught` or `missed`, how many tries it took
/// and how many seconds, with blanks between.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trial {
    pub(crate) detector: String,
    pub(crate) workload: String,
    pub(crate) mode: String,
    pub(crate) caught: bool,
    /// Interleavings, schedules, seeds, runs or requests, until it was caught or given up.
    pub(crate) tries: u64,
    pub(crate) seconds: f64,
}

impl FromStr for Trial {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{what} in the trial `{line}`");
        let fields: Vec<_> = line.split_whitespace().collect();
        let [detector, workload, mode, outcome, tries, seconds] = fields[..] else {
            return Err(wrong("expected six fields"));
        };
        let caught = match outcome {
            "caught" => true,
            "missed" => false,
            _ => return Err(wrong("expected caught or missed")),
        };
        Ok(Self {
            detector: detector.to_owned(),
            workload: workload.to_owned(),
            mode: mode.to_owned(),
            caught,
            tries: tries.parse().map_err(|_| wrong("no number of tries"))?,
            seconds: seconds.parse().map_err(|_| wrong("no number of seconds"))?,
        })
    }
}
