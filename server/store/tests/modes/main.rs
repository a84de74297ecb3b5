//! What the modes of the catalogue do: alone all the same, under threads each as it says.

// Under loom or shuttle a store lives inside a model only; those are in `loom-tests`.
#![cfg(not(any(store_loom, store_shuttle)))]
#![expect(
    clippy::unwrap_used,
    reason = "clippy spares functions marked #[test], not what they call"
)]

mod booking;
mod catalogue;
mod child;
mod counter;
mod jobs;
mod journal;
mod mistakes;
mod results;
mod threads;
mod unawaited;

use loadgen_store::{Expectation, Mode, Workload};

/// Every mode of `workload`; the one a test fails in is the last it prints.
fn modes(workload: &str) -> impl Iterator<Item = &'static Mode> {
    let modes = Workload::named(workload).unwrap().modes;
    modes.iter().inspect(|mode| println!("mode {}", mode.name))
}

/// The modes of `workload` that are right under threads, however slow.
fn right_modes(workload: &str) -> impl Iterator<Item = &'static Mode> {
    modes(workload)
        .filter(|mode| matches!(mode.expectation, Expectation::Correct | Expectation::Serialises))
}

fn mode(workload: &str, mode: &str) -> &'static Mode {
    Workload::named(workload).unwrap().specimen(mode).unwrap().mode
}
