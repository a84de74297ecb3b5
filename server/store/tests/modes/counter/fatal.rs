//! That `go-map` ends its process as Go's runtime does.
//!
//! Each test runs itself again as a child process, which is to end before it is through.

use std::process::{Command, Output};
use std::sync::Barrier;
use std::{env, thread};

use store::{Counters, Mode, RaceWindow};

/// Set in the child process alone.
const IN_CHILD: &str = "STORE_TEST_IN_CHILD";
/// Operations are likely to meet in one process, certain to in none.
const CHILDREN: usize = 10;
const CALLS: usize = 10_000;

#[test]
fn a_write_that_meets_a_write_ends_the_process() {
    ends_the_process(
        "fatal::a_write_that_meets_a_write_ends_the_process",
        "fatal error: concurrent map writes\n",
        increment,
    );
}

#[test]
fn a_write_and_a_read_that_meet_end_the_process() {
    ends_the_process(
        "fatal::a_write_and_a_read_that_meet_end_the_process",
        "fatal error: concurrent map read and map write\n",
        read,
    );
}

#[test]
fn a_write_and_an_iteration_that_meet_end_the_process() {
    ends_the_process(
        "fatal::a_write_and_an_iteration_that_meet_end_the_process",
        "fatal error: concurrent map iteration and map write\n",
        iterate,
    );
}

fn increment(store: &dyn Counters) {
    store.inc("i").unwrap();
}

fn read(store: &dyn Counters) {
    store.get("i").unwrap();
}

fn iterate(store: &dyn Counters) {
    store.list();
}

/// In the parent: whichever child ended early did so with status 2 and `stderr`, and one did.
fn ends_the_process(test: &str, stderr: &str, other: fn(&dyn Counters)) {
    if env::var_os(IN_CHILD).is_some() {
        return meet(other);
    }
    let ended = (0..CHILDREN).filter(|_| {
        let child = run_child(test);
        let survived = child.status.success();
        if !survived {
            assert_eq!(String::from_utf8_lossy(&child.stderr), stderr);
            assert_eq!(child.status.code(), Some(2));
        }
        !survived
    });
    assert!(
        ended.count() > 0,
        "no two operations met in {CHILDREN} processes of {CALLS} calls a thread: \
         bad luck, or a mark that nobody sees"
    );
}

fn run_child(test: &str) -> Output {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&child.stdout);
    assert!(stdout.contains("running 1 test\n"), "no test is called {test}: {stdout}");
    child
}

/// One thread increments; several others, started at the same time, do `other`.
fn meet(other: fn(&dyn Counters)) {
    const OTHERS: usize = 3;
    let mode: &'static Mode = "go-map".parse().unwrap();
    let store = mode.open(RaceWindow::Yield);
    store.set("i", 0).unwrap();
    let start = Barrier::new(1 + OTHERS);
    let call = |action: fn(&dyn Counters)| {
        start.wait();
        (0..CALLS).for_each(|_| action(&*store));
    };
    thread::scope(|scope| {
        scope.spawn(|| call(increment));
        for _ in 0..OTHERS {
            scope.spawn(|| call(other));
        }
    });
}
