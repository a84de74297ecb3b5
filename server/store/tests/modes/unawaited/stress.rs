//! `awaited` under threads. Loom proves it in the small; this is the code as it ships.

use std::time::Duration;

use super::open;
use crate::results::stress::{each_is_there_once_and_in_order, save_on_threads};
use crate::right_modes;

#[test]
fn once_it_has_finished_every_result_is_there_once_and_those_of_a_thread_in_its_order() {
    for mode in right_modes("unawaited") {
        let results = open(mode, Duration::ZERO, None);
        save_on_threads(&*results);
        results.finish();
        each_is_there_once_and_in_order(&results.list());
    }
}
