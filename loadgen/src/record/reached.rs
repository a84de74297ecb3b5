//! Which addresses a load reached, and what it took to find them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::handshakes::Handshakes;
use super::latency::Distribution;
use crate::wire::{Address, Opened};

/// Where connections went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reached {
    pub(crate) addresses: BTreeMap<Address, Visits>,
    pub(crate) lookups: Lookups,
    pub(crate) handshakes: Handshakes,
}

/// What went to an address. The warm-up's connections and requests are among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visits {
    /// Connections that were made.
    pub(crate) connections: u64,
    /// Requests that were begun over them.
    pub(crate) requests: u64,
    /// Attempts to connect that came to nothing: they were refused, or another address was faster.
    pub(crate) failed: u64,
}

/// How often a name's addresses were asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lookups {
    /// How many were begun.
    pub(crate) begun: u64,
    /// How long those took that found something.
    pub(crate) times: Distribution,
    /// Those that found nothing, by what the resolver said.
    pub(crate) failures: BTreeMap<String, u64>,
}

impl Reached {
    /// A connection was made.
    pub(crate) fn connected(&mut self, Opened { address, handshake }: &Opened) {
        if let Some(address) = address {
            self.visits(address).connections += 1;
        }
        if let Some(handshake) = handshake {
            self.handshakes.made(handshake);
        }
    }

    /// So many requests were begun at `address`.
    pub(crate) fn requested(&mut self, address: &Address, requests: u64) {
        self.visits(address).requests += requests;
    }

    /// So many attempts to connect to `address` came to nothing.
    pub(crate) fn refused(&mut self, address: &Address, attempts: u64) {
        self.visits(address).failed += attempts;
    }

    fn visits(&mut self, address: &Address) -> &mut Visits {
        self.addresses.entry(address.clone()).or_default()
    }

    /// Adds what others reached.
    pub(super) fn merge(&mut self, other: Self) {
        let Self { addresses, lookups, handshakes } = other;
        for (address, more) in addresses {
            let Visits { connections, requests, failed } = more;
            let sum = self.addresses.entry(address).or_default();
            sum.connections += connections;
            sum.requests += requests;
            sum.failed += failed;
        }
        self.lookups.merge(&lookups);
        self.handshakes.merge(handshakes);
    }
}

impl Lookups {
    /// One that found something, in this time.
    pub(crate) fn found(&mut self, took: Duration) {
        self.times.record(took);
    }

    /// One that found nothing, with what the resolver said.
    pub(crate) fn failed(&mut self, error: &str) {
        *self.failures.entry(error.to_owned()).or_default() += 1;
    }

    /// How many found nothing.
    pub(crate) fn failed_count(&self) -> u64 {
        self.failures.values().sum()
    }

    /// How many were not over at the end.
    pub(crate) fn unanswered(&self) -> u64 {
        self.begun.saturating_sub(self.times.count() + self.failed_count())
    }

    /// Adds those of others.
    pub(crate) fn merge(&mut self, other: &Self) {
        let Self { begun, times, failures } = other;
        self.begun += begun;
        self.times.merge(times);
        for (error, count) in failures {
            *self.failures.entry(error.clone()).or_default() += count;
        }
    }
}
