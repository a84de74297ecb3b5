//! How requests ended, and what went over the wire for them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use check::history::Outcome;
use serde::{Deserialize, Serialize};

use crate::scenario::Told;
use crate::wire::{Answer, Failure, Sizes, is_success};

/// The requests of one kind, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    pub(crate) outcomes: Outcomes,
    /// Of those that are `fail`, how many were refused in a way that nobody declared: they are taken
    /// for not done, and nothing is accused on that.
    pub(crate) assumed: u64,
    /// Of those that are `unknown`, how many were answered with a success: their user expected more.
    pub(crate) unconfirmed: u64,
    /// Of those that are `ok`, how many were answered with a redirect that was followed: of what was asked
    /// for, this says nothing yet.
    pub(crate) followed: u64,
    /// Complete answers by status.
    pub(crate) statuses: Statuses,
    /// Requests without a complete answer, by what happened instead.
    pub(crate) failures: BTreeMap<String, u64>,
    /// The same in ab's groups.
    pub(crate) failure_kinds: FailureKinds,
    /// How many of them are our own hanging up.
    pub(crate) given_up: u64,
    /// Complete answers after which the connection could be used again.
    pub(crate) kept_alive: u64,
    /// Of complete answers, and of requests of which at least a byte was written.
    pub(crate) traffic: Traffic,
    /// What of all that was over while the run lasted, and not in the drain after it.
    pub(crate) within: Within,
    /// Of complete answers, those that may belong to other requests: a connection on which something
    /// came that nobody had asked for has shifted them, since nobody knows when.
    pub(crate) doubtful: Outcomes,
    /// The content of the answers that are ok; `None` without any.
    pub(crate) document: Option<Document>,
}

/// How many requests ended in each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcomes {
    pub(crate) ok: u64,
    pub(crate) fail: u64,
    pub(crate) unknown: u64,
}

/// Complete answers by status code, from 0 to 999.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<u16, u64>", try_from = "BTreeMap<u16, u64>")]
pub(crate) struct Statuses(Vec<u64>);

/// Failures as ab groups them, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailureKinds {
    /// No connection, or none that took a byte.
    pub(crate) connect: u64,
    /// The connection failed or was closed too early.
    pub(crate) receive: u64,
    /// Everything else: time was up, or the answer was illegal.
    pub(crate) exceptions: u64,
}

/// Bytes that were read and written, heads and framing included, and those of the content alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Traffic {
    pub(crate) bytes_read: u64,
    pub(crate) body_bytes_read: u64,
    pub(crate) bytes_written: u64,
    pub(crate) body_bytes_written: u64,
}

/// What rates are made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Within {
    pub(crate) ok: u64,
    pub(crate) bytes_read: u64,
    pub(crate) bytes_written: u64,
}

/// The length of the content of the answers that are `ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// Of the first one.
    pub(crate) bytes: u64,
    /// Whether another one differed.
    pub(crate) varies: bool,
}

impl Counts {
    /// Counts a complete answer.
    pub(super) fn answered(&mut self, answer: &Answer, told: Told, within: bool) {
        let outcome = told.outcome();
        self.assumed += u64::from(told == Told::Assumed);
        let is_unconfirmed = outcome == Outcome::Unknown && is_success(answer.status);
        self.unconfirmed += u64::from(is_unconfirmed);
        self.outcomes.count(outcome);
        self.statuses.add(answer.status, 1);
        self.kept_alive += u64::from(answer.keep_alive);
        self.traffic.bytes_read += answer.bytes;
        self.traffic.body_bytes_read += answer.body_bytes;
        if within {
            self.within.ok += u64::from(outcome == Outcome::Ok);
            self.within.bytes_read += answer.bytes;
        }
        if outcome == Outcome::Ok {
            let bytes = answer.body_bytes;
            let first = self.document.get_or_insert(Document { bytes, varies: false });
            first.varies |= first.bytes != bytes;
        }
    }

    /// Counts a request that came to no complete answer, and so to this outcome, because of `failure`,
    /// whose name this is.
    pub(super) fn failed(&mut self, failure: &Failure, outcome: Outcome, name: &str) {
        self.outcomes.count(outcome);
        self.given_up += u64::from(failure.is_given_up());
        match self.failures.get_mut(name) {
            Some(count) => *count += 1,
            None => drop(self.failures.insert(name.to_owned(), 1)),
        }
        *match failure {
            Failure::Short(_)
            | Failure::Connect(_)
            | Failure::Handshake(_)
            | Failure::NotHttp2(_)
            | Failure::Proxy(_)
            | Failure::NotSent(_)
            | Failure::ConnectTimeout
            | Failure::ConnectLate => &mut self.failure_kinds.connect,
            Failure::Send(_)
            | Failure::Receive(_)
            | Failure::ReceiveWithinAnswer(_)
            | Failure::ClosedBeforeAnswer
            | Failure::ClosedWithinAnswer
            | Failure::Ended(_) => &mut self.failure_kinds.receive,
            Failure::Timeout
            | Failure::EndedBeforeSend
            | Failure::EndedBeforeAnswer
            | Failure::Illegal(_)
            | Failure::Refused
            | Failure::GoneAway
            | Failure::Reset(_)
            | Failure::Tls(_)
            | Failure::Client(_) => &mut self.failure_kinds.exceptions,
        } += 1;
    }

