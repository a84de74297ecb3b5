//! Named counters.

mod contract;
mod fatal;
mod loss;
mod stress;
mod twin;

use loadgen_store::{Counters, Mode, RaceWindow, Settings, Store, Workload};

fn open(mode: &Mode, race_window: RaceWindow) -> Box<dyn Counters> {
    let defaults = (Workload::named("counter").unwrap().defaults)();
    match mode.open(&Settings { race_window, ..defaults }) {
        Store::Counters(counters) => counters,
        _ => panic!("{} opens no counters", mode.name),
    }
}
