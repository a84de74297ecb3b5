//! Judges what a service did by what its clients saw: a history in, a verdict and its proof out.
//!
//! [`judge()`] takes a [`History`] and a [`Model`], and says for each object whether any order of
//! its operations explains every answer. Everything here is a pure function: no clock, no I/O and
//! no randomness but in [`files`]' readers and writers, which are given what they read and write.
//!
//! A verdict can be held against its proof: [`verify()`] looks at the witness of an anomaly alone,
//! and [`certificate::replay`] at the order that a valid object is certified with. [`explain()`]
//! says in words what a witness proves.

#![forbid(unsafe_code)]

mod anomaly;
mod balances;
pub mod certificate;
mod counting;
mod explain;
pub mod files;
mod follower;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod history;
pub mod incremental;
mod judge;
mod judgement;
mod limits;
mod lists;
pub mod models;
mod pool;
mod proof;
pub mod search;
mod sentence;
mod specification;
mod tally;
mod texts;
mod tokens;
mod totals;
mod verify;
mod weaker;
mod words;

pub use anomaly::{Anomaly, AnomalyKind, Names};
pub use balances::{Balances, Row};
pub use explain::explain;
pub use history::{History, Object, Operation};
pub use judge::{judge, vacuity, weaker};
pub use judgement::{Bounds, Doubt, Judgement, Verdict};
pub use limits::Limits;
pub use lists::{List, Lists};
pub use models::Model;
pub use pool::Pool;
pub use proof::Proof;
pub use sentence::Explanation;
pub use specification::Specification;
pub use texts::Texts;
pub use tokens::{Tokens, Value};
pub use totals::{Loss, Totals, judge_totals};
pub use verify::verify;
pub use weaker::{Consistency, Weaker};
pub use words::{Lost, Words};

/// Its example is tried.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
