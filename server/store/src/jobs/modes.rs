//! The modes of `jobs`.

use std::time::Duration;

use super::{CAPACITY, channel, go_map, mutex, racy, rwlock, sharded};
use crate::bug::Bug;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Jobs as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "jobs",
    summary: "a store of jobs by their ids",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        capacity: CAPACITY,
        service_time: Duration::ZERO,
        journal: None,
    },
    persists: false,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 6] = {
    use Expectation::{Correct, Crashes, LosesUpdates};
    [
        mode("racy",    LosesUpdates, Some(Bug::RacyAppend),     "an append to a list whose length nobody protects", |s| Open(Box::new(racy::Racy::new(s)))),
        mode("go-map",  Crashes,      Some(Bug::UnprotectedMap), "a map that ends the process when two use it at once, as Go's do", |s| Open(Box::new(go_map::GoMap::new(s)))),
        mode("mutex",   Correct,      None,                      "one lock around the map", |s| Open(Box::new(mutex::Mutex::new(s)))),
        mode("rwlock",  Correct,      None,                      "readers side by side, writers alone", |s| Open(Box::new(rwlock::RwLock::new(s)))),
        mode("sharded", Correct,      None,                      "several maps, each with a lock of its own", |s| Open(Box::new(sharded::Sharded::new(s)))),
        mode("channel", Correct,      None,                      "a manager thread owns the map and is sent commands", |s| Open(Box::new(channel::Channel::new(s)))),
    ]
};
