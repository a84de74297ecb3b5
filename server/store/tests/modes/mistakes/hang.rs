//! That the mistakes that hang do, and that [`blockages`] tells who holds what and who waits.
//!
//! Each is made in a child process, where no other test holds a lock, and in which the threads that
//! hang end with it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use loadgen_store::{Blockage, JobError, Jobs, Party, RaceWindow, blockages};

use crate::jobs::open;
use crate::jobs::stress::{ROOM, chosen_ids_are_distinct_and_there};
use crate::threads::wait_until;
use crate::{child, mode};

/// How many calls that were made by [`detached`] have come back.
static RETURNED: AtomicUsize = AtomicUsize::new(0);

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn forgotten_unlock_holds_the_lock_after_the_call_is_over() {
    in_child("mistakes::hang::forgotten_unlock_holds_the_lock_after_the_call_is_over", || {
        let jobs = leaked("forgotten-unlock", 1);
        jobs.add(Some(1)).unwrap();
        assert_eq!(blockages(), []);
        let refused = thread::spawn(|| jobs.add(Some(2))).join().unwrap();
        assert_eq!(refused, Err(JobError::Full));
        let culprit = holder("jobs");
        assert_eq!(culprit.operation, "add");

        detached(|| jobs.add(Some(3)));
        detached(|| jobs.contains(1));
        detached(|| jobs.list());
        detached(|| jobs.remove(1));
        wait_until("four calls wait", || waiting("jobs").len() == 4);
        let parties = waiting("jobs");
        let operations: HashSet<_> = parties.iter().map(|party| party.operation).collect();
        assert_eq!(operations, HashSet::from(["add", "contains", "list", "remove"]));
        let threads: HashSet<_> = parties.iter().map(|party| party.thread).collect();
        assert!(threads.len() == 4 && !threads.contains(&culprit.thread), "{parties:?}");
        assert!(parties.is_sorted_by(|a, b| a.since >= b.since), "{parties:?}");
        assert_eq!(who(&holder("jobs")), who(&culprit));
        nothing_returns();
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn lock_twice_waits_for_itself() {
    in_child("mistakes::hang::lock_twice_waits_for_itself", || {
        let jobs = leaked("lock-twice", 1);
        jobs.add(Some(1)).unwrap();
        assert_eq!(blockages(), []);
        detached(|| jobs.add(Some(2)));
        wait_until("the holder waits", || waiting("jobs").len() == 1);
        let culprit = holder("jobs");
        assert_eq!(culprit.operation, "add");
        assert_eq!(who(&waiting("jobs")[0]), (culprit.thread, "is_full"));

        detached(|| jobs.list());
        wait_until("another waits", || waiting("jobs").len() == 2);
        let other = &waiting("jobs")[1];
        assert_eq!(other.operation, "list");
        assert_ne!(other.thread, culprit.thread);
        nothing_returns();
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn opposite_order_waits_in_a_circle() {
    in_child("mistakes::hang::opposite_order_waits_in_a_circle", || {
        let jobs = leaked("opposite-order", 1);
        detached(|| while jobs.add(Some(1)).is_ok() {});
        detached(|| while jobs.list().len() <= 1 {});
        wait_until("each holds what the other waits for", || {
            // What is seen may have changed meanwhile; a circle that is still there will stay.
            circle().is_some_and(|seen| {
                thread::sleep(Duration::from_millis(20));
                circle() == Some(seen)
            })
        });
        let (adder, lister) = circle().unwrap();
        assert_ne!(adder, lister);
        detached(|| jobs.contains(1));
        wait_until("another waits", || waiting("jobs").len() == 2);
        assert_eq!(waiting("jobs")[1].operation, "contains");
        nothing_returns();
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn send_nobody_receives_waits_with_the_lock() {
    in_child("mistakes::hang::send_nobody_receives_waits_with_the_lock", || {
        let jobs = leaked("send-nobody-receives", 2);
        jobs.add(Some(1)).unwrap();
        jobs.add(Some(2)).unwrap();
        assert_eq!(blockages(), []);
        detached(|| jobs.add(Some(3)));
        wait_until("the sender waits", || waiting("announcements").len() == 1);
        let culprit = holder("jobs");
        assert_eq!(culprit.operation, "add");
        assert_eq!(who(&waiting("announcements")[0]), who(&culprit));
        assert_eq!(blockage("announcements").unwrap().holder, None);

        detached(|| jobs.remove(1));
        wait_until("another waits", || waiting("jobs").len() == 1);
        let other = &waiting("jobs")[0];
        assert_eq!(other.operation, "remove");
        assert_ne!(other.thread, culprit.thread);
        nothing_returns();
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn nobody_holds_what_was_released() {
    in_child("mistakes::hang::nobody_holds_what_was_released", || {
        let named = [
            "forgotten-unlock",
            "unlock-of-unlocked",
            "lock-twice",
            "opposite-order",
            "send-nobody-receives",
        ];
        for name in named {
            let jobs = open(mode("mistakes", name), ROOM, RaceWindow::Yield);
            let over = AtomicBool::new(false);
            thread::scope(|scope| {
                let watched = scope.spawn(|| {
                    while !over.load(SeqCst) {
                        blockages().iter().for_each(nobody_waits_for_itself);
                    }
                });
                chosen_ids_are_distinct_and_there(&*jobs);
                over.store(true, SeqCst);
                watched.join().unwrap();
            });
            assert_eq!(blockages(), [], "{name}");
        }
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no processes")]
fn a_lock_that_is_gone_is_not_listed() {
    in_child("mistakes::hang::a_lock_that_is_gone_is_not_listed", || {
        let jobs = open(mode("mistakes", "forgotten-unlock"), 0, RaceWindow::None);
        assert_eq!(jobs.add(None), Err(JobError::Full));
        assert_eq!(blockages().len(), 1);
        drop(jobs);
        assert_eq!(blockages(), []);
    });
}

/// Runs `make` in a child process, and passes on how it went.
fn in_child(test: &str, make: fn()) {
    if child::told().is_some() {
        return make();
    }
    let child = child::run(test, "hang");
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
}

/// A store that threads may use for ever.
fn leaked(name: &str, capacity: usize) -> &'static dyn Jobs {
    Box::leak(open(mode("mistakes", name), capacity, RaceWindow::Yield))
}

/// Makes a call, or several, on a thread that nobody waits for.
fn detached<R>(call: impl FnOnce() -> R + Send + 'static) {
    thread::spawn(|| {
        call();
        RETURNED.fetch_add(1, SeqCst);
    });
}

/// No call has come back, and none does that has the time to.
fn nothing_returns() {
    thread::sleep(Duration::from_millis(50));
    assert_eq!(RETURNED.load(SeqCst), 0, "{:?}", blockages());
}

fn blockage(lock: &str) -> Option<Blockage> {
    let mut all: Vec<_> = blockages().into_iter().filter(|found| found.lock == lock).collect();
    assert!(all.len() < 2, "{all:?}");
    all.pop()
}

fn holder(lock: &str) -> Party {
    blockage(lock).unwrap().holder.unwrap()
}

fn waiting(lock: &str) -> Vec<Party> {
    blockage(lock).map_or_else(Vec::new, |found| found.waiting)
}

/// A party without its time, which goes on.
fn who(party: &Party) -> (u64, &'static str) {
    (party.thread, party.operation)
}

/// The thread that adds and the one that lists, where each holds what the other waits for.
fn circle() -> Option<(u64, u64)> {
    let (jobs, calls) = (blockage("jobs")?, blockage("calls")?);
    let adder = jobs.holder.filter(|party| party.operation == "add")?.thread;
    let lister = calls.holder.filter(|party| party.operation == "list")?.thread;
    let waits = |parties: &[Party], party| parties.iter().map(who).any(|found| found == party);
    (waits(&jobs.waiting, (lister, "list")) && waits(&calls.waiting, (adder, "add")))
        .then_some((adder, lister))
}

fn nobody_waits_for_itself(blockage: &Blockage) {
    if let Some(holder) = &blockage.holder {
        let itself = blockage.waiting.iter().any(|party| party.thread == holder.thread);
        assert!(!itself, "{blockage:?}");
    }
}
