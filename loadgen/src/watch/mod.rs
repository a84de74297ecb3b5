//! What follows from how a run goes: pure rules, which are given the time and what the workers tell.
//!
//! Another rule is a file here and a line in [`Watch::look`].

mod connecting;
mod stall;

use std::time::Duration;

use crate::wire::Shortage;
use crate::worker::{Reading, Seen};
use connecting::ConnectingWatch;
use stall::{Change, StallWatch};
pub(crate) use stall::{Stall, Stalled, Stalls};

/// Why a run ended before its schedule said so.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// A connection ended before a byte of its first answer, and the run is not to survive that.
    BrokenConnection(String),
}

/// What a run is to survive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Survives {
    /// Connections that fail when they are new.
    pub(crate) broken: bool,
    /// The death of the target.
    pub(crate) death: bool,
}

/// What a look has found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// There is no point in going on.
    End(StopReason),
    /// The target has stalled.
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
    /// Watches a run of `clients` clients, whose target has stalled when nothing has happened for
    /// `stall`.
    pub(crate) fn new(clients: usize, stall: Duration, survives: Survives) -> Self {
        Self {
            connecting: ConnectingWatch::new(clients as u64, survives.broken, survives.death),
            stall: StallWatch::new(stall),
        }
    }

    /// How often it is to be looked.
    pub(crate) fn interval(&self) -> Duration {
        self.stall.interval()
    }

    /// Looks at how far the workers are and at what they have seen by `now`, since the start.
    pub(crate) fn look(&mut self, now: Duration, reading: Reading, seen: &Seen) -> Option<Event> {
        if let Some(reason) = self.connecting.look(now, reading, seen) {
            return Some(Event::End(reason));
        }
        self.look_for_stalls(now, reading)
    }

    /// Looks for stalls alone, as in a run that ends for another reason.
    pub(crate) fn look_for_stalls(&mut self, now: Duration, reading: Reading) -> Option<Event> {
        Some(match self.stall.look(now, reading)? {
            Change::Stalled(stall) => Event::Stalled(stall),
            Change::Recovered(after) => Event::Recovered(after),
        })
    }

    /// The stalls of a run that was over at `end`.
    pub(crate) fn into_stalls(self, end: Duration) -> Option<Stalls> {
        self.stall.into_stalls(end)
    }
}
