//! `booking`: seats that are booked one by one.

use store::{Mode, RaceWindow, Seats, Store};

use crate::outcome::Outcome;
use crate::{Conflict, Scenario, Subject, settings};

/// A number of seats.
#[derive(Debug)]
pub struct Booking;

/// One call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Books a seat.
    Book,
    /// Reads how many are left.
    Left,
}

/// What an operation was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whether a seat was booked.
    Booked(bool),
    /// How many are left.
    Left(i64),
}

use Operation::{Book, Left};

/// The least that can sell a seat twice.
pub static TWO_BOOKERS: Scenario<Booking> =
    Scenario { start: 1, threads: &[&[Book], &[Book]], conflict: Conflict::Writes };

/// One that is turned away, whoever it is.
pub static THREE_BOOKERS: Scenario<Booking> =
    Scenario { start: 2, threads: &[&[Book], &[Book], &[Book]], conflict: Conflict::Writes };

/// A reader beside two that want the last seat; it reads twice, so that a seat that comes back
/// would show.
pub static TWO_BOOKERS_AND_A_READER: Scenario<Booking> =
    Scenario { start: 1, threads: &[&[Left, Left], &[Book], &[Book]], conflict: Conflict::Writes };

impl Subject for Booking {
    type Operation = Operation;
    type Answer = Answer;
    /// How many seats are left.
    type Last = i64;
    /// How many seats there are.
    type Start = i64;
    type Twin = i64;
    type Store = Box<dyn Seats>;

    fn twin(start: i64) -> i64 {
        start
    }

    fn step(operation: Operation, left: &mut i64) -> Answer {
        match operation {
            Book if *left > 0 => {
                *left -= 1;
                Answer::Booked(true)
            }
            Book => Answer::Booked(false),
            Left => Answer::Left(*left),
        }
    }

    fn last_of(twin: &i64) -> i64 {
        *twin
    }

    fn open(mode: &Mode, start: i64, race_window: RaceWindow) -> Self::Store {
        let capacity = usize::try_from(start).expect("no fewer seats than none");
        let Store::Seats(store) = mode.open(&settings(capacity, race_window)) else {
            panic!("{} has no seats", mode.name);
        };
        store
    }

    fn call(store: &Self::Store, operation: Operation) -> Answer {
        match operation {
            Book => Answer::Booked(store.book()),
            Left => Answer::Left(store.left()),
        }
    }

    fn last(store: &Self::Store) -> i64 {
        store.left()
    }

    fn anomaly(
        start: i64,
        threads: &[&[Operation]],
        outcome: &Outcome<Answer, i64>,
    ) -> Option<&'static str> {
        let booked = |(_, answer): &(Operation, &Answer)| **answer == Answer::Booked(true);
        let sold = i64::try_from(outcome.pairs(threads).filter(booked).count()).ok()?;
        let wanted = outcome.pairs(threads).filter(|(operation, _)| *operation == Book).count();
        let wanted = i64::try_from(wanted).ok()?;
        match (sold > start, outcome.last == start - sold) {
            (true, true) => Some("oversells"),
            (true, false) => Some("answers falsely"),
            (false, false) => Some("loses updates"),
            (false, true) => (sold < start.min(wanted)).then_some("turns away"),
        }
    }
}
