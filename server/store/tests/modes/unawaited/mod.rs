//! Results that are acknowledged first and saved afterwards.

mod contract;
mod loss;
mod stress;

use std::sync::Arc;
use std::time::Duration;

use loadgen_store::{Journal, Mode, RaceWindow, Results, Settings};

const ROOM: usize = 10_000;

fn open(mode: &Mode, service_time: Duration, journal: Option<Journal>) -> Box<dyn Results> {
    let journal = journal.map(Arc::new);
    let settings =
        Settings { race_window: RaceWindow::None, capacity: ROOM, service_time, journal };
    crate::results::open_with(mode, &settings)
}
