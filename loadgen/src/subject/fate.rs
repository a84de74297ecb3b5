//! What became of a server.

use nix::sys::signal::Signal;

/// What became of a server, from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ran until it was told to end, and ended.
    Ran,
    /// It ran until it was told to end, and did not end within its grace.
    Killed,
    /// It ended by itself.
    Died(HowEnded),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HowEnded {
    Exited(i32),
    Signal(i32),
}

impl HowEnded {
    /// Reads what a [supervisor](super::supervise) says of the end; `None` where it is of something
    /// else.
    pub(super) fn parse(news: &str) -> Option<Self> {
        match news.split_once(' ')? {
            ("exited", code) => code.parse().ok().map(Self::Exited),
            ("signal", number) => number.parse().ok().map(Self::Signal),
            _ => None,
        }
    }
}

impl std::fmt::Display for HowEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit status {code}"),
            Self::Signal(number) => write!(f, "signal {}", signal_name(*number)),
        }
    }
}

/// `SIGKILL` and the like; a number for those without a name.
pub(crate) fn signal_name(number: i32) -> String {
    Signal::try_from(number).map_or_else(|_| number.to_string(), |signal| signal.to_string())
}
