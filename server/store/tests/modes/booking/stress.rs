//! The correct modes under threads. Loom proves them in the small; this is the code as it ships.

use loadgen_store::RaceWindow;

use super::open;
use crate::right_modes;
use crate::threads::{THREADS, on_threads};

const ROUNDS: usize = if cfg!(miri) { 2 } else { 50 };
const SEATS: usize = if cfg!(miri) { 10 } else { 500 };

#[test]
fn as_many_are_sold_as_there_are_and_the_others_are_turned_away() {
    for mode in right_modes("booking") {
        for _ in 0..ROUNDS {
            let seats = open(mode, SEATS, RaceWindow::Yield);
            // Two for every seat: whoever is late is turned away.
            let each = 2 * SEATS / usize::from(THREADS) + 1;
            let answers = on_threads(|_| (0..each).filter(|_| seats.book()).count());
            assert_eq!(answers.into_iter().sum::<usize>(), SEATS);
            assert_eq!(seats.left(), 0);
        }
    }
}

#[test]
fn nobody_is_turned_away_while_seats_are_left_and_no_thread_sees_more_left_than_before() {
    for mode in right_modes("booking") {
        let seats = open(mode, SEATS, RaceWindow::Yield);
        let each = SEATS / usize::from(THREADS);
        on_threads(|_| {
            let mut before = seats.left();
            for _ in 0..each {
                assert!(seats.book());
                let left = seats.left();
                assert!(left < before, "{left} are left after a sale, {before} were before");
                before = left;
            }
        });
        assert_eq!(seats.left(), i64::try_from(SEATS - each * usize::from(THREADS)).unwrap());
    }
}
