//! What one worker saw: counts, times, and a sample of every kind of answer.

use std::collections::BTreeMap;
use std::ops::Add;
use std::time::Duration;

use check::history::Outcome;
use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::recorder::Recorder;
use crate::wire::{Answer, Failure, Sizes};

/// Every operation of one worker, folded into numbers; memory does not grow with their count.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) outcomes: Outcomes,
    /// Those of them that only read.
    pub(crate) reads: Outcomes,
    /// Complete answers by status code, which is the index.
    pub(crate) statuses: Vec<u64>,
    /// Failures by name.
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) failure_kinds: FailureKinds,
    /// How many of the failures are our own hanging up.
    pub(crate) given_up: u64,
    /// Times of the operations that are `ok`.
    pub(crate) times: Times,
    /// The total time of all others.
    pub(crate) failed_total: Histogram<u64>,
    /// Complete answers after which the connection could be used again.
    pub(crate) kept_alive: u64,
    pub(crate) bytes_read: u64,
    pub(crate) body_bytes_read: u64,
    /// Of the requests of which at least a byte was written.
    pub(crate) bytes_written: u64,
    pub(crate) body_bytes_written: u64,
    pub(crate) document: Option<Document>,
    /// The first head of each status.
    pub(crate) heads: BTreeMap<u16, Vec<u8>>,
    /// When the last operation ended.
    pub(crate) last_end: Option<Instant>,
    pub(crate) operations: Recorder,
}

/// How many operations ended in each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) ok: u64,
    pub(crate) fail: u64,
    pub(crate) unknown: u64,
}

/// Failures as ab groups them, each counted once.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FailureKinds {
    /// No connection, or none that took a byte.
    pub(crate) connect: u64,
    /// The connection failed or was closed too early.
    pub(crate) receive: u64,
    /// Everything else: time was up, or the answer was illegal.
    pub(crate) exceptions: u64,
}

/// The length of the bodies of the answers that are `ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Document {
    /// Of the first one.
    pub(crate) bytes: u64,
    /// Whether another one differed.
    pub(crate) varies: bool,
}

/// Histograms of the parts of an operation, in microseconds, to three digits.
#[derive(Debug)]
pub(crate) struct Times {
    /// Only of operations that made a connection: for the others it is zero.
    pub(crate) connect: Histogram<u64>,
    /// From the connection, or the start where there was one, to the last byte.
    pub(crate) processing: Histogram<u64>,
    /// From the same instant to the first byte.
    pub(crate) waiting: Histogram<u64>,
    /// From the start to the last byte.
    pub(crate) total: Histogram<u64>,
}

/// How an operation began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begin {
    /// The index of its step.
    pub(crate) step: usize,
    /// When it was due: what its latency counts from.
    pub(crate) due: Instant,
    /// When it was really begun.
    pub(crate) call: Instant,
    pub(crate) sent: Sizes,
    /// When it had a connection, if it made one.
    pub(crate) connected: Option<Instant>,
}

impl Record {
    /// Keeps `history_limit` operations one by one, where there is a limit.
    pub(crate) fn new(_steps: usize, history_limit: Option<u64>) -> Self {
        Self {
            outcomes: Outcomes::default(),
            reads: Outcomes::default(),
            statuses: vec![0; 1000],
            failures: BTreeMap::new(),
            failure_kinds: FailureKinds::default(),
            given_up: 0,
            times: Times::new(),
            failed_total: histogram(),
            kept_alive: 0,
            bytes_read: 0,
            body_bytes_read: 0,
            bytes_written: 0,
            body_bytes_written: 0,
            document: None,
            heads: BTreeMap::new(),
            last_end: None,
            operations: Recorder::new(history_limit),
        }
    }

    /// Keeps the first head of each status.
    pub(crate) fn sample(&mut self, _step: usize, status: u16, head: &[u8]) {
        if self.statuses[usize::from(status)] == 0 {
            self.heads.entry(status).or_insert_with(|| head.to_vec());
        }
    }

    /// An operation was answered completely.
    pub(crate) fn answered(
        &mut self,
        begin: &Begin,
        answer: &Answer,
        outcome: Outcome,
        _within: bool,
    ) {
        self.statuses[usize::from(answer.status)] += 1;
        self.kept_alive += u64::from(answer.keep_alive);
        self.bytes_read += answer.bytes;
        self.body_bytes_read += answer.body_bytes;
        self.count(begin, outcome, true);
        self.last_end = self.last_end.max(Some(answer.finished));
        if outcome != Outcome::Ok {
            return record(&mut self.failed_total, answer.finished - begin.due);
        }
        self.times.record(begin, answer);
        let first =
            *self.document.get_or_insert(Document { bytes: answer.body_bytes, varies: false });
        if first.bytes != answer.body_bytes {
            self.document = Some(Document { varies: true, ..first });
        }
    }

    /// Counts an operation, and what of it was `written`.
    fn count(&mut self, begin: &Begin, outcome: Outcome, written: bool) {
        self.outcomes.count(outcome);
        if begin.step != crate::scenario::UPDATE {
            self.reads.count(outcome);
        }
        if written {
            self.bytes_written += begin.sent.bytes;
            self.body_bytes_written += begin.sent.body_bytes;
        }
    }

