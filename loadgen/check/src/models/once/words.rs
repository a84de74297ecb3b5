//! What is said of a key.

use crate::anomaly::AnomalyKind as Kind;
use crate::history::{NIL, Op, Outcome};
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Result before",
    after: "Result after",
    updates: "adds",
    are_there: "are explained",
    lost: Lost {
        label: "Lost effects",
        one: "effect lost",
        several: "effects lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::DoubleEffect, &[one, other]) => {
            let sentence = format!(
                "{} returned {} and {} returned {}; one key has one effect, so it was done twice.",
                the(scene, one),
                result(scene, one),
                the(scene, other),
                result(scene, other)
            );
            Some(Explanation::new(other, &sentence))
        }
        (Kind::ConflictingPayload, &[one, other]) => {
            let (one, the_other) = (shown(scene, one), shown(scene, other));
            let sentence = format!("{one}, and {the_other}; but a key holds one payload.");
            Some(Explanation::new(other, &sentence))
        }
        (Kind::WrongRefusal, &[accepted, refusal]) => {
            let sentence = format!(
                "{}; but {}, as if the key held another payload.",
                shown(scene, accepted),
                shown(scene, refusal)
            );
            Some(Explanation::new(refusal, &sentence))
        }
        (kind @ (Kind::StaleRead | Kind::LostUpdate), &[before, read]) => {
            let lost = match kind {
                Kind::LostUpdate => ", and no later answer shows what was there: it was lost",
                _ => "",
            };
            let sentence = format!(
                "{} and was over before {} began; but {} returned nothing{lost}.",
                shown(scene, before),
                scene.the(read),
                scene.whose(read)
            );
            Some(Explanation::new(read, &sentence))
        }
        (Kind::Phantom | Kind::FutureRead | Kind::PhantomRefusal, [claims @ .., answer]) => {
            Some(early(scene, claims, *answer))
        }
        _ => None,
    }
}

/// An effect that nothing can have had when `answer` was over; `claims` exclude what had begun.
fn early(scene: Scene<'_>, claims: &[u32], answer: u32) -> Explanation {
    let own = scene.operation(answer);
    let adds = match own.op {
        Op::Read if own.arg == NIL => "add".to_owned(),
        Op::Read => format!("add of {}", payload(scene, answer)),
        _ => "add of another payload".to_owned(),
    };
    let why = match (claims, scene.anomaly.kind) {
        ([], Kind::Phantom) if has_failed(scene, answer) => {
            format!("every {adds} had failed")
        }
        ([], Kind::Phantom) => format!("there was no {adds}"),
        ([], _) => format!("no {adds} had begun when it was over"),
        (claims, kind) => {
            let begun = match kind {
                Kind::Phantom => "was added",
                _ => "can have come first by then",
            };
            let claims: Vec<_> = claims.iter().map(|claim| shown(scene, *claim)).collect();
            format!("no payload that {begun} is the key's: {}", claims.join(", and "))
        }
    };
    Explanation::new(answer, &format!("{}; but {why}.", shown(scene, answer)))
}

/// Whether an addition that would explain the read `answer` had failed.
fn has_failed(scene: Scene<'_>, answer: u32) -> bool {
    let read = scene.operation(answer);
    scene.object.operations.iter().any(|add| {
        let is_like = read.arg == NIL || read.arg == add.arg;
        add.op == Op::Add && add.outcome == Outcome::Fail && is_like && !read.precedes(add)
    })
}

/// What an answer shows of the effect, as in `client 3's add of 5 was accepted`.
fn shown(scene: Scene<'_>, answer: u32) -> String {
    let operation = scene.operation(answer);
    let the = the(scene, answer);
    match operation.op {
        Op::Read => format!("{the} returned {}", result(scene, answer)),
        _ if operation.was_declined() => format!("{the} was refused"),
        _ => format!("{the} was accepted"),
    }
}

/// As in `client 3's add of 5`.
fn the(scene: Scene<'_>, index: u32) -> String {
    let the = scene.the(index);
    match scene.operation(index).arg {
        NIL => the,
        _ => format!("{the} of {}", payload(scene, index)),
    }
}

fn payload(scene: Scene<'_>, index: u32) -> String {
    scene.object.tokens.value(scene.operation(index).arg).to_string()
}

fn result(scene: Scene<'_>, index: u32) -> String {
    scene.object.tokens.value(scene.operation(index).result).to_string()
}
