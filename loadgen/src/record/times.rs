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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Sizes;

    const MS: Duration = Duration::from_millis(1);

    /// Times that are not one are told apart.
    #[test]
    fn each_time_is_where_it_belongs() {
        let due = Instant::now();
        let at = |ms| due + ms * MS;
        for (call, connected, first_byte, parts_ms) in [
            (at(0), None, at(9), [0, 9, 9, 9]),
            (at(0), None, at(5), [0, 9, 5, 9]),
            (at(2), None, at(9), [0, 7, 7, 9]),
            (at(0), Some(at(3)), at(9), [3, 6, 6, 9]),
            (at(1), Some(at(3)), at(5), [2, 6, 2, 9]),
        ] {
            let begin = Begin { due, call, connected, ..Begin::at(due, 0, Sizes::default()) };
            let (status, bytes, body_bytes, keep_alive) = (200, 1, 1, true);
            let answer =
                Answer { status, first_byte, finished: at(9), bytes, body_bytes, keep_alive };
            let mut times = Times::default();
            times.answered(&begin, &answer);
            let Latency { connect, processing, waiting, body, total, .. } = times.latency();
            let longest = [&connect, &processing, &waiting, &total].map(Distribution::max_us);
            assert_eq!(longest.map(|us| us / 1000), parts_ms, "{call:?} {first_byte:?}");
            assert_eq!(connect.count(), u64::from(connected.is_some()));
            assert_eq!(body.count(), u64::from(first_byte != at(9)));
            assert_eq!((times.counts(), times.longest_us()), ((1, 0), 9000));
            assert_eq!(times.total(), total);
        }
    }
}
