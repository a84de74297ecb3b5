//! An order that is likely to explain every answer.
//!
//! Time is gone through once. What is in flight [waits](super::waiting), and is put into the order when
//! its time is over, or before when something needs it: a take, more to be left; an answer, as many as it
//! told of. An answer is put into the order as soon as it fits.
//!
//! Where something does not fit, it goes back some way and on in another manner: takes, or gives, or both
//! do not wait but are put into the order as soon as they can, or what is in flight is tried in another
//! sequence. Behind that place it goes on as before. If no manner helps it goes back further, and gives up
//! in the end. So this is no search for every order, and that it finds none proves nothing.

use super::bounds::end_ns;
use super::roles::Role;
use super::waiting::{MANNERS, Mark, Waiting};
use crate::history::{Operation, Outcome};

/// So many events lie between two places to go back to.
const STRIDE: usize = 16;
/// How many places are kept.
const PLACES: usize = 32;
/// How often it may go back for one event.
const TRIES: usize = 16 * (MANNERS - 1);

/// How often it may go back for as many events as lie between two places.
const RETURNS: usize = 16;

/// What happens to an operation, in the order in which this is looked at within one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Begin,
    Answer,
    Give,
    Take,
}

/// An order of `operations`, as far as it can be told by its answers; `None` where none was found.
pub(super) fn likely(initial: i64, operations: &[Operation], roles: &[Role]) -> Option<Vec<u32>> {
    let events = events(operations, roles);
    let mut waiting = Waiting::new(initial, operations, roles);
    let mut places: Vec<(usize, Mark)> = Vec::new();
    // The furthest event that did not fit, and how often it went back for it.
    let (mut furthest, mut tries) = (0, 0);
    let mut returns = 0;
    let mut at = 0;
    while at < events.len() {
        if at.is_multiple_of(STRIDE) && places.last().is_none_or(|(last, _)| *last < at) {
            if places.len() == PLACES {
                places.remove(0);
            }
            places.push((at, waiting.mark()));
        }
        if at > furthest + STRIDE {
            waiting.behave(0);
        }
        let (_, turn, index) = events[at];
        let fits = match turn {
            Turn::Begin => {
                waiting.begin(index);
                true
            }
            _ => waiting.end(index),
        };
        if fits {
            at += 1;
            continue;
        }
        tries = if at > furthest { 0 } else { tries + 1 };
        furthest = furthest.max(at);
        returns += 1;
        if tries >= TRIES || returns > TRIES + events.len() / STRIDE * RETURNS {
            return None;
        }
        // From each place once in every manner but the first, which has led here.
        let (from, manner) = (tries / (MANNERS - 1), 1 + tries % (MANNERS - 1));
        let target = (furthest / STRIDE).saturating_sub(from) * STRIDE;
        while places.len() > 1 && places.last().is_some_and(|(last, _)| *last > target) {
            places.pop();
        }
        let (place, mark) = places.last()?;
        waiting.go_back(mark);
        waiting.behave(manner);
        at = *place;
    }
    Some(waiting.into_order())
}

fn events(operations: &[Operation], roles: &[Role]) -> Vec<(u64, Turn, u32)> {
    let mut events = Vec::with_capacity(2 * operations.len());
    for ((index, operation), role) in (0_u32..).zip(operations).zip(roles) {
        if *role == Role::Absent {
            continue;
        }
        events.push((operation.call_ns, Turn::Begin, index));
        if operation.outcome == Outcome::Ok && *role != Role::Blank {
            let turn = match role {
                role if role.tells() => Turn::Answer,
                role if role.gives() > 0 => Turn::Give,
                _ => Turn::Take,
            };
            events.push((end_ns(operation), turn, index));
        }
    }
    events.sort_unstable();
    events
}
