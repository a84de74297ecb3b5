//! How TLS was agreed on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Distribution;
use crate::wire::Handshake;
use crate::wire::tls::Agreed;

/// The handshakes of connections that were made, the warm-up's among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Handshakes {
    /// What was agreed on, in how many of them.
    #[serde(with = "as_list")]
    pub(crate) agreed: BTreeMap<Agreed, u64>,
    /// How many went on with an earlier session.
    pub(crate) resumed: u64,
    /// How long they took.
    pub(crate) times: Distribution,
}

impl Handshakes {
    /// One was made.
    pub(super) fn made(&mut self, Handshake { agreed, is_resumed, took }: &Handshake) {
        match self.agreed.get_mut(agreed) {
            Some(count) => *count += 1,
            None => drop(self.agreed.insert(agreed.clone(), 1)),
        }
        self.resumed += u64::from(*is_resumed);
        self.times.record(*took);
    }

    /// Adds those of others.
    pub(super) fn merge(&mut self, Self { agreed, resumed, times }: Self) {
        for (agreed, count) in agreed {
            *self.agreed.entry(agreed).or_default() += count;
        }
        self.resumed += resumed;
        self.times.merge(&times);
    }
}

/// As pairs: what is agreed on is no key of an object in JSON.
mod as_list {
    use super::{Agreed, BTreeMap, Deserialize, Serialize};

    pub(super) fn serialize<S: serde::Serializer>(
        agreed: &BTreeMap<Agreed, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        agreed.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Agreed, u64>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
