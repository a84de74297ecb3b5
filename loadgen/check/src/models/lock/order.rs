//! The order that explains a lock.

use super::claims::Claim;
use super::judge::{Hold, around};
use crate::history::Operation;

/// An order of `operations`, whose `holds` come one after the other and explain all that was refused.
///
/// Each hold begins as early and lasts as long as it can. Where two of them meet, the earlier ends as soon
/// as both can.
pub(super) fn of(operations: &[Operation], claims: &[Claim], holds: &[Hold]) -> Vec<u32> {
    let mut spans: Vec<[u64; 2]> = holds
        .iter()
        .map(|hold| {
            let [begin_ns, _, _, end_ns] = hold.times_ns(operations);
            [begin_ns, end_ns]
        })
        .collect();
    for at in 1..holds.len() {
        let [_, _, ends_ns, _] = holds[at - 1].times_ns(operations);
        let begins_ns = spans[at][0];
        if begins_ns <= spans[at - 1][1] {
            let meet_ns = ends_ns.max(begins_ns);
            spans[at - 1][1] = meet_ns;
            spans[at][0] = meet_ns;
        }
    }
    // When each is, and in which hold; what begins it, is refused within it, and ends it.
    let mut order: Vec<(u64, usize, u8, u32)> = Vec::with_capacity(operations.len());
    for (at, (hold, [begin_ns, end_ns])) in holds.iter().zip(&spans).enumerate() {
        order.push((*begin_ns, at, 0, hold.take));
        order.extend(hold.give.map(|give| (*end_ns, at, 2, give)));
    }
    for ((index, operation), claim) in (0..).zip(operations).zip(claims) {
        let Operation { call_ns, return_ns, .. } = *operation;
        match claim {
            Claim::Refused => {
                let [before, _] = around(operations, holds, operation);
                let begun = holds.partition_point(|hold| hold.times_ns(operations)[1] <= return_ns);
                let within_before = before.is_some() && call_ns <= spans[begun - 1][1];
                let at = if within_before { begun - 1 } else { begun };
                let begin_ns = spans.get(at).map_or(call_ns, |span| span[0]);
                order.push((call_ns.max(begin_ns), at, 1, index));
            }
            // Its client does nothing else meanwhile.
            Claim::Denied => order.push((call_ns, usize::MAX, 3, index)),
            _ => {}
        }
    }
    order.sort_unstable();
    order.into_iter().map(|(.., index)| index).collect()
}
