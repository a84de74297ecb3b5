//! What is only known of an open loop: what it did not send, and how late it sent the rest.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::latency::Distribution;

/// How far requests kept to the times at which they were due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// Requests that were never sent: when they were due every client was waiting for an answer.
    pub(crate) dropped: u64,
    /// How long after it was due a request began, of all that did. A client was free: it is the
    /// generator that was late.
    pub(crate) late: Distribution,
    /// From when it began to its last byte, of those that are ok.
    pub(crate) service: Distribution,
}

impl Pace {
    /// A request began so long after it was due, and its answer, where that is ok, took `service`
    /// from then on.
    pub(super) fn ended(&mut self, late: Duration, service: Option<Duration>) {
        self.late.record(late);
        if let Some(service) = service {
            self.service.record(service);
        }
    }

    /// Adds what was seen elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        let Self { dropped, late, service } = other;
        self.dropped += dropped;
        self.late.merge(late);
        self.service.merge(service);
    }
}
