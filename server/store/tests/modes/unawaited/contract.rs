//! The sequential meaning, which is both modes'.

use std::sync::Arc;
use std::time::Duration;

use loadgen_store::{Journal, RaceWindow, ResultsFull, Settings};

use super::open;
use crate::results::open_with;
use crate::threads::wait_until;
use crate::{mode, modes};

#[test]
fn what_is_acknowledged_is_saved_sooner_or_later_and_in_its_order() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::ZERO, None);
        assert!(results.acknowledges_early());
        assert_eq!(results.list(), []);
        let ids = [5, 0, 5, i64::MAX];
        for id in ids {
            assert_eq!(results.save(id), Ok(()));
        }
        wait_until("everything is saved", || {
            let list = results.list();
            assert!(ids.starts_with(&list), "{list:?}");
            list == ids
        });
    }
}

#[test]
fn a_save_is_acknowledged_before_the_slow_call_is_over() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::from_mins(10), None);
        results.save(1).unwrap();
        assert_eq!(results.list(), []);
    }
}

/// What is saved takes as much room as what is going to be.
#[test]
fn what_there_is_no_room_for_is_refused() {
    for mode in modes("unawaited") {
        let journal = Arc::new(Journal::in_memory());
        let settings = |capacity| Settings {
            race_window: RaceWindow::None,
            capacity,
            service_time: Duration::ZERO,
            journal: Some(Arc::clone(&journal)),
        };
        let results = open_with(mode, &settings(2));
        assert_eq!([1, 2, 3].map(|id| results.save(id)), [Ok(()), Ok(()), Err(ResultsFull)]);
        wait_until("it is saved", || results.list().len() == 2);
        assert_eq!(results.save(4), Err(ResultsFull));
        let results = open_with(mode, &settings(3));
        assert_eq!([5, 6].map(|id| results.save(id)), [Ok(()), Err(ResultsFull)]);
        wait_until("it is saved", || results.list() == [1, 2, 5]);
    }
}

#[test]
fn nothing_is_acknowledged_after_the_end() {
    let results = open(mode("unawaited", "awaited"), Duration::ZERO, None);
    results.save(1).unwrap();
    results.finish();
    assert_eq!(results.save(2), Err(ResultsFull));
    assert_eq!(results.list(), [1]);
}

#[test]
fn finishing_twice_is_finishing_once() {
    for mode in modes("unawaited") {
        let results = open(mode, Duration::ZERO, None);
        results.save(1).unwrap();
        results.finish();
        results.finish();
        wait_until("it is saved", || results.list() == [1]);
    }
}
