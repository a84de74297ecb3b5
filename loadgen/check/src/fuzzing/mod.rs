//! What must hold whatever the bytes are: the targets of `scripts/fuzz`, as functions.
//!
//! It is there for tests and where cargo-fuzz builds (`cfg(fuzzing)`), and in no release. Each
//! function panics where something does not hold. The tests run it over the seeds in
//! `loadgen/fuzz/seeds`, so that whatever was found once is looked at in each test run.

mod draw;
mod journal;
mod lines;
mod said;
#[cfg(test)]
mod seeds;
#[cfg(test)]
mod tests;
mod texts;
mod verdicts;

use crate::history;
use crate::{Model, Object, Operation, Tokens};

pub use journal::journal;
pub use lines::json_lines;
pub use texts::edn;
pub use verdicts::certificate;
