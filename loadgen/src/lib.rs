//! An HTTP load tester that says whether the answers were right.
//!
//! A [`Plan`] says what is sent where; [`run()`] does it and returns a [`Report`].
//!
//! ```text
//! cli -> plan -> pacer -> client -> worker -> record -> judge -> report -> exit
//! ```

#![forbid(unsafe_code)]

pub mod cli;
mod client;
mod exit;
mod extract;
mod judge;
pub mod output;
mod pacer;
pub mod plan;
pub mod progress;
mod record;
pub mod report;
mod resources;
mod run;
mod signal;
mod stall;
mod state;
pub mod suite;
mod target;
mod worker;
mod workload;

pub use check;
pub use exit::Exit;
pub use extract::{Extract, NotFound, ParseExtractError};
pub use judge::{Finding, FindingKind, Judged, Proof, Severity};
pub use plan::Plan;
pub use report::{Comparison, Report};
pub use resources::TooManyFiles;
pub use run::{Observed, RunError, run};
pub use signal::Signal;
pub use state::ReadError;
pub use target::{Finding as OutputFinding, TargetError, supervise};
