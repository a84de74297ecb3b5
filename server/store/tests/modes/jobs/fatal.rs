//! That `go-map` ends its process as Go's runtime does: the three scenarios of an unprotected map.

use loadgen_store::{Jobs, RaceWindow};

use super::open;
use crate::threads::on_threads;
use crate::{child, mode};

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn two_writes_at_once_end_the_process() {
    ends_the_process(
        "jobs::fatal::two_writes_at_once_end_the_process",
        "fatal error: concurrent map writes\n",
        write,
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn a_read_while_it_is_written_ends_the_process() {
    ends_the_process(
        "jobs::fatal::a_read_while_it_is_written_ends_the_process",
        "fatal error: concurrent map read and map write\n",
        read,
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn an_iteration_while_it_is_written_ends_the_process() {
    ends_the_process(
        "jobs::fatal::an_iteration_while_it_is_written_ends_the_process",
        "fatal error: concurrent map iteration and map write\n",
        iterate,
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn many_reads_at_once_are_harmless() {
    if child::told().is_some() {
        meet(read, iterate);
    } else {
        let child = child::run("jobs::fatal::many_reads_at_once_are_harmless", "meet");
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    }
}

fn write(jobs: &dyn Jobs) {
    jobs.add(Some(1)).unwrap();
}

fn read(jobs: &dyn Jobs) {
    assert!(jobs.contains(1));
}

fn iterate(jobs: &dyn Jobs) {
    assert_eq!(jobs.list(), [1]);
}

fn ends_the_process(test: &str, stderr: &str, other: fn(&dyn Jobs)) {
    if child::told().is_some() {
        meet(write, other);
    } else {
        child::one_ends_early(test, stderr);
    }
}

/// One thread does `one`, the others do `other`.
fn meet(one: fn(&dyn Jobs), other: fn(&dyn Jobs)) {
    const CALLS: usize = 10_000;
    let jobs = open(mode("jobs", "go-map"), 1, RaceWindow::Yield);
    write(&*jobs);
    on_threads(|thread| {
        let action = if thread == 0 { one } else { other };
        (0..CALLS).for_each(|_| action(&*jobs));
    });
}
