//! The modes of `counter`.

use std::time::Duration;

use super::{MAX_NAMES, atomic, channel, go_map, load_store, mutex, racy, rwlock};
use crate::bug::Bug;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Counters as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "counter",
    summary: "named counters that are incremented",
    // A microsecond: 200 concurrent clients lose updates on two cores in every run, and the
    // latency hardly shows it.
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        capacity: MAX_NAMES,
        service_time: Duration::ZERO,
        journal: None,
    },
    persists: false,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 7] = {
    use Expectation::{Correct, Crashes, LosesUpdates};
    [
        mode("racy",       LosesUpdates, Some(Bug::DataRace),       "read, race window, write: no synchronisation at all", |s| Open(Box::new(racy::Racy::new(s.race_window)))),
        mode("load-store", LosesUpdates, Some(Bug::LoadThenStore),  "an atomic load, race window, an atomic store: no data race, and still a race", |s| Open(Box::new(load_store::LoadStore::new(s.race_window)))),
        mode("go-map",     Crashes,      Some(Bug::UnprotectedMap), "a map that ends the process when two use it at once, as Go's do", |s| Open(Box::new(go_map::GoMap::new(s.race_window)))),
        mode("mutex",      Correct,      None,                      "one lock around the map", |_| Open(Box::new(mutex::Mutex::new()))),
        mode("rwlock",     Correct,      None,                      "readers side by side, writers alone", |_| Open(Box::new(rwlock::RwLock::new()))),
        mode("atomic",     Correct,      None,                      "one atomic read-modify-write", |_| Open(Box::new(atomic::Atomic::new()))),
        mode("channel",    Correct,      None,                      "a manager thread owns the map and is sent commands", |_| Open(Box::new(channel::Channel::new()))),
    ]
};
