//! What must hold whatever the bytes are: the targets of `scripts/fuzz`, as functions.
//!
//! It is there for tests and where cargo-fuzz builds (`cfg(fuzzing)`), and in no release. Each
//! function panics where something does not hold. The tests run it over the seeds in
//! `loadgen/fuzz/seeds`, so that whatever was found once is looked at in each test run.

mod extract;
mod http2;
mod report;
mod response;
#[cfg(test)]
#[path = "../../check/src/fuzzing/seeds.rs"]
mod seeds;
#[cfg(test)]
mod tests;
mod token;

pub use extract::extract;
pub use http2::http2;
pub use report::report;
pub use response::response;
