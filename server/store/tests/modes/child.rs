//! Tests that run themselves again as a child process, because the process ends or never does.

use std::env;
use std::process::{Command, Output};

/// Set in the child process alone; the value is the test's own.
const IN_CHILD: &str = "STORE_TEST_IN_CHILD";

/// What [`run`] was told, where this process is the child.
pub(crate) fn told() -> Option<String> {
    env::var(IN_CHILD).ok()
}

/// Runs `test` alone in a child process, in which [`told`] answers `tell`.
pub(crate) fn run(test: &str, tell: &str) -> Output {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(IN_CHILD, tell)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&child.stdout);
    assert!(stdout.contains("running 1 test\n"), "no test is called {test}: {stdout}");
    child
}

/// Runs `test` in child processes; whichever ended early did so with status 2 and `stderr`, and one
/// did. Operations are likely to meet in one process, certain to in none.
pub(crate) fn one_ends_early(test: &str, stderr: &str) {
    const CHILDREN: usize = 10;
    let ended = (0..CHILDREN).filter(|_| {
        let child = run(test, "meet");
        let survived = child.status.success();
        if !survived {
            assert_eq!(String::from_utf8_lossy(&child.stderr), stderr);
            assert_eq!(child.status.code(), Some(2));
        }
        !survived
    });
    assert!(
        ended.count() > 0,
        "no two operations met in {CHILDREN} processes: bad luck, or a mark that nobody sees"
    );
}
