//! What a worker tells a judge that does not wait for the end of the run.

use std::convert::Infallible;
use std::future::pending;

use check::history::NEVER;
use tokio::time::Instant;

use super::Worker;
use crate::record::{Event, Operations};
use crate::wire::Driver;

/// How often the judge is told what happened.
///
/// Nothing wakes a worker for it: one that is woken between two answers finds fewer of them at a
/// time, and each costs more.
const INTERVAL_NS: u64 = 20_000_000;

impl<D: Driver> Worker<D> {
    /// Tells what happened when it is asked, since nothing happens: for ever, where anybody is told.
    pub(super) async fn tell(&self) -> Infallible {
        let Some(feed) = &self.feed else { return pending().await };
        loop {
            feed.asked().await;
            // Whatever is taken down later on this thread also happens later.
            self.tell_until(self.job.nanoseconds(Instant::now()));
        }
    }

    /// Tells what happened since the last time, and that nothing else will: so nobody waits for this
    /// worker while others go on.
    pub(super) fn tell_the_rest(&self) {
        self.tell_until(NEVER);
    }

    fn tell_until(&self, until_ns: u64) {
        let Some(feed) = &self.feed else { return };
        if self.record.borrow().operations.iter().any(Operations::have_overflowed) {
            feed.revoke("there are more operations than are kept");
        }
        feed.tell(until_ns);
    }

    /// Takes down for whoever is told that something happened; tells it, if nothing was told for a
    /// while.
    pub(super) fn happened(&self, event: impl FnOnce() -> Option<Event>) {
        let Some(feed) = &self.feed else { return };
        let Some(event) = event() else { return };
        let time_ns = event.time_ns();
        feed.add(event);
        if time_ns >= feed.told_ns() + INTERVAL_NS {
            self.tell_until(time_ns);
        }
    }

    /// What was told does not count any more, for `reason`.
    pub(super) fn revoke(&self, reason: &'static str) {
        if let Some(feed) = &self.feed {
            feed.revoke(reason);
        }
    }
}
