//! What the service counts, for `GET /stats`.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::database::Error;

/// Counts since the start.
#[derive(Default)]
pub(crate) struct Stats {
    done: AtomicU64,
    /// How often something was tried again.
    retries: AtomicU64,
    /// Requests that were given up for conflicts.
    conflicts: AtomicU64,
    gone: AtomicU64,
    unknown: AtomicU64,
    exhausted: AtomicU64,
    /// Answered with what the client has to change.
    refused: AtomicU64,
    other: AtomicU64,
    /// Acknowledged first, and then not written.
    broken_promises: AtomicU64,
}

fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

impl Stats {
    /// Counts how a request has ended.
    pub(crate) fn ended<T>(&self, ended: &Result<T, Error>, retries: u32) {
        add(&self.retries, retries.into());
        let counter = match ended {
            Ok(_) => &self.done,
            Err(Error::Conflict(_)) => &self.conflicts,
            Err(Error::Gone(_)) => &self.gone,
            Err(Error::Unknown(_)) => &self.unknown,
            Err(Error::Exhausted { .. }) => &self.exhausted,
            Err(
                Error::Missing(_) | Error::Exists(_) | Error::Outdated { .. } | Error::Refused(_),
            ) => &self.refused,
            Err(Error::Unsupported(_) | Error::Other(_)) => &self.other,
        };
        add(counter, 1);
    }

    /// Counts how a write has ended that was acknowledged before.
    pub(crate) fn kept<T>(&self, ended: &Result<T, Error>, retries: u32) {
        add(&self.retries, retries.into());
        if ended.is_err() {
            add(&self.broken_promises, 1);
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        self.counts()
            .into_iter()
            .map(|(what, count)| (what.to_owned(), Value::from(count)))
            .collect()
    }

    /// The same in a line.
    pub(crate) fn line(&self) -> String {
        self.counts().map(|(what, count)| format!("{what}={count}")).join(" ")
    }

    fn counts(&self) -> [(&'static str, u64); 9] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("done", count(&self.done)),
            ("retries", count(&self.retries)),
            ("conflicts", count(&self.conflicts)),
            ("refused", count(&self.refused)),
            ("gone", count(&self.gone)),
            ("unknown", count(&self.unknown)),
            ("exhausted", count(&self.exhausted)),
            ("other", count(&self.other)),
            ("broken_promises", count(&self.broken_promises)),
        ]
    }
}
