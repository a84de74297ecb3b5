//! Elements that are added, and lists of them.

use std::collections::HashSet;

use super::failed;
use crate::anomaly::AnomalyKind as Kind;
use crate::history::Operation;
use crate::history::{Op, Outcome};
use crate::lists::List;
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Elements before",
    after: "Elements after",
    updates: "elements",
    are_there: "are there",
    lost: Lost {
        label: "Lost elements",
        one: "element lost",
        several: "elements lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::Phantom, &[read]) => phantom(scene, read),
        (Kind::FailedWrite, &[add, read]) => Some(failed::explain(scene, add, read)),
        (Kind::DuplicateElement, &[read]) => duplicate(scene, read),
        (Kind::DuplicateValue, &[one, other]) => {
            let element = scene.operation(one).arg;
            let shown = scene.value(element);
            let sentence = format!(
                "{} was answered with {shown} and so was {}; each adds an element of its own.",
                scene.the(one),
                scene.the(other)
            );
            Some(Explanation::new(other, &sentence).with_elements([element]))
        }
        (Kind::FutureRead, &[add, read]) => {
            let element = scene.operation(add).arg;
            let shown = scene.value(element);
            let sentence = format!(
                "{} returned a list with {shown} and was over before {} of it began.",
                scene.the(read),
                scene.the(add)
            );
            Some(Explanation::new(read, &sentence).with_elements([element]))
        }
        (Kind::MissingElement, [add @ .., read]) if add.len() < 2 => {
            missing(scene, add.first().copied(), *read)
        }
        (Kind::StaleRead, &[early, late]) => {
            let (first, second) = (list(scene, early)?, list(scene, late)?);
            let element = in_one_alone(first.elements(), second.elements())?;
            let shown = scene.value(element);
            let sentence = format!(
                "{} returned a list with {shown} and was over before {} began; but {} list \
                 lacks it, and nothing is ever removed.",
                scene.the(early),
                scene.the(late),
                scene.whose(late)
            );
            Some(Explanation::new(late, &sentence).with_elements([element]))
        }
        (Kind::IncomparableLists, &[one, other]) => incomparable(scene, one, other),
        (Kind::OrderViolation, &[lacked, held, read]) => {
            let elements = [lacked, held].map(|add| scene.operation(add).arg);
            let [first, second] = elements.map(|element| scene.value(element));
            let sentence = format!(
                "{} of {first} was over before {} of {second} began, so {first} comes first; but \
                 {} returned a list with {second} and without {first}, so {second} comes first: a \
                 contradiction.",
                scene.the(lacked),
                scene.the(held),
                scene.the(read)
            );
            Some(Explanation::new(read, &sentence).with_elements(elements))
        }
        _ => None,
    }
}

fn list(scene: Scene<'_>, read: u32) -> Option<List<'_>> {
    scene.operation(read).list(&scene.object.lists)
}

/// The first element of `one` that `other` lacks.
fn in_one_alone(
    mut one: impl Iterator<Item = i64>,
    other: impl Iterator<Item = i64>,
) -> Option<i64> {
    let other: HashSet<_> = other.collect();
    one.find(|element| !other.contains(element))
}

fn phantom(scene: Scene<'_>, read: u32) -> Option<Explanation> {
    let is_add = |add: &&Operation| add.op == Op::Add && add.outcome != Outcome::Fail;
    let added = scene.object.operations.iter().filter(is_add).map(|add| add.arg);
    let known = added.chain(scene.object.initial_elements().iter().copied());
    let element = in_one_alone(list(scene, read)?.elements(), known)?;
    let shown = scene.value(element);
    let sentence = format!(
        "{} returned a list with {shown}, which nobody added and which was not there at first.",
        scene.the(read)
    );
    Some(Explanation::new(read, &sentence).with_elements([element]))
}

fn duplicate(scene: Scene<'_>, read: u32) -> Option<Explanation> {
    let list = list(scene, read)?;
    let mut seen = HashSet::new();
    let element = list.elements().find(|element| !seen.insert(*element))?;
    let times = list.elements().filter(|other| *other == element).count();
    let times = if times == 2 { "twice".to_owned() } else { format!("{times} times") };
    let shown = scene.value(element);
    let sentence = format!(
        "{} returned a list that has {shown} {times}; a set has each element once.",
        scene.the(read)
    );
    Some(Explanation::new(read, &sentence).with_elements([element]))
}

fn missing(scene: Scene<'_>, add: Option<u32>, read: u32) -> Option<Explanation> {
    let the_read = scene.the(read);
    let (element, was_there) = if let Some(add) = add {
        let element = scene.operation(add).arg;
        let shown = scene.value(element);
        (element, format!("{} of {shown} was over before {the_read} began", scene.the(add)))
    } else {
        let initial = scene.object.initial_elements().iter().copied();
        let element = in_one_alone(initial, list(scene, read)?.elements())?;
        (element, format!("{} was there at first", scene.value(element)))
    };
    let shown = scene.value(element);
    let sentence = format!(
        "{was_there}; but {the_read} returned a list without {shown}, and nothing is ever \
         removed."
    );
    Some(Explanation::new(read, &sentence).with_elements([element]))
}

fn incomparable(scene: Scene<'_>, one: u32, other: u32) -> Option<Explanation> {
    let (first, second) = (list(scene, one)?, list(scene, other)?);
    let alone = |one: List<'_>, other: List<'_>| in_one_alone(one.elements(), other.elements());
    let elements = [alone(first, second)?, alone(second, first)?];
    let [ones, others] = elements.map(|element| scene.value(element));
    let sentence = format!(
        "{} returned a list with {ones} and without {others}, so {ones} comes first; but {} \
         returned one with {others} and without {ones}, so {others} comes first: a contradiction.",
        scene.the(one),
        scene.the(other)
    );
    Some(Explanation::new(other, &sentence).with_elements(elements))
}
