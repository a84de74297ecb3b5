//! What a run saw, as facts: counts, latencies, and the operations one by one.
//!
//! Nothing here says whether any of it is right. A record of each worker, or of each of several
//! generators, merges with the others without loss, and has a form for files.

mod chunks;
mod counts;
mod examples;
mod feed;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "only tests bring records of several processes together yet")
)]
mod file;
mod handshakes;
mod latency;
mod objects;
mod operations;
mod pace;
mod reached;
mod sampled;
mod series;
mod snapshot;
mod span;
#[cfg(test)]
mod tests;
mod threads;
mod times;
mod timings;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use check::history::Outcome;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::scenario::{Told, Word};
use crate::schedule::WarmUp;
use crate::wire::{Answer, Failure, Sizes};
pub(crate) use counts::{Counts, Outcomes};
pub(crate) use examples::{Example, Examples};
pub(crate) use feed::{Batch, Event, Feed};
pub(crate) use latency::{Distribution, Latency};
pub(crate) use operations::{Excess, Log, Operations, Room};
pub(crate) use pace::Pace;
pub(crate) use reached::{Lookups, Reached, Visits};
pub(crate) use sampled::{FirstAnswers, MAX_SAMPLE_BYTES, Sampled};
pub(crate) use series::{Second, Series, StepSecond};
pub(crate) use snapshot::Snapshot;
#[cfg(test)]
pub(crate) use snapshot::StepSnapshot;
pub(crate) use span::Span;
pub(crate) use threads::{Thread, Work};
use times::Times;
pub(crate) use timings::{Timing, Timings};

/// What one worker saw, or several that were merged.
///
/// Its memory does not grow with the number of requests, but for what `operations` and `timings` keep.
#[derive(Debug, PartialEq)]
pub(crate) struct Record {
    /// What was seen of each step, behind the warm-up.
    steps: Vec<Step>,
    /// What was seen of each step in the warm-up. It is judged, and in no figure.
    warm_up: Vec<Step>,
    /// When the first request behind the warm-up was due, of those that ended; `None` before any did.
    first_due: Option<Instant>,
    /// When the last request ended, since the start; `None` before any did.
    pub(crate) last_end: Option<Duration>,
    /// The connections on which something came that nobody had asked for.
    pub(crate) unasked: u64,
    /// What is only known of an open loop; `None` of a closed one.
    pub(crate) pace: Option<Box<Pace>>,
    /// What came in each second. It is put together from what all workers tell.
    pub(crate) series: Series,
    /// An example of each way in which requests failed behind the warm-up.
    pub(crate) examples: Examples,
    /// Where connections went.
    pub(crate) reached: Box<Reached>,
    /// How busy each thread was.
    pub(crate) threads: Vec<Thread>,
    /// Of each kind of what is judged the requests one by one, where they are kept.
    pub(crate) operations: Vec<Operations>,
    /// The times of each request that was answered, where they are kept; without the warm-up.
    pub(crate) timings: Timings,
    /// What `last_end` is counted from.
    started: Instant,
}

/// What was seen of one kind of request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    counts: Counts,
    times: Times,
    /// The first answer of each status.
    first_answers: FirstAnswers,
}

/// Which requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The index of their step.
    pub(crate) step: usize,
    /// Whether they are of the warm-up.
    pub(crate) is_warm_up: bool,
}

/// How a request began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begin {
    pub(crate) kind: Kind,
    /// When it was to begin: latency is counted from here.
    pub(crate) due: Instant,
    /// When it did: its place in a history is counted from here.
    pub(crate) call: Instant,
    /// Whether the two may differ, as in an open loop.
    pub(crate) is_paced: bool,
    /// When it had a connection, if it made one.
    pub(crate) connected: Option<Instant>,
    /// Its length.
    pub(crate) sent: Sizes,
    /// Whether a redirect led to it: where it has no answer, what was asked for may be done all the same.
    pub(crate) is_hop: bool,
}

