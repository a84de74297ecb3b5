//! The sequential meaning, which is every mode's.

use std::time::{Duration, Instant};

use loadgen_store::{CounterError, Counters, Expectation, MAX_NAMES, RaceWindow};

use super::open;
use crate::modes;

/// An empty store of every mode.
fn every_store() -> impl Iterator<Item = Box<dyn Counters>> {
    modes("counter").map(|mode| open(mode, RaceWindow::None))
}

#[test]
fn a_counter_holds_what_it_was_last_set_to() {
    for store in every_store() {
        for value in [0, 7, -7, i64::MAX, i64::MIN] {
            assert_eq!(store.set("i", value), Ok(()));
            assert_eq!(store.get("i"), Ok(value));
        }
    }
}

#[test]
fn an_increment_adds_one_and_answers_the_new_value() {
    for store in every_store() {
        store.set("i", -2).unwrap();
        for expected in [-1, 0, 1, 2] {
            assert_eq!(store.inc("i"), Ok(expected));
            assert_eq!(store.get("i"), Ok(expected));
        }
    }
}

#[test]
fn a_name_that_was_never_set_is_refused_and_not_created() {
    for store in every_store() {
        assert_eq!(store.get("i"), Err(CounterError::UnknownName));
        assert_eq!(store.inc("i"), Err(CounterError::UnknownName));
        assert_eq!(store.list(), []);
    }
}

#[test]
fn counters_are_independent() {
    for store in every_store() {
        for (value, name) in (10..).zip(["i", "I", "", "é", "i "]) {
            store.set(name, value).unwrap();
        }
        assert_eq!(store.inc("i"), Ok(11));
        let others = ["I", "", "é", "i "].map(|name| store.get(name).unwrap());
        assert_eq!(others, [11, 12, 13, 14]);
    }
}

#[test]
fn an_increment_at_the_largest_value_is_refused_and_changes_nothing() {
    for store in every_store() {
        store.set("i", i64::MAX - 1).unwrap();
        assert_eq!(store.inc("i"), Ok(i64::MAX));
        assert_eq!(store.inc("i"), Err(CounterError::Overflow));
        assert_eq!(store.get("i"), Ok(i64::MAX));
    }
}

#[test]
fn a_list_has_every_counter_ordered_by_name() {
    for store in every_store() {
        for (value, name) in (0..).zip(["j", "i10", "i", "Z", "i2"]) {
            store.set(name, value).unwrap();
        }
        store.inc("i").unwrap();
        let expected = [("Z", 3), ("i", 3), ("i10", 1), ("i2", 4), ("j", 0)];
        assert_eq!(store.list(), expected.map(|(name, value)| (name.to_owned(), value)));
    }
}

#[test]
#[cfg_attr(miri, ignore = "ten thousand names take Miri minutes")]
fn a_full_store_refuses_new_names_and_serves_the_others() {
    for store in every_store() {
        for i in 0..MAX_NAMES {
            assert_eq!(store.set(&format!("name {i}"), 0), Ok(()));
        }
        assert_eq!(store.set("one more", 5), Err(CounterError::Full));
        assert_eq!(store.get("one more"), Err(CounterError::UnknownName));
        assert_eq!(store.set("name 0", 5), Ok(()));
        assert_eq!(store.inc("name 0"), Ok(6));
        assert_eq!(store.list().len(), MAX_NAMES);
    }
}

#[test]
fn a_race_window_does_not_matter_to_a_thread_that_is_alone() {
    let windows = [
        RaceWindow::Yield,
        RaceWindow::Spin(10),
        RaceWindow::Wait(Duration::from_micros(10)),
        RaceWindow::Wait(Duration::from_millis(1)),
    ];
    for mode in modes("counter") {
        for window in windows {
            let store = open(mode, window);
            store.set("i", 0).unwrap();
            assert_eq!([(); 3].map(|()| store.inc("i").unwrap()), [1, 2, 3]);
        }
    }
}

#[test]
fn the_modes_that_have_a_race_widen_it_as_long_as_asked() {
    for mode in modes("counter").filter(|mode| mode.expectation != Expectation::Correct) {
        for width in [Duration::from_micros(300), Duration::from_millis(3)] {
            let store = open(mode, RaceWindow::Wait(width));
            store.set("i", 0).unwrap();
            let start = Instant::now();
            store.inc("i").unwrap();
            assert!(start.elapsed() >= width, "only {:?} of {width:?}", start.elapsed());
        }
    }
}
