//! What follows from how a run goes: pure rules, which are given the time and what the workers tell.
//!
//! Another rule is a file here and a line in [`Watch::look`].

mod connecting;
mod stall;

use std::time::Duration;

use crate::threshold::Checked;
use crate::wire::Shortage;
use crate::worker::{Reading, Seen, Waits};
use connecting::ConnectingWatch;
use stall::{Change, StallWatch};
pub(crate) use stall::{Stall, Stalled, Stalls};

/// Why a run ended before its schedule said so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StopReason {
    /// The user asked for it.
    Interrupted,
    /// The server under test ended.
    ServerEnded,
    /// The target stopped doing anything, and there is nothing to be learnt from going on.
    Stalled,
    /// No connection was ever made.
    Unreachable(String),
    /// Every connection was refused for a while.
    Dead(String),
    /// This machine had no means for a connection for a while.
    Short(Shortage),
    /// A worker could not be started, while others were at work already.
    NoWorker(String),
    /// A connection ended before a byte of its first answer, and the run is not to survive that.
    BrokenConnection(String),
    /// The answers prove an anomaly, and the run was to end at the first.
    Proved(check::Proof),
    /// A threshold was crossed, and the run was to end at the first.
    Crossed(Box<Checked>),
}

/// What a run is to survive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Survives {
    /// Connections that fail when they are new.
    pub(crate) broken: bool,
    /// The death of the target.
    pub(crate) death: bool,
}

/// What it takes, beside silence, to say that a target has stalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Nothing: its answers are known to be short.
    Silence,
    /// That it leaves a request of somebody else unanswered as well.
    Probe,
    /// That half of the clients have waited for several times as long: nothing can be asked that
    /// would change nothing.
    Patience,
}

/// What a target that has fallen silent is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Its state.
    State,
    /// A request of the load that changes nothing.
    Request,
}

/// What a look has found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The target is silent. Whether it answers anybody is to be asked, and [`Watch::told`].
    Suspected,
    /// The target has stalled, or leaves half of the clients waiting.
    Stalled(Stall),
    /// It has answered again after so long.
    Recovered(Duration),
}

/// Everything that is watched.
#[derive(Debug)]
pub(crate) struct Watch {
    connecting: ConnectingWatch,
    stall: StallWatch,
}

impl Watch {
    /// Watches a run whose target has stalled when nothing has happened for `stall` and there is
    /// `proof`.
    pub(crate) fn new(stall: Duration, survives: Survives, proof: Proof) -> Self {
        Self {
            connecting: ConnectingWatch::new(survives.broken, survives.death),
            stall: StallWatch::new(stall, proof),
        }
    }

    /// How often it is to be looked.
    pub(crate) fn interval(&self) -> Duration {
        self.stall.interval()
    }

    /// Looks at what the workers have `seen` of their connections by `now`, since the start.
    pub(crate) fn look_at_connections(
        &mut self,
        now: Duration,
        reading: Reading,
        seen: &Seen,
    ) -> Option<StopReason> {
        self.connecting.look(now, reading, seen)
    }

    /// Before when a request must have been sent to count as hanging by `now`.
    pub(crate) fn hangs_before(&self, now: Duration) -> Duration {
        self.stall.hangs_before(now)
    }

    /// Looks at how far the workers are by `now`, and at what they wait for.
    pub(crate) fn look_for_stalls(
        &mut self,
        now: Duration,
        reading: Reading,
        waits: Waits,
    ) -> Option<Event> {
        Some(match self.stall.look(now, reading, waits)? {
            Change::Suspected => Event::Suspected,
            Change::Stalled(stall) => Event::Stalled(stall),
            Change::Recovered(after) => Event::Recovered(after),
        })
    }

    /// Takes down by `now` whether the target left unanswered what it was asked.
    pub(crate) fn told(&mut self, now: Duration, was_left_unanswered: bool) {
        self.stall.told(now, was_left_unanswered);
    }

    /// The stalls of a run that was over at `end`.
    pub(crate) fn into_stalls(self, end: Duration) -> Option<Stalls> {
        self.stall.into_stalls(end)
    }
}
