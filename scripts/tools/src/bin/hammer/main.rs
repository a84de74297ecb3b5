//! Threads that call a specimen as fast as they can, and a line about what came of it: what Miri,
//! `ThreadSanitizer` and valgrind are run on.
//!
//! Exit status: 0 if everything that was acknowledged is in the state and nothing else is, 1 if
//! not, 2 if it was called wrongly (or the specimen ends its process as Go does), 4 if it stalled.

#![forbid(unsafe_code)]

mod calls;
mod findings;
mod options;
mod watchdog;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use findings::Findings;
use options::Options;
use watchdog::Progress;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("hammer: {error}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    let progress = Arc::new(Progress::new(options.threads));
    // Miri finds a deadlock by itself, and its clock does not follow ours.
    if !cfg!(miri) {
        watchdog::start(Arc::clone(&progress), options.stall);
    }
    let start = Instant::now();
    let mut findings = Findings::default();
    for round in 0..options.rounds {
        findings += calls::round(&options, round, &progress);
    }
    println!("{}: {findings}, seconds {:.3}", options.specimen, start.elapsed().as_secs_f64());
    if findings.are_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
