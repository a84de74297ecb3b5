//! What is said of a lock.

use super::claims::{Claim, is, may_release};
use crate::anomaly::AnomalyKind as Kind;
use crate::sentence::{Explanation, Scene};
use crate::words::{Lost, Words};

/// What reports call the parts of a verdict.
pub(super) static WORDS: Words = Words {
    before: "Holder before",
    after: "Holder after",
    updates: "operations",
    are_there: "are explained",
    lost: Lost {
        label: "Lost operations",
        one: "operation lost",
        several: "operations lost",
        verb: "were lost",
    },
};

pub(super) fn explain(scene: Scene<'_>) -> Option<Explanation> {
    let is_refused = |index: u32| is(scene.operation(index), Claim::Refused);
    let (wrong, sentence) = match (scene.anomaly.kind, scene.witness()) {
        (Kind::TwoHolders, &[give, first, second]) if may_release(scene.operation(give)) => {
            let until = format!("held it until {} began", scene.the(give));
            (second, two_holders(scene, first, second, &until))
        }
        (Kind::TwoHolders, &[first, second]) => {
            (second, two_holders(scene, first, second, "never gave it back"))
        }
        (Kind::LostLock, &[take, give]) => {
            let (take, the) = (scene.the(take), scene.the(give));
            let why = "and it had not given the lock back since";
            (
                give,
                format!(
                    "{take} was granted and was over before {the} began, {why}; but that was answered no."
                ),
            )
        }
        (Kind::StrayRelease, &[give]) => {
            let the = scene.the(give);
            (
                give,
                format!("{the} was answered as done, but the lock had never been granted to it."),
            )
        }
        (Kind::StrayRelease, &[before, give]) => {
            let (before, the) = (scene.the(before), scene.the(give));
            let why = "the lock had not been granted to it since";
            (give, format!("{the} was answered as done, but {why} {before}."))
        }
        (Kind::PhantomRefusal, &[refusal]) => (refusal, refused(scene, None, refusal, None)),
        (Kind::PhantomRefusal, &[refusal, behind]) if is_refused(refusal) => {
            (refusal, refused(scene, None, refusal, Some(behind)))
        }
        (Kind::PhantomRefusal, &[before, refusal]) => {
            (refusal, refused(scene, Some(before), refusal, None))
        }
        (Kind::PhantomRefusal, &[before, refusal, behind]) => {
            (refusal, refused(scene, Some(before), refusal, Some(behind)))
        }
        _ => return None,
    };
    Some(Explanation::new(wrong, &sentence))
}

fn two_holders(scene: Scene<'_>, first: u32, second: u32, until: &str) -> String {
    let [first_client, second_client] = [first, second].map(|take| scene.operation(take).client);
    let at = (scene.time)(scene.operation(second).return_ns);
    format!(
        "client {first_client} was granted the lock by {} and {until}; but by {at} it was granted \
         to client {second_client} as well.",
        (scene.time)(scene.operation(first).return_ns)
    )
}

fn refused(scene: Scene<'_>, before: Option<u32>, refusal: u32, behind: Option<u32>) -> String {
    let the = scene.the(refusal);
    let holder = |take: u32| format!("client {}", scene.operation(take).client);
    let since = match before {
        Some(take) => format!("{} had given it back before", holder(take)),
        None => "nobody had taken it before".to_owned(),
    };
    let then = match behind {
        Some(take) => format!("the next to hold it was {}, which asked for it later", holder(take)),
        None => "nobody held it later".to_owned(),
    };
    format!("{the} was refused, but the lock was free: {since}, and {then}.")
}
