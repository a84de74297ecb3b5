//! Takes beyond what there can have been.

use std::collections::BinaryHeap;

use super::bounds::{Since, end_ns};
use super::roles::Role;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::Operation;
use crate::tally::Tally;

/// The takes beyond what there was at first or what an answer told, and what can have been given back
/// since, as an anomaly of `kind`.
///
/// The takes are gone through in the order of their ends. When they come to too much, the largest of them
/// is left out: so as few are left out as can be, as in Moore's rule for jobs that are late ("An n job,
/// one machine sequencing algorithm for minimizing the number of late jobs", 1968), where an amount is the
/// time that a job takes, and what can have been given back by its end moves when it is due.
pub(super) fn beyond(
    kind: AnomalyKind,
    initial: i64,
    operations: &[Operation],
    roles: &[Role],
    since: Since,
) -> Option<Anomaly> {
    let told = since.answer().map(|index| index as usize);
    let earlier = told.map(|index| &operations[index]);
    let mut events = Vec::new();
    for ((index, operation), role) in (0_u32..).zip(operations).zip(roles) {
        if role.gives() > 0 && earlier.is_none_or(|earlier| !operation.precedes(earlier)) {
            events.push((operation.call_ns, false, index));
        }
        if role.taken() > 0 && earlier.is_none_or(|earlier| earlier.precedes(operation)) {
            events.push((end_ns(operation), true, index));
        }
    }
    events.sort_unstable();
    let mut most = told.map_or(Some(initial), |index| roles[index].most())?;
    let mut sum = 0;
    let mut takes = BinaryHeap::new();
    let mut tally: Tally<Vec<u32>> = Tally::new();
    for (time_ns, is_take, index) in events {
        let role = roles[index as usize];
        if !is_take {
            most += role.gives();
            continue;
        }
        takes.push((role.taken(), index));
        sum += role.taken();
        if sum > most {
            let witness = if tally.is_empty() { fewest(&takes, most) } else { Vec::new() };
            tally.add(time_ns, witness);
            sum -= takes.pop().map_or(0, |(largest, _)| largest);
        }
    }
    tally.anomaly(kind, |mut takes| {
        takes.sort_unstable_by_key(|take| (operations[*take as usize].return_ns, *take));
        since.answer().into_iter().chain(takes).collect()
    })
}

/// As few of `takes` as come to more than `most`.
fn fewest(takes: &BinaryHeap<(i64, u32)>, most: i64) -> Vec<u32> {
    let mut sum = 0;
    let mut fewest = Vec::new();
    let mut takes = takes.clone();
    while sum <= most
        && let Some((amount, index)) = takes.pop()
    {
        sum += amount;
        fewest.push(index);
    }
    fewest
}
