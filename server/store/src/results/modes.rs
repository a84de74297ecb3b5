//! The modes of `results`.

use std::time::Duration;

use super::{lock_before_sleep, mutex, racy, rwlock};
use crate::bug::Bug;
use crate::jobs::CAPACITY;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Results as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "results",
    summary: "a slow call, whose result is appended to a list",
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_micros(1)),
        capacity: CAPACITY,
        service_time: Duration::from_millis(5),
        journal: None,
    },
    persists: false,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 4] = {
    use Expectation::{Correct, LosesUpdates, Serialises};
    [
        mode("racy",              LosesUpdates, Some(Bug::RacyAppend),       "an append to a list whose length nobody protects", |s| Open(Box::new(racy::Racy::new(s)))),
        mode("lock-before-sleep", Serialises,   Some(Bug::LockOverSlowCall), "one lock, taken before the slow call: correct, and no longer concurrent", |s| Open(Box::new(lock_before_sleep::LockBeforeSleep::new(s)))),
        mode("mutex",             Correct,      None,                        "one lock around the append", |s| Open(Box::new(mutex::Mutex::new(s)))),
        mode("rwlock",            Correct,      None,                        "readers side by side, whoever appends alone", |s| Open(Box::new(rwlock::RwLock::new(s)))),
    ]
};
