//! A lock.
//!
//! A client to which the lock was granted holds it for certain from the end of that take until it begins
//! to give it back. No two clients do so at one time. Where every answer is known, and each client does
//! one thing after the other, that is nearly all: the holds come one after the other in the order of
//! these times. Each can begin as early as its take, and last as long as the give behind it, up to its
//! neighbours. So between two of them the lock is free for certain from the end of the give to the
//! beginning of the next take, if that comes later; otherwise every instant between them can be one of a
//! hold. A take that was refused is wrong where it lies within such a gap, and each can be judged by
//! itself, since the longest holds explain most. What a client did before tells whether it held the lock
//! when it gave it back. That makes O(n log n).
//!
//! Takes and gives of which nobody knows whether they were done may hold or free the lock at any time
//! since. With those, only holders at one time are decided here, and the rest is left to the search. It
//! is seldom at a loss: who holds the lock leaves little to be tried.

use std::collections::HashMap;

use super::claims::{Claim, Releases, claim};
use super::order;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, Operation};
use crate::judgement::Judgement;
use crate::tally::Tally;

/// The verdict on `operations` on a lock that was free at first; `None` where it is left to the search.
///
/// There are at most `u32::MAX` operations. That a lock was given back is said by an answer of yes, and
/// by one without a result.
///
/// - `TwoHolders`: a client is granted the lock while another, or itself, certainly holds it. Counts the
///   takes that were granted within an earlier certain hold. Witness: the give that ends the earlier hold,
///   if any, the take that it began with, and the take.
/// - `PhantomRefusal`: a take was refused while nobody can have held the lock. Counts takes. Witness: the
///   take of the hold before, if there was one, the take, and the take of the hold behind, if there is
///   one.
/// - `StrayRelease`: a client gave the lock back, and did not hold it. Counts gives. Witness: the give
///   before which shows that it did not, if there is one, and the give.
/// - `LostLock`: a client that held the lock for certain was told that it did not, when it gave it back.
///   Counts gives. Witness: the take, the give.
///
/// The time is when the operation that counts was over.
#[must_use]
pub fn judge(operations: &[Operation], certify: bool) -> Option<Judgement> {
    let claims: Vec<_> = operations.iter().map(claim).collect::<Option<_>>()?;
    let mut anomalies: Vec<_> = two_holders(operations, &claims).into_iter().collect();
    let Some(clients) = clients(operations, &claims) else {
        return (!anomalies.is_empty()).then(|| Judgement::invalid(anomalies));
    };
    let Held { mut holds, lost, stray } = held(operations, &claims, &clients);
    anomalies.extend([lost, stray].into_iter().flatten());
    if !anomalies.is_empty() {
        return Some(Judgement::invalid(anomalies));
    }
    holds.sort_unstable_by_key(|hold| operations[hold.take as usize].return_ns);
    if let Some(refused) = phantom_refusals(operations, &claims, &holds) {
        return Some(Judgement::invalid(vec![refused]));
    }
    Some(Judgement::valid(certify.then(|| order::of(operations, &claims, &holds))))
}

/// What a client does from a take that was granted to the give behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) take: u32,
    pub(super) give: Option<u32>,
}

impl Hold {
    /// When it can begin and when it has begun; when it can end, and has ended.
    pub(super) fn times_ns(self, operations: &[Operation]) -> [u64; 4] {
        let take = &operations[self.take as usize];
        let give = self.give.map(|give| &operations[give as usize]);
        let [call_ns, return_ns] = give.map_or([NEVER; 2], |give| [give.call_ns, give.return_ns]);
        [take.call_ns, take.return_ns, call_ns, return_ns]
    }
}

fn two_holders(operations: &[Operation], claims: &[Claim]) -> Option<Anomaly> {
    let releases = Releases::of(operations);
    let mut holds: Vec<(u64, u64, u32)> = Vec::new();
    for ((index, take), claim) in (0..).zip(operations).zip(claims) {
        let until_ns = releases.held_until_ns(take);
        if *claim == Claim::Granted && take.return_ns < until_ns {
            holds.push((take.return_ns, until_ns, index));
        }
    }
    holds.sort_unstable();
    let mut tally = Tally::new();
    // The hold that lasts longest of those before.
    let mut longest: Option<(u64, u32)> = None;
    for (from_ns, until_ns, take) in holds {
        if let Some((_, earlier)) = longest.filter(|(until_ns, _)| from_ns < *until_ns) {
            tally.add(from_ns, (earlier, take));
        }
        longest = longest.max(Some((until_ns, take)));
    }
    tally.anomaly(AnomalyKind::TwoHolders, |(earlier, take)| {
        let first = &operations[earlier as usize];
        let until_ns = releases.held_until_ns(first);
        let ends = |one: &Operation| {
            super::claims::may_release(one) && (one.client, one.call_ns) == (first.client, until_ns)
        };
        let give = (0..).zip(operations).find(|(_, one)| ends(one)).map(|(index, _)| index);
        give.into_iter().chain([earlier, take]).collect()
    })
}

