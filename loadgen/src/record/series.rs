//! What a load came to in each second of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Packed;
use super::{Distribution, Outcomes, Snapshot};

/// The seconds of a load, from its start, without gaps.
///
/// It takes some hundred bytes for each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Series {
    seconds: Vec<Second>,
}

/// What ended in one second. The last of a load may have been shorter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Second {
    /// Requests behind the warm-up that ended in it.
    pub(crate) outcomes: Outcomes,
    /// Requests of the warm-up that ended in it.
    pub(crate) warm_up: u64,
    /// Requests that were due in it and never sent.
    pub(crate) dropped: u64,
    /// Bytes of complete answers behind the warm-up.
    pub(crate) bytes_read: u64,
    /// How many requests were in flight at its end.
    pub(crate) in_flight: u64,
    /// The latencies of those that are ok; `None` without any.
    latency: Option<Packed>,
}

impl Series {
    /// Adds the second that begins at one snapshot and ends at the next. What is known to have been
    /// `dropped` is taken from there.
    pub(crate) fn push(
        &mut self,
        begin: &Snapshot,
        end: &Snapshot,
        dropped: &mut BTreeMap<u64, u64>,
    ) {
        let latency = end.latency.since(&begin.latency);
        self.seconds.push(Second {
            outcomes: end.counts.outcomes.since(begin.counts.outcomes),
            warm_up: end.warmed_up - begin.warmed_up,
            dropped: 0,
            bytes_read: end.counts.traffic.bytes_read - begin.counts.traffic.bytes_read,
            in_flight: end.in_flight,
            latency: (!latency.is_empty()).then(|| latency.packed()),
        });
        // Drops are noticed when a client is free again, which may be seconds later.
        let later = dropped.split_off(&(self.seconds.len() as u64));
        for (index, count) in std::mem::replace(dropped, later) {
            let second = usize::try_from(index).ok().and_then(|index| self.seconds.get_mut(index));
            second.expect("only what is behind the end was split off").dropped += count;
        }
    }

    /// The same without a last second in which nothing happened.
    pub(crate) fn trimmed(mut self) -> Self {
        self.seconds.pop_if(|second| second.is_empty());
        self
    }

    /// The seconds in their order.
    pub(crate) fn seconds(&self) -> &[Second] {
        &self.seconds
    }

    /// Adds what another generator saw in the same seconds.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut others = other.seconds.into_iter();
        for (second, other) in self.seconds.iter_mut().zip(&mut others) {
            second.merge(&other);
        }
        self.seconds.extend(others);
    }
}

impl Second {
    /// The latencies of the requests that are ok.
    pub(crate) fn latency(&self) -> Distribution {
        let latency = self.latency.clone().map(Distribution::try_from);
        latency.map_or_else(Distribution::new, |latency| latency.expect("it was packed here"))
    }

    fn is_empty(&self) -> bool {
        let Self { outcomes, warm_up, dropped, in_flight, .. } = self;
        outcomes.sum() + warm_up + dropped + in_flight == 0
    }

    fn merge(&mut self, other: &Self) {
        let mut latency = self.latency();
        latency.merge(&other.latency());
        let Self { outcomes, warm_up, dropped, bytes_read, in_flight, latency: _ } = *other;
        self.outcomes += outcomes;
        self.warm_up += warm_up;
        self.dropped += dropped;
        self.bytes_read += bytes_read;
        self.in_flight += in_flight;
        self.latency = (!latency.is_empty()).then(|| latency.packed());
    }

    /// Whether there is a latency for each request that is ok.
    pub(super) fn is_sound(&self) -> bool {
        let Some(packed) = self.latency.clone() else { return self.outcomes.ok == 0 };
        Distribution::try_from(packed).is_ok_and(|latency| latency.count() == self.outcomes.ok)
    }
}
