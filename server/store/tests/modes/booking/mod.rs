//! Seats that are booked one by one.

mod contract;
mod loss;
mod stress;
mod twin;

use loadgen_store::{Mode, RaceWindow, Seats, Settings, Store, Workload};

fn open(mode: &Mode, capacity: usize, race_window: RaceWindow) -> Box<dyn Seats> {
    let defaults = (Workload::named("booking").unwrap().defaults)();
    match mode.open(&Settings { race_window, capacity, ..defaults }) {
        Store::Seats(seats) => seats,
        _ => panic!("{} opens no seats", mode.name),
    }
}

/// What a mode answers where no seat is left.
fn answer_without_seats(mode: &Mode) -> bool {
    mode.name == "always-ok"
}
