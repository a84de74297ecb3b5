//! Anomalies of one kind, as a checker finds them.

use crate::anomaly::{Anomaly, AnomalyKind};

/// When each happened, and what proves the earliest.
#[derive(Debug)]
pub(crate) struct Tally<W> {
    times_ns: Vec<u64>,
    earliest: Option<(u64, W)>,
}

impl<W> Tally<W> {
    pub(crate) fn new() -> Self {
        Self { times_ns: Vec::new(), earliest: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.earliest.is_none()
    }

    /// One more, complete at `time_ns`. `proof` is what its witness can be made of.
    pub(crate) fn add(&mut self, time_ns: u64, proof: W) {
        self.times_ns.push(time_ns);
        if self.earliest.as_ref().is_none_or(|(earliest_ns, _)| time_ns < *earliest_ns) {
            self.earliest = Some((time_ns, proof));
        }
    }

    /// All of them, if there are any, with the witness of the earliest.
    pub(crate) fn anomaly(
        mut self,
        kind: AnomalyKind,
        witness: impl FnOnce(W) -> Vec<u32>,
    ) -> Option<Anomaly> {
        let (_, proof) = self.earliest?;
        self.times_ns.sort_unstable();
        let count = self.times_ns.len() as u64;
        Some(Anomaly { kind, count, times_ns: self.times_ns, witness: witness(proof) })
    }
}
