//! A counter whose additions answer only that they were done.

use crate::anomaly::AnomalyKind;
use crate::counting::{self, Counted, Part};
use crate::history::{NIL, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::tally::Tally;

/// The verdict on `operations`; `None` where the rule does not cover them.
///
/// It covers additions that all add the same positive number and return [`NIL`], as long as their
/// sum is in range. There are at most `u32::MAX` operations.
///
/// Anomalies, of which each is certain whatever the others come from:
/// - `LostUpdate` and `StaleRead`: a read that returned less than the additions that must have been
///   made before it. Additions that no later read has are lost, and counted one by one, from the
///   first read that lacks them. Otherwise the read was stale. Witness: of lost updates the first
///   read after which all lack some; of a stale read the read, after an earlier one if that is
///   needed to show what had been added.
/// - `Phantom`: a read that returned more than all additions that had begun when it ended, or that
///   is not a whole number of additions away from `initial`. Counts reads, but not those that
///   return no more beyond what had begun than one before did. Witness: the read.
///
/// The time is when the read was over.
#[must_use]
pub fn judge(initial: i64, operations: &[Operation], certify: bool) -> Option<Judgement> {
    let step = step(initial, operations)?;
    let mut phantoms = Tally::new();
    for (index, read) in (0..).zip(operations) {
        if has_result(read) && count_of(initial, step, read.result).is_none() {
            phantoms.add(read.return_ns, index);
        }
    }
    let part = |operation: &Operation| part(initial, step, operation);
    let Counted { low, high, order } = counting::count(operations, part, i64::MAX, certify);
    for index in high {
        phantoms.add(operations[index as usize].return_ns, index);
    }
    let [lost, stale] = counting::name(operations, part, i64::MAX, &low);
    let phantoms = phantoms.anomaly(AnomalyKind::Phantom, |read| vec![read]);
    let anomalies: Vec<_> = [lost, stale, phantoms].into_iter().flatten().collect();
    Some(if anomalies.is_empty() { Judgement::valid(order) } else { Judgement::invalid(anomalies) })
}

/// What every addition adds: 1 if there are none. `None` where the rule does not cover them.
pub(super) fn step(initial: i64, operations: &[Operation]) -> Option<i64> {
    let done = || operations.iter().filter(|operation| operation.outcome != Outcome::Fail);
    if !done().all(|operation| matches!(operation.op, Op::Add | Op::Read)) {
        return None;
    }
    let additions = || done().filter(|operation| operation.op == Op::Add);
    let step = additions().next().map_or(1, |addition| addition.arg);
    let is_covered = |addition: &Operation| {
        addition.arg == step && (addition.outcome != Outcome::Ok || addition.result == NIL)
    };
    let sum = i64::try_from(additions().count()).ok()?.checked_mul(step)?;
    initial.checked_add(sum)?;
    (step > 0 && additions().all(is_covered)).then_some(step)
}

/// What `operation` means for the count of what has been added, `step` by `step`.
pub(super) fn part(initial: i64, step: i64, operation: &Operation) -> Part {
    match (operation.op, operation.outcome) {
        (_, Outcome::Fail) => Part::Absent,
        (Op::Add, Outcome::Ok) => Part::Update,
        (Op::Add, Outcome::Unknown) => Part::Perhaps,
        (_, Outcome::Ok) if !has_result(operation) => Part::Blank,
        _ if !has_result(operation) => Part::Absent,
        _ => count_of(initial, step, operation.result).map_or(Part::Blank, Part::Count),
    }
}

/// Whether `operation` is a read that returned something.
pub(super) fn has_result(operation: &Operation) -> bool {
    operation.op == Op::Read && operation.outcome == Outcome::Ok && operation.result != NIL
}

/// How many additions of `step` lead from `initial` to `value`, if a whole number does.
pub(super) fn count_of(initial: i64, step: i64, value: i64) -> Option<i64> {
    let (sum, step) = (i128::from(value) - i128::from(initial), i128::from(step));
    // No count is as large as what does not fit.
    let count = i64::try_from(sum / step).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
    (sum % step == 0).then_some(count)
}
