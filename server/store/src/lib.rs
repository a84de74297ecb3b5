//! What clients share, protected in every way from not at all to correctly.
//!
//! The [`WORKLOADS`] list what is shared and each [`Mode`] of protecting it, with what is expected
//! of it; a mode opens a [`Store`]. The crate needs nothing but `std`, and its primitives all come
//! from one file, `sync`, so that a model checker can put its own in their place and check the
//! code that ships.

#![deny(unsafe_code)]

mod blockage;
mod booking;
mod bug;
mod catalogue;
mod counter;
mod detector;
mod jobs;
mod journal;
mod mailbox;
mod manager;
mod marked;
mod mistakes;
mod named_mutex;
mod race_window;
mod racy_cell;
mod racy_list;
mod results;
mod settings;
mod sync;
mod unawaited;
mod workload;

pub use blockage::{Blockage, Party};
pub use booking::Seats;
pub use bug::Bug;
pub use catalogue::WORKLOADS;
pub use counter::{CounterError, Counters, MAX_NAMES};
pub use detector::{Detection, Detector};
pub use jobs::{JobError, Jobs};
pub use journal::Journal;
pub use race_window::{ParseRaceWindowError, RaceWindow};
pub use results::{Results, ResultsFull};
pub use settings::Settings;
pub use sync::blockages;
pub use workload::{Expectation, Mode, Specimen, Store, UnknownName, Workload};
