//! The sequential meaning, which is every mode's; `always-ok` has answers of its own.

use std::time::{Duration, Instant};

use loadgen_store::RaceWindow;

use super::{answer_without_seats, open};
use crate::{mode, modes};

#[test]
fn every_seat_is_sold_once_and_then_everyone_is_turned_away() {
    for mode in modes("booking") {
        let seats = open(mode, 20, RaceWindow::None);
        for left in (0..20).rev() {
            assert!(seats.book());
            assert_eq!(seats.left(), left);
        }
        for _ in 0..3 {
            assert_eq!(seats.book(), answer_without_seats(mode));
            assert_eq!(seats.left(), 0);
        }
    }
}

#[test]
fn where_there_are_no_seats_none_is_sold() {
    for mode in modes("booking") {
        let seats = open(mode, 0, RaceWindow::None);
        assert_eq!(seats.book(), answer_without_seats(mode));
        assert_eq!(seats.left(), 0);
    }
}

#[test]
fn more_seats_than_can_be_counted_are_as_many_as_can() {
    for mode in modes("booking") {
        let seats = open(mode, usize::MAX, RaceWindow::None);
        assert_eq!(seats.left(), i64::MAX);
        assert!(seats.book());
        assert_eq!(seats.left(), i64::MAX - 1);
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
    for mode in modes("booking") {
        for window in windows {
            let seats = open(mode, 2, window);
            let expected = [true, true, answer_without_seats(mode)];
            assert_eq!([(); 3].map(|()| seats.book()), expected);
        }
    }
}

#[test]
fn racy_checks_and_acts_as_far_apart_as_asked() {
    for width in [Duration::from_micros(300), Duration::from_millis(3)] {
        let seats = open(mode("booking", "racy"), 1, RaceWindow::Wait(width));
        let start = Instant::now();
        assert!(seats.book());
        assert!(start.elapsed() >= width, "only {:?} of {width:?}", start.elapsed());
    }
}
