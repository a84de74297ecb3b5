//! The operations that happened and are not in the order yet.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::history::Operation;

/// The operations of a history that are `ok`, each either in the order, or linked to the others
/// that are not.
///
/// An operation is *open* while it may come next in the order: it began before the first
/// completion of all that are not in it. What is in the order is told by that completion and those
/// that overlap it, and these are no more than there are clients. Each has a slot of its own among
/// all that overlap, so that a set of them is a few bits, however long the history.
pub(super) struct Window<'q> {
    /// In the order of their invocations; below, indices into these.
    operations: &'q [Operation],
    /// The neighbours of each among those not in the order; one more, [`Self::ends`], joins them.
    next: Vec<u32>,
    previous: Vec<u32>,
    by_completion: Vec<u32>,
    slots: Vec<u32>,
    /// How many of `by_completion` are in the order up to the first that is not.
    first: u32,
    /// By slot, those in the order which come after it in `by_completion`.
    overlapping: Vec<u64>,
    /// By operation.
    is_lifted: Vec<bool>,
    order: Vec<u32>,
    /// The latest invocation in each beginning of the order.
    latest_calls_ns: Vec<u64>,
}

/// A place to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// How many were in the order.
    pub(super) lifted: u32,
    first: u32,
}

impl<'q> Window<'q> {
    /// None of `operations`, which are sorted by invocation, is in the order.
    pub(super) fn new(operations: &'q [Operation]) -> Self {
        let count = u32::try_from(operations.len()).expect("operations are told by 32 bits");
        let mut by_completion: Vec<_> = (0..count).collect();
        by_completion.sort_by_key(|&at| completion_ns(&operations[at as usize]));
        let (slots, slot_count) = slots(operations);
        Self {
            operations,
            next: (1..=count).chain([0]).collect(),
            previous: [count].into_iter().chain(0..count).collect(),
            by_completion,
            slots,
            first: 0,
            overlapping: vec![0; slot_count.div_ceil(64)],
            is_lifted: vec![false; operations.len()],
            order: Vec::new(),
            latest_calls_ns: Vec::new(),
        }
    }

    /// Whether all are in the order.
    pub(super) fn is_done(&self) -> bool {
        self.first as usize == self.by_completion.len()
    }

    /// How many are in the order of those that were over first.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// By slot, those in the order which were not over when the first that is not was.
    pub(super) fn overlapping(&self) -> &[u64] {
        &self.overlapping
    }

    /// All that are in the order, as they come in it.
    pub(super) fn order(&self) -> &[u32] {
        &self.order
    }

    /// When the first of those not in the order was over: what begins later cannot be next.
    pub(super) fn frontier_ns(&self) -> u64 {
        let first = self.by_completion.get(self.first as usize);
        first.map_or(u64::MAX, |&at| completion_ns(&self.operations[at as usize]))
    }

    /// When the last of those in the order began: what was over before cannot be next.
    pub(super) fn latest_call_ns(&self) -> u64 {
        self.latest_calls_ns.last().copied().unwrap_or(0)
    }

    /// The end of those not in the order, and their beginning.
    pub(super) fn ends(&self) -> u32 {
        // Links begin with one and end with the other.
        u32::try_from(self.operations.len()).expect("operations are told by 32 bits")
    }

    /// The next one after `at` that is open.
    pub(super) fn open_after(&self, at: u32) -> Option<u32> {
        let at = self.next[at as usize];
        let operation = self.operations.get(at as usize)?;
        (operation.call_ns <= self.frontier_ns()).then_some(at)
    }

    /// Puts `at` next in the order.
    pub(super) fn lift(&mut self, at: u32) {
        let (next, previous) = (self.next[at as usize], self.previous[at as usize]);
        self.next[previous as usize] = next;
        self.previous[next as usize] = previous;
        self.is_lifted[at as usize] = true;
        self.flip(at);
        self.latest_calls_ns.push(self.latest_call_ns().max(self.operations[at as usize].call_ns));
        self.order.push(at);
        while let Some(&first) = self.by_completion.get(self.first as usize)
            && self.is_lifted[first as usize]
        {
            self.flip(first);
            self.first += 1;
        }
    }

    /// Where the order stands.
    pub(super) fn mark(&self) -> Mark {
        let lifted = u32::try_from(self.order.len()).expect("operations are told by 32 bits");
        Mark { lifted, first: self.first }
    }

    /// Takes out of the order what was put into it since `mark`.
    pub(super) fn undo_to(&mut self, mark: Mark) {
        while self.first > mark.first {
            self.first -= 1;
            self.flip(self.by_completion[self.first as usize]);
        }
        self.latest_calls_ns.truncate(mark.lifted as usize);
        for at in self.order.split_off(mark.lifted as usize).into_iter().rev() {
            self.flip(at);
            self.is_lifted[at as usize] = false;
            self.next[self.previous[at as usize] as usize] = at;
            self.previous[self.next[at as usize] as usize] = at;
        }
    }

    fn flip(&mut self, at: u32) {
        let slot = self.slots[at as usize];
        self.overlapping[slot as usize / 64] ^= 1 << (slot % 64);
    }
}

/// When `operation`, which is `ok`, was over.
fn completion_ns(operation: &Operation) -> u64 {
    operation.return_ns.max(operation.call_ns)
}

/// A number for each operation that no other has which overlaps it, and how many there are.
fn slots(operations: &[Operation]) -> (Vec<u32>, usize) {
    let mut taken = BinaryHeap::new();
    let mut free = Vec::new();
    let mut count = 0;
    let slots = operations.iter().map(|operation| {
        while let Some(&Reverse((completion_ns, slot))) = taken.peek()
            && completion_ns < operation.call_ns
        {
            taken.pop();
            free.push(slot);
        }
        let slot = free.pop().unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        taken.push(Reverse((completion_ns(operation), slot)));
        slot
    });
    (slots.collect(), count as usize)
}
