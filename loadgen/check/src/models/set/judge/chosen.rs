//! Additions that leave it to the set which element they add, and are answered with it.

use super::elements::is_addition;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Op, Operation, Outcome};
use crate::tally::Tally;

/// Elements that more than one addition was answered with.
pub(super) fn twice(operations: &[Operation]) -> Option<Anomaly> {
    let is_chosen = |operation: &Operation| is_addition(operation) && operation.result != NIL;
    let mut chosen: Vec<u32> = (0..)
        .zip(operations)
        .filter(|(_, operation)| is_chosen(operation))
        .map(|(index, _)| index)
        .collect();
    let operation = |index: u32| &operations[index as usize];
    chosen.sort_unstable_by_key(|index| (operation(*index).arg, operation(*index).return_ns));
    let mut twice = Tally::new();
    for pair in chosen.windows(2) {
        let [first, second] = [pair[0], pair[1]];
        if operation(first).arg == operation(second).arg {
            twice.add(operation(second).return_ns, [first, second]);
        }
    }
    twice.anomaly(AnomalyKind::DuplicateValue, Vec::from)
}

/// Additions of which nobody knows what they added, if anything.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    /// They were done, and the answer could not be read.
    pub(super) acknowledged: u64,
    /// They may have been done.
    pub(super) unknown: u64,
}

impl Unnamed {
    pub(super) fn count(operations: &[Operation]) -> Self {
        let mut unnamed = Self::default();
        let additions = operations.iter().filter(|one| one.op == Op::Add && one.arg == NIL);
        for addition in additions {
            match addition.outcome {
                Outcome::Ok => unnamed.acknowledged += 1,
                Outcome::Unknown => unnamed.unknown += 1,
                Outcome::Fail => {}
            }
        }
        unnamed
    }

    /// Whether they may have added as many elements as this.
    pub(super) fn explain(&self, elements: u64) -> bool {
        elements <= self.acknowledged + self.unknown
    }
}
