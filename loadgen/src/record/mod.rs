//! What a run saw, as facts: counts, latencies, and the operations one by one.
//!
//! Nothing here says whether any of it is right. A record of each worker, or of each of several
//! generators, merges with the others without loss, and has a form for files.

mod counts;
mod feed;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "only tests bring records of several processes together yet")
)]
mod file;
mod latency;
mod operations;
mod span;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use check::history::Outcome;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::scenario::Told;
use crate::wire::{Answer, Failure, Sizes};
pub(crate) use counts::{Counts, Outcomes};
pub(crate) use feed::{Batch, Event, Feed};
pub(crate) use latency::{Distribution, Latency};
pub(crate) use operations::{Excess, Log, Operations, Room};
pub(crate) use span::Span;

/// What one worker saw, or several that were merged.
///
/// Its memory does not grow with the number of requests, but for what `operations` keeps.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    /// What was seen of each step, which is one kind of request.
    steps: Vec<Step>,
    /// The first head of each status.
    pub(crate) heads: BTreeMap<u16, Vec<u8>>,
    /// When the last request ended, since the start; `None` before any did.
    pub(crate) last_end: Option<Duration>,
    /// The connections on which something came that nobody had asked for.
    pub(crate) unasked: u64,
    /// The requests one by one, where they are kept.
    pub(crate) operations: Operations,
    /// What `last_end` is counted from.
    started: Instant,
}

/// What was seen of one kind of request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) counts: Counts,
    pub(crate) latency: Latency,
}

/// How a request began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begin {
    /// The index of its step.
    pub(crate) step: usize,
    /// When it was to begin: latency is counted from here.
    pub(crate) due: Instant,
    /// When it did: its place in a history is counted from here.
    pub(crate) call: Instant,
    /// When it had a connection, if it made one.
    pub(crate) connected: Option<Instant>,
    /// Its length.
    pub(crate) sent: Sizes,
}

/// How an answered request ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// What the answer means.
    pub(crate) told: Told,
    /// Whether it came while the run lasted, and not in the drain after it.
    pub(crate) within: bool,
    /// When it was complete, since the start.
    pub(crate) at: Duration,
}

impl Record {
    /// An empty record of `steps` kinds of requests in a run that began at `started`.
    ///
    /// It keeps as many operations one by one as there is `room` for, where any is given.
    pub(crate) fn new(steps: usize, room: Option<Room>, started: Instant) -> Self {
        Self {
            steps: vec![Step::default(); steps],
            heads: BTreeMap::new(),
            last_end: None,
            unasked: 0,
            operations: Operations::new(room),
            started,
        }
    }

    /// Keeps the first head of each status.
    pub(crate) fn sample(&mut self, step: usize, status: u16, head: &[u8]) {
        if self.steps[step].counts.statuses.count(status) == 0 {
            self.heads.entry(status).or_insert_with(|| head.to_vec());
        }
    }

    /// A request was answered completely.
    pub(crate) fn answered(&mut self, begin: &Begin, answer: &Answer, end: End) {
        let End { told, within, at } = end;
        let Step { counts, latency } = &mut self.steps[begin.step];
        counts.answered(answer, told, within);
        counts.wrote(begin.sent, within);
        if told.outcome() == Outcome::Ok {
            latency.answered(begin, answer);
        } else {
            latency.failed.record(answer.finished - begin.due);
        }
        self.last_end = self.last_end.max(Some(at));
    }

    /// A request ended at `end` without a complete answer.
    pub(crate) fn failed(&mut self, begin: &Begin, end: Instant, failure: &Failure) {
        let Step { counts, latency } = &mut self.steps[begin.step];
        counts.failed(failure);
        if !failure.never_sent() {
            // What the run's end cut off was not over while the run lasted.
            let within = !matches!(failure, Failure::EndedBeforeSend | Failure::EndedBeforeAnswer);
            counts.wrote(begin.sent, within);
        }
        latency.failed.record(end - begin.due);
        let at = end.saturating_duration_since(self.started);
        self.last_end = self.last_end.max(Some(at));
    }

