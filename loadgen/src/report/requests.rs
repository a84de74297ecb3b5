//! How the requests ended.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::first_answers::first_answers;
use crate::record::{Counts, Record};
use crate::wire::is_success;

/// How the requests ended: `sent` is the sum of `ok`, `fail` and `unknown`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Requests {
    /// Begun, including those that came to nothing, and without the warm-up.
    pub sent: u64,
    /// Begun in the warm-up: judged, and in no other figure.
    pub warm_up: u64,
    /// Answered completely with a 2xx.
    pub ok: u64,
    /// Certainly not applied.
    pub fail: u64,
    /// Applied or not.
    pub unknown: u64,
    /// Of those that are unknown, answered with a 2xx: not as `--expect` says, or unknown to `--answers`.
    pub unconfirmed: u64,
    /// Of those that are ok, answered with a redirect that was followed: each led to another request.
    pub followed: u64,
    /// Complete answers by status.
    pub status: BTreeMap<u16, u64>,
    /// The beginning of the content of the first answer of each status, its secrets masked.
    pub first_answers: BTreeMap<u16, String>,
    /// Requests without a complete answer, by what happened instead.
    pub errors: BTreeMap<String, u64>,
    /// The same in ab's groups.
    pub error_groups: ErrorGroups,
    /// Complete answers after which the connection could be used again.
    pub kept_alive: u64,
    /// Connections on which something came that nobody had asked for.
    pub unasked: u64,
    /// Complete answers over such connections that may belong to other requests.
    pub doubtful: u64,
}

/// Requests without a complete answer, each in one of ab's groups.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorGroups {
    /// No connection, or none that took a byte.
    pub connect: u64,
    /// The connection failed or was closed too early.
    pub receive: u64,
    /// A length that differs is no failure: always 0.
    pub length: u64,
    /// Timeouts and illegal answers.
    pub exceptions: u64,
}

impl Requests {
    pub(super) fn new(counts: Counts, record: &Record) -> Self {
        let Counts {
            outcomes,
            unconfirmed,
            followed,
            statuses,
            failures,
            failure_kinds,
            kept_alive,
            doubtful,
            ..
        } = counts;
        Self {
            sent: outcomes.sum(),
            warm_up: record.warmed_up(),
            ok: outcomes.ok,
            fail: outcomes.fail,
            unknown: outcomes.unknown,
            unconfirmed,
            followed,
            status: statuses.iter().collect(),
            first_answers: first_answers(record.first_answers()),
            errors: failures,
            error_groups: ErrorGroups {
                connect: failure_kinds.connect,
                receive: failure_kinds.receive,
                length: 0,
                exceptions: failure_kinds.exceptions,
            },
            kept_alive,
            unasked: record.unasked,
            doubtful: doubtful.sum(),
        }
    }

    /// Complete answers, whatever their status.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.status.values().sum()
    }

    /// Complete answers whose status is no success, those that were followed among them.
    #[must_use]
    pub fn non_2xx(&self) -> u64 {
        let others = self.status.iter().filter(|(status, _)| !is_success(**status));
        others.map(|(_, count)| count).sum()
    }
}
