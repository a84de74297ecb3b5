//! That the broken modes sell what they do not have.

use std::iter;

use loadgen_store::{RaceWindow, Seats};

use super::open;
use crate::mode;
use crate::threads::{on_threads, tried_until_seen};

const SEATS: usize = 20;

#[test]
fn racy_sells_a_seat_that_is_not_there() {
    tried_until_seen("racy oversells", || {
        let seats = open(mode("booking", "racy"), SEATS, RaceWindow::Yield);
        let sold = sold(&*seats);
        assert!(sold >= SEATS, "{} seats were not sold", SEATS - sold);
        assert_eq!(seats.left(), i64::try_from(SEATS).unwrap() - i64::try_from(sold).unwrap());
        sold > SEATS
    });
}

#[test]
fn always_ok_says_that_it_sold_what_it_has_not() {
    let seats = open(mode("booking", "always-ok"), SEATS, RaceWindow::None);
    let claimed = on_threads(|_| (0..SEATS).filter(|_| seats.book()).count());
    assert!(claimed.iter().all(|claimed| *claimed == SEATS), "{claimed:?}");
    assert_eq!(seats.left(), 0);
}

/// How many sales were acknowledged before each thread was turned away.
fn sold(seats: &dyn Seats) -> usize {
    on_threads(|_| iter::repeat_with(|| seats.book()).take_while(|sold| *sold).count())
        .into_iter()
        .sum()
}
