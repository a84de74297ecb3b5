//! One answer of each status, for whoever wants to see what came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::{from_base64, to_base64};

/// So much is kept of the content of one answer of each status: it is shown to a person.
pub(crate) const MAX_SAMPLE_BYTES: usize = 2048;

/// The first answer of each status.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FirstAnswers(BTreeMap<u16, Sampled>);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sampled {
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub(crate) head: Vec<u8>,
    /// The beginning of its content, as far as it came to its end.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub(crate) content: Vec<u8>,
}

impl FirstAnswers {
    /// Takes the head of an answer; whether it is the first of its status, whose content is wanted, too.
    pub(super) fn head(&mut self, status: u16, head: &[u8]) -> bool {
        let is_first = !self.0.contains_key(&status);
        if is_first {
            self.0.insert(status, Sampled { head: head.to_vec(), content: Vec::new() });
        }
        is_first
    }

    /// Takes the beginning of the content of the first answer of its status.
    pub(crate) fn content(&mut self, status: u16, content: Vec<u8>) {
        if let Some(sampled) = self.0.get_mut(&status) {
            sampled.content = content;
        }
    }

    /// By status.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &Sampled)> {
        self.0.iter().map(|(status, sampled)| (*status, sampled))
    }

    /// Adds those of others, which were not the first where there is one already.
    pub(super) fn merge(&mut self, Self(others): Self) {
        for (status, sampled) in others {
            self.0.entry(status).or_insert(sampled);
        }
    }
}