/// The operations of each client, in their order; `None` where something is not known, or a client did
/// several things at one time.
fn clients(operations: &[Operation], claims: &[Claim]) -> Option<Vec<Vec<u32>>> {
    let mut clients: HashMap<u32, Vec<u32>> = HashMap::new();
    for ((index, operation), claim) in (0..).zip(operations).zip(claims) {
        match claim {
            Claim::PerhapsGranted | Claim::PerhapsReleased => return None,
            Claim::Absent => {}
            _ => clients.entry(operation.client).or_default().push(index),
        }
    }
    let mut clients: Vec<_> = clients.into_values().collect();
    for client in &mut clients {
        client.sort_unstable_by_key(|index| operations[*index as usize].call_ns);
        let one_by_one = |pair: &[u32]| {
            let [first, second] = [pair[0], pair[1]].map(|index| &operations[index as usize]);
            first.precedes(second)
        };
        if !client.windows(2).all(one_by_one) {
            return None;
        }
    }
    Some(clients)
}

/// What clients held, in no order, and what is wrong with one alone.
struct Held {
    holds: Vec<Hold>,
    lost: Option<Anomaly>,
    stray: Option<Anomaly>,
}

fn held(operations: &[Operation], claims: &[Claim], clients: &[Vec<u32>]) -> Held {
    let mut holds: Vec<Hold> = Vec::new();
    let (mut lost, mut stray) = (Tally::new(), Tally::new());
    for client in clients {
        let mut take = None;
        // The give that shows that it did not hold the lock.
        let mut without = None;
        for index in client.iter().copied() {
            let return_ns = operations[index as usize].return_ns;
            match (claims[index as usize], take) {
                (Claim::Granted, before) => {
                    holds.extend(before.map(|take| Hold { take, give: None }));
                    take = Some(index);
                }
                (Claim::Released, Some(held)) => {
                    holds.push(Hold { take: held, give: Some(index) });
                    (take, without) = (None, Some(index));
                }
                (Claim::Denied, Some(held)) => lost.add(return_ns, vec![held, index]),
                (Claim::Released, None) => {
                    stray.add(return_ns, without.into_iter().chain([index]).collect());
                    without = Some(index);
                }
                (Claim::Denied, None) => without = Some(index),
                _ => {}
            }
        }
        holds.extend(take.map(|take| Hold { take, give: None }));
    }
    let lost = lost.anomaly(AnomalyKind::LostLock, |witness| witness);
    let stray = stray.anomaly(AnomalyKind::StrayRelease, |witness| witness);
    Held { holds, lost, stray }
}

/// The takes that were refused where nobody can have held the lock, of which the `holds` are in order.
fn phantom_refusals(operations: &[Operation], claims: &[Claim], holds: &[Hold]) -> Option<Anomaly> {
    let mut tally = Tally::new();
    for ((index, refusal), claim) in (0_u32..).zip(operations).zip(claims) {
        if *claim != Claim::Refused {
            continue;
        }
        let [before, behind] = around(operations, holds, refusal);
        let is_before = before.is_none_or(|hold| hold.times_ns(operations)[3] < refusal.call_ns);
        let is_behind = behind.is_none_or(|hold| refusal.return_ns < hold.times_ns(operations)[0]);
        if is_before && is_behind {
            tally.add(
                refusal.return_ns,
                [before.map(|hold| hold.take), Some(index), behind.map(|hold| hold.take)],
            );
        }
    }
    tally.anomaly(AnomalyKind::PhantomRefusal, |witness| witness.into_iter().flatten().collect())
}

/// The last of the `holds` that has begun by the end of `refusal`, and the one behind it.
pub(super) fn around(
    operations: &[Operation],
    holds: &[Hold],
    refusal: &Operation,
) -> [Option<Hold>; 2] {
    let has_begun = |hold: &Hold| hold.times_ns(operations)[1] <= refusal.return_ns;
    let behind = holds.partition_point(has_begun);
    let before = behind.checked_sub(1).map(|before| holds[before]);
    [before, holds.get(behind).copied()]
}
