//! What is said of values that are handed out once.

use crate::anomaly::AnomalyKind as Kind;
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Values before",
    after: "Values after",
    updates: "adds",
    are_there: "were given a value",
    lost: Lost {
        label: "Lost values",
        one: "value lost",
        several: "values lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    let value = |add| scene.object.tokens.value(scene.operation(add).result);
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::DuplicateValue, &[add]) => {
            let (the, value) = (scene.the(add), value(add));
            let sentence = format!("{the} returned {value}, which was there at first.");
            Some(Explanation::new(add, &sentence))
        }
        (Kind::DuplicateValue, &[one, other]) => {
            let sentence = format!(
                "{} returned {} and so did {}; no value is handed out twice.",
                scene.the(one),
                value(one),
                scene.whose(other)
            );
            Some(Explanation::new(other, &sentence))
        }
        _ => None,
    }
}
