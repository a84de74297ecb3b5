//! A queue of elements.
//!
//! Each element x is put in by one addition, over at A(x) and called at a(x), and taken by one take,
//! called at t(x) and over at T(x); what stays for good has t = T = ∞. Those that were there at first
//! came one after the other before everything else. Of the histories in which each element is put in
//! and taken once, those that no order explains show one of the following:
//! - a take returned what was not put in, or was over before that began: T(x) < a(x);
//! - x was in before y, and y was taken before x: A(x) < a(y) and T(y) < t(x);
//! - nothing was left, at no instant of which it can be: each is between an A(x) and its t(x).
//!
//! This is so by Henzinger, Sezgin and Vafeiadis, "Aspect-Oriented Linearizability Proofs" (CONCUR
//! 2013), and Bouajjani, Emmi, Enea and Hamza, "On Reducing Linearizability to State Reachability"
//! (ICALP 2015). The reason is short. The answers that nothing was left each take an instant that is
//! between no A(x) and t(x); these cut the history into parts, and each element has both its operations
//! in one. Within a part, what comes first in the additions and what comes first in the takes are two
//! orders of intervals. In their union a shortest circle has two elements: of a longer one the two
//! steps of one order, x before y and z before w, are joined by x before w or z before y, which makes
//! it shorter. So where no two elements contradict each other, there is an order of all; and each
//! operation can happen when the last one that comes before it in that order has begun.
//!
//! An addition that may not have been made counts if its element was handed out, and is over at no
//! time; otherwise it was not made. A take that may not have been made is called at u and never over.
//! Of the elements that nobody returned, sorted by A, the first is given to the first such take, the
//! second to the second, and so on. That hides nothing that can be hidden: a take that returned y at a
//! time up to which fewer of them began than elements stood before y for certain contradicts one of
//! these, whichever were taken; and so does an answer that nothing was left. What it hides is
//! explained, since a take that is over at no time is before no other.
//!
//! All of it takes sorting, and looking up the last t(x) of those with an A(x) less than some time:
//! O(n log n).

use super::nothing::{Something, cover};
use super::stays::{self, Stay};
use super::{order, turns};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, NO, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::models::dispense::elements::{Elements, takes};
use crate::tally::Tally;

/// The verdict on `operations` on a queue that had the `initial` elements, in this order; `None` where
/// there are other operations than additions of elements and takes, or one ends before it begins.
///
/// There are at most `u32::MAX` operations. Where an element is put in twice, or was there at first and
/// is put in, nothing is decided. An acknowledged take without a result took an element that nobody
/// knows; with one of those, a history that shows no anomaly is undecided. Takes and additions of which
/// nobody knows whether they were done leave nothing open.
///
/// - `DoubleHandout`: an element that was handed out before. Counts the takes that returned one, of
///   each element all but the first that was complete. Witness: the first two, in the order of their
///   ends.
/// - `Phantom`: a take that returned what nobody put in. Counts takes. Witness: the take.
/// - `FutureRead`: a take that was over before the addition of its element began. Counts takes.
///   Witness: the take, the addition.
/// - `OutOfTurn`: a take of an element that was over before one began of an element that had come
///   first; or that had none, although there were more such than takes that may have taken them.
///   Counts takes of the later element. Witness: the addition of the earlier element (none where it was
///   there at first), that of the later one (likewise), the take of the later one, the take of the
///   earlier one (none where it has none).
/// - `PhantomSoldOut`: an answer that nothing was left, while at each instant of it something was.
///   Counts answers. Witness: the answer, and of the fewest elements of which one was there at each
///   instant, in the order of time, the addition (none where it was there at first) and the take (none
///   where nobody returned it).
///
/// An element that was handed out before it was put in proves nothing further; one that was handed out
/// twice is there until the first of its takes began. The time is when the operation that counts was
/// over. All of it may be the work of others, who put an element back, or took it.
#[must_use]
pub fn judge(initial: &[i64], operations: &[Operation], certify: bool) -> Option<Judgement> {
    if !operations.iter().all(is_covered) {
        return None;
    }
    let Some(mut elements) = Elements::collect(initial, operations) else {
        return Some(Judgement::unknown("an element was put in more than once"));
    };
    let taken = elements.take_all(operations);
    let stays = stays::of(&elements, initial, operations);
    let out_of_turn = turns::out_of_turn(&stays, operations);
    let (sold_out, nothing_left) = sold_out(&stays, operations);
    let found: Vec<_> = taken.into_iter().chain([out_of_turn, sold_out]).flatten().collect();
    let unread = takes(operations).filter(|(_, take)| take.result == NIL).count();
    Some(if !found.is_empty() {
        Judgement::invalid(found)
    } else if unread > 0 {
        Judgement::unknown(format!("{unread} answers carried no result"))
    } else {
        Judgement::valid(certify.then(|| order::of(&stays, nothing_left)))
    })
}

fn is_covered(operation: &Operation) -> bool {
    let is_over = operation.call_ns <= operation.completion_ns();
    let has_end = operation.outcome != Outcome::Ok || operation.return_ns < NEVER;
    match operation.op {
        _ if operation.outcome == Outcome::Fail => true,
        Op::Add => is_over && has_end && operation.arg != NIL && !operation.was_declined(),
        Op::Take => is_over && has_end,
        Op::Read | Op::Write | Op::Cas | Op::Give | Op::Move => false,
    }
}

/// The wrong answers that nothing was left; and the right ones, each with a time.
fn sold_out(stays: &[Stay], operations: &[Operation]) -> (Option<Anomaly>, Vec<order::Nothing>) {
    let something = Something::of(stays);
    let mut nothing_left = Vec::new();
    let mut wrong = Tally::new();
    for (index, answer) in takes(operations).filter(|(_, take)| take.result == NO) {
        match something.first_without(answer) {
            Some(time) => nothing_left.push((time, index)),
            None => wrong.add(answer.return_ns, index),
        }
    }
    let wrong = wrong.anomaly(AnomalyKind::PhantomSoldOut, |answer| {
        let there = cover(stays, &operations[answer as usize]);
        let there = there.into_iter().flat_map(Stay::operations);
        std::iter::once(answer).chain(there).collect()
    });
    (wrong, nothing_left)
}
