//! The correct modes under threads. Loom proves them in the small; this is the code as it ships.

use loadgen_store::{JobError, Jobs, RaceWindow};

use super::open;
use crate::right_modes;
use crate::threads::{THREADS, on_threads};

/// How many jobs each thread adds.
const EACH: u16 = if cfg!(miri) { 6 } else { 400 };
pub(crate) const ROOM: usize = 2 * EACH as usize * THREADS as usize;

fn right_stores(capacity: usize) -> impl Iterator<Item = Box<dyn Jobs>> {
    right_modes("jobs").map(move |mode| open(mode, capacity, RaceWindow::Yield))
}

#[test]
fn every_id_that_the_store_chooses_is_chosen_once_and_none_is_lost() {
    right_stores(ROOM).for_each(|jobs| chosen_ids_are_distinct_and_there(&*jobs));
}

#[test]
fn what_each_thread_added_and_left_is_there_and_what_it_removed_is_not() {
    right_stores(ROOM).for_each(|jobs| threads_keep_their_own(&*jobs));
}

#[test]
fn no_list_lacks_what_its_reader_had_seen() {
    for jobs in right_stores(ROOM) {
        on_threads(|_| {
            let mut seen = 0;
            for _ in 0..EACH / 2 {
                let id = jobs.add(None).unwrap();
                assert!(jobs.contains(id));
                let listed = jobs.list();
                assert!(listed.is_sorted_by(|a, b| a < b), "{listed:?}");
                assert!(listed.binary_search(&id).is_ok(), "{id} is missing from {listed:?}");
                assert!(listed.len() > seen, "{} jobs after {seen} and another", listed.len());
                seen = listed.len();
            }
        });
    }
}

#[test]
fn the_last_room_is_given_out_once() {
    const FREE: usize = 5;
    for jobs in right_stores(ROOM) {
        (FREE..ROOM).for_each(|_| assert!(jobs.add(None).is_ok()));
        let answers = on_threads(|_| [(); FREE].map(|()| jobs.add(None))).concat();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), FREE);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(JobError::Full))));
        assert_eq!(jobs.list().len(), ROOM);
    }
}

#[test]
fn room_that_is_made_is_room_for_another() {
    for jobs in right_stores(THREADS.into()) {
        on_threads(|thread| {
            let id = thread.into();
            for _ in 0..EACH {
                assert_eq!(jobs.add(Some(id)), Ok(id));
                assert_eq!(jobs.remove(id), Ok(()));
            }
        });
        assert_eq!(jobs.list(), []);
    }
}

pub(crate) fn chosen_ids_are_distinct_and_there(jobs: &dyn Jobs) {
    let mut chosen =
        on_threads(|_| (0..EACH).map(|_| jobs.add(None).unwrap()).collect::<Vec<_>>()).concat();
    chosen.sort_unstable();
    assert!(chosen.is_sorted_by(|a, b| a < b), "an id was chosen twice");
    assert_eq!(jobs.list(), chosen);
}

pub(crate) fn threads_keep_their_own(jobs: &dyn Jobs) {
    on_threads(|thread| {
        let first = i64::from(EACH) * i64::from(thread);
        for id in first..first + i64::from(EACH) {
            assert_eq!(jobs.add(Some(id)), Ok(id));
            assert!(jobs.contains(id));
            if id % 2 == 0 {
                assert_eq!(jobs.remove(id), Ok(()));
                assert!(!jobs.contains(id));
            }
        }
    });
    let odd: Vec<_> = (0..i64::from(EACH) * i64::from(THREADS)).filter(|id| id % 2 == 1).collect();
    assert_eq!(jobs.list(), odd);
}
