//! An HTTP load tester that says whether the answers were right.
//!
//! A [`Plan`] says what is sent where, as a command line does; [`Plan::run`] does it and returns a [`Report`]:
//!
//! ```no_run
//! use loadgen::Plan;
//! use loadgen::check::Verdict;
//!
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let url = "http://127.0.0.1:8000/inc?name=i";
//! let plan = Plan::parse(["-n", "2000", "-c", "20", "--read", "/get?name=i", url])?;
//! let report = plan.run().await?;
//! let correctness = report.correctness.as_ref().expect("--read asks for a verdict");
//! assert_eq!(correctness.verdict, Verdict::Valid, "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! The file of a scenario is a plan, too: `Plan::parse(["run", "shop.yaml"])`. [`check`] judges histories that
//! somebody else recorded. What is not shown here serves the program `loadgen`, and may change with any version.
//!
//! Inside, everything goes one way:
//!
//! ```text
//! cli -> plan -> schedule -> worker (driver) -> record -> judge -> report -> exit
//! ```

#![forbid(unsafe_code)]

#[cfg(not(target_os = "linux"))]
compile_error!(
    "loadgen measures with epoll, timerfd and signals of Linux: build it for a target of Linux"
);

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod destination;
#[doc(hidden)]
pub mod escape;
mod exit;
mod extract;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod invariant;
mod judge;
#[doc(hidden)]
pub mod live;
#[doc(hidden)]
pub mod output;
pub mod plan;
#[doc(hidden)]
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
#[doc(hidden)]
pub mod secrets;
mod signal;
mod state;
mod subject;
#[doc(hidden)]
pub mod suite;
mod tell;
mod threshold;
mod timers;
mod watch;
mod wire;
mod worker;

pub use check;
pub use cli::ParsePlanError;
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
