//! An HTTP load tester that says whether the answers were right.
//!
//! A [`Plan`] says what is sent where; [`run()`] does it and returns a [`Report`].
//!
//! ```text
//! cli -> plan -> schedule -> worker (driver) -> record -> judge -> report -> exit
//! ```

#![forbid(unsafe_code)]

pub mod cli;
pub mod compare;
pub mod destination;
pub mod escape;
mod exit;
mod extract;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod invariant;
mod judge;
pub mod live;
pub mod output;
pub mod plan;
pub mod progress;
mod reactor;
mod record;
mod redirect;
mod reply;
pub mod report;
mod resources;
mod run;
pub mod scenario;
mod schedule;
pub mod secrets;
mod signal;
mod state;
mod subject;
pub mod suite;
mod tell;
mod threshold;
mod timers;
mod watch;
mod wire;
mod worker;

pub use check;
pub use exit::{Conclusion, Exit};
pub use extract::{Decimal, Extract, Found, NotFound, ParseExtractError, Reason, Sample};
pub use judge::{Finding, FindingKind, Judged, JudgedKind, Proof, Severity};
pub use plan::Plan;
pub use report::{Comparison, Report};
pub use resources::TooManyFiles;
pub use run::{Moment, Observed, RunError, dry_run, run};
pub use signal::Signal;
pub use state::{ReadError, Size, Source};
pub use subject::{Finding as OutputFinding, Provoked, SubjectError, supervise};
pub use tell::{tell, tell_lines};
pub use wire::Shortage;
