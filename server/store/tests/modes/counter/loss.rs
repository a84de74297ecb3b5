//! That the losing modes lose, outside loom too.

use std::thread;

use store::{Counters, Expectation, RaceWindow};

use crate::modes;

const THREADS: i64 = 4;
const INCREMENTS: i64 = 1_000;
/// A loss is likely in one try, certain in none.
const TRIES: usize = 100;

/// How many of the acknowledged increments are missing from the counter.
fn lost(store: &dyn Counters) -> i64 {
    store.set("i", 0).unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..INCREMENTS {
                    store.inc("i").unwrap();
                }
            });
        }
    });
    THREADS * INCREMENTS - store.get("i").unwrap()
}

#[test]
fn the_losing_modes_lose_an_update() {
    for mode in modes(Expectation::LosesUpdates) {
        let loses = (0..TRIES).any(|_| {
            let lost = lost(&*mode.open(RaceWindow::Yield));
            assert!(lost >= 0, "{} increments too many", -lost);
            lost > 0
        });
        assert!(
            loses,
            "{}: nothing lost in {TRIES} tries of {THREADS} threads x {INCREMENTS} increments: \
             bad luck, or a mode that is correct",
            mode.name
        );
    }
}