    /// An operation ended at `end` without a complete answer.
    pub(crate) fn failed(&mut self, begin: &Begin, end: Instant, failure: &Failure) {
        *self.failures.entry(failure.to_string()).or_default() += 1;
        let kind = match failure {
            Failure::Short(_)
            | Failure::Connect(_)
            | Failure::NotSent(_)
            | Failure::ConnectTimeout => &mut self.failure_kinds.connect,
            Failure::Send(_)
            | Failure::Receive(_)
            | Failure::ReceiveWithinAnswer(_)
            | Failure::ClosedBeforeAnswer
            | Failure::ClosedWithinAnswer => &mut self.failure_kinds.receive,
            Failure::Timeout
            | Failure::EndedBeforeSend
            | Failure::EndedBeforeAnswer
            | Failure::Illegal(_)
            | Failure::Client(_) => &mut self.failure_kinds.exceptions,
        };
        *kind += 1;
        self.given_up += u64::from(failure.is_given_up());
        self.count(begin, failure.outcome(), !failure.never_sent());
        record(&mut self.failed_total, end - begin.due);
        self.last_end = self.last_end.max(Some(end));
    }

    /// Adds what another worker saw.
    pub(crate) fn merge(&mut self, other: Self) {
        self.outcomes = self.outcomes + other.outcomes;
        self.reads = self.reads + other.reads;
        for (count, more) in self.statuses.iter_mut().zip(other.statuses) {
            *count += more;
        }
        for (name, count) in other.failures {
            *self.failures.entry(name).or_default() += count;
        }
        self.failure_kinds.connect += other.failure_kinds.connect;
        self.failure_kinds.receive += other.failure_kinds.receive;
        self.failure_kinds.exceptions += other.failure_kinds.exceptions;
        self.given_up += other.given_up;
        self.times.merge(&other.times);
        add(&mut self.failed_total, &other.failed_total);
        self.kept_alive += other.kept_alive;
        self.bytes_read += other.bytes_read;
        self.body_bytes_read += other.body_bytes_read;
        self.bytes_written += other.bytes_written;
        self.body_bytes_written += other.body_bytes_written;
        self.document = match (self.document, other.document) {
            (Some(one), Some(two)) => {
                Some(Document { varies: one.varies || two.varies || one.bytes != two.bytes, ..one })
            }
            (one, two) => one.or(two),
        };
        for (status, head) in other.heads {
            self.heads.entry(status).or_insert(head);
        }
        self.last_end = self.last_end.max(other.last_end);
        self.operations.merge(other.operations);
    }

    /// What was kept of single operations, which is gone then.
    pub(crate) fn take_recorder(&mut self) -> Recorder {
        std::mem::replace(&mut self.operations, Recorder::Off)
    }

    pub(crate) fn outcomes(&self) -> Outcomes {
        self.outcomes
    }

    pub(crate) fn failures(&self) -> &BTreeMap<String, u64> {
        &self.failures
    }

    /// The longest time of a request that is ok, in microseconds.
    #[cfg(test)]
    pub(crate) fn longest_us(&self) -> u64 {
        self.times.total.max()
    }

    /// Whether not a byte of any request was sent.
    pub(crate) fn never_reached(&self) -> bool {
        self.bytes_written == 0
    }

    /// The outcomes of the operations that update.
    pub(crate) fn updates(&self) -> Outcomes {
        let Outcomes { ok, fail, unknown } = self.outcomes;
        Outcomes {
            ok: ok - self.reads.ok,
            fail: fail - self.reads.fail,
            unknown: unknown - self.reads.unknown,
        }
    }
}

impl Outcomes {
    pub(crate) fn sum(self) -> u64 {
        self.ok + self.fail + self.unknown
    }

    fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Fail => &mut self.fail,
            Outcome::Unknown => &mut self.unknown,
        } += 1;
    }
}

impl Add for Outcomes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            ok: self.ok + other.ok,
            fail: self.fail + other.fail,
            unknown: self.unknown + other.unknown,
        }
    }
}

impl Times {
    fn new() -> Self {
        Self {
            connect: histogram(),
            processing: histogram(),
            waiting: histogram(),
            total: histogram(),
        }
    }

    fn record(&mut self, begin: &Begin, answer: &Answer) {
        let sent = begin.connected.unwrap_or(begin.call);
        if begin.connected.is_some() {
            record(&mut self.connect, sent - begin.call);
        }
        record(&mut self.processing, answer.finished - sent);
        record(&mut self.waiting, answer.first_byte - sent);
        record(&mut self.total, answer.finished - begin.due);
    }

    fn merge(&mut self, other: &Self) {
        add(&mut self.connect, &other.connect);
        add(&mut self.processing, &other.processing);
        add(&mut self.waiting, &other.waiting);
        add(&mut self.total, &other.total);
    }
}

/// A histogram that grows to whatever value it is given.
fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three significant digits are within the allowed five")
}

fn record(histogram: &mut Histogram<u64>, time: Duration) {
    let time_us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    histogram.record(time_us).expect("the histogram grows to any value");
}

fn add(histogram: &mut Histogram<u64>, other: &Histogram<u64>) {
    histogram.add(other).expect("the histogram grows to any value");
}
