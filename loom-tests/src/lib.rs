//! Models of every mode of the [`store`], which loom runs in every interleaving.
//!
//! The models drive the code that ships: under `--cfg store_loom` its primitives are loom's. A
//! [`Subject`] says what the operations mean and calls the store with them, a [`Scenario`] what
//! the threads do, [`outcome`] what they may be answered, a [`Model`] what is claimed of a mode.
//! `tests/models` has a line per mode.
//!
//! Without the cfg there is nothing to explore: the models are ignored, and fail when forced.
//! `scripts/loom` runs them. Under `--cfg store_shuttle` the same subjects run at a size that loom
//! cannot exhaust, in schedules drawn at random: `schedules`, which `scripts/shuttle` runs.

#[cfg(store_loom)]
mod checks;
#[cfg(store_loom)]
mod deadlock;
#[cfg(store_loom)]
mod explore;
mod model;
pub mod outcome;
#[cfg(any(store_loom, store_shuttle))]
mod quiet;
mod scenario;
#[cfg(store_shuttle)]
pub mod schedules;
mod subject;
pub mod subjects;

pub use model::{Claim, Model};
pub use scenario::{Conflict, Scenario};
pub use subject::Subject;
pub(crate) use subject::settings;
