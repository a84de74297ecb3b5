//! Named counters, protected in every way from not at all to correctly.
//!
//! Every mode implements [`Counters`]; the [`CATALOGUE`] lists them with what each is expected
//! to do. The crate needs nothing but `std`, and its primitives all come from one file, `sync`,
//! so that a model checker can put its own in their place and check the code that ships.

#![deny(unsafe_code)]

mod atomic;
mod catalogue;
mod cell_per_name;
mod channel;
mod counters;
mod go_map;
mod load_store;
mod mutex;
mod names;
mod race_window;
mod racy;
mod rwlock;
mod sync;

pub use catalogue::{CATALOGUE, Expectation, Mode, UnknownMode};
pub use counters::{Counters, StoreError};
pub use names::MAX_NAMES;
pub use race_window::{ParseRaceWindowError, RaceWindow};