#[cfg(test)]
impl Begin {
    /// Of a request that was due, and called over a connection that was there, at one instant.
    pub(crate) fn at(now: Instant, step: usize, sent: Sizes) -> Self {
        let kind = Kind { step, is_warm_up: false };
        Self { kind, due: now, call: now, is_paced: false, connected: None, sent, is_hop: false }
    }
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
            warm_up: vec![Step::default(); steps],
            first_due: None,
            last_end: None,
            unasked: 0,
            pace: None,
            series: Series::default(),
            examples: Examples::default(),
            reached: Box::default(),
            threads: Vec::new(),
            operations: vec![Operations::new(room)],
            timings: Timings::Off,
            started,
        }
    }

    /// The same, which keeps the operations of so many kinds apart, in the same memory.
    pub(crate) fn of_kinds(mut self, kinds: usize) -> Self {
        self.operations = self.operations.iter().flat_map(|one| one.divided(kinds)).collect();
        self
    }

    /// The same, which keeps the times of so many requests one by one, where any number is given.
    pub(crate) fn with_timings(self, room: Option<u64>) -> Self {
        Self { timings: Timings::new(room), ..self }
    }

    fn of(&mut self, Kind { step, is_warm_up }: Kind) -> &mut Step {
        if is_warm_up { &mut self.warm_up[step] } else { &mut self.steps[step] }
    }

    /// Keeps the first head of each status; whether this is one, whose content is wanted, too.
    pub(crate) fn sample(&mut self, kind: Kind, status: u16, head: &[u8]) -> bool {
        let Step { counts, first_answers, .. } = self.of(kind);
        counts.statuses.count(status) == 0 && first_answers.head(status, head)
    }

    /// Takes the beginning of the content of an answer that is kept as a sample.
    pub(crate) fn sampled(&mut self, kind: Kind, status: u16, content: Vec<u8>) {
        self.of(kind).first_answers.content(status, content);
    }

    /// The first answer of each status: of the first step that has one, behind the warm-up if there is.
    pub(crate) fn first_answers(&self) -> BTreeMap<u16, &Sampled> {
        let mut all = BTreeMap::new();
        for (status, sampled) in self.all().flat_map(|step| step.first_answers.iter()) {
            all.entry(status).or_insert(sampled);
        }
        all
    }

    /// A request was answered completely.
    pub(crate) fn answered(&mut self, begin: &Begin, answer: &Answer, end: End) {
        let End { told, within, at } = end;
        let Step { counts, times, .. } = self.of(begin.kind);
        counts.answered(answer, told, within);
        counts.wrote(begin.sent, within);
        let is_ok = told.outcome() == Outcome::Ok;
        if is_ok {
            times.answered(begin, answer);
        } else {
            times.failed(answer.finished - begin.due);
        }
        self.paced(begin, is_ok.then_some(answer.finished));
        self.timings.answered(begin, answer, self.started);
        self.ended(begin, at);
    }

    /// A request was answered with a redirect, which is followed.
    pub(crate) fn followed(&mut self, begin: &Begin, answer: &Answer, within: bool, at: Duration) {
        let told = Told::Declared(Word::Applied);
        self.answered(begin, answer, End { told, within, at });
        let counts = &mut self.of(begin.kind).counts;
        counts.followed += 1;
        // It is none of those that were asked for.
        counts.document = None;
    }

    /// A request ended at `end` without a complete answer; `bytes` are the first ones of an answer that
    /// was illegal.
    pub(crate) fn failed(&mut self, begin: &Begin, end: Instant, failure: &Failure, bytes: &[u8]) {
        let name = failure.to_string();
        let Step { counts, times, .. } = self.of(begin.kind);
        let outcome = if begin.is_hop { Outcome::Unknown } else { failure.outcome() };
        counts.failed(failure, outcome, &name);
        if !failure.never_sent() {
            // What the run's end cut off was not over while the run lasted.
            let within = !matches!(failure, Failure::EndedBeforeSend | Failure::EndedBeforeAnswer);
            counts.wrote(begin.sent, within);
        }
        times.failed(end - begin.due);
        self.paced(begin, None);
        let at = end.saturating_duration_since(self.started);
        self.ended(begin, at);
        if !begin.kind.is_warm_up && self.examples.wants(&name, at) {
            let [at_ns, took_ns] = [at, end - begin.call].map(latency::nanoseconds);
            let (step, detail, bytes) = (begin.kind.step, failure.detail(), bytes.to_vec());
            self.examples.take(name, Example { at_ns, took_ns, step, detail, bytes });
        }
    }

    fn ended(&mut self, begin: &Begin, at: Duration) {
        self.last_end = self.last_end.max(Some(at));
        let is_first = self.first_due.is_none_or(|first| begin.due < first);
        if is_first && !begin.kind.is_warm_up {
            self.first_due = Some(begin.due);
        }
    }

    /// A request has ended; where it is ok, its answer was complete at `finished`.
    fn paced(&mut self, begin: &Begin, finished: Option<Instant>) {
        if !begin.is_paced || begin.kind.is_warm_up {
            return;
        }
        self.pace
            .get_or_insert_default()
            .ended(begin.call - begin.due, finished.map(|finished| finished - begin.call));
    }

    /// A request was due when no client was free, and is never sent.
    pub(crate) fn drop_one(&mut self) {
        self.pace.get_or_insert_default().dropped += 1;
    }

    /// How many requests were due and never sent.
    pub(crate) fn dropped(&self) -> u64 {
        self.pace.as_ref().map_or(0, |pace| pace.dropped)
    }

    /// On a connection something came that nobody had asked for: which answer is whose, nobody knows
    /// any more. By kind, `answers` came over it behind the first.
    pub(crate) fn doubt(&mut self, answers: impl IntoIterator<Item = (Kind, Outcomes)>) {
        self.unasked += 1;
        for (kind, answers) in answers {
            self.of(kind).counts.doubtful += answers;
        }
    }

    /// Adds what another worker saw of the same steps.
    ///
    /// # Panics
    /// When the sums do not agree afterwards, which is a defect of this program.
    pub(crate) fn merge(&mut self, other: Self) {
        // Every field is named, so that none can be forgotten. Each counts from its own start.
        let Self {
            steps,
            warm_up,
            first_due,
            last_end,
            unasked,
            pace,
            series,
            examples,
            reached,
            threads,
            operations,
            timings,
            started,
        } = other;
        assert_eq!(self.steps.len(), steps.len(), "records of one scenario are merged");
        let sent = self.sent() + steps.iter().chain(&warm_up).map(Step::sent).sum::<u64>();
        let all = self.steps.iter_mut().chain(&mut self.warm_up);
        for (step, more) in all.zip(steps.into_iter().chain(warm_up)) {
            step.merge(more);
        }
        let first_due = first_due.map(|due| self.started + (due - started));
        self.first_due = self.first_due.into_iter().chain(first_due).min();
        self.last_end = self.last_end.max(last_end);
        self.unasked += unasked;
        if let Some(pace) = pace {
            self.pace.get_or_insert_default().merge(&pace);
        }
        self.series.merge(series);
        self.examples.merge(examples);
        self.reached.merge(*reached);
        self.threads.extend(threads);
        assert_eq!(self.operations.len(), operations.len(), "of one scenario");
        for (kept, more) in self.operations.iter_mut().zip(operations) {
            kept.merge(more);
        }
        self.timings.merge(timings);
        assert_eq!(self.sent(), sent, "no request is lost in merging");
        self.assert_sums();
    }

    /// Asserts that every request has one outcome, and one latency.
    ///
    /// # Panics
    /// When that does not hold, which is a defect of this program.
    pub(crate) fn assert_sums(&self) {
        for step in self.all() {
            assert!(step.sums_agree(), "every request has one outcome: {:?}", step.counts);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(&self.warm_up)
    }

    /// How many requests ended, in whatever way.
    pub(crate) fn sent(&self) -> u64 {
        self.all().map(Step::sent).sum()
    }

    /// When the load behind `warm_up` began, since the start, and how many tickets came to an end or were
    /// dropped since, of which each is a request of the steps `begins`, whatever follows it.
    pub(crate) fn come_to(&self, warm_up: WarmUp, begins: Range<usize>) -> (Duration, u64) {
        let first_due = self.first_due.map(|due| due - self.started);
        let begun = warm_up.over(first_due).unwrap_or_default();
        let came: u64 = self.steps[begins].iter().map(Step::sent).sum();
        (begun, came + self.dropped())
    }

    /// How many of them were of the warm-up.
    pub(crate) fn warmed_up(&self) -> u64 {
        self.warm_up.iter().map(Step::sent).sum()
    }

    /// How all requests ended.
    pub(crate) fn outcomes(&self) -> Outcomes {
        self.all_counts().outcomes
    }

    /// The counts of one step, those of the warm-up included.
    pub(crate) fn all_counts_of(&self, step: usize) -> Counts {
        Counts::sum([&self.steps[step].counts, &self.warm_up[step].counts])
    }

    /// The longest time that an answer took which is ok; 0 without any.
    pub(crate) fn longest(&self) -> Duration {
        let longest_us = self.all().map(|step| step.times.longest_us()).max();
        Duration::from_micros(longest_us.unwrap_or_default())
    }

    /// The requests without a complete answer, by what happened instead.
    pub(crate) fn failures(&self) -> BTreeMap<String, u64> {
        self.all_counts().failures
    }

    /// Whether not a byte of any request was sent.
    pub(crate) fn never_reached(&self) -> bool {
        // What is written is not known of every client; what is not known to be unsent is unknown.
        let has_sent =
            |counts: &Counts| counts.traffic.bytes_read > 0 || counts.outcomes.unknown > 0;
        !self.all().any(|step| has_sent(&step.counts))
    }

    /// The counts of all steps, behind the warm-up.
    pub(crate) fn counts(&self) -> Counts {
        Counts::sum(self.steps.iter().map(|step| &step.counts))
    }

    /// The same, with the warm-up.
    pub(crate) fn all_counts(&self) -> Counts {
        Counts::sum(self.all().map(|step| &step.counts))
    }

    /// The counts and latencies of one step, behind the warm-up.
    pub(crate) fn of_step(&self, step: usize) -> (&Counts, Latency) {
        let Step { counts, times, .. } = &self.steps[step];
        (counts, times.latency())
    }

    /// The first answer of each status to one step, behind the warm-up.
    pub(crate) fn first_answers_of(&self, step: usize) -> BTreeMap<u16, &Sampled> {
        self.steps[step].first_answers.iter().collect()
    }

    /// The latencies of all steps, behind the warm-up.
    pub(crate) fn latency(&self) -> Latency {
        let mut sum = Latency::default();
        self.steps.iter().for_each(|step| sum.merge(&step.times.latency()));
        sum
    }

    /// The times of each request, the shortest first, which are gone then; `None` where not all were
    /// kept.
    pub(crate) fn take_timings(&mut self) -> Option<Vec<Timing>> {
        std::mem::take(&mut self.timings).into_sorted()
    }

    /// What was kept of single operations, which is gone then.
    pub(crate) fn take_operations(&mut self) -> Vec<Operations> {
        std::mem::take(&mut self.operations)
    }
}

impl Step {
    fn sent(&self) -> u64 {
        self.counts.outcomes.sum()
    }

    fn merge(&mut self, other: Self) {
        let Self { counts, times, first_answers } = other;
        self.counts.merge(counts);
        self.times.merge(&times);
        self.first_answers.merge(first_answers);
    }

    /// Whether what was counted in several ways came to the same.
    fn sums_agree(&self) -> bool {
        let Self { counts, times, .. } = self;
        let ok = counts.outcomes.ok;
        counts.sums_agree() && times.counts() == (ok, self.sent() - ok)
    }
}
