//! What the modes of the catalogue do: alone all the same, under threads each as it says.

// Under loom a store lives inside a model only; those are in `loom-tests`.
#![cfg(not(store_loom))]
#![expect(
    clippy::unwrap_used,
    reason = "clippy spares functions marked #[test], not what they call"
)]

mod contract;
mod fatal;
mod loss;
mod stress;
mod twin;

use store::{CATALOGUE, Expectation, Mode};

/// The modes of which `expectation` is expected; the one a test fails in is the last it prints.
fn modes(expectation: Expectation) -> impl Iterator<Item = &'static Mode> {
    all_modes().filter(move |mode| mode.expectation == expectation)
}

/// Every mode; the one a test fails in is the last it prints.
fn all_modes() -> impl Iterator<Item = &'static Mode> {
    CATALOGUE.iter().inspect(|mode| println!("mode {}", mode.name))
}
