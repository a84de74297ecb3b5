//! What went wrong with connections, for whoever watches the run.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::wire::{Failure, Shortage};

/// Written when a connection fails, and never on the way of a request that is answered.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    seen: Mutex<Seen>,
    news: Notify,
}

/// What was seen so far, by all workers. Times are since the start of the run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// How many attempts to connect came to nothing, for whatever reason.
    pub(crate) unopened: u64,
    /// Why the last of them did.
    pub(crate) last_unopened: Option<String>,
    /// How many of them were given up, since nothing was heard.
    pub(crate) given_up: u64,
    /// When the target last refused a connection.
    pub(crate) refused: Option<(Duration, String)>,
    /// When this machine last had no means for one.
    pub(crate) short: Option<(Duration, Shortage)>,
    /// How the first connection failed of those that ended before a byte of their first answer.
    pub(crate) broken_when_new: Option<String>,
}

impl Incidents {
    /// Takes down a failure at `at`; `is_new` is whether its connection had carried no answer yet.
    pub(super) fn report(&self, at: Duration, failure: &Failure, is_new: bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Failure::Short(shortage) => {
                seen.unopened(failure);
                seen.short = Some((at, *shortage));
            }
            Failure::ConnectTimeout | Failure::ConnectLate => {
                seen.unopened(failure);
                seen.given_up += 1;
            }
            _ if failure.is_unopened() => {
                seen.unopened(failure);
                seen.refused = Some((at, failure.explained()));
            }
            _ if is_new && failure.ended_unanswered() => {
                seen.broken_when_new.get_or_insert_with(|| failure.to_string());
            }
            _ => return,
        }
        self.news.notify_one();
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until there is something new.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }
}

impl Seen {
    fn unopened(&mut self, failure: &Failure) {
        self.unopened += 1;
        self.last_unopened = Some(failure.explained());
    }
}
