//! The correct modes under threads. Loom proves them in the small; this is the code as it ships,
//! with std's primitives and more threads than loom can take.

use std::time::{Duration, Instant};

use loadgen_store::{CounterError, Counters, MAX_NAMES, RaceWindow};

use super::open;
use crate::right_modes;
use crate::threads::on_threads;

/// By time rather than by count: the modes differ a hundredfold in how much they do in it.
const PER_MODE: Duration = Duration::from_millis(if cfg!(miri) { 50 } else { 300 });
const ROUNDS: u32 = if cfg!(miri) { 10 } else { 300 };

fn correct_stores() -> impl Iterator<Item = Box<dyn Counters>> {
    right_modes("counter").map(|mode| open(mode, RaceWindow::Yield))
}

#[test]
fn every_increment_answers_a_value_of_its_own_and_none_is_lost() {
    for store in correct_stores() {
        store.set("i", 0).unwrap();
        store.set("j", 0).unwrap();
        let end = Instant::now() + PER_MODE;
        let answers = on_threads(|_| {
            let mut answers = Vec::new();
            loop {
                answers.push((store.inc("i").unwrap(), store.inc("j").unwrap()));
                if Instant::now() >= end {
                    break answers;
                }
            }
        });
        let (i, j): (Vec<_>, Vec<_>) = answers.concat().into_iter().unzip();
        for (name, mut answered) in [("i", i), ("j", j)] {
            answered.sort_unstable();
            let each_once = (1..).zip(&answered).all(|(expected, value)| *value == expected);
            assert!(each_once, "{name}: a value was answered twice or not at all");
            assert_eq!(store.get(name).ok(), answered.last().copied());
        }
    }
}

#[test]
fn no_thread_sees_a_counter_go_back() {
    for store in correct_stores() {
        store.set("i", 0).unwrap();
        on_threads(|_| {
            let mut latest = 0;
            for _ in 0..ROUNDS {
                let read = store.get("i").unwrap();
                assert!(read >= latest, "read {read} after {latest}");
                let listed = store.list()[0].1;
                assert!(listed >= read, "listed {listed} after {read}");
                latest = store.inc("i").unwrap();
                assert!(latest > listed, "incremented to {latest} after {listed}");
            }
        });
    }
}

/// Each thread adds to `i` first: at no moment has `j` more.
#[test]
fn a_list_shows_the_counters_as_they_were_at_one_moment() {
    for store in correct_stores() {
        store.set("i", 0).unwrap();
        store.set("j", 0).unwrap();
        let end = Instant::now() + PER_MODE;
        on_threads(|thread| {
            while Instant::now() < end {
                if thread == 0 {
                    let listed = store.list();
                    assert!(listed[0].1 >= listed[1].1, "{listed:?}");
                } else {
                    store.inc("i").unwrap();
                    store.inc("j").unwrap();
                }
            }
        });
    }
}

#[test]
#[cfg_attr(miri, ignore = "ten thousand names take Miri minutes")]
fn the_last_free_names_are_given_out_once() {
    const FREE: usize = 100;
    for store in correct_stores() {
        for i in FREE..MAX_NAMES {
            store.set(&format!("name {i}"), 0).unwrap();
        }
        let answers = on_threads(|thread| {
            (0..FREE).map(|i| store.set(&format!("{thread}/{i}"), 0)).collect::<Vec<_>>()
        });
        let answers = answers.concat();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), FREE);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(CounterError::Full))));
        assert_eq!(store.list().len(), MAX_NAMES);
    }
}
