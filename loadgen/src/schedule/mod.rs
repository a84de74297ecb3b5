//! When requests are due: pure functions of a request's number, without a clock.
//!
//! Another arrival process is a file here and a line where the plan's schedule is built.

mod closed;

use std::fmt::Debug;
use std::time::Duration;

pub(crate) use closed::Closed;

/// When the requests of a run are to begin.
pub(crate) trait Schedule: Debug + Send + Sync {
    /// The request with this number among all of the run, counted from 0; `None` where there are
    /// no more. Once there are none there are none behind it either.
    fn ticket(&self, number: u64) -> Option<Ticket>;

    /// From when on, since the start, no further request begins; `None` where only the tickets say.
    fn end(&self) -> Option<Duration>;
}

/// One request to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Its number among all of the run.
    pub(crate) number: u64,
    pub(crate) due: Due,
}

/// When a request is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// As soon as a client is free: a closed loop.
    Now,
    /// At this time since the start, whatever is in flight: an open loop.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "what is built is a closed loop; tests have an open one")
    )]
    At(Duration),
}
