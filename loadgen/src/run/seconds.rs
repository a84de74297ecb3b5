//! The seconds of a load, put together from what its workers tell.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::record::{Second, Series, Snapshot};
use crate::worker::Pulse;

/// Adds up what the workers of a load tell at the end of each second.
pub(super) struct Seconds {
    workers: Vec<Telling>,
    /// How many seconds are over, for all workers.
    over: u64,
    /// How far the load was then.
    last: Snapshot,
    /// What was dropped in the seconds to come.
    dropped: BTreeMap<u64, u64>,
    series: Series,
}

/// A worker, and what it has told.
struct Telling {
    pulse: Arc<Pulse>,
    /// How far it was at the end of the last second that counts.
    last: Snapshot,
    /// How far it was since, and how many seconds were over then.
    next: VecDeque<(u64, Snapshot)>,
    /// How many seconds it has told of.
    over: u64,
    has_ended: bool,
}

impl Seconds {
    /// Of the workers that tell it in `pulses`.
    pub(super) fn new(pulses: &[Arc<Pulse>]) -> Self {
        let telling = |pulse: &Arc<Pulse>| Telling {
            pulse: Arc::clone(pulse),
            last: Snapshot::default(),
            next: VecDeque::new(),
            over: 0,
            has_ended: false,
        };
        Self {
            workers: pulses.iter().map(telling).collect(),
            over: 0,
            last: Snapshot::default(),
            dropped: BTreeMap::new(),
            series: Series::default(),
        }
    }

    /// Looks what was told, and calls `observe` for each second that is over since the last time, with
    /// how many are over then, what came in it, and how far the load was at its end.
    pub(super) fn look(&mut self, mut observe: impl FnMut(u64, &Second, &Snapshot)) {
        self.take();
        let at_work = self.workers.iter().filter(|worker| !worker.has_ended);
        // Where all have ended, the last second was a part of one.
        let over = at_work.map(|worker| worker.over).min().unwrap_or(0);
        while self.over < over {
            self.push();
            self.series.seconds().last().inspect(|second| observe(self.over, second, &self.last));
        }
    }

    /// The whole series of a load whose workers have ended.
    pub(super) fn into_series(mut self) -> Series {
        self.take();
        let over = self.workers.iter().map(|worker| worker.over).max().unwrap_or(0);
        while self.over < over {
            self.push();
        }
        self.series.trimmed()
    }

    fn take(&mut self) {
        for worker in &mut self.workers {
            let told = worker.pulse.published.take();
            worker.over = told.over;
            worker.next.extend(told.snapshots);
            worker.has_ended |= told.is_over;
            for (second, count) in told.dropped {
                *self.dropped.entry(second).or_default() += count;
            }
        }
    }

    /// Adds the next second.
    fn push(&mut self) {
        self.over += 1;
        let mut has_moved = false;
        for worker in &mut self.workers {
            has_moved |= worker.come_to(self.over);
        }
        let end = if has_moved {
            Snapshot::sum(self.workers.iter().map(|worker| &worker.last))
        } else {
            self.last.clone()
        };
        self.series.push(&self.last, &end, &mut self.dropped);
        self.last = end;
    }
}

impl Telling {
    /// Goes on to how far it was when so many seconds were `over`; whether that is further than before.
    fn come_to(&mut self, over: u64) -> bool {
        let next = self.next.pop_front_if(|(told, _)| *told <= over);
        next.map(|(_, snapshot)| self.last = snapshot).is_some()
    }
}
