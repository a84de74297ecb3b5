//! Elements that are added, and lists of them.
//!
//! A set only grows: sorted by size, each list holds all of the one before. That puts the elements
//! into an order as well, by the first list that holds them, with those that no list holds at the
//! end. An order of intervals can be realised if and only if nothing in it begins after something
//! that stands behind it has ended. Elements that are added more than once are covered: any of the
//! additions may be the first to take effect, so an element comes into the set between the earliest
//! invocation and the earliest completion.
//!
//! One pass over the lists decides, and some more find out what is wrong: O(Σ|list| + n log n). To
//! look at each element by itself, as the `set-full` checker of Jepsen does, misses lists that do
//! not fit each other.

mod chain;
mod chosen;
mod elements;
mod order;
mod ranks;
mod survey;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::lists::{List, Lists};
use chain::Chain;
use chosen::Unnamed;
use elements::Elements;
use survey::Survey;

/// The verdict on `operations`, whose reads returned `lists`; `None` where there are other
/// operations than those of a set, or one ends before it begins. There are at most `u32::MAX`
/// operations and elements.
///
/// Reads without a list are left out. An element is *called* when its first addition is invoked,
/// and *acknowledged* when one is complete; those of `initial` were so before all else. Each
/// anomaly is certain by itself, whatever the others come from:
/// - `Phantom`: an element in a list that nobody added. Counts elements. Witness: the list.
/// - `DuplicateElement`: an element twice in one list. Counts elements. Witness: the list.
/// - `FutureRead`: an element in a list that was over before it was called. Counts elements.
///   Witness: its first addition, the list.
/// - `MissingElement`: an acknowledged element that is not in a list which began afterwards. Counts
///   elements. Witness: the addition (none for an element of `initial`), the list.
/// - `StaleRead`: an element, not acknowledged by then, that was in one list and is not in another
///   that began when the first was over. Counts elements. Witness: the two lists.
/// - `IncomparableLists`: two lists, each with an element that the other lacks. Counts pairs, no
///   list in two of them. Witness: the two lists.
/// - `OrderViolation`: an element that was acknowledged before another was called, and a list with
///   the other alone. Counts the elements lacked. Witness: the addition of the one that the list
///   lacks, the first addition of the one that it holds, the list.
///
/// An addition that left the choice of its element to the set has it as its result as well:
/// - `DuplicateValue`: an addition that was answered with the element that another was. Counts all
///   of an element's but one. Time: when the second was over, the third, … Witness: the first two.
///
/// One whose answer never came has no argument. It may have added any element, so that as many
/// phantoms as there are of those prove nothing; where it was acknowledged, a history that shows no
/// anomaly is undecided.
///
/// A phantom, and an element of the future, missing or in a stale read prove nothing further; nor
/// do lists that are incomparable with another. The time of each is when its list, or the later of
/// two, was complete; of the lists that lack an element, it is that of the first to begin.
#[must_use]
pub fn judge(
    initial: &[i64],
    lists: &Lists,
    operations: &[Operation],
    certify: bool,
) -> Option<Judgement> {
    let is_covered = |operation: &Operation| match operation.op {
        _ if operation.outcome == Outcome::Fail => true,
        Op::Add | Op::Read => operation.call_ns <= operation.completion_ns(),
        Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => false,
    };
    if !operations.iter().all(is_covered) {
        return None;
    }
    let observed = Observed::new(operations, lists);
    let mut elements = Elements::new(initial, operations, lists);
    let sized = observed.by_size(List::len);
    let (chain, _) = Chain::build(&observed, &mut elements, &sized);
    let twice = chosen::twice(operations);
    let unnamed = Unnamed::count(operations);
    let is_explained = chain.explains(&observed, &elements);
    if is_explained && twice.is_none() && unnamed.acknowledged == 0 {
        let order = certify.then(|| order::order(&observed, &elements, &chain));
        return Some(Judgement::valid(order));
    }
    drop(chain);
    let mut found: Vec<_> = twice.into_iter().collect();
    if !is_explained {
        found.extend(anomalies(&observed, &mut elements));
    }
    found.retain(|one| one.kind != AnomalyKind::Phantom || !unnamed.explain(one.count));
    Some(if found.is_empty() {
        let Unnamed { acknowledged, unknown } = unnamed;
        Judgement::unknown(format!(
            "it is not known what {} additions added",
            acknowledged + unknown
        ))
    } else {
        Judgement::invalid(found)
    })
}

/// What was observed.
struct Observed<'h> {
    operations: &'h [Operation],
    lists: &'h Lists,
    /// The reads that returned a list, the earliest completion first.
    reads: Vec<u32>,
}

impl<'h> Observed<'h> {
    fn new(operations: &'h [Operation], lists: &'h Lists) -> Self {
        let has_list = |(index, operation): (u32, &Operation)| operation.list(lists).map(|_| index);
        let mut reads: Vec<u32> = (0..).zip(operations).filter_map(has_list).collect();
        reads.sort_unstable_by_key(|read| (operations[*read as usize].return_ns, *read));
        Self { operations, lists, reads }
    }

    fn operation(&self, index: u32) -> &'h Operation {
        &self.operations[index as usize]
    }

    /// The reads and how large their lists are, the smallest first.
    fn by_size(&self, mut size: impl FnMut(List<'h>) -> usize) -> Vec<(usize, u32)> {
        let reads = self.reads.iter();
        let mut sized: Vec<_> = reads.map(|read| (size(self.list(*read)), *read)).collect();
        sized.sort_unstable();
        sized
    }

    /// What the read returned, which is one of `reads`.
    fn list(&self, read: u32) -> List<'h> {
        self.operation(read).list(self.lists).expect("each of the reads returned a list")
    }
}

/// Everything that is wrong, with its witnesses.
fn anomalies(observed: &Observed<'_>, elements: &mut Elements) -> Vec<Anomaly> {
    let survey = Survey::take(observed, elements);
    elements.begin_pass();
    let sized = observed.by_size(|list| {
        let mut size = 0;
        elements.members(list, |_, _| size += 1);
        size
    });
    let (chain, incomparable) = Chain::build(observed, elements, &sized);
    let violations = chain.order_violations(observed, elements);

    let elements = &*elements;
    let called = |rank| elements.called_by(rank, observed.operations);
    let acknowledged = |rank| elements.acknowledged_by(rank, observed.operations);
    let first_list = |rank| {
        let holds = |read: &&u32| {
            observed.list(**read).numbers().any(|number| elements.listed(number) == Some(rank))
        };
        observed.reads.iter().find(holds).copied()
    };
    let found = [
        survey.phantoms.anomaly(AnomalyKind::Phantom, |read| vec![read]),
        survey.duplicates.anomaly(AnomalyKind::DuplicateElement, |read| vec![read]),
        survey.future.anomaly(AnomalyKind::FutureRead, |(rank, read)| {
            called(rank).into_iter().chain([read]).collect()
        }),
        survey.missing.anomaly(AnomalyKind::MissingElement, |(rank, read)| {
            acknowledged(rank).into_iter().chain([read]).collect()
        }),
        survey.stale.anomaly(AnomalyKind::StaleRead, |(rank, read)| {
            first_list(rank).into_iter().chain([read]).collect()
        }),
        incomparable.anomaly(AnomalyKind::IncomparableLists, |(one, other)| vec![one, other]),
        violations.anomaly(AnomalyKind::OrderViolation, |(lacked, held, read)| {
            acknowledged(lacked).into_iter().chain(called(held)).chain([read]).collect()
        }),
    ];
    found.into_iter().flatten().collect()
}
