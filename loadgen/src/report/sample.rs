//! One request and its answers, for whoever wants to see them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::escape::bytes;
use crate::record::Record;
use crate::secrets::masked;

/// One request and its answers, for whoever wants to see them.
#[derive(Debug)]
pub struct Sample {
    /// The bytes of the request.
    pub request: String,
    /// The first head of each status.
    pub heads: BTreeMap<u16, String>,
}

impl Sample {
    /// The request and the heads for a person to read, their secrets masked.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("Request:\n{}\n", masked(&self.request));
        for (status, head) in &self.heads {
            let _ = write!(text, "First answer with status {status}:\n{}\n", masked(head));
        }
        text
    }
}

impl Sample {
    pub(super) fn new(record: &Record, request: String) -> Self {
        let heads = record.first_answers().into_iter();
        Self { request, heads: heads.map(|(status, first)| (status, bytes(&first.head))).collect() }
    }
}
