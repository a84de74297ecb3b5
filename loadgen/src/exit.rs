//! What the exit code says.

use crate::report::{Comparison, Report};
use check::Verdict;

/// The exit codes; where several hold, the first of usage, incomplete and invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Ran to the end, with a valid verdict or nothing to judge.
    Success = 0,
    /// The verdict is invalid, or unknown where one was asked for; or the target stalled where one
    /// was; or the server's own output says that something went wrong.
    Invalid = 1,
    /// Wrong usage, said before any request was sent.
    Usage = 2,
    /// The target could not be reached, died or answered not one request well, or the run was cut.
    Incomplete = 3,
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Self::Success,
            Verdict::Invalid | Verdict::Unknown => Self::Invalid,
        }
    }
}

impl From<&Report> for Exit {
    fn from(report: &Report) -> Self {
        match &report.correctness {
            _ if report.is_incomplete() => Self::Incomplete,
            _ if report.has_findings() || report.ended_by_stall() => Self::Invalid,
            Some(correctness) => Self::from(correctness.verdict),
            None => Self::Success,
        }
    }
}

/// The specimens are expected to fail: what counts is whether each failed as the catalogue says.
impl From<&Comparison> for Exit {
    fn from(comparison: &Comparison) -> Self {
        if comparison.is_incomplete() {
            Self::Incomplete
        } else if comparison.as_expected {
            Self::Success
        } else {
            Self::Invalid
        }
    }
}
