//! Elements that somebody did add, in an addition that failed.

use std::collections::{HashMap, HashSet};

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::lists::List;
use crate::sentence::{Explanation, Scene};
use crate::tally::Tally;

/// Calls phantoms by their name where an addition of the element had failed:
/// - `FailedWrite`: an element in a list of which every addition failed, one of them invoked before
///   the list was over. Counts elements. Witness: that addition, the list. Time: when the first
///   list with it was complete.
///
/// Where additions may have added what nobody knows, an element may be of one of these.
pub(super) fn name(object: &Object, mut judgement: Judgement) -> Judgement {
    let is_phantom = |anomaly: &Anomaly| anomaly.kind == AnomalyKind::Phantom;
    let is_unnamed = |one: &Operation| is_done(one) && one.arg == NIL;
    if !judgement.anomalies.iter().any(is_phantom) || object.operations.iter().any(is_unnamed) {
        return judgement;
    }
    let failed = failed_additions(&object.operations);
    let mut known: HashSet<i64> = object.initial_elements().iter().copied().collect();
    known.extend(object.operations.iter().filter(|one| is_done(one)).map(|add| add.arg));
    let elements = object.lists.distinct();
    let mut is_settled: Vec<_> = elements.iter().map(|element| known.contains(element)).collect();
    let indexed = (0_u32..).zip(&object.operations);
    let mut reads: Vec<_> = indexed.filter(|(_, one)| one.op == Op::Read).collect();
    reads.sort_by_key(|(_, read)| read.return_ns);
    let (mut seen, mut others) = (Tally::new(), Tally::new());
    for (index, read) in reads {
        for number in read.list(&object.lists).into_iter().flat_map(List::numbers) {
            if std::mem::replace(&mut is_settled[number as usize], true) {
                continue;
            }
            match failed.get(&elements[number as usize]) {
                Some(add) if !read.precedes(&object.operations[*add as usize]) => {
                    seen.add(read.return_ns, (*add, index));
                }
                _ => others.add(read.return_ns, index),
            }
        }
    }
    let named = [
        others.anomaly(AnomalyKind::Phantom, |read| vec![read]),
        seen.anomaly(AnomalyKind::FailedWrite, |(add, read)| vec![add, read]),
    ];
    judgement.anomalies.retain(|anomaly| !is_phantom(anomaly));
    Judgement::invalid(named.into_iter().flatten().chain(judgement.anomalies).collect())
}

fn is_done(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.outcome != Outcome::Fail
}

/// Of each element the first of its additions that failed.
fn failed_additions(operations: &[Operation]) -> HashMap<i64, u32> {
    let mut failed = HashMap::new();
    for (index, operation) in (0..).zip(operations) {
        if operation.op == Op::Add && operation.outcome == Outcome::Fail && operation.arg != NIL {
            let first = failed.entry(operation.arg).or_insert(index);
            if operation.call_ns < operations[*first as usize].call_ns {
                *first = index;
            }
        }
    }
    failed
}

/// Whether `add` failed, began before `read` was over, and its element is in the list of that.
pub(super) fn is_seen(object: &Object, add: &Operation, read: &Operation) -> bool {
    let is_listed = read.list(&object.lists).is_some_and(|list| list.contains(add.arg));
    let has_failed = add.op == Op::Add && add.outcome == Outcome::Fail && add.arg != NIL;
    is_listed && has_failed && !read.precedes(add)
}

/// Why a list with what only a failed addition added is wrong.
pub(super) fn explain(scene: Scene<'_>, add: u32, read: u32) -> Explanation {
    let element = scene.operation(add).arg;
    let shown = scene.value(element);
    let sentence = format!(
        "{} returned a list with {shown}, which only {} added; but that failed: a failed write \
         became visible.",
        scene.the(read),
        scene.the(add)
    );
    Explanation::new(read, &sentence).with_elements([element])
}
