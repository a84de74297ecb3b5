//! What a worker tells a judge that does not wait for the end of the run.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use check::history::NEVER;
use tokio::time::Instant;

use super::Worker;
use crate::record::Event;
use crate::wire::Driver;

/// How often the judge is told what happened.
const INTERVAL: Duration = Duration::from_millis(10);

impl<D: Driver> Worker<D> {
    /// Tells what happened, now and then: for ever, where anybody is told.
    pub(super) async fn tell(&self) -> Infallible {
        if self.feed.is_none() {
            return pending().await;
        }
        loop {
            self.job.timers.after(INTERVAL).await;
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
        if self.record.borrow().operations.have_overflowed() {
            feed.revoke("there are more operations than are kept");
        }
        feed.tell(until_ns);
    }

    /// Takes down for whoever is told that something happened.
    pub(super) fn happened(&self, event: impl FnOnce() -> Option<Event>) {
        if let Some(feed) = &self.feed
            && let Some(event) = event()
        {
            feed.add(event);
        }
    }

    /// What was told does not count any more, for `reason`.
    pub(super) fn revoke(&self, reason: &'static str) {
        if let Some(feed) = &self.feed {
            feed.revoke(reason);
        }
    }
}
