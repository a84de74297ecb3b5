//! How long requests take, while they do.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Begin;
use super::latency::{Distribution, Latency, nanoseconds};
use crate::wire::Answer;

/// The times of the requests of one kind, as they are recorded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Times {
    /// Of those whose processing, waiting and total time are one. In a closed loop over connections
    /// that are kept, most answers come at once, and this is all that is recorded of them.
    whole: Distribution,
    /// Of all others.
    parts: Latency,
}

impl Times {
    /// A request that is ok was answered.
    pub(super) fn answered(&mut self, begin: &Begin, answer: &Answer) {
        let Answer { first_byte, finished, .. } = *answer;
        let sent = begin.connected.unwrap_or(begin.call);
        let processing_ns = nanoseconds(finished - sent);
        if begin.connected.is_none() && first_byte == finished && begin.due == sent {
            self.whole.record_ns(processing_ns);
            return;
        }
        // To subtract instants costs more than to compare them.
        let since = |from: Instant, to: Instant| {
            let is_processing = from == sent && to == finished;
            if is_processing { processing_ns } else { nanoseconds(to - from) }
        };
        let Latency { connect, processing, waiting, body, total, failed: _ } = &mut self.parts;
        if begin.connected.is_some() {
            connect.record(sent - begin.call);
        }
        processing.record_ns(processing_ns);
        waiting.record_ns(since(sent, first_byte));
        total.record_ns(since(begin.due, finished));
        if first_byte != finished {
            body.record(finished - first_byte);
        }
    }

    /// A request that is not ok ended after this time.
    pub(super) fn failed(&mut self, time: Duration) {
        self.parts.failed.record(time);
    }

    /// From when each was due to the last byte, of those that are ok.
    pub(super) fn total(&self) -> Distribution {
        let mut total = self.parts.total.clone();
        total.merge(&self.whole);
        total
    }

    /// All of them, by their parts.
    pub(super) fn latency(&self) -> Latency {
        let mut latency = self.parts.clone();
        for part in [&mut latency.processing, &mut latency.waiting, &mut latency.total] {
            part.merge(&self.whole);
        }
        latency
    }

    /// The longest total time in whole microseconds; 0 without any.
    pub(super) fn longest_us(&self) -> u64 {
        self.whole.max_us().max(self.parts.total.max_us())
    }

    /// How many requests were recorded that are ok, and how many that are not.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.whole.count() + self.parts.total.count(), self.parts.failed.count())
    }

    /// Adds what was measured elsewhere.
    pub(super) fn merge(&mut self, Self { whole, parts }: &Self) {
        self.whole.merge(whole);
        self.parts.merge(parts);
    }
}
