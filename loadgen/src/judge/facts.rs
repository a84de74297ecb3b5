//! What a run brings together for its judgement.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::record::{Record, Span};
use crate::resources::Usage;
use crate::state::{ReadError, Source, State};
use crate::subject::{Fate, HowEnded, ServerEnd, signal_name};
use crate::watch::{Stalled, StopReason};

/// What was seen of a run, by whomever.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Where the requests went.
    pub(crate) url: Url,
    /// What was sent, for a person to read.
    pub(crate) request: String,
    pub(crate) record: Record,
    pub(crate) span: Span,
    pub(crate) usage: Usage,
    /// Why the run was told to end early.
    pub(crate) stop: Option<StopReason>,
    /// The state before the run, where it was read.
    pub(crate) before: Option<State>,
    /// Where it was read.
    pub(crate) source: Option<Source>,
    /// The state after it, where it was read before.
    pub(crate) after: Option<LastRead>,
    /// The server, where it was started for the run, and when it was seen to have ended, since the
    /// start.
    pub(crate) server: Option<(ServerEnd, Duration)>,
    pub(crate) stalled: Option<Stalled>,
}

/// The state that was read after a run, and when that was asked and answered, since the start.
#[derive(Debug)]
pub(crate) struct LastRead {
    pub(crate) called: Duration,
    pub(crate) returned: Duration,
    pub(crate) state: Result<State, ReadError>,
}

/// How a server under test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Not by itself: it ran when the run was over.
    Running,
    /// It exited.
    Exited {
        /// With this status.
        status: i32,
        /// When that was seen, since the start.
        after: Duration,
        /// How many requests had been answered then.
        after_requests: u64,
    },
    /// A signal ended it.
    Signal {
        /// Its name, or its number where it has none.
        signal: String,
        /// When that was seen, since the start.
        after: Duration,
        /// How many requests had been answered then.
        after_requests: u64,
    },
}

impl Facts {
    /// How the server ended; one that was not started for the run has not.
    pub(crate) fn ended(&self) -> Ended {
        let Some((server, after)) = &self.server else { return Ended::Running };
        let (after, after_requests) = (*after, self.record.counts().statuses.sum());
        match server.fate {
            Fate::Ran | Fate::Killed => Ended::Running,
            Fate::Died(HowEnded::Exited(status)) => Ended::Exited { status, after, after_requests },
            Fate::Died(HowEnded::Signal(number)) => {
                Ended::Signal { signal: signal_name(number), after, after_requests }
            }
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (after, requests) = match self {
            Self::Running => return f.write_str("running when the run was over"),
            Self::Exited { status, after, after_requests } => {
                write!(f, "exit status {status}")?;
                (after, *after_requests)
            }
            Self::Signal { signal, after, after_requests } => {
                write!(f, "signal {signal}")?;
                (after, *after_requests)
            }
        };
        let plural = if requests == 1 { "" } else { "s" };
        let after_s = after.as_secs_f64();
        write!(f, " after {requests} request{plural}, {after_s:.3} seconds into the run")
    }
}
