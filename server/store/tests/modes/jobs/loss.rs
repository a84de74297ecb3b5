//! That `racy` loses, outside loom too.

use std::collections::HashSet;

use loadgen_store::{Jobs, Mode, RaceWindow};

use super::open;
use crate::mode;
use crate::threads::{THREADS, on_threads, tried_until_seen};

const EACH: u16 = 1_000;
const ROOM: usize = EACH as usize * THREADS as usize;

#[test]
fn racy_loses_a_job() {
    loses_a_job(mode("jobs", "racy"));
}

#[test]
fn racy_chooses_an_id_twice() {
    tried_until_seen("racy chooses an id twice", || {
        let jobs = open(mode("jobs", "racy"), ROOM, RaceWindow::Yield);
        let ids = on_threads(|_| (0..EACH).map(|_| jobs.add(None).unwrap()).collect::<Vec<_>>());
        let distinct: HashSet<_> = ids.concat().into_iter().collect();
        distinct.len() < ROOM
    });
}

pub(crate) fn loses_a_job(mode: &Mode) {
    tried_until_seen(&format!("{} loses a job", mode.name), || {
        lost(&*open(mode, ROOM, RaceWindow::Yield)) > 0
    });
}

/// How many of the acknowledged jobs are missing; none is there that was never added.
fn lost(jobs: &dyn Jobs) -> usize {
    on_threads(|thread| {
        let first = i64::from(EACH) * i64::from(thread);
        (first..first + i64::from(EACH)).for_each(|id| assert_eq!(jobs.add(Some(id)), Ok(id)));
    });
    let listed = jobs.list();
    let added = 0..i64::from(EACH) * i64::from(THREADS);
    assert!(listed.iter().all(|id| added.contains(id)), "a job that nobody added");
    ROOM - listed.len()
}
