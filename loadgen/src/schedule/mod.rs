//! When requests are due: pure functions of a request's number, without a clock.
//!
//! Another arrival process is a file here and a line where the plan's schedule is built.

mod arrival;
mod closed;
mod open;
mod profile;
mod stripe;
mod warm_up;

use std::fmt::Debug;
use std::time::Duration;

pub use arrival::Arrival;
pub(crate) use closed::Closed;
pub(crate) use open::Open;
pub use profile::{Profile, Stage};
pub(crate) use stripe::Stripe;
pub use warm_up::WarmUp;

/// When the requests of a run are to begin.
pub(crate) trait Schedule: Debug + Send + Sync {
    /// The requests that fall to one of several workers, in the order in which they are due. All
    /// workers together have every request of the run, each of them once, and none has to ask
    /// another.
    fn tickets(&self, stripe: Stripe) -> Box<dyn Tickets>;

    /// From when on, since the start, no further request begins, whatever tickets there are; `None` where
    /// only these say. A load that this ends lasts until then.
    fn end(&self) -> Option<Duration>;

    /// When clients join.
    fn joining(&self) -> Joining;
}

/// One worker's requests to come.
pub(crate) trait Tickets {
    /// The next of them, for a client that is free at a time since the start: `now` says which, where it
    /// matters.
    fn next(&mut self, now: &dyn Fn() -> Duration) -> Option<Ticket>;
}

/// One request to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Its number among all of the run, counted from 0.
    pub(crate) number: u64,
    pub(crate) due: Due,
    /// Whether it is kept out of the figures.
    pub(crate) is_warm_up: bool,
}

/// When a request is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// As soon as a client is free: a closed loop.
    Now,
    /// At this time since the start, whatever is in flight: an open loop.
    At(Duration),
}

/// When clients join a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// All of them, one after the other in this time from the start.
    Within(Duration),
    /// When a request is due and no other client is free.
    AsNeeded,
}