    /// On a connection something came that nobody had asked for: which answer is whose, nobody knows
    /// any more. By step, `answers` came over it behind the first.
    pub(crate) fn doubt(&mut self, answers: &[Outcomes]) {
        self.unasked += 1;
        for (step, answers) in self.steps.iter_mut().zip(answers) {
            step.counts.doubtful += *answers;
        }
    }

    /// Adds what another worker saw of the same steps.
    ///
    /// # Panics
    /// When the sums do not agree afterwards, which is a defect of this program.
    pub(crate) fn merge(&mut self, other: Self) {
        // Every field is named, so that none can be forgotten. Each counts from its own start.
        let Self { steps, heads, last_end, unasked, operations, started: _ } = other;
        assert_eq!(self.steps.len(), steps.len(), "records of one scenario are merged");
        let sent = self.sent() + steps.iter().map(Step::sent).sum::<u64>();
        for (step, more) in self.steps.iter_mut().zip(steps) {
            step.merge(more);
        }
        for (status, head) in heads {
            self.heads.entry(status).or_insert(head);
        }
        self.last_end = self.last_end.max(last_end);
        self.unasked += unasked;
        self.operations.merge(operations);
        assert_eq!(self.sent(), sent, "no request is lost in merging");
        self.assert_sums();
    }

    /// Asserts that every request has one outcome, and one latency.
    ///
    /// # Panics
    /// When that does not hold, which is a defect of this program.
    pub(crate) fn assert_sums(&self) {
        for step in &self.steps {
            assert!(step.sums_agree(), "every request has one outcome: {:?}", step.counts);
        }
    }

    /// How many requests ended, in whatever way.
    pub(crate) fn sent(&self) -> u64 {
        self.steps.iter().map(Step::sent).sum()
    }

    /// How all requests ended.
    pub(crate) fn outcomes(&self) -> Outcomes {
        self.counts().outcomes
    }

    /// How the requests of one step ended.
    pub(crate) fn outcomes_of(&self, step: usize) -> Outcomes {
        self.steps[step].counts.outcomes
    }

    /// The counts of one step.
    pub(crate) fn counts_of(&self, step: usize) -> &Counts {
        &self.steps[step].counts
    }

    /// Of the answers to one step, those that may belong to other requests, by what they mean. They
    /// are among [`outcomes_of`](Self::outcomes_of).
    pub(crate) fn doubtful_of(&self, step: usize) -> Outcomes {
        self.steps[step].counts.doubtful
    }

    /// The longest time that an answer took which is ok; 0 without any.
    pub(crate) fn longest(&self) -> Duration {
        let longest_us = self.steps.iter().map(|step| step.latency.total.max_us()).max();
        Duration::from_micros(longest_us.unwrap_or_default())
    }

    /// The requests without a complete answer, by what happened instead.
    pub(crate) fn failures(&self) -> BTreeMap<String, u64> {
        self.counts().failures
    }

    /// Whether not a byte of any request was sent.
    pub(crate) fn never_reached(&self) -> bool {
        // What is written is not known of every client; what is not known to be unsent is unknown.
        let has_sent =
            |counts: &Counts| counts.traffic.bytes_read > 0 || counts.outcomes.unknown > 0;
        !self.steps.iter().any(|step| has_sent(&step.counts))
    }

    /// The counts of all steps.
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        self.steps.iter().for_each(|step| sum.merge(step.counts.clone()));
        sum
    }

    /// The latencies of all steps.
    pub(crate) fn latency(&self) -> Latency {
        let mut sum = Latency::default();
        self.steps.iter().for_each(|step| sum.merge(&step.latency));
        sum
    }

    /// What was kept of single operations, which is gone then.
    pub(crate) fn take_operations(&mut self) -> Operations {
        std::mem::replace(&mut self.operations, Operations::Off)
    }
}

impl Step {
    fn sent(&self) -> u64 {
        self.counts.outcomes.sum()
    }

    fn merge(&mut self, other: Self) {
        let Self { counts, latency } = other;
        self.counts.merge(counts);
        self.latency.merge(&latency);
    }

    /// Whether what was counted in several ways came to the same.
    fn sums_agree(&self) -> bool {
        let Self { counts, latency } = self;
        let sent = self.sent();
        counts.sums_agree()
            && latency.total.count() == counts.outcomes.ok
            && latency.failed.count() == sent - counts.outcomes.ok
    }
}