    /// Counts what was written of a request.
    pub(super) fn wrote(&mut self, sent: Sizes, within: bool) {
        let Sizes { bytes, body_bytes } = sent;
        self.traffic.bytes_written += bytes;
        self.traffic.body_bytes_written += body_bytes;
        if within {
            self.within.bytes_written += bytes;
        }
    }

    /// These and what was counted elsewhere.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.merge(other);
        self
    }

    /// All of them together.
    pub(super) fn sum<'c>(all: impl IntoIterator<Item = &'c Self>) -> Self {
        let mut sum = Self::default();
        all.into_iter().for_each(|counts| sum.merge(counts.clone()));
        sum
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        let Self {
            outcomes,
            assumed,
            unconfirmed,
            followed,
            statuses,
            failures,
            failure_kinds,
            given_up,
            kept_alive,
            traffic,
            within,
            doubtful,
            document,
        } = other;
        self.outcomes += outcomes;
        self.assumed += assumed;
        self.unconfirmed += unconfirmed;
        self.followed += followed;
        statuses.iter().for_each(|(status, count)| self.statuses.add(status, count));
        for (name, count) in failures {
            *self.failures.entry(name).or_default() += count;
        }
        self.failure_kinds += failure_kinds;
        self.given_up += given_up;
        self.kept_alive += kept_alive;
        self.traffic += traffic;
        self.within += within;
        self.doubtful += doubtful;
        self.document = Document::both(self.document, document);
    }

    /// Whether the requests are as many by outcome as by what came of them.
    pub(super) fn sums_agree(&self) -> bool {
        let failed: u64 = self.failures.values().sum();
        let FailureKinds { connect, receive, exceptions } = self.failure_kinds;
        self.outcomes.sum() == self.statuses.sum() + failed
            && failed == connect + receive + exceptions
            && self.assumed <= self.outcomes.fail
            && self.unconfirmed <= self.outcomes.unknown
            && self.followed <= self.outcomes.ok
            && self.given_up <= failed
            && self.within.ok <= self.outcomes.ok
            && self.doubtful.ok <= self.outcomes.ok
            && self.doubtful.fail <= self.outcomes.fail
            && self.doubtful.unknown <= self.outcomes.unknown
            && self.within.bytes_read <= self.traffic.bytes_read
            && self.within.bytes_written <= self.traffic.bytes_written
    }
}

impl Outcomes {
    pub(crate) fn sum(self) -> u64 {
        self.ok + self.fail + self.unknown
    }

    /// What came in addition to `earlier`, which these were once.
    pub(super) fn since(self, earlier: Self) -> Self {
        let Self { ok, fail, unknown } = earlier;
        Self { ok: self.ok - ok, fail: self.fail - fail, unknown: self.unknown - unknown }
    }

    pub(crate) fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Fail => &mut self.fail,
            Outcome::Unknown => &mut self.unknown,
        } += 1;
    }
}

impl AddAssign for Outcomes {
    fn add_assign(&mut self, Self { ok, fail, unknown }: Self) {
        self.ok += ok;
        self.fail += fail;
        self.unknown += unknown;
    }
}

impl AddAssign for FailureKinds {
    fn add_assign(&mut self, Self { connect, receive, exceptions }: Self) {
        self.connect += connect;
        self.receive += receive;
        self.exceptions += exceptions;
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        let Self { bytes_read, body_bytes_read, bytes_written, body_bytes_written } = other;
        self.bytes_read += bytes_read;
        self.body_bytes_read += body_bytes_read;
        self.bytes_written += bytes_written;
        self.body_bytes_written += body_bytes_written;
    }
}

impl AddAssign for Within {
    fn add_assign(&mut self, Self { ok, bytes_read, bytes_written }: Self) {
        self.ok += ok;
        self.bytes_read += bytes_read;
        self.bytes_written += bytes_written;
    }
}

/// Statuses have three digits.
const STATUSES: u16 = 1000;

impl Statuses {
    /// How many answers had `status`.
    pub(crate) fn count(&self, status: u16) -> u64 {
        self.0[usize::from(status)]
    }

    /// The statuses that came, each with how many answers had it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, u64)> {
        (0..STATUSES).zip(self.0.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// All answers.
    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, status: u16, count: u64) {
        self.0[usize::from(status)] += count;
    }
}

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![0; usize::from(STATUSES)])
    }
}

impl From<Statuses> for BTreeMap<u16, u64> {
    fn from(statuses: Statuses) -> Self {
        statuses.iter().collect()
    }
}

impl TryFrom<BTreeMap<u16, u64>> for Statuses {
    type Error = String;

    fn try_from(counts: BTreeMap<u16, u64>) -> Result<Self, Self::Error> {
        let mut statuses = Self::default();
        for (status, count) in counts {
            if status >= STATUSES {
                return Err(format!("expected a status of three digits, found {status}"));
            }
            statuses.add(status, count);
        }
        Ok(statuses)
    }
}

impl Document {
    /// The documents of `one` and then of `two`.
    fn both(one: Option<Self>, two: Option<Self>) -> Option<Self> {
        match (one, two) {
            (Some(one), Some(two)) => {
                let varies = one.varies || two.varies || one.bytes != two.bytes;
                Some(Self { varies, ..one })
            }
            (one, two) => one.or(two),
        }
    }
}
