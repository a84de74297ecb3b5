//! What is said of a queue.

use super::verify::{added, returned};
use crate::anomaly::AnomalyKind as Kind;
use crate::history::{Op, Outcome};
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Elements before",
    after: "Elements after",
    updates: "operations",
    are_there: "are explained",
    lost: Lost {
        label: "Lost elements",
        one: "element lost",
        several: "elements lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::DoubleHandout, &[one, other]) => {
            let (the, whose) = (scene.the(one), scene.whose(other));
            let element = shown(scene, scene.operation(one).result);
            let sentence =
                format!("{the} returned {element} and so did {whose}; it was put in once.");
            Some(Explanation::new(other, &sentence))
        }
        (Kind::Phantom, &[take]) => {
            let (the, element) = (scene.the(take), shown(scene, scene.operation(take).result));
            let sentence = format!("{the} returned {element}, which nobody had put in.");
            Some(Explanation::new(take, &sentence))
        }
        (Kind::FutureRead, &[take, add]) => {
            let (the, element) = (scene.the(take), shown(scene, scene.operation(take).result));
            let add = scene.the(add);
            let sentence =
                format!("{the} returned {element} and was over before {add} of it began.");
            Some(Explanation::new(take, &sentence))
        }
        (Kind::OutOfTurn, witness) => out_of_turn(scene, witness),
        (Kind::PhantomSoldOut, [answer, there @ ..]) => Some(sold_out(scene, *answer, there)),
        _ => None,
    }
}

/// What an element is, as a report shows it.
fn shown(scene: Scene<'_>, element: i64) -> String {
    scene.object.tokens.value(element).to_string()
}

fn out_of_turn(scene: Scene<'_>, witness: &[u32]) -> Option<Explanation> {
    let is_take = |index: &&u32| scene.operation(**index).op == Op::Take;
    let mut takes = witness.iter().filter(is_take).copied();
    let (take, first_take) = (takes.next()?, takes.next());
    let second = returned(scene.operation(take))?;
    let add_of = |element: i64| {
        let is_of_it = |index: &&u32| added(scene.operation(**index)) == Some(element);
        witness.iter().find(is_of_it).copied()
    };
    let other = witness.iter().find_map(|index| {
        let operation = scene.operation(*index);
        returned(operation).or(added(operation)).filter(|element| *element != second)
    });
    let first = other.or_else(|| never_returned(scene))?;
    let [first_shown, second_shown] = [first, second].map(|element| shown(scene, element));
    let came_first = match (add_of(first), add_of(second)) {
        (Some(one), Some(other)) => format!(
            "{} of {first_shown} was over before {} of {second_shown} began",
            scene.the(one),
            scene.the(other)
        ),
        (None, Some(other)) => format!(
            "{first_shown} was there at first, before {} of {second_shown}",
            scene.the(other)
        ),
        (_, None) => format!("{first_shown} stood before {second_shown} at first"),
    };
    let the = scene.the(take);
    let then = match first_take {
        Some(first_take) => format!(
            "{the} returned {second_shown} and was over before {}, which returned {first_shown}, \
             began",
            scene.the(first_take)
        ),
        None if may_have_been_taken(scene) => format!(
            "{the} returned {second_shown}, and by then too few takes had begun for all that stood \
             before it, {first_shown} among them"
        ),
        None => format!("{the} returned {second_shown}, and nobody took {first_shown}"),
    };
    Some(Explanation::new(
        take,
        &format!("{came_first}, so {first_shown} comes first; but {then}."),
    ))
}

/// The first of what was there at first and nobody returned.
fn never_returned(scene: Scene<'_>) -> Option<i64> {
    let operations = &scene.object.operations;
    let is_returned = |element: i64| operations.iter().any(|one| returned(one) == Some(element));
    scene.object.initial_elements().iter().copied().find(|element| !is_returned(*element))
}

/// Whether there are takes of which nobody knows what they took.
fn may_have_been_taken(scene: Scene<'_>) -> bool {
    scene.object.operations.iter().any(|take| {
        let is_done = take.outcome != Outcome::Fail && !take.was_declined();
        take.op == Op::Take && is_done && returned(take).is_none()
    })
}

fn sold_out(scene: Scene<'_>, answer: u32, there: &[u32]) -> Explanation {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = there.iter().copied().peekable();
    while let Some(index) = rest.next() {
        let operation = scene.operation(index);
        parts.push(if let Some(element) = added(operation) {
            let (added_by, element) = (scene.the(index), shown(scene, element));
            let is_of_it = |take: &u32| returned(scene.operation(*take)) == added(operation);
            match rest.next_if(is_of_it) {
                Some(take) => {
                    format!("{element} from the end of {added_by} until {} began", scene.the(take))
                }
                None => format!(
                    "{element}, or another that nobody returned, from the end of {added_by}"
                ),
            }
        } else {
            let element = shown(scene, operation.result);
            format!("{element} from the beginning until {} began", scene.the(index))
        });
    }
    if parts.is_empty() {
        parts.push("what was there at first and nobody returned".to_owned());
    }
    let the = scene.the(answer);
    let sentence = format!(
        "{the} was told that nothing is left, but something was there the whole time: {}.",
        parts.join("; then ")
    );
    Explanation::new(answer, &sentence)
}
