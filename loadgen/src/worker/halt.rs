//! How the workers of a run are told to end.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::signal::Signal;

/// Two words to all workers, each given once.
#[derive(Debug, Default)]
pub(crate) struct Halt {
    /// The first word, where every request can look at it for next to nothing.
    is_stopped: AtomicBool,
    stop: Signal<()>,
    give_up: Signal<()>,
}

impl Halt {
    /// Let no further request begin.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.stop.raise(());
    }

    /// Wait no longer for the answers that are in flight.
    pub(crate) fn give_up(&self) {
        self.stop();
        self.give_up.raise(());
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(super) async fn stopped(&self) {
        self.stop.wait().await;
    }

    pub(super) async fn given_up(&self) {
        self.give_up.wait().await;
    }
}
