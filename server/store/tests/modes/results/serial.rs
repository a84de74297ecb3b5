//! That a lock held over the slow call serialises, and one that is not does not.

use std::time::{Duration, Instant};

use loadgen_store::{Expectation, Jobs, Mode, RaceWindow, Settings, Store};

use crate::threads::{THREADS, on_threads, tried_until_seen};
use crate::{mode, modes};

const SERVICE_TIME: Duration = Duration::from_millis(5);

#[test]
fn with_the_lock_over_the_slow_call_a_thread_waits_for_the_calls_of_all_before_it() {
    let one_by_one = SERVICE_TIME * u32::from(THREADS);
    for mode in [mode("results", "lock-before-sleep"), mode("mistakes", "lock-over-slow-call")] {
        let took = time_of_one_call_each(mode);
        assert!(took >= one_by_one, "{}: only {took:?}, not {one_by_one:?}", mode.name);
    }
}

#[test]
fn without_it_the_slow_calls_overlap() {
    let side_by_side = modes("results").filter(|mode| mode.expectation != Expectation::Serialises);
    for mode in side_by_side {
        tried_until_seen(&format!("{}: slow calls overlap", mode.name), || {
            time_of_one_call_each(mode) < SERVICE_TIME * u32::from(THREADS)
        });
    }
}

/// From the start of all threads to the end of the last.
fn time_of_one_call_each(mode: &Mode) -> Duration {
    let settings = Settings {
        race_window: RaceWindow::None,
        capacity: THREADS.into(),
        service_time: SERVICE_TIME,
        journal: None,
    };
    let store = mode.open(&settings);
    let call = || match &store {
        Store::Results(results) => assert_eq!(results.save(1), Ok(())),
        Store::Jobs(jobs) => add(&**jobs),
        _ => panic!("{} makes no slow call", mode.name),
    };
    let start = Instant::now();
    on_threads(|_| call());
    start.elapsed()
}

fn add(jobs: &dyn Jobs) {
    jobs.add(None).unwrap();
}
