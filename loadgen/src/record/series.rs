//! What a load came to in each second of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latency::Packed;
use super::snapshot::StepSnapshot;
use super::{Distribution, Outcomes, Snapshot};

/// The seconds of a load, from its start, without gaps.
///
/// It takes some hundred bytes for each, and for each step of several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Series {
    seconds: Vec<Second>,
}

/// What ended in one second. The last of a load may have been shorter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Second {
    /// Requests behind the warm-up that ended in it.
    pub(crate) outcomes: Outcomes,
    /// Requests of the warm-up that ended in it.
    pub(crate) warm_up: u64,
    /// Requests that were due in it and never sent.
    pub(crate) dropped: u64,
    /// Bytes of complete answers behind the warm-up.
    pub(crate) bytes_read: u64,
    /// How many requests were in flight at its end.
    pub(crate) in_flight: u64,
    /// The latencies of those that are ok; `None` without any.
    latency: Option<Packed>,
    /// What each step came to, where there are several; none before anything was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepSecond>,
}

/// What ended in one second of one step.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepSecond {
    /// Requests behind the warm-up that ended in it.
    pub(crate) outcomes: Outcomes,
    /// The latencies of those that are ok; `None` without any.
    latency: Option<Packed>,
}

impl Series {
    /// Adds the second that begins at one snapshot and ends at the next. What is known to have been
    /// `dropped` is taken from there.
    pub(crate) fn push(
        &mut self,
        begin: &Snapshot,
        end: &Snapshot,
        dropped: &mut BTreeMap<u64, u64>,
    ) {
        let nothing = StepSnapshot::default();
        let begins = begin.steps.iter().chain(std::iter::repeat(&nothing));
        let steps = end.steps.iter().zip(begins);
        self.seconds.push(Second {
            outcomes: end.counts.outcomes.since(begin.counts.outcomes),
            warm_up: end.warmed_up - begin.warmed_up,
            dropped: 0,
            bytes_read: end.counts.traffic.bytes_read - begin.counts.traffic.bytes_read,
            in_flight: end.in_flight,
            latency: packed(&end.latency.since(&begin.latency)),
            steps: steps.map(|(end, begin)| StepSecond::new(begin, end)).collect(),
        });
        // Drops are noticed when a client is free again, which may be seconds later.
        let later = dropped.split_off(&(self.seconds.len() as u64));
        for (index, count) in std::mem::replace(dropped, later) {
            let second = usize::try_from(index).ok().and_then(|index| self.seconds.get_mut(index));
            second.expect("only what is behind the end was split off").dropped += count;
        }
    }

    /// The same without a last second in which nothing happened.
    pub(crate) fn trimmed(mut self) -> Self {
        self.seconds.pop_if(|second| second.is_empty());
        self
    }

    /// The seconds in their order.
    pub(crate) fn seconds(&self) -> &[Second] {
        &self.seconds
    }

    /// Adds what another generator saw in the same seconds.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut others = other.seconds.into_iter();
        for (second, other) in self.seconds.iter_mut().zip(&mut others) {
            second.merge(&other);
        }
        self.seconds.extend(others);
    }
}

impl Second {
    /// The latencies of the requests that are ok.
    pub(crate) fn latency(&self) -> Distribution {
        unpacked(self.latency.as_ref())
    }

    /// What the step with this index came to, of several.
    pub(crate) fn of_step(&self, index: usize) -> StepSecond {
        self.steps.get(index).cloned().unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        let Self { outcomes, warm_up, dropped, in_flight, .. } = self;
        outcomes.sum() + warm_up + dropped + in_flight == 0
    }

    fn merge(&mut self, other: &Self) {
        let Self { outcomes, warm_up, dropped, bytes_read, in_flight, ref latency, ref steps } =
            *other;
        self.outcomes += outcomes;
        self.warm_up += warm_up;
        self.dropped += dropped;
        self.bytes_read += bytes_read;
        self.in_flight += in_flight;
        self.latency = both(self.latency.as_ref(), latency.as_ref());
        let several = self.steps.len().max(steps.len());
        self.steps.resize_with(several, StepSecond::default);
        self.steps.iter_mut().zip(steps).for_each(|(step, other)| step.merge(other));
    }

    /// Whether there is a latency for each request that is ok, and one of so many `steps`, where these
    /// are several, for each request.
    pub(super) fn is_sound(&self, steps: usize) -> bool {
        let mut sum = Outcomes::default();
        self.steps.iter().for_each(|step| sum += step.outcomes);
        let of_steps = steps == 1 || sum == self.outcomes;
        [0, steps].contains(&self.steps.len())
            && of_steps
            && is_timed(self.outcomes, self.latency.as_ref())
            && self.steps.iter().all(|step| is_timed(step.outcomes, step.latency.as_ref()))
    }
}

impl StepSecond {
    fn new(begin: &StepSnapshot, end: &StepSnapshot) -> Self {
        Self {
            outcomes: end.counts.outcomes.since(begin.counts.outcomes),
            latency: packed(&end.latency.since(&begin.latency)),
        }
    }

    /// The latencies of the requests that are ok.
    pub(crate) fn latency(&self) -> Distribution {
        unpacked(self.latency.as_ref())
    }

    fn merge(&mut self, Self { outcomes, latency }: &Self) {
        self.outcomes += *outcomes;
        self.latency = both(self.latency.as_ref(), latency.as_ref());
    }
}

fn packed(latency: &Distribution) -> Option<Packed> {
    (!latency.is_empty()).then(|| latency.packed())
}

fn unpacked(latency: Option<&Packed>) -> Distribution {
    let latency = latency.cloned().map(Distribution::try_from);
    latency.map_or_else(Distribution::new, |latency| latency.expect("it was packed here"))
}

fn both(one: Option<&Packed>, other: Option<&Packed>) -> Option<Packed> {
    let mut latency = unpacked(one);
    latency.merge(&unpacked(other));
    packed(&latency)
}

/// Whether there is a latency for each of the requests that are ok.
fn is_timed(outcomes: Outcomes, latency: Option<&Packed>) -> bool {
    let Some(packed) = latency.cloned() else { return outcomes.ok == 0 };
    Distribution::try_from(packed).is_ok_and(|latency| latency.count() == outcomes.ok)
}
