//! An HTTP load tester that says whether the answers were right.
//!
//! A [`Plan`] says what is sent where; [`run()`] does it and returns a [`Report`].
//!
//! ```text
//! cli -> plan -> pacer -> client -> worker -> record -> check -> report -> exit
//! ```

#![forbid(unsafe_code)]

pub mod cli;
mod client;
mod exit;
mod extract;
mod history;
mod judged;
pub mod output;
mod pacer;
pub mod plan;
pub mod progress;
mod record;
mod recorder;
pub mod report;
mod resources;
mod run;
mod signal;
mod stall;
mod state;
mod subject;
mod worker;
mod workload;

pub use check;
pub use exit::Exit;
pub use extract::{Extract, NotFound, ParseExtractError};
pub use judged::Judged;
pub use plan::Plan;
pub use report::{Comparison, Report};
pub use resources::TooManyFiles;
pub use run::{Observed, RunError, run};
pub use signal::Signal;
pub use state::ReadError;
pub use subject::{Finding, Provoked, SubjectError, supervise};
