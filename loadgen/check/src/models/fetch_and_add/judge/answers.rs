//! What was answered, in the order of the values.

use std::cmp::Reverse;

use crate::history::{NEVER, NIL, Op, Operation, Outcome};

use super::Found;
use super::gaps::Gap;

/// An operation that returned a value. Sorts into the order that values fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    value: i64,
    is_read: bool,
    index: u32,
}

/// All answers, and the additions that could go anywhere between them.
pub(super) struct Answers<'o> {
    operations: &'o [Operation],
    initial: i64,
    sorted: Vec<Answer>,
    /// Additions that returned nothing which could be believed: when each began, and its index.
    spare: Vec<(u64, u32)>,
    /// How many acknowledged additions are among these for want of a result.
    pub(super) unread: u64,
}

impl<'o> Answers<'o> {
    /// `None` where there are operations that the rule does not cover.
    pub(super) fn sort(
        initial: i64,
        operations: &'o [Operation],
        found: &mut Found,
    ) -> Option<Self> {
        let mut answers =
            Self { operations, initial, sorted: Vec::new(), spare: Vec::new(), unread: 0 };
        answers.sorted.reserve_exact(operations.len());
        for (index, operation) in (0..).zip(operations) {
            let value = operation.result;
            match (operation.op, operation.outcome) {
                (_, Outcome::Fail) | (Op::Read, Outcome::Unknown) => {}
                (Op::Read, Outcome::Ok) if value == NIL => {}
                (Op::Read, Outcome::Ok) if value < initial => {
                    found.stale.add(operation.return_ns, (None, index));
                }
                (Op::Add, _) if operation.arg != 1 => return None,
                (Op::Add, Outcome::Ok) if value != NIL && value <= initial => {
                    found.misplaced.add(operation.return_ns, (None, index));
                    answers.spare.push((operation.call_ns, index));
                }
                (Op::Add, outcome) if outcome == Outcome::Unknown || value == NIL => {
                    answers.unread += u64::from(outcome == Outcome::Ok);
                    answers.spare.push((operation.call_ns, index));
                }
                (Op::Add | Op::Read, _) => {
                    answers.sorted.push(Answer { value, is_read: operation.op == Op::Read, index });
                }
                (Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move, _) => return None,
            }
        }
        answers.sorted.sort_unstable();
        Some(answers)
    }

    /// Holds the answers against each other and against time, from the highest value down. Moves
    /// all additions of a value but one to the spare ones. Returns the gaps, highest first.
    pub(super) fn compare(&mut self, found: &mut Found) -> Vec<Gap> {
        let Self { operations, initial, sorted, spare, .. } = self;
        let operation = |answer: &Answer| &operations[answer.index as usize];
        let mut gaps = Vec::new();
        // Of the answers above: when the first of them was complete, and whose it is.
        let mut passed = (NEVER, 0);
        let mut groups = sorted.chunk_by(|one, other| one.value == other.value).rev().peekable();
        while let Some(group) = groups.next() {
            let (additions, reads) = group.split_at(group.partition_point(|a| !a.is_read));
            let addition = keep_one(operations, additions, spare, found);
            for answer in addition.into_iter().chain(reads) {
                let Operation { call_ns, return_ns, .. } = *operation(answer);
                if call_ns > passed.0 {
                    let late = if answer.is_read { &mut found.stale } else { &mut found.misplaced };
                    late.add(return_ns, (Some(passed.1), answer.index));
                }
            }
            if let Some(addition) = addition {
                for read in
                    reads.iter().filter(|read| operation(read).precedes(operation(addition)))
                {
                    found.future.add(operation(addition).return_ns, [read.index, addition.index]);
                }
            }
            for answer in addition.into_iter().chain(reads) {
                passed = passed.min((operation(answer).return_ns, answer.index));
            }
            let below = groups.peek().map_or(*initial, |group| group[0].value);
            let missing = group[0].value.abs_diff(below) - u64::from(addition.is_some());
            if missing > 0 {
                gaps.push(Gap { missing, passed_by: passed.1 });
            }
        }
        spare.sort_unstable();
        gaps
    }

    /// The additions that gaps can be filled with: when each began, and its index, in this order.
    pub(super) fn spare(&self) -> &[(u64, u32)] {
        &self.spare
    }

    /// The order that the values fix, if there was nothing to be found.
    pub(super) fn order(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.operations.len());
        let mut spare = self.spare.iter().map(|(_, index)| *index);
        let mut reached = self.initial;
        for group in self.sorted.chunk_by(|one, other| one.value == other.value) {
            let additions = group.partition_point(|answer| !answer.is_read);
            for _ in additions as u64..group[0].value.abs_diff(reached) {
                order.extend(spare.next());
            }
            let reads = order.len() + additions;
            order.extend(group.iter().map(|answer| answer.index));
            order[reads..].sort_unstable_by_key(|index| self.operations[*index as usize].call_ns);
            reached = group[0].value;
        }
        self.with_blank_reads(order)
    }

    /// Adds the reads without a result to `order`, each as late as it may come.
    fn with_blank_reads(&self, order: Vec<u32>) -> Vec<u32> {
        let operation = |index: u32| &self.operations[index as usize];
        let is_blank = |read: &Operation| {
            read.op == Op::Read && read.outcome == Outcome::Ok && read.result == NIL
        };
        let mut blank: Vec<_> = (0..)
            .zip(self.operations)
            .filter_map(|(index, operation)| is_blank(operation).then_some(index))
            .collect();
        if blank.is_empty() {
            return order;
        }
        blank.sort_unstable_by_key(|index| Reverse(operation(*index).return_ns));
        let mut with = Vec::with_capacity(order.len() + blank.len());
        for index in order {
            while let Some(read) = blank.pop_if(|read| operation(*read).precedes(operation(index)))
            {
                with.push(read);
            }
            with.push(index);
        }
        with.extend(blank.into_iter().rev());
        with
    }
}

/// Of the additions that returned one value keeps the one that began first; the others are
/// duplicates, and spare.
fn keep_one<'a>(
    operations: &[Operation],
    additions: &'a [Answer],
    spare: &mut Vec<(u64, u32)>,
    found: &mut Found,
) -> Option<&'a Answer> {
    let operation = |index: u32| &operations[index as usize];
    if additions.len() > 1 {
        let mut by_end: Vec<_> =
            additions.iter().map(|a| (operation(a.index).return_ns, a.index)).collect();
        by_end.sort_unstable();
        for (return_ns, index) in &by_end[1..] {
            found.duplicates.add(*return_ns, [by_end[0].1, *index]);
        }
    }
    let kept = additions.iter().min_by_key(|a| (operation(a.index).call_ns, a.index))?;
    let others = additions.iter().filter(|other| other.index != kept.index);
    spare.extend(others.map(|other| (operation(other.index).call_ns, other.index)));
    Some(kept)
}
