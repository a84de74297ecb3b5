//! One value that is written and read.
//!
//! Where every value is written once, a read tells which write it saw. A value's *cluster* is its
//! write and the reads that returned it; in any order that explains the answers it stands together,
//! the write first. Let `f` be the smallest completion of a cluster and `s` its largest invocation:
//! one cluster must come before another if and only if its `f` is before the other's `s`. Between
//! `f` and `s` lies its *zone*, forward if `f` is before `s`, else backward. An order exists if and
//! only if no read returned what nobody wrote or what was written after it, no two forward zones
//! overlap, and no backward zone lies inside a forward one. Sorting makes that O(n log n).
//!
//! Source: P. B. Gibbons and E. Korach, Testing Shared Memories, SIAM Journal on Computing 26(4),
//! 1997. Without unique values the question is NP-complete: `judge/choices.rs`.

mod choices;
mod cluster;
mod contradiction;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::tally::Tally;
use cluster::Clusters;

pub use choices::judge_with_choices;

/// The verdict on `operations`; `None` where the rule does not cover them.
///
/// It covers writes of values that are each written once and are neither `initial` nor [`NIL`], no
/// `cas`, and nothing that ends before it begins. `initial` is [`NIL`] for no value; a read that
/// returned [`NIL`] saw no value. There are at most `u32::MAX` operations.
///
/// Each anomaly is certain by itself, whatever the others come from:
/// - `Phantom`: a read of a value that nobody wrote. Counts reads. Witness: the read.
/// - `FutureRead`: a read that was over before its value was written. Counts reads. Witness: the
///   write, the read. These reads and the ones above prove nothing further.
/// - `StaleRead`: a read that began when its value had been overwritten: the value was there before
///   another was written, and the other was there before the read began. Counts reads. Witness: an
///   operation of the value that was over before the overwriting write began (none for `initial`);
///   that write; a read of what it wrote, unless the write itself was over in time; the stale read.
/// - `OrderViolation`: two values that were written at the same time, and a read of each that began
///   after the other was there. One of the reads is stale, and no one knows which. Counts pairs of
///   values, none of them in two pairs, stale reads left out. Witness: an operation of the one value
///   that was over before a read of the other began, that read, an operation of the other value
///   that was over before a read of the first began, that read; an operation in two of these roles
///   is there once.
///
/// The time of each is when its read, or the later of its two, was complete.
#[must_use]
pub fn judge(initial: i64, operations: &[Operation], certify: bool) -> Option<Judgement> {
    if !operations.iter().all(|operation| is_covered(initial, operation)) {
        return None;
    }
    let mut phantoms = Tally::new();
    let mut future = Tally::new();
    let mut clusters = Clusters::group(initial, operations, &mut phantoms, &mut future)?;
    let stale = clusters.drop_stale_reads(initial);
    let contradictions = clusters.contradictions();
    let anomalies: Vec<Anomaly> = [
        phantoms.anomaly(AnomalyKind::Phantom, |read| vec![read]),
        future.anomaly(AnomalyKind::FutureRead, |(write, read)| vec![write, read]),
        stale.anomaly(AnomalyKind::StaleRead, |read| clusters.prove_stale(read)),
        contradictions
            .anomaly(AnomalyKind::OrderViolation, |(one, other)| clusters.prove(&one, &other)),
    ]
    .into_iter()
    .flatten()
    .collect();
    Some(if anomalies.is_empty() {
        Judgement::valid(certify.then(|| clusters.order(initial)))
    } else {
        Judgement::invalid(anomalies)
    })
}

pub(super) fn is_covered(initial: i64, operation: &Operation) -> bool {
    let has_time = operation.call_ns <= operation.completion_ns();
    match operation.op {
        _ if operation.outcome == Outcome::Fail => true,
        Op::Read => has_time,
        Op::Write => has_time && operation.arg != NIL && operation.arg != initial,
        Op::Add | Op::Cas | Op::Take | Op::Give | Op::Move => false,
    }
}
