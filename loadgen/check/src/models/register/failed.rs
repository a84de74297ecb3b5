//! Values that somebody did write, in a write that failed.

use std::collections::HashMap;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::sentence::{Explanation, Scene};
use crate::tally::Tally;

/// Who wrote a value.
#[derive(Debug, Clone, Copy, Default)]
struct Writers {
    /// Whether a write of it may have been done.
    may_be_done: bool,
    /// The write of it that failed, and of several the first to be invoked.
    failed: Option<u32>,
}

/// Calls phantoms by their name where a write of the value had failed:
/// - `FailedWrite`: a read of a value of which every write failed, one of them invoked before the
///   read was over. Counts reads. Witness: that write, the read. Time: when the read was complete.
pub(super) fn name(object: &Object, mut judgement: Judgement) -> Judgement {
    let is_phantom = |anomaly: &Anomaly| anomaly.kind == AnomalyKind::Phantom;
    if !judgement.anomalies.iter().any(is_phantom) {
        return judgement;
    }
    let writers = writers(&object.operations);
    let initial = object.initial_or(NIL);
    let (mut seen, mut others) = (Tally::new(), Tally::new());
    for (index, read) in (0_u32..).zip(&object.operations) {
        if read.op != Op::Read || read.outcome != Outcome::Ok || read.result == initial {
            continue;
        }
        match writers.get(&read.result).copied().unwrap_or_default() {
            Writers { may_be_done: true, .. } => {}
            Writers { failed: Some(write), .. }
                if !read.precedes(&object.operations[write as usize]) =>
            {
                seen.add(read.return_ns, (write, index));
            }
            _ => others.add(read.return_ns, index),
        }
    }
    let named = [
        others.anomaly(AnomalyKind::Phantom, |read| vec![read]),
        seen.anomaly(AnomalyKind::FailedWrite, |(write, read)| vec![write, read]),
    ];
    judgement.anomalies.retain(|anomaly| !is_phantom(anomaly));
    Judgement::invalid(named.into_iter().flatten().chain(judgement.anomalies).collect())
}

fn writers(operations: &[Operation]) -> HashMap<i64, Writers> {
    let mut writers = HashMap::<_, Writers>::new();
    for (index, operation) in (0..).zip(operations) {
        let value = match operation.op {
            Op::Write => operation.arg,
            Op::Cas if !operation.was_declined() => operation.new,
            Op::Add | Op::Cas | Op::Read | Op::Take | Op::Give | Op::Move => continue,
        };
        let writers = writers.entry(value).or_default();
        if operation.outcome != Outcome::Fail {
            writers.may_be_done = true;
        } else if writers
            .failed
            .is_none_or(|first| operation.call_ns < operations[first as usize].call_ns)
        {
            writers.failed = Some(index);
        }
    }
    writers
}

/// Whether `write` failed, began before `read` was over, and wrote what that returned.
pub(super) fn is_seen(write: &Operation, read: &Operation) -> bool {
    let written = match write.op {
        Op::Write => write.arg,
        Op::Cas => write.new,
        Op::Add | Op::Read | Op::Take | Op::Give | Op::Move => return false,
    };
    let is_read = read.op == Op::Read && read.outcome == Outcome::Ok && read.result == written;
    is_read && write.outcome == Outcome::Fail && !read.precedes(write)
}

/// Why a read of what only a failed write wrote is wrong.
pub(super) fn explain(scene: Scene<'_>, write: u32, read: u32) -> Explanation {
    let sentence = format!(
        "{} returned {}, which only {} wrote; but that failed: a failed write became visible.",
        scene.the(read),
        scene.value(scene.operation(read).result),
        scene.the(write)
    );
    Explanation::new(read, &sentence)
}
