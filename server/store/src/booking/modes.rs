//! The modes of `booking`.

use std::time::Duration;

use super::{always_ok, atomic, channel, mutex, racy, rwlock};
use crate::bug::Bug;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Seats as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "booking",
    summary: "seats that are booked one by one",
    // A millisecond between check and act, as a payment takes: every client that is in a hurry
    // finds the last seat free.
    defaults: || Settings {
        race_window: RaceWindow::Wait(Duration::from_millis(1)),
        capacity: 20,
        service_time: Duration::ZERO,
        journal: None,
    },
    persists: false,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 6] = {
    use Expectation::{Correct, Oversells};
    [
        mode("racy",      Oversells, Some(Bug::CheckThenAct), "checks that a seat is left, race window, takes one: two atomic steps", |s| Open(Box::new(racy::Racy::new(s)))),
        mode("always-ok", Oversells, Some(Bug::FalseSuccess), "sells correctly, and answers that it did whether or not it has", |s| Open(Box::new(always_ok::AlwaysOk::new(s)))),
        mode("mutex",     Correct,   None,                    "one lock around check and act", |s| Open(Box::new(mutex::Mutex::new(s)))),
        mode("rwlock",    Correct,   None,                    "readers side by side, whoever books alone", |s| Open(Box::new(rwlock::RwLock::new(s)))),
        mode("atomic",    Correct,   None,                    "one atomic check-and-decrement", |s| Open(Box::new(atomic::Atomic::new(s)))),
        mode("channel",   Correct,   None,                    "a manager thread owns the seats and is sent commands", |s| Open(Box::new(channel::Channel::new(s)))),
    ]
};
