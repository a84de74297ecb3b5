//! How far a load is at an instant.

use std::time::Duration;

use super::{Counts, Distribution, Record};

/// What one worker has seen from the start to an instant, or all of them together: sums, which only
/// grow.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Snapshot {
    /// What was counted behind the warm-up.
    pub(crate) counts: Counts,
    /// How many requests of the warm-up have ended.
    pub(crate) warmed_up: u64,
    /// How many updates were acknowledged, those of the warm-up included.
    pub(crate) acknowledged: u64,
    /// The latencies of the requests that are ok, behind the warm-up.
    pub(crate) latency: Distribution,
    /// How many requests had begun and not ended.
    pub(crate) in_flight: u64,
    /// When the first request behind the warm-up was due, since the start; `None` before any ended.
    pub(crate) first_due: Option<Duration>,
    /// How many requests were due and never sent.
    pub(crate) dropped: u64,
    /// What each step came to, where there are several; none before anything was told.
    pub(crate) steps: Vec<StepSnapshot>,
}

/// What one step came to behind the warm-up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StepSnapshot {
    pub(crate) counts: Counts,
    /// The latencies of the requests that are ok.
    pub(crate) latency: Distribution,
}

impl Snapshot {
    /// What several workers have seen together.
    pub(crate) fn sum<'s>(all: impl IntoIterator<Item = &'s Self>) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, one| {
            let Self { counts, warmed_up, acknowledged, latency, .. } = one;
            let Self { in_flight, first_due, dropped, steps, .. } = one;
            sum.counts.merge(counts.clone());
            sum.warmed_up += warmed_up;
            sum.acknowledged += acknowledged;
            sum.latency.merge(latency);
            sum.in_flight += in_flight;
            sum.first_due = sum.first_due.into_iter().chain(*first_due).min();
            sum.dropped += dropped;
            let several = sum.steps.len().max(steps.len());
            sum.steps.resize_with(several, StepSnapshot::default);
            sum.steps.iter_mut().zip(steps).for_each(|(sum, step)| sum.merge(step));
            sum
        })
    }

    /// The counts and latencies of the step with this index.
    pub(crate) fn of_step(&self, index: usize) -> (&Counts, &Distribution) {
        // The only step is the whole, as is nothing.
        let step = self.steps.get(index);
        step.map_or((&self.counts, &self.latency), |step| (&step.counts, &step.latency))
    }
}

impl StepSnapshot {
    fn merge(&mut self, Self { counts, latency }: &Self) {
        self.counts.merge(counts.clone());
        self.latency.merge(latency);
    }
}

impl Record {
    /// How far this is, while `in_flight` requests have begun and not ended; the steps with the indices
    /// `updates` update.
    pub(crate) fn snapshot(&self, updates: &[usize], in_flight: u64) -> Snapshot {
        let (mut latency, mut steps) = (Distribution::new(), Vec::new());
        for step in &self.steps {
            let total = step.times.total();
            latency.merge(&total);
            if self.steps.len() > 1 {
                steps.push(StepSnapshot { counts: step.counts.clone(), latency: total });
            }
        }
        Snapshot {
            counts: self.counts(),
            warmed_up: self.warmed_up(),
            acknowledged: updates.iter().map(|step| self.all_counts_of(*step).outcomes.ok).sum(),
            latency,
            in_flight,
            first_due: self.first_due.map(|due| due - self.started),
            dropped: self.dropped(),
            steps,
        }
    }
}
