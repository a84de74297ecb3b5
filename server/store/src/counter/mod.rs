//! `counter`: named counters, and what becomes of increments that meet.

mod atomic;
mod cell_per_name;
mod channel;
mod counters;
mod go_map;
mod load_store;
pub(crate) mod modes;
mod mutex;
mod names;
mod racy;
mod rwlock;

pub use counters::{CounterError, Counters};
pub use names::MAX_NAMES;
