//! Values that are written and read.

use super::failed;
use crate::anomaly::AnomalyKind as Kind;
use crate::history::{NIL, Op, Outcome};
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Value before",
    after: "Value after",
    updates: "writes",
    are_there: "are explained",
    lost: Lost {
        label: "Lost writes",
        one: "write lost",
        several: "writes lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::Phantom, &[read]) => Some(Explanation::new(
            read,
            &format!(
                "{} returned {}, which nobody wrote and which was not there at first.",
                scene.the(read),
                shown(scene, read)
            ),
        )),
        (Kind::FailedWrite, &[write, read]) => Some(failed::explain(scene, write, read)),
        (Kind::FutureRead, &[write, read]) => Some(Explanation::new(
            read,
            &format!(
                "{} returned {} and was over before {} of it began.",
                scene.the(read),
                shown(scene, read),
                scene.the(write)
            ),
        )),
        (Kind::StaleRead, [before @ .., read]) => stale(scene, before, *read),
        (Kind::OrderViolation, [first, ..]) => contradiction(scene, *first),
        _ => None,
    }
}

/// What the operation wrote or returned.
fn value(scene: Scene<'_>, index: u32) -> Option<i64> {
    let operation = scene.operation(index);
    match (operation.op, operation.outcome) {
        (Op::Write, Outcome::Ok | Outcome::Unknown) => Some(operation.arg),
        (Op::Read, Outcome::Ok) => Some(operation.result),
        _ => None,
    }
}

fn shown(scene: Scene<'_>, index: u32) -> String {
    scene.value(value(scene, index).unwrap_or(NIL)).to_string()
}

/// As in `client 3's write of 5` or `client 3's read of 5`.
fn access(scene: Scene<'_>, index: u32) -> String {
    format!("{} of {}", scene.the(index), shown(scene, index))
}

/// The value that `read` returned was there, another was written, and that was there as well.
fn stale(scene: Scene<'_>, before: &[u32], read: u32) -> Option<Explanation> {
    let own = value(scene, read);
    let overwrites =
        |index: &&u32| scene.operation(**index).op == Op::Write && value(scene, **index) != own;
    let write = *before.iter().find(overwrites)?;
    let (old, new) = (shown(scene, read), shown(scene, write));
    let was_there = before.iter().find(|index| value(scene, **index) == own);
    let was_there = match was_there {
        Some(early) => {
            format!("{} was over before {} began", access(scene, *early), access(scene, write))
        }
        None => format!("{old} was there at first, before {}", access(scene, write)),
    };
    let shows = |index: &&u32| {
        value(scene, **index) == value(scene, write)
            && scene.operation(**index).precedes(scene.operation(read))
    };
    let shown_by = *before.iter().find(shows)?;
    let overwritten = if shown_by == write {
        "that was over".to_owned()
    } else {
        format!("{} shows that it was done", access(scene, shown_by))
    };
    let sentence = format!(
        "{was_there}, and {overwritten} before {} began; but that read returned {old}, which {new} had \
         replaced by then.",
        scene.the(read)
    );
    Some(Explanation::new(read, &sentence))
}

/// The operations on one value come before those on another by some, after them by others.
fn contradiction(scene: Scene<'_>, first: u32) -> Option<Explanation> {
    let witness = scene.witness();
    let own = value(scene, first);
    let other = witness.iter().map(|index| value(scene, *index)).find(|value| *value != own)?;
    let find = |early: Option<i64>, late: Option<i64>| {
        let of = |one| witness.iter().copied().filter(move |index| value(scene, *index) == one);
        let pairs = of(early).flat_map(|one| of(late).map(move |other| (one, other)));
        pairs
            .into_iter()
            .find(|(one, other)| scene.operation(*one).precedes(scene.operation(*other)))
    };
    let (one, others) = find(own, other)?;
    let (another, owns) = find(other, own)?;
    let [own, other] = [own, other].map(|value| scene.value(value.unwrap_or(NIL)));
    let wrong = [others, owns].into_iter().max_by_key(|index| scene.operation(*index).return_ns)?;
    let sentence = format!(
        "{} was over before {} began, so {own} comes before {other}; but {} was over before {} \
         began, so {other} comes before {own}: a contradiction.",
        access(scene, one),
        access(scene, others),
        access(scene, another),
        access(scene, owns)
    );
    Some(Explanation::new(wrong, &sentence))
}
