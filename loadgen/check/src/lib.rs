//! Judges what a service did by what its clients saw: a history in, a verdict and its proof out.
//!
//! [`judge()`] takes a [`History`] and a [`Model`], and says for each object whether any order of
//! its operations explains every answer. Everything here is a pure function: no clock, no I/O and
//! no randomness but in [`history`]'s readers and writers, which are given what they read and write.
//!
//! A verdict can be held against its proof: [`verify()`] looks at the witness of an anomaly alone,
//! and [`certificate::replay`] at the order that a valid object is certified with.

#![forbid(unsafe_code)]

pub mod bounded;
pub mod certificate;
pub mod counter;
mod counting;
pub mod fetch_and_add;
pub mod history;
mod judge;
mod judgement;
mod limits;
pub mod model;
pub mod register;
pub mod search;
pub mod set;
mod tally;
mod totals;
mod verify;

pub use history::{History, Object, Operation};
pub use judge::judge;
pub use judgement::{Anomaly, AnomalyKind, Bounds, Judgement, Verdict};
pub use limits::Limits;
pub use model::Model;
pub use totals::{Loss, Totals, judge_totals};
pub use verify::verify;
