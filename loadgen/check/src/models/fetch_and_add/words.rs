//! Additions that answer with the new sum.

use crate::anomaly::AnomalyKind as Kind;
use crate::history::{NIL, Op, Outcome};
use crate::sentence::{Explanation, Scene, at_most};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    let initial = scene.object.initial_or(0);
    let result = |index: u32| scene.operation(index).result;
    let (wrong, sentence) = match (scene.anomaly.kind, scene.witness()) {
        (Kind::DuplicateValue, &[one, other]) => {
            let sentence = format!(
                "{} returned {} and so did {}; each add makes a value of its own, so one of the \
                 two was lost.",
                scene.the(one),
                result(one),
                scene.whose(other)
            );
            (other, sentence)
        }
        (Kind::OrderViolation | Kind::StaleRead, &[only]) => {
            let is_add = scene.operation(only).op == Op::Add;
            let sentence = format!(
                "{} returned {}, but the counter began at {initial}, and {}.",
                scene.the(only),
                result(only),
                if is_add { "an add makes it more" } else { "it only grows" }
            );
            (only, sentence)
        }
        (Kind::OrderViolation | Kind::StaleRead, &[before, after]) => {
            let sentence = format!(
                "{} was over before {} began, so it comes first; but it returned {} and {whose} \
                 {}, which is smaller, so {whose} comes first: a contradiction.",
                scene.the(before),
                scene.the(after),
                result(before),
                result(after),
                whose = scene.whose(after)
            );
            (after, sentence)
        }
        (Kind::FutureRead, &[read, add]) => {
            let sentence = format!(
                "{} returned {value} and was over before {} began; but it was that add which made \
                 it {value}.",
                scene.the(read),
                scene.the(add),
                value = result(add)
            );
            (read, sentence)
        }
        (Kind::SkippedValue, &[last]) => (last, skipped(scene, last, initial)),
        _ => return None,
    };
    Some(Explanation::new(wrong, &sentence))
}

fn skipped(scene: Scene<'_>, last: u32, initial: i64) -> String {
    let adds = additions_up_to(scene, last);
    let reached = i128::from(initial) + i128::from(adds);
    format!(
        "{} returned {}, but by then {} can have been made: from {initial} to {reached}; values \
         were passed over.",
        scene.the(last),
        scene.operation(last).result,
        at_most(adds, "add")
    )
}

/// How many additions may come before `last` in an order, itself included.
fn additions_up_to(scene: Scene<'_>, last: u32) -> u32 {
    let last = scene.operation(last);
    let mut count = 0;
    for add in &scene.object.operations {
        let is_greater =
            add.outcome == Outcome::Ok && add.result != NIL && add.result > last.result;
        let may_come = add.op == Op::Add && add.outcome != Outcome::Fail;
        count += u32::from(may_come && !last.precedes(add) && !is_greater);
    }
    count
}
