//! That the losing modes lose, outside loom too.

use loadgen_store::RaceWindow;

use super::open;
use crate::mode;
use crate::threads::{THREADS, on_threads, tried_until_seen};

const INCREMENTS: i64 = 1_000;

#[test]
fn racy_loses_an_update() {
    loses("racy");
}

#[test]
fn load_store_loses_an_update() {
    loses("load-store");
}

fn loses(name: &str) {
    tried_until_seen(&format!("{name} loses an update"), || {
        let lost = lost(name);
        assert!(lost >= 0, "{} increments too many", -lost);
        lost > 0
    });
}

/// How many of the acknowledged increments are missing from the counter.
fn lost(name: &str) -> i64 {
    let counters = open(mode("counter", name), RaceWindow::Yield);
    counters.set("i", 0).unwrap();
    on_threads(|_| (0..INCREMENTS).for_each(|_| assert!(counters.inc("i").is_ok())));
    i64::from(THREADS) * INCREMENTS - counters.get("i").unwrap()
}
