//! What was handed out before something that had come first.

use super::stays::{FOREVER, Stay};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::Operation;
use crate::tally::Tally;

/// The takes that are out of turn. `stays` are in the order in which they are over being put in.
pub(super) fn out_of_turn(stays: &[Stay], operations: &[Operation]) -> Option<Anomaly> {
    // Of each and those before it, the one whose take begins last.
    let mut latest: Vec<&Stay> = Vec::with_capacity(stays.len());
    for stay in stays {
        let before = latest.last().filter(|before| before.leaves.from >= stay.leaves.from);
        latest.push(before.unwrap_or(&stay));
    }
    let mut tally = Tally::new();
    for stay in stays.iter().filter(|stay| stay.leaves.to < FOREVER) {
        let Some(take) = stay.returned_by() else { continue };
        let before = stays.partition_point(|other| other.enters.to < stay.enters.from);
        let Some(first) = before.checked_sub(1).map(|last| latest[last]) else { continue };
        if stay.leaves.to < first.leaves.from {
            tally.add(operations[take as usize].return_ns, (first, stay, take));
        }
    }
    tally.anomaly(AnomalyKind::OutOfTurn, |(first, second, take)| {
        let added = first.added.into_iter().chain(second.added);
        added.chain([take]).chain(first.returned_by()).collect()
    })
}
