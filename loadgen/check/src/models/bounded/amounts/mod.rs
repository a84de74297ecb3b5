//! A number of which several are taken at once, and to which some are given back.
//!
//! Where nothing is observed but takes that succeeded, the rule is exact. Let each give happen when it
//! begins, and each take when it ends. In any order, of the takes that were over by a time one comes
//! last. Before it there are no gives but those that had begun by then, since what began later comes
//! behind all of these takes; and all of these takes are there. So no order has more left behind it
//! than the one above, and the history is valid if and only if that one never falls below zero.
//!
//! With answers that say how many were left, or that too few were, the question is whether some of the
//! amounts that overlap come to a sum: it is NP-hard. So there are three steps. [Bounds](bounds) of what
//! can have been left, near-linear, find what is certainly wrong. Then an [order](order) is made that is
//! likely to explain every answer, and counts only if it replays. What is left goes to the search.

mod between;
mod beyond;
mod bounds;
mod line;
mod order;
mod roles;
mod verify;
mod waiting;
mod words;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::certificate;
use crate::history::Operation;
use crate::judgement::Judgement;
use crate::tally::Tally;

use super::specification::Stock;
use bounds::{Found, High, Since, Wrong};
use roles::{Role, roles};

pub(super) use verify::verify;
pub(super) use words::explain;

/// The verdict on `operations` with amounts or gives, of a number that was `initial` at first; `None`
/// where it is left to the search.
///
/// There are at most `u32::MAX` operations. An acknowledged take whose answer could not be read may have
/// taken, or not; with one of those, a history that shows no anomaly is undecided.
///
/// An answer that too few were left tells that less was left than was asked for; a read tells how many
/// were. What is known of an answer is held against what was there at first, or against what an earlier
/// answer told: at most that and all that can have been given back since, without all that was certainly
/// taken; at least that and all that was certainly given back, without all that can have been taken.
///
/// - `Oversell`: takes that succeeded beyond what there can have been, at first or behind a read, and
///   what can have been given back until they were over. Counts the fewest takes without which the
///   others can have been done. Time: when each became too much. Witness: the read, if it takes one, and
///   as few takes as come to more. Without any, a read of less than nothing: counts reads, and the
///   witness is the first.
/// - `LateSale`: the same behind an answer that too few were left, or a read of nothing. Witness: that,
///   and the takes.
/// - `PhantomSoldOut`: an answer that too few were left, or that none were, where more were. Counts
///   answers. Witness: the earlier answer, if it takes one, and the answer.
/// - `Phantom`: a read that returned less than can have been left, but not nothing. Counts reads.
///   Witness: likewise.
/// - `StaleRead`: a read that returned more than can have been left. Counts reads. Witness: likewise.
/// - `LostUpdate`: from a read on, all of them returned more than can have been left of what was there at
///   first, but no more than if nothing had been taken: something that was taken is still there. Counts
///   one. Witness: the first of these reads, which are not counted as stale.
///
/// The time is when the operation that counts was over, where nothing else is said.
///
/// O(n log n), where an order is found without the search.
#[must_use]
pub fn judge(initial: i64, operations: &[Operation], certify: bool) -> Option<Judgement> {
    let roles = roles(initial, operations)?;
    let found = bounds::find(initial, operations, &roles);
    let anomalies = anomalies(initial, operations, &roles, found);
    if !anomalies.is_empty() {
        return Some(Judgement::invalid(anomalies));
    }
    let unread = operations.iter().filter(|operation| roles::is_unread(operation)).count();
    if unread > 0 {
        return Some(Judgement::unknown(format!("{unread} answers carried no result")));
    }
    if !certify && !roles.iter().any(|role| role.tells()) {
        return Some(Judgement::valid(None));
    }
    let order = order::likely(initial, operations, &roles)?;
    certificate::replay(&Stock { initial }, operations, &order).ok()?;
    Some(Judgement::valid(certify.then_some(order)))
}

/// Everything that is wrong, named.
fn anomalies(initial: i64, operations: &[Operation], roles: &[Role], found: Found) -> Vec<Anomaly> {
    let Found { oversell, late, low, high, negative } = found;
    let beyond =
        |kind, first: Option<Since>| beyond::beyond(kind, initial, operations, roles, first?);
    let (mut sold_out, mut phantom) = (Tally::new(), Tally::new());
    for Wrong { index, since } in low {
        let tally = match roles[index as usize] {
            Role::Read(left) if left > 0 => &mut phantom,
            _ => &mut sold_out,
        };
        tally.add(operations[index as usize].return_ns, (since, index));
    }
    let (lost, stale) = too_much(operations, high);
    let below = || {
        let mut below = Tally::new();
        for index in negative {
            below.add(operations[index as usize].return_ns, index);
        }
        below.anomaly(AnomalyKind::Oversell, |read| vec![read])
    };
    let pair = |(since, index): (Since, u32)| since.answer().into_iter().chain([index]).collect();
    let anomalies = [
        beyond(AnomalyKind::Oversell, oversell).or_else(below),
        beyond(AnomalyKind::LateSale, late),
        sold_out.anomaly(AnomalyKind::PhantomSoldOut, pair),
        phantom.anomaly(AnomalyKind::Phantom, pair),
        stale.anomaly(AnomalyKind::StaleRead, pair),
        lost.anomaly(AnomalyKind::LostUpdate, |read| vec![read]),
    ];
    anomalies.into_iter().flatten().collect()
}

type Stale = Tally<(Since, u32)>;

/// Of the reads that returned too much, what is lost, by the first of those that show it, and the others.
fn too_much(operations: &[Operation], high: High) -> (Tally<u32>, Stale) {
    let High { reads, wrong } = high;
    let (mut lost, mut stale) = (Tally::new(), Tally::new());
    let right = reads.iter().rposition(|(_, lacks)| !lacks);
    let shows = reads.get(right.map_or(0, |right| right + 1)).map(|(first, _)| *first);
    if let Some(first) = shows {
        lost.add(operations[first as usize].return_ns, first);
    }
    let from_ns = shows.map(|first| operations[first as usize].call_ns);
    for Wrong { index, since } in wrong {
        let Operation { call_ns, return_ns, .. } = operations[index as usize];
        if from_ns.is_none_or(|from_ns| call_ns < from_ns) {
            stale.add(return_ns, (since, index));
        }
    }
    (lost, stale)
}
