//! What is said of versions.

use super::verify::{Clash, Facts, makes, needs, replaces};
use crate::anomaly::AnomalyKind as Kind;
use crate::history::{NIL, Op, Operation};
use crate::sentence::{Explanation, Scene, at_most};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Version before",
    after: "Version after",
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
        (Kind::LostUpdate, &[one, other]) => {
            let sentence = format!(
                "{} expected {} and was acknowledged, and so was {}; but only one of them can \
                 have replaced it, so the other was lost.",
                scene.the(one),
                version(scene, scene.operation(one).arg),
                scene.whose(other)
            );
            Some(Explanation::new(other, &sentence))
        }
        (Kind::Phantom, [others @ .., shown]) => Some(phantom(scene, others, *shown)),
        (Kind::FutureRead, &[write, early]) => {
            let sentence = format!(
                "{} and was over before {} made that version.",
                told(scene, early),
                scene.the(write)
            );
            Some(Explanation::new(early, &sentence))
        }
        (Kind::StaleRead | Kind::StaleWrite, [before @ .., user]) => stale(scene, before, *user),
        (Kind::PhantomRefusal, witness) => refusal(scene, witness),
        (Kind::OrderViolation, witness) => violation(scene, witness),
        _ => None,
    }
}

fn version(scene: Scene<'_>, version: i64) -> String {
    match version {
        NIL => "no document".to_owned(),
        _ => format!("version {}", scene.object.tokens.value(version)),
    }
}

/// What an operation showed: as in `client 3's read returned version 7`.
fn told(scene: Scene<'_>, index: u32) -> String {
    let operation = scene.operation(index);
    let the = scene.the(index);
    match operation.op {
        Op::Read => format!("{the} returned {}", version(scene, operation.result)),
        _ => format!("{the} expected {} and was acknowledged", version(scene, operation.arg)),
    }
}

/// As in `client 3's read of version 7`.
fn access(scene: Scene<'_>, index: u32) -> String {
    let operation = scene.operation(index);
    let the = scene.the(index);
    match (makes(operation), replaces(operation)) {
        (Some(new), Some(old)) => {
            format!("{the} from {} to {}", version(scene, old), version(scene, new))
        }
        (None, Some(old)) => format!("{the} from {}", version(scene, old)),
        (Some(new), None) => format!("{the} to {}", version(scene, new)),
        (None, None) => format!("{the} of {}", version(scene, operation.result)),
    }
}

fn phantom(scene: Scene<'_>, others: &[u32], shown: u32) -> Explanation {
    let sentence = if others.is_empty() {
        format!("{}, which nobody made and which was not there at first.", told(scene, shown))
    } else {
        format!(
            "{}, which nobody is known to have made, like {} others by then; but {} of unknown \
             version had begun.",
            told(scene, shown),
            others.len(),
            at_most(i128::try_from(others.len()).unwrap_or(i128::MAX), "write")
        )
    };
    Explanation::new(shown, &sentence)
}

/// The version that `user` found was there, another was made, and that was there as well.
fn stale(scene: Scene<'_>, before: &[u32], user: u32) -> Option<Explanation> {
    let own = needs(scene.operation(user))?;
    let old = version(scene, own);
    let is_link = |write: &Operation| replaces(write) == Some(own);
    let by_link = before.iter().copied().find(|index| is_link(scene.operation(*index)));
    let other = |index: &u32| makes(scene.operation(*index)).is_some_and(|new| new != own);
    let write = by_link.or_else(|| before.iter().copied().find(other))?;
    let shows = |index: &u32| {
        let one = scene.operation(*index);
        *index == write || makes(scene.operation(write)).is_some_and(|new| needs(one) == Some(new))
    };
    let is_over = |index: &u32| scene.operation(*index).precedes(scene.operation(user));
    let proof = before.iter().copied().find(|index| shows(index) && is_over(index))?;
    let replaced = if by_link.is_some() {
        format!("{} replaced {old}", scene.the(write))
    } else if let Some(early) = before
        .iter()
        .find(|index| **index != write && scene.operation(**index).precedes(scene.operation(write)))
    {
        format!("{} was over before {} began", access(scene, *early), access(scene, write))
    } else {
        format!("{old} was there at first, before {}", access(scene, write))
    };
    let over = if proof == write {
        "that was over".to_owned()
    } else {
        format!("{} shows that it was done", access(scene, proof))
    };
    let sentence = format!(
        "{replaced}, and {over} before {} began; but {}, which had been replaced by then.",
        scene.the(user),
        told(scene, user)
    );
    Some(Explanation::new(user, &sentence))
}

fn refusal(scene: Scene<'_>, witness: &[u32]) -> Option<Explanation> {
    let is_refusal = |index: &&u32| scene.operation(**index).was_declined();
    let refusals = witness.iter().filter(is_refusal).count();
    let refused = *witness.iter().find(is_refusal)?;
    let operation = scene.operation(refused);
    if operation.arg == NIL {
        let sentence = format!("{} expected no version, but was refused.", scene.the(refused));
        return Some(Explanation::new(refused, &sentence));
    }
    let expected = version(scene, operation.arg);
    let early = witness.iter().find(|index| scene.operation(**index).precedes(operation));
    let late = witness.iter().find(|index| operation.precedes(scene.operation(**index)));
    let is_first = scene.object.initial_or(NIL) == operation.arg;
    let several = witness.len() - 1 - usize::from(early.is_some()) - usize::from(late.is_some());
    if refusals > 1 || several > 0 || early.is_none() && !is_first {
        return None;
    }
    let since = match early {
        Some(early) => format!("was there before it, as {} shows", access(scene, *early)),
        None => "was there at first".to_owned(),
    };
    let until = match late {
        Some(late) => format!("was still there after it, as {} shows", access(scene, *late)),
        None => "no write can have replaced it by then".to_owned(),
    };
    let sentence = format!(
        "{} expected {expected} and was refused; but that version {since}, and {until}.",
        scene.the(refused)
    );
    Some(Explanation::new(refused, &sentence))
}

fn violation(scene: Scene<'_>, witness: &[u32]) -> Option<Explanation> {
    let operations: Vec<_> = witness.iter().map(|index| scene.operation(*index)).collect();
    let of = |place: usize| access(scene, witness[place]);
    let (wrong, sentence) = match Facts::of(scene.object).clash(&operations)? {
        Clash::Circle => {
            let links: Vec<_> = (0..witness.len()).map(of).collect();
            let sentence = format!("{}: each expected what came after it.", links.join(", "));
            (*witness.last()?, sentence)
        }
        Clash::Inside(early, late) => {
            let sentence = format!(
                "{} was over before {} began; but what they replaced shows that the version of the \
                 second came first: a contradiction.",
                of(early),
                of(late)
            );
            (witness[late], sentence)
        }
        Clash::Between([one, other, early, late]) => {
            let sentence = format!(
                "{} was over before {} began, so its version comes first; but {} was over before {} \
                 began, so it comes second: a contradiction.",
                of(one),
                of(other),
                of(early),
                of(late)
            );
            (witness[late], sentence)
        }
    };
    Some(Explanation::new(wrong, &sentence))
}
