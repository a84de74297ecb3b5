//! The one effect of all requests with one idempotency key.
//!
//! The state changes at most once, from nothing to a payload and a result. So there is an order that
//! explains every answer if and only if there is an instant T of the effect. An answer *shows* it, if
//! it is an acknowledgement, a refusal or a read of a result; a read of nothing shows that it was not
//! there yet. T is right where
//! 1. all results that are told are the same, all payloads that are accepted are, and none of these
//!    was refused;
//! 2. whatever shows the effect ends at T or later, and whatever shows that it was not there begins
//!    at T or before: none of the first is over before one of the second begins;
//! 3. some addition that was not refused, of the payload that was accepted or else of one that was
//!    not refused, has begun by T, and is not over before.
//!
//! An addition that was acknowledged shows the effect, and an unknown one is never over: by 2, none
//! is over before T. So T can be as late as the first end of what shows the effect, and an addition
//! that has begun by then is all that 3 asks for: the order is the reads of nothing, the addition,
//! and all else in the order of their beginnings. Where others may add as well, 1 and 2 are as
//! necessary, and they are enough. So what breaks them is certain, and what breaks 3 is excess.

use std::collections::HashMap;

use super::early::Early;
use super::told::{End, Says, Told};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::tally::Tally;

/// The verdict on `operations` with one key, which was not used at first; `None` where the rule does
/// not cover them. In linear time, but for times and certificates, which are sorted.
///
/// It covers additions and reads. There are at most `u32::MAX` operations. An acknowledged addition
/// without a result had some result, which may be another than that of the others; where there is
/// another, a history that shows no anomaly is undecided.
///
/// - `DoubleEffect`: answers with different results. Counts the results beyond the first. Time: when
///   the first answer with each was complete. Witness: the answer with a result that was complete
///   first, the first with another.
/// - `ConflictingPayload`: likewise of the payloads that additions were acknowledged with and reads
///   told.
/// - `WrongRefusal`: an addition that was refused, of a payload that another answer shows to be the
///   key's. Counts refusals. Witness: that answer, the refusal.
/// - `StaleRead`: a read of nothing that began when an answer which shows the effect was complete.
///   Counts reads. Witness: the answer that was complete first, the read.
/// - `LostUpdate`: the same, if no answer that began later than the read shows the effect, or only
///   with another result than the first. Counts 1, the effect. Witness: likewise, of the read that
///   was complete first.
/// - `Phantom`: a read of a result where no addition can have had the effect. Counts reads. Witness:
///   answers that exclude each payload which was added, the read. The read alone, if it excludes
///   them itself; else one that shows which payload was accepted; else a refusal of each.
/// - `FutureRead`: likewise, where those which can have had it began when the read was over. The
///   payloads that are excluded are those of the additions that began before.
/// - `PhantomRefusal`: likewise of a refusal, whether or not any began later.
///
/// The time is when the operation that counts was over, where nothing else is said.
#[must_use]
pub fn judge(operations: &[Operation], certify: bool) -> Option<Judgement> {
    if !operations.iter().all(is_covered) {
        return None;
    }
    let told = Told::collect(operations);
    let creator = told.creator();
    let [stale, lost] = told.not_seen();
    let [premature, refusals] = Early { told: &told, creator }.find();
    let anomalies = [
        beyond_first(&told.results, AnomalyKind::DoubleEffect),
        beyond_first(&told.payloads, AnomalyKind::ConflictingPayload),
        told.wrong_refusals(),
        stale,
        lost,
        premature,
        refusals,
    ];
    let anomalies: Vec<_> = anomalies.into_iter().flatten().collect();
    Some(if !anomalies.is_empty() {
        Judgement::invalid(anomalies)
    } else if told.unread > 0 && told.effects > 1 {
        Judgement::unknown(format!("{} answers carried no result", told.unread))
    } else {
        Judgement::valid(certify.then(|| told.order(creator)))
    })
}

fn is_covered(operation: &Operation) -> bool {
    match operation.op {
        _ if operation.outcome == Outcome::Fail => true,
        Op::Add => true,
        Op::Read => !operation.was_declined(),
        Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => false,
    }
}

impl Told<'_> {
    fn wrong_refusals(&self) -> Option<Anomaly> {
        let mut wrong = Tally::new();
        for (index, operation) in (0..).zip(self.operations) {
            if let Says::Refused(payload) = Says::of(operation)
                && let Some((_, accepted)) = self.payloads.get(&payload)
            {
                wrong.add(operation.return_ns, [*accepted, index]);
            }
        }
        wrong.anomaly(AnomalyKind::WrongRefusal, Vec::from)
    }

    /// Reads of nothing when the effect had been shown: stale ones, and the first that tells of a
    /// loss.
    fn not_seen(&self) -> [Option<Anomaly>; 2] {
        let Some((shown_ns, shown)) = self.first else { return [None, None] };
        let seen_ns = self.last_seen_ns();
        let mut stale = Tally::new();
        let mut unseen: Option<End> = None;
        for (index, read) in (0..).zip(self.operations) {
            if Says::of(read) != Says::Absent || read.call_ns <= shown_ns {
                continue;
            }
            let end = (read.return_ns, index);
            if read.call_ns < seen_ns {
                stale.add(read.return_ns, index);
            } else {
                unseen = Some(unseen.map_or(end, |first| end.min(first)));
            }
        }
        let mut lost = Tally::new();
        if let Some((return_ns, read)) = unseen {
            lost.add(return_ns, read);
        }
        [(stale, AnomalyKind::StaleRead), (lost, AnomalyKind::LostUpdate)]
            .map(|(reads, kind)| reads.anomaly(kind, |read| vec![shown, read]))
    }

    /// When the last answer began that shows the effect, and with no other result than the first.
    fn last_seen_ns(&self) -> u64 {
        let first = self.results.iter().min_by_key(|(_, end)| **end).map(|(result, _)| *result);
        let is_same = |says: Says| match says {
            Says::There(_, Some(result)) => first == Some(result),
            says => says.is_shown(),
        };
        let seen = self.operations.iter().filter(|operation| is_same(Says::of(operation)));
        seen.map(|operation| operation.call_ns).max().unwrap_or(0)
    }

    /// The order that explains every answer, where `creator` had the effect.
    fn order(&self, creator: Option<(u64, u32)>) -> Vec<u32> {
        let ordered = |is_one: fn(Says) -> bool| {
            let answers = (0..).zip(self.operations);
            let mut order: Vec<u32> = answers
                .filter(|(_, operation)| is_one(Says::of(operation)))
                .map(|(index, _)| index)
                .collect();
            order.sort_by_key(|index| self.operations[*index as usize].call_ns);
            order
        };
        let mut order = ordered(|says| says == Says::Absent);
        // Without an answer that shows it, it need not have been had.
        if let Some((_, creator)) = creator.filter(|_| self.first.is_some()) {
            order.push(creator);
            let others = ordered(Says::is_shown);
            order.extend(others.into_iter().filter(|index| *index != creator));
        }
        order
    }
}

/// The values beyond the one that was told first.
fn beyond_first(ends: &HashMap<i64, End>, kind: AnomalyKind) -> Option<Anomaly> {
    let mut ends: Vec<_> = ends.values().copied().collect();
    ends.sort_unstable();
    let ((_, first), others) = ends.split_first()?;
    let mut beyond = Tally::new();
    for &(return_ns, index) in others {
        beyond.add(return_ns, index);
    }
    beyond.anomaly(kind, |other| vec![*first, other])
}
