//! That the unlock of a lock that nobody holds ends the process, as Go's does.

use loadgen_store::{JobError, RaceWindow};

use crate::jobs::open;
use crate::threads::on_threads;
use crate::{child, mode};

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn one_job_too_many_ends_the_process() {
    const TEST: &str = "mistakes::fatal::one_job_too_many_ends_the_process";
    if child::told().is_none() {
        return ends(TEST);
    }
    let jobs = open(mode("mistakes", "unlock-of-unlocked"), 2, RaceWindow::None);
    jobs.add(None).unwrap();
    jobs.add(None).unwrap();
    // It does not come back.
    assert_eq!(jobs.add(None), Err(JobError::Full));
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn so_it_does_under_threads_of_which_another_may_hold_the_lock() {
    const TEST: &str =
        "mistakes::fatal::so_it_does_under_threads_of_which_another_may_hold_the_lock";
    if child::told().is_none() {
        return ends(TEST);
    }
    let jobs = open(mode("mistakes", "unlock-of-unlocked"), 100, RaceWindow::None);
    on_threads(|_| (0..1000).filter(|_| jobs.add(None).is_err()).count());
}

fn ends(test: &str) {
    let child = child::run(test, "fill it");
    assert_eq!(String::from_utf8_lossy(&child.stderr), "fatal error: unlock of unlocked lock\n");
    assert_eq!(child.status.code(), Some(2));
}
