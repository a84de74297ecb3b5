//! What a worker tells at the end of each second, for whoever watches.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::Worker;
use crate::record::Snapshot;
use crate::wire::Driver;

/// Where a worker leaves how far it is, once a second: nothing is counted twice for it, and no request
/// waits for whoever reads it.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<Told>);

/// What a worker has left since somebody looked.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// How many seconds it has told of.
    pub(crate) over: u64,
    /// How far it was when so many seconds were over; where one is missing, as far as before.
    pub(crate) snapshots: Vec<(u64, Snapshot)>,
    /// The requests that it dropped, by the second in which they were due.
    pub(crate) dropped: BTreeMap<u64, u64>,
    /// Whether it has ended: the last of the snapshots is of when it did, in the second behind.
    pub(crate) is_over: bool,
}

impl Published {
    /// What was left here since the last time.
    pub(crate) fn take(&self) -> Told {
        let mut told = self.told();
        let over = told.over;
        std::mem::replace(&mut told, Told { over, ..Told::default() })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().expect("nobody panics who holds it")
    }
}

impl<D: Driver> Worker<D> {
    /// Tells at the end of each second how far this worker is, and looks how busy it was: for ever.
    pub(super) async fn publish_seconds(&self) -> Infallible {
        // Behind those of the clients, one alarm is the worker's own.
        let own = self.share.clients;
        loop {
            let seconds = self.current_second() + 1;
            self.alarms.until(own, self.job.started + Duration::from_secs(seconds)).await;
            self.publish(seconds);
            self.busy.look();
        }
    }

    /// Tells how far this worker has come, as it ends.
    pub(super) fn publish_last(&self) {
        self.publish(self.current_second() + 1);
        self.pulse.published.told().is_over = true;
    }

    fn current_second(&self) -> u64 {
        self.job.started.elapsed().as_secs()
    }

    /// Tells how far this worker is when so many seconds are over.
    fn publish(&self, seconds: u64) {
        let record = self.record.borrow();
        let come_to = (record.sent(), record.dropped(), self.pulse.in_flight());
        let has_moved = self.published.replace(come_to) != come_to;
        let snapshot = has_moved
            .then(|| (seconds, record.snapshot(&self.job.updates, self.pulse.in_flight())));
        let mut told = self.pulse.published.told();
        told.over = seconds;
        told.snapshots.extend(snapshot);
        for (second, count) in self.dropped.take() {
            *told.dropped.entry(second).or_default() += count;
        }
    }
}
