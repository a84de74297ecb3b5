//! Jobs by their ids; what holds for them holds for most of the mistakes as well.

mod contract;
mod fatal;
pub(crate) mod loss;
pub(crate) mod stress;
mod twin;

use std::time::Duration;

use loadgen_store::{Jobs, Mode, RaceWindow, Settings, Store};

pub(crate) fn open(mode: &Mode, capacity: usize, race_window: RaceWindow) -> Box<dyn Jobs> {
    let settings = Settings { race_window, capacity, service_time: Duration::ZERO, journal: None };
    match mode.open(&settings) {
        Store::Jobs(jobs) => jobs,
        _ => panic!("{} opens no jobs", mode.name),
    }
}

/// Whether what is full stays full: room is used up by every addition, also of a job that is there
/// already, and no removal gives it back.
pub(crate) fn is_append_only(mode: &Mode) -> bool {
    const APPEND_ONLY: [&str; 5] = [
        "racy",
        "unlock-of-unlocked",
        "access-outside-lock",
        "copied-lock",
        "send-nobody-receives",
    ];
    APPEND_ONLY.contains(&mode.name)
}

/// Whether all goes well until the store is full, and the mistake is made then.
pub(crate) fn errs_where_full(mode: &Mode) -> bool {
    const ERR: [&str; 4] =
        ["forgotten-unlock", "unlock-of-unlocked", "lock-twice", "send-nobody-receives"];
    ERR.contains(&mode.name)
}
