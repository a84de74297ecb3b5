//! Witnesses against a lock.

use std::collections::HashMap;

use super::claims::{Claim, Releases, claim, is, may_release};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, Object, Operation};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness = anomaly.witness.iter().map(|index| operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::TwoHolders, [give, first, second]) if may_release(give) => {
            let [.., first_index, second_index] = anomaly.witness[..] else { return false };
            first_index != second_index
                && give.client == first.client
                && !give.precedes(first)
                && are_two_holders(operations, first, second)
        }
        (AnomalyKind::TwoHolders, [first, second]) => {
            anomaly.witness[0] != anomaly.witness[1] && are_two_holders(operations, first, second)
        }
        (AnomalyKind::LostLock, [take, give]) => {
            let is_between = |other: &&Operation| {
                may_release(other)
                    && other.client == take.client
                    && !other.precedes(take)
                    && !give.precedes(other)
            };
            is(take, Claim::Granted)
                && is(give, Claim::Denied)
                && take.client == give.client
                && take.precedes(give)
                && !operations.iter().any(|other| is_between(&other))
        }
        (AnomalyKind::StrayRelease, [give]) => is_stray(operations, None, give),
        (AnomalyKind::StrayRelease, [before, give]) => is_stray(operations, Some(before), give),
        (AnomalyKind::PhantomRefusal, [refusal]) => is_free(operations, None, refusal, None),
        (AnomalyKind::PhantomRefusal, [first, second]) if is(first, Claim::Refused) => {
            is_free(operations, None, first, Some(second))
        }
        (AnomalyKind::PhantomRefusal, [first, second]) => {
            is_free(operations, Some(first), second, None)
        }
        (AnomalyKind::PhantomRefusal, [before, refusal, behind]) => {
            is_free(operations, Some(before), refusal, Some(behind))
        }
        _ => false,
    }
}

/// When the first give began that may have ended the hold that `take` began: one of its client that was
/// not over before it.
fn held_until_ns(operations: &[Operation], take: &Operation) -> u64 {
    let may_end =
        |give: &&Operation| may_release(give) && give.client == take.client && !give.precedes(take);
    operations.iter().filter(may_end).map(|give| give.call_ns).min().unwrap_or(NEVER)
}

fn are_two_holders(operations: &[Operation], first: &Operation, second: &Operation) -> bool {
    let from_ns = first.return_ns.max(second.return_ns);
    let is_held = |take| is(take, Claim::Granted) && from_ns < held_until_ns(operations, take);
    is_held(first) && is_held(second)
}

/// Whether the client of `give` did not hold the lock when that was done: since it gave it back `before`, or
/// did not hold it then, there was no take by which it can have come to it.
fn is_stray(operations: &[Operation], before: Option<&Operation>, give: &Operation) -> bool {
    let shows = |before: &Operation| {
        let is_without = is(before, Claim::Released) || is(before, Claim::Denied);
        is_without && before.client == give.client && before.precedes(give)
    };
    let may_hold = |take: &Operation| {
        matches!(claim(take), Some(Claim::Granted | Claim::PerhapsGranted))
            && take.client == give.client
            && !give.precedes(take)
            && !before.is_some_and(|before| take.precedes(before))
    };
    is(give, Claim::Released) && before.is_none_or(shows) && !operations.iter().any(may_hold)
}

/// Whether nobody can have held the lock during `refusal`, where the hold that began `before` was over, and
/// the one that began with `behind` had not begun.
fn is_free(
    operations: &[Operation],
    before: Option<&Operation>,
    refusal: &Operation,
    behind: Option<&Operation>,
) -> bool {
    let over = latest_releases(operations, refusal);
    let is_over = |take: &Operation| {
        over.get(&take.client).is_some_and(|call_ns| take.completion_ns() < *call_ns)
    };
    let releases = Releases::of(operations);
    let is_before = |take: &Operation| is(take, Claim::Granted) && is_over(take);
    let is_behind = |take: &Operation| is(take, Claim::Granted) && refusal.precedes(take);
    let cannot_hold = |take: &Operation| {
        let meets_before = |before: &Operation| {
            let until_ns = releases.held_until_ns(before);
            // It would have held the lock before the end of that hold already.
            !std::ptr::eq(before, take)
                && before.return_ns < until_ns
                && take.completion_ns() < until_ns
        };
        // It would hold the lock still when that hold has begun.
        let meets_behind = |behind: &Operation| {
            behind.return_ns < releases.held_until_ns(take)
                && behind.return_ns < releases.held_until_ns(behind)
        };
        refusal.precedes(take)
            || is_over(take)
            || before.is_some_and(meets_before)
            || behind.is_some_and(meets_behind)
    };
    let may_hold =
        |take: &&Operation| matches!(claim(take), Some(Claim::Granted | Claim::PerhapsGranted));
    is(refusal, Claim::Refused)
        && before.is_none_or(is_before)
        && behind.is_none_or(is_behind)
        && operations.iter().filter(may_hold).all(cannot_hold)
}

/// By client, when the last of the gives began by which it gave the lock back and which were over before
/// `refusal` began.
fn latest_releases(operations: &[Operation], refusal: &Operation) -> HashMap<u32, u64> {
    let mut latest = HashMap::new();
    let is_over = |give: &&Operation| is(give, Claim::Released) && give.precedes(refusal);
    for give in operations.iter().filter(is_over) {
        let call_ns = latest.entry(give.client).or_insert(give.call_ns);
        *call_ns = give.call_ns.max(*call_ns);
    }
    latest
}
