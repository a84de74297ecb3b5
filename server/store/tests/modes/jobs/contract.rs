//! The sequential meaning, which is every mode's, the mistakes' too.

use std::time::{Duration, Instant};

use loadgen_store::{JobError, Mode, RaceWindow};

use super::{errs_where_full, is_append_only, open};
use crate::{mode, modes};

const ROOM: usize = 10;

fn every_mode() -> impl Iterator<Item = &'static Mode> {
    modes("jobs").chain(modes("mistakes"))
}

#[test]
fn a_job_is_there_from_its_addition_to_its_removal() {
    for mode in every_mode() {
        let jobs = open(mode, ROOM, RaceWindow::None);
        assert!(!jobs.contains(7));
        assert_eq!(jobs.add(Some(7)), Ok(7));
        assert!(jobs.contains(7) && !jobs.contains(8));
        assert_eq!(jobs.list(), [7]);
        assert_eq!(jobs.remove(7), Ok(()));
        assert!(!jobs.contains(7));
        assert_eq!(jobs.list(), []);
    }
}

#[test]
fn an_unknown_id_cannot_be_removed() {
    for mode in every_mode() {
        let jobs = open(mode, ROOM, RaceWindow::None);
        jobs.add(Some(1)).unwrap();
        assert_eq!(jobs.remove(0), Err(JobError::UnknownId));
        assert_eq!(jobs.remove(1), Ok(()));
        assert_eq!(jobs.remove(1), Err(JobError::UnknownId));
    }
}

#[test]
fn a_list_has_every_job_once_in_ascending_order() {
    for mode in every_mode() {
        let jobs = open(mode, ROOM, RaceWindow::None);
        for id in [5, 0, 9, 5, i64::MAX, 2] {
            assert_eq!(jobs.add(Some(id)), Ok(id));
        }
        assert_eq!(jobs.list(), [0, 2, 5, 9, i64::MAX]);
    }
}

#[test]
fn a_job_in_the_place_of_another_leaves_nothing_of_it() {
    for mode in every_mode() {
        let jobs = open(mode, ROOM, RaceWindow::None);
        for _ in 0..3 {
            jobs.add(Some(4)).unwrap();
        }
        assert_eq!(jobs.remove(4), Ok(()));
        assert_eq!(jobs.list(), []);
    }
}

#[test]
fn an_id_that_the_store_chooses_is_new_whatever_was_removed() {
    for mode in every_mode() {
        let jobs = open(mode, ROOM, RaceWindow::None);
        assert_eq!(jobs.add(None), Ok(0));
        assert_eq!(jobs.add(None), Ok(1));
        assert_eq!(jobs.add(Some(7)), Ok(7));
        assert_eq!(jobs.add(None), Ok(8));
        jobs.remove(8).unwrap();
        assert_eq!(jobs.add(None), Ok(9));
    }
}

#[test]
fn where_no_id_is_left_the_store_chooses_none() {
    for mode in every_mode().filter(|mode| !errs_where_full(mode)) {
        let jobs = open(mode, ROOM, RaceWindow::None);
        jobs.add(Some(i64::MAX)).unwrap();
        assert_eq!(jobs.add(None), Err(JobError::Full));
        assert_eq!(jobs.list(), [i64::MAX]);
    }
}

#[test]
fn a_full_store_refuses_another_job_and_serves_the_others() {
    for mode in every_mode().filter(|mode| !errs_where_full(mode)) {
        let jobs = open(mode, 2, RaceWindow::None);
        jobs.add(Some(3)).unwrap();
        jobs.add(Some(1)).unwrap();
        assert_eq!(jobs.add(Some(2)), Err(JobError::Full));
        assert_eq!(jobs.add(None), Err(JobError::Full));
        assert_eq!(jobs.list(), [1, 3]);
        assert!(jobs.contains(3) && !jobs.contains(2));
        let again = if is_append_only(mode) { Err(JobError::Full) } else { Ok(3) };
        assert_eq!(jobs.add(Some(3)), again);
        assert_eq!(jobs.remove(3), Ok(()));
        let instead = if is_append_only(mode) { Err(JobError::Full) } else { Ok(2) };
        assert_eq!(jobs.add(Some(2)), instead);
    }
}

#[test]
fn a_mistake_that_is_made_where_the_store_is_full_is_not_made_before() {
    for mode in modes("mistakes").filter(|mode| errs_where_full(mode)) {
        let jobs = open(mode, 3, RaceWindow::None);
        let ids = [(); 3].map(|()| jobs.add(None).unwrap());
        assert_eq!(jobs.list(), ids);
        jobs.remove(ids[0]).unwrap();
        assert_eq!(jobs.list(), ids[1..]);
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
    for mode in every_mode() {
        for window in windows {
            let jobs = open(mode, ROOM, window);
            assert_eq!([(); 3].map(|()| jobs.add(None).unwrap()), [0, 1, 2]);
            assert_eq!(jobs.list(), [0, 1, 2]);
        }
    }
}

#[test]
fn the_modes_that_have_a_race_widen_it_as_long_as_asked() {
    let racing = [
        mode("jobs", "racy"),
        mode("jobs", "go-map"),
        mode("mistakes", "access-outside-lock"),
        mode("mistakes", "copied-lock"),
        mode("mistakes", "opposite-order"),
    ];
    for mode in racing {
        for width in [Duration::from_micros(300), Duration::from_millis(3)] {
            let jobs = open(mode, ROOM, RaceWindow::Wait(width));
            let start = Instant::now();
            jobs.add(None).unwrap();
            let elapsed = start.elapsed();
            assert!(elapsed >= width, "{}: only {elapsed:?} of {width:?}", mode.name);
        }
    }
}
