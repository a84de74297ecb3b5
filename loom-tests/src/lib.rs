//! Models of every mode of the [`store`], which loom runs in every interleaving.
//!
//! The models drive the code that ships: under `--cfg store_loom` its primitives are loom's.
//! [`scenarios`] says what the threads do, once for all modes; [`outcome`] what they may be
//! answered; a [`Model`] what is claimed of a mode. `tests/models.rs` has a line per mode.
//!
//! Without the cfg there is nothing to explore: the models are ignored, and fail when forced.
//! `scripts/loom` runs them.

#[cfg(store_loom)]
mod checks;
#[cfg(store_loom)]
mod explore;
mod model;
pub mod outcome;
#[cfg(store_loom)]
mod quiet;
pub mod scenarios;

pub use model::{Claim, Model};
