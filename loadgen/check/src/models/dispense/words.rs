//! What is said of a pool.

use crate::anomaly::AnomalyKind as Kind;
use crate::history::Op;
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
    let element = |index| scene.object.tokens.value(scene.operation(index).result);
    let (wrong, sentence) = match (scene.anomaly.kind, scene.witness()) {
        (Kind::DoubleHandout, &[one, other]) => {
            let (the, whose) = (scene.the(one), scene.whose(other));
            let element = element(one);
            (other, format!("{the} returned {element} and so did {whose}; it was put in once."))
        }
        (Kind::Phantom, &[take]) => {
            let (the, element) = (scene.the(take), element(take));
            (take, format!("{the} returned {element}, which nobody had put in."))
        }
        (Kind::FutureRead, &[take, add]) => {
            let (the, element) = (scene.the(take), element(take));
            let add = scene.the(add);
            (take, format!("{the} returned {element} and was over before {add} of it began."))
        }
        (Kind::PhantomSoldOut, &[answer]) => {
            let the = scene.the(answer);
            let why = "something was certainly left the whole time";
            (answer, format!("{the} was told that nothing is left, but {why}."))
        }
        (Kind::PhantomSoldOut, &[answer, ref there @ .., take]) => {
            let (the, element) = (scene.the(answer), element(take));
            let since = match there.first().filter(|add| scene.operation(**add).op == Op::Add) {
                Some(add) => format!("{} of it was over before", scene.the(*add)),
                None => "it was there at first".to_owned(),
            };
            let then = scene.the(take);
            let sentence = format!(
                "{the} was told that nothing is left, but {element} was: {since}, and {then}, which \
                 returned it, began after."
            );
            (answer, sentence)
        }
        _ => return None,
    };
    Some(Explanation::new(wrong, &sentence))
}
