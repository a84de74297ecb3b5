//! What a run brings together for its judgement.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::invariant::All;
use crate::record::{Record, Span};
use crate::resources::Usage;
use crate::state::{Before, ReadError, Source, State};
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
    pub(crate) before: Option<Before>,
    /// Where it was read: of each kind that has one, in the order of the plan.
    pub(crate) sources: Vec<Source>,
    /// The state after it, where it was read before.
    pub(crate) after: Option<After>,
    /// The values that invariants speak of, before the run and after it.
    pub(crate) watched: Option<(All, Result<All, ReadError>)>,
    /// The server, where it was started for the run, and when it was seen to have ended, since the
    /// start.
    pub(crate) server: Option<(ServerEnd, Duration)>,
    pub(crate) stalled: Option<Stalled>,
}

/// The state after a run: read once, or again and again until it had settled.
#[derive(Debug)]
pub(crate) struct After {
    /// The first of the reads.
    pub(crate) first: LastRead,
    /// Those that followed.
    pub(crate) again: Vec<LastRead>,
    /// Whether it was still changing when the wait was over.
    pub(crate) is_moving: bool,
}

/// A state that was read after a run, and when that was asked and answered, since the start.
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

impl After {
    /// The state as it was read once.
    pub(crate) fn once(first: LastRead) -> Self {
        Self { first, again: Vec::new(), is_moving: false }
    }

    /// All reads, in their order.
    pub(crate) fn reads(&self) -> impl DoubleEndedIterator<Item = &LastRead> {
        std::iter::once(&self.first).chain(&self.again)
    }

    /// The last of them, which counts.
    pub(crate) fn last(&self) -> &LastRead {
        self.again.last().unwrap_or(&self.first)
    }

    /// How long after the first read began the first one ended that returned what the last did;
    /// `None` where the first read did.
    pub(crate) fn settled_after(&self) -> Option<Duration> {
        let last = self.last().state.as_ref().ok()?;
        let differs = |read: &&LastRead| read.state.as_ref().ok() != Some(last);
        let earlier = self.reads().rev().find(differs)?;
        let settled = self.reads().find(|read| read.called > earlier.called)?;
        Some(settled.returned.saturating_sub(self.first.called))
    }
}

impl Facts {
    /// How the server ended; one that was not started for the run has not.
    pub(crate) fn ended(&self) -> Ended {
        let Some((server, after)) = &self.server else { return Ended::Running };
        let (after, after_requests) = (*after, self.record.all_counts().statuses.sum());
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
