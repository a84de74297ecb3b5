//! What the exit code says.

use std::fmt;

use crate::judge::{Finding, FindingKind, Severity};

/// The exit codes.
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
    /// A threshold was crossed, or a comparison found a regression.
    Crossed = 4,
}

impl Exit {
    /// The code of the heaviest of `findings`.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let heaviest = findings.iter().map(|finding| finding.severity).max();
        heaviest.map_or(Self::Success, Self::from)
    }

    /// The code of the heaviest of `findings`, where a result that was asked for was not written.
    #[must_use]
    pub fn of_unwritten(findings: &[Finding]) -> Self {
        let severities = findings.iter().map(|finding| finding.severity);
        Self::from(severities.fold(Severity::Incomplete, Severity::max))
    }
}

/// How a program ends, and why where that is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// The exit code.
    pub exit: Exit,
    /// Why it is not 0; empty where it is.
    pub reason: String,
}

impl Conclusion {
    /// Nothing is wrong.
    #[must_use]
    pub fn success() -> Self {
        Self { exit: Exit::Success, reason: String::new() }
    }

    /// What follows from the heaviest of `findings`; the `verdict` in a line says what is wrong with
    /// the answers.
    #[must_use]
    pub fn of(findings: &[Finding], verdict: Option<String>) -> Self {
        let exit = Exit::of(findings);
        // Of several that weigh the same the first.
        let heaviest = findings.iter().rev().max_by_key(|finding| finding.severity);
        let Some(heaviest) = heaviest.filter(|_| exit != Exit::Success) else {
            return Self::success();
        };
        let text = &heaviest.text;
        let reason = match (heaviest.kind, verdict) {
            (FindingKind::Anomaly(_) | FindingKind::Undecided, Some(verdict)) => verdict,
            (FindingKind::Output(_), _) => format!("the server's output says: {text}"),
            _ => text.clone(),
        };
        Self { exit, reason }
    }
}

/// The last line on standard error of a program that does not end well.
impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loadgen: {} (exit {})", self.reason, self.exit as u8)
    }
}

impl From<Severity> for Exit {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Success,
            Severity::Crossed => Self::Crossed,
            Severity::Suspect | Severity::Proven => Self::Invalid,
            Severity::Incomplete => Self::Incomplete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_hold_the_first_of_these_does() {
        use Severity::{Crossed, Incomplete, Note, Proven, Suspect};
        let order = [Proven, Incomplete, Suspect, Crossed, Note];
        assert!(order.is_sorted_by(|one, other| one > other));
        assert_eq!(order.map(|severity| Exit::from(severity) as u8), [1, 3, 1, 4, 0]);
    }
}
