//! What is said of what is left.

use crate::anomaly::AnomalyKind as Kind;
use crate::counting::words::{Counting, Updates};
use crate::history::{Op, Outcome, YES};
use crate::sentence::{Explanation, Scene, at_most};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Left before",
    after: "Left after",
    updates: "takes",
    are_there: "took what there was",
    lost: Lost {
        label: "Phantom successes",
        one: "success that took nothing",
        several: "successes that took nothing",
        verb: "took nothing",
    },
};

/// What takes are, and what they leave.
const TAKES: Updates = Updates {
    noun: "take",
    are_done: |take| (take.op, take.outcome, take.result) == (Op::Take, Outcome::Ok, YES),
    may_be_done: |take| {
        take.op == Op::Take && take.outcome != Outcome::Fail && !take.was_declined()
    },
    come_to: |initial, bound, left| {
        let were = if left == 1 { "was" } else { "were" };
        format!("of {initial}, {bound} {left} {were} left")
    },
};

pub(super) fn explain(scene: Scene<'_>, initial: i64) -> Option<Explanation> {
    let limit = i128::from(initial);
    let counting = Counting { scene, updates: TAKES, initial, step: -1, limit };
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::PhantomSoldOut, &[answer]) => {
            let taken = counting.may_be_done_by(answer);
            let sentence = format!(
                "{}, but by then {} can have been made: {}.",
                told(scene, answer),
                at_most(taken, "take"),
                counting.at_most(taken)
            );
            Some(Explanation::new(answer, &sentence))
        }
        (Kind::LateSale, &[sold_out, take]) => {
            let sentence = format!(
                "{} and was over before {} began, so nothing was left; but {} was answered yes.",
                told(scene, sold_out),
                scene.the(take),
                scene.whose(take)
            );
            Some(Explanation::new(take, &sentence))
        }
        (Kind::Oversell, witness) => oversell(scene, initial, witness),
        _ => counting.explain(),
    }
}

fn oversell(scene: Scene<'_>, initial: i64, witness: &[u32]) -> Option<Explanation> {
    let (first, takes) = witness.split_first()?;
    let read = Some(*first).filter(|index| scene.operation(*index).op == Op::Read);
    let takes = if read.is_some() { takes } else { witness };
    let last = takes.iter().max_by_key(|take| scene.operation(**take).return_ns);
    let sentence = match (read, takes.len()) {
        (Some(read), 0) => format!(
            "{} returned {}, and less than nothing cannot be left.",
            scene.the(read),
            scene.operation(read).result
        ),
        (Some(read), count) => format!(
            "{} returned {}; but of the takes that began after it was over, {count} were answered \
             yes.",
            scene.the(read),
            scene.operation(read).result
        ),
        (None, count) => format!("{count} takes were answered yes, but there were {initial}."),
    };
    Some(Explanation::new(*last.unwrap_or(first), &sentence))
}

/// How an answer said that nothing is left.
fn told(scene: Scene<'_>, index: u32) -> String {
    let the = scene.the(index);
    match scene.operation(index).op {
        Op::Read => format!("{the} returned 0"),
        _ => format!("{the} was answered no"),
    }
}
