//! The modes that are right under threads. Loom proves them in the small; this is the code as it
//! ships.

use loadgen_store::{Results, ResultsFull};

use super::open;
use crate::right_modes;
use crate::threads::{THREADS, on_threads};

/// How many results each thread saves.
const EACH: u16 = if cfg!(miri) { 6 } else { 400 };
const ROOM: usize = EACH as usize * THREADS as usize;

#[test]
fn every_result_is_there_once_and_those_of_a_thread_in_its_order() {
    for mode in right_modes("results") {
        let results = open(mode, ROOM);
        save_on_threads(&*results);
        each_is_there_once_and_in_order(&results.list());
    }
}

#[test]
fn a_list_that_is_read_while_it_grows_grows_at_its_end_alone() {
    for mode in right_modes("results") {
        let results = open(mode, ROOM);
        on_threads(|thread| {
            let mut before = Vec::new();
            for id in ids(thread) {
                results.save(id).unwrap();
                let list = results.list();
                assert!(list.starts_with(&before) && list[before.len()..].contains(&id));
                before = list;
            }
        });
    }
}

#[test]
fn the_last_room_is_given_out_once() {
    const FREE: usize = 5;
    for mode in right_modes("results") {
        let results = open(mode, FREE);
        let answers = on_threads(|_| [(); FREE].map(|()| results.save(1))).concat();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), FREE);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(ResultsFull))));
        assert_eq!(results.list().len(), FREE);
    }
}

/// Ids that no other thread saves.
fn ids(thread: u8) -> std::ops::Range<i64> {
    let first = i64::from(EACH) * i64::from(thread);
    first..first + i64::from(EACH)
}

pub(crate) fn save_on_threads(results: &dyn Results) {
    on_threads(|thread| ids(thread).for_each(|id| assert_eq!(results.save(id), Ok(()))));
}

pub(crate) fn each_is_there_once_and_in_order(list: &[i64]) {
    assert_eq!(list.len(), ROOM);
    for thread in 0..THREADS {
        let own = list.iter().copied().filter(|id| ids(thread).contains(id));
        assert!(own.eq(ids(thread)), "thread {thread}: {list:?}");
    }
}
