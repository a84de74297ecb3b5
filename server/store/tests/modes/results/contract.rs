//! The sequential meaning, which is every mode's.

use std::time::{Duration, Instant};

use loadgen_store::{RaceWindow, ResultsFull, Settings};

use super::{open, open_with};
use crate::{mode, modes};

#[test]
fn results_are_listed_in_the_order_in_which_they_were_saved() {
    for mode in modes("results") {
        let results = open(mode, 10);
        assert_eq!(results.list(), []);
        for id in [5, 0, 5, i64::MAX] {
            assert_eq!(results.save(id), Ok(()));
        }
        assert_eq!(results.list(), [5, 0, 5, i64::MAX]);
    }
}

#[test]
fn a_full_list_refuses_another_result_and_keeps_the_others() {
    for mode in modes("results") {
        let results = open(mode, 2);
        results.save(1).unwrap();
        results.save(2).unwrap();
        for _ in 0..2 {
            assert_eq!(results.save(3), Err(ResultsFull));
            assert_eq!(results.list(), [1, 2]);
        }
    }
}

#[test]
fn what_is_acknowledged_is_done_and_finishing_changes_nothing() {
    for mode in modes("results") {
        let results = open(mode, 2);
        assert!(!results.acknowledges_early());
        results.save(1).unwrap();
        results.finish();
        assert_eq!(results.list(), [1]);
    }
}

#[test]
fn a_save_takes_as_long_as_the_slow_call() {
    let service_time = Duration::from_millis(3);
    for mode in modes("results") {
        let settings =
            Settings { race_window: RaceWindow::None, capacity: 1, service_time, journal: None };
        let results = open_with(mode, &settings);
        let start = Instant::now();
        results.save(1).unwrap();
        assert!(start.elapsed() >= service_time, "only {:?}", start.elapsed());
    }
}

#[test]
fn racy_widens_its_race_as_long_as_asked() {
    let width = Duration::from_millis(3);
    let settings = Settings {
        race_window: RaceWindow::Wait(width),
        capacity: 1,
        service_time: Duration::ZERO,
        journal: None,
    };
    let results = open_with(mode("results", "racy"), &settings);
    let start = Instant::now();
    results.save(1).unwrap();
    assert!(start.elapsed() >= width, "only {:?} of {width:?}", start.elapsed());
}
