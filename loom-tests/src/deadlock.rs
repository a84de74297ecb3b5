//! Deadlocks, which loom finds and does not always survive.
//!
//! Its panic unwinds through guards that are alive, whose drop panics again: the process aborts.
//! So the test runs itself again as a child process, which is to die of the deadlock.

use std::process::Command;
use std::time::Instant;
use std::{env, panic};

use crate::explore::explore;
use crate::outcome::OutcomeOf;
use crate::{Model, Scenario, Subject};

/// Set in the child process alone.
const IN_CHILD: &str = "LOOM_TESTS_IN_CHILD";
/// What the child says at the end of each interleaving that has one.
const NO_DEADLOCK: &str = "no deadlock in this one";

/// That some interleaving deadlocks; what it says is the child's.
pub(crate) fn deadlocks<S: Subject>(
    model: &Model,
    scenario: &'static Scenario<S>,
    test: &str,
) -> String {
    if env::var_os(IN_CHILD).is_some() {
        let tell = |_: &OutcomeOf<S>| {
            eprintln!("{NO_DEADLOCK}");
            true
        };
        if let Some(panic) = explore(model, scenario, None, tell).stopped_by {
            panic::resume_unwind(panic);
        }
        return "held".to_owned();
    }
    let start = Instant::now();
    let child = Command::new(env::current_exe().expect("a test is an executable"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(IN_CHILD, "1")
        .output()
        .expect("a test that runs can be run again");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(stdout.contains("running 1 test\n"), "no test is called {test}: {stdout}");
    let deadlocked = stderr.contains("deadlock; threads") && !child.status.success();
    assert!(deadlocked, "no deadlock, {}: {stdout}{stderr}", child.status);
    let interleavings = stderr.matches(NO_DEADLOCK).count() + 1;
    let plural = if interleavings == 1 { "" } else { "s" };
    let seconds = start.elapsed().as_secs_f64();
    format!("caught after {interleavings} interleaving{plural}, {seconds:.2} s (deadlock)")
}
