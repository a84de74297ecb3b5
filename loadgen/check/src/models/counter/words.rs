//! What is said of a counter.

use crate::counting::words::{Counting, Updates};
use crate::history::{Op, Outcome};
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(in crate::models) static WORDS: Words = Words {
    before: "Counter before",
    after: "Counter after",
    updates: "updates",
    are_there: "are in the counter",
    lost: Lost {
        label: "Lost updates",
        one: "update lost",
        several: "updates lost",
        verb: "were lost",
    },
};

/// What additions are, and what they come to.
const ADDITIONS: Updates = Updates {
    noun: "add",
    are_done: |add| add.op == Op::Add && add.outcome == Outcome::Ok,
    may_be_done: |add| add.op == Op::Add && add.outcome != Outcome::Fail,
    come_to: |initial, bound, sum| format!("the counter, {initial} at first, was {bound} {sum}"),
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    let add = scene.object.operations.iter().find(|add| (ADDITIONS.may_be_done)(add));
    let step = add.map_or(1, |add| add.arg);
    if step < 1 {
        return None;
    }
    let initial = scene.object.initial_or(0);
    Counting { scene, updates: ADDITIONS, initial, step, limit: i128::MAX }.explain()
}
