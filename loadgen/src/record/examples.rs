//! An example of each way in which requests fail.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::latency::nanoseconds;

/// By the name of the error, the first request that met it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Examples(BTreeMap<String, Example>);

/// One request that failed. The first of several is the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// When it ended, since the start.
    pub(crate) at_ns: u64,
    /// How long it had been under way.
    pub(crate) took_ns: u64,
    /// The index of its step.
    pub(crate) step: usize,
    /// What the system said, where it said more than the error's name.
    pub(crate) detail: Option<String>,
    /// The first bytes of an answer that was illegal, from where it was.
    pub(crate) bytes: Vec<u8>,
}

impl Examples {
    /// Whether a request that ended at this time, since the start, is no later than the example that
    /// there is.
    pub(super) fn wants(&self, name: &str, at: Duration) -> bool {
        self.0.get(name).is_none_or(|example| nanoseconds(at) <= example.at_ns)
    }

    /// Keeps `example`, unless there is an earlier one.
    pub(super) fn take(&mut self, name: String, example: Example) {
        let kept = self.0.entry(name).or_insert_with(|| example.clone());
        if example < *kept {
            *kept = example;
        }
    }

    /// Keeps the earlier one of each.
    pub(super) fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|(name, example)| self.take(name, example));
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Example)> {
        self.0.iter().map(|(name, example)| (name.as_str(), example))
    }
}
