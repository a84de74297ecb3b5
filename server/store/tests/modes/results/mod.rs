//! A slow call, whose result is appended to a list.

mod contract;
mod loss;
mod serial;
pub(crate) mod stress;
mod twin;

use std::time::Duration;

use loadgen_store::{Mode, RaceWindow, Results, Settings, Store, Workload};

/// A store whose slow call takes no time.
fn open(mode: &Mode, capacity: usize) -> Box<dyn Results> {
    let defaults = (Workload::named("results").unwrap().defaults)();
    let settings = Settings {
        race_window: RaceWindow::Yield,
        capacity,
        service_time: Duration::ZERO,
        ..defaults
    };
    open_with(mode, &settings)
}

pub(crate) fn open_with(mode: &Mode, settings: &Settings) -> Box<dyn Results> {
    match mode.open(settings) {
        Store::Results(results) => results,
        _ => panic!("{} opens no results", mode.name),
    }
}
