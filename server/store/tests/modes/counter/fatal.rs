//! That `go-map` ends its process as Go's runtime does.

use loadgen_store::{Counters, RaceWindow};

use super::open;
use crate::threads::on_threads;
use crate::{child, mode};

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn a_write_that_meets_a_write_ends_the_process() {
    ends_the_process(
        "counter::fatal::a_write_that_meets_a_write_ends_the_process",
        "fatal error: concurrent map writes\n",
        increment,
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn a_write_and_a_read_that_meet_end_the_process() {
    ends_the_process(
        "counter::fatal::a_write_and_a_read_that_meet_end_the_process",
        "fatal error: concurrent map read and map write\n",
        |counters| assert!(counters.get("i").is_ok()),
    );
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn a_write_and_an_iteration_that_meet_end_the_process() {
    ends_the_process(
        "counter::fatal::a_write_and_an_iteration_that_meet_end_the_process",
        "fatal error: concurrent map iteration and map write\n",
        |counters| assert_eq!(counters.list().len(), 1),
    );
}

fn increment(counters: &dyn Counters) {
    counters.inc("i").unwrap();
}

fn ends_the_process(test: &str, stderr: &str, other: fn(&dyn Counters)) {
    if child::told().is_some() {
        meet(other);
    } else {
        child::one_ends_early(test, stderr);
    }
}

/// One thread increments, the others do `other`.
fn meet(other: fn(&dyn Counters)) {
    const CALLS: usize = 10_000;
    let counters = open(mode("counter", "go-map"), RaceWindow::Yield);
    counters.set("i", 0).unwrap();
    on_threads(|thread| {
        let action = if thread == 0 { increment } else { other };
        (0..CALLS).for_each(|_| action(&*counters));
    });
}
