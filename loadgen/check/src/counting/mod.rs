//! What a count must at least have been when it was read: the rule that all counters share.
//!
//! The history is gone through in the order of time. An update is counted when it has ended, or
//! before when a read that ends returned more than was counted: then the updates that have begun
//! are counted, those that end first before the others. That leaves the count at all times as low
//! as it can be, so it is too high for a read that begins only if every order has it so; and since
//! it goes up one by one, it passes what the read returned before the read ends. With a heap of the
//! updates that are open that makes O(n log n).

mod following;
mod naming;
pub(crate) mod verify;
pub(crate) mod words;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::history::{NEVER, Operation};

pub(crate) use following::{Counts, Following};
pub(crate) use naming::name;

/// What an operation means to the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It adds one.
    Update,
    /// It adds one, or does not.
    Perhaps,
    /// It returned this count.
    Count(i64),
    /// It says nothing, but has its place in an order.
    Blank,
    /// It was not done, or need not have been.
    Absent,
}

/// A read that returned too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Low {
    pub(crate) index: u32,
    /// How many updates it lacks, at least.
    pub(crate) lacks: u64,
}

/// The reads that no count can explain.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Those that returned too little, in the order in which they began.
    pub(crate) low: Vec<Low>,
    /// Those that returned too much, in the order in which they ended: by more than one before them
    /// did, if what was too much there may still be.
    pub(crate) high: Vec<u32>,
    /// The order in which things were counted, if it was asked for and no read is low or high.
    /// An update that may not have been done is in it if it is needed.
    pub(crate) order: Option<Vec<u32>>,
}

/// Counts the updates among `operations`. A read that returned `limit` never returned too little.
pub(crate) fn count(
    operations: &[Operation],
    part: impl Fn(&Operation) -> Part,
    limit: i64,
    certify: bool,
) -> Counted {
    let mut sweep = Sweep {
        operations,
        part: &part,
        limit,
        open: BinaryHeap::new(),
        reads: BinaryHeap::new(),
        least: 0,
        surplus: 0,
        order: certify.then(Order::default),
        counted: Counted::default(),
    };
    for (call_ns, index) in begins(operations, &part, certify) {
        // What ends when another begins is concurrent with it.
        sweep.end_before(call_ns);
        sweep.begin(index);
    }
    sweep.end_before(NEVER);
    let order = sweep.order.map(|order| order.placed);
    Counted { order, ..sweep.counted }
}

/// When each operation began that means something, and its index, in this order.
fn begins(
    operations: &[Operation],
    part: impl Fn(&Operation) -> Part,
    certify: bool,
) -> Vec<(u64, u32)> {
    let is_needed = |operation: &Operation| match part(operation) {
        Part::Update | Part::Perhaps | Part::Count(_) => true,
        Part::Blank => certify,
        Part::Absent => false,
    };
    let mut begins = Vec::with_capacity(operations.len());
    begins.extend((0..).zip(operations).filter_map(|(index, operation)| {
        is_needed(operation).then_some((operation.call_ns, index))
    }));
    begins.sort_unstable();
    begins
}

/// The count, while the history is gone through.
struct Sweep<'o, P> {
    operations: &'o [Operation],
    part: P,
    limit: i64,
    /// Updates that have begun and are not counted: when they end, and their indices.
    open: BinaryHeap<Reverse<(u64, u32)>>,
    /// Reads that have begun and returned more than was counted then, likewise.
    reads: BinaryHeap<Reverse<(u64, u32)>>,
    /// The least that the count can be.
    least: i64,
    /// How much more than possible has been read, as far as later reads bear it out.
    surplus: i64,
    order: Option<Order>,
    counted: Counted,
}

#[derive(Default)]
struct Order {
    placed: Vec<u32>,
    /// Reads that have begun, and wait for the count that they returned.
    waiting: BinaryHeap<Reverse<(i64, u32)>>,
}

impl<P: Fn(&Operation) -> Part> Sweep<'_, P> {
    /// Ends what ends before `time_ns`.
    fn end_before(&mut self, time_ns: u64) {
        while let Some(Reverse((end_ns, index))) = self.reads.peek().copied()
            && end_ns < time_ns
        {
            self.reads.pop();
            self.count_ended(end_ns);
            if let Part::Count(value) = (self.part)(&self.operations[index as usize]) {
                self.end_read(value, index);
            }
        }
        self.count_ended(time_ns);
    }

    fn begin(&mut self, index: u32) {
        let operation = &self.operations[index as usize];
        match (self.part)(operation) {
            Part::Update => self.open.push(Reverse((operation.return_ns, index))),
            Part::Perhaps => self.open.push(Reverse((NEVER, index))),
            Part::Count(value) => self.begin_read(value, operation.return_ns, index),
            Part::Blank => self.put(index),
            Part::Absent => {}
        }
    }

    /// Counts what has ended before `time_ns`.
    fn count_ended(&mut self, time_ns: u64) {
        while self.open.peek().is_some_and(|Reverse((end_ns, _))| *end_ns < time_ns) {
            self.count_next();
        }
    }

    /// Counts the open update that ends first.
    fn count_next(&mut self) {
        let Some(Reverse((_, index))) = self.open.pop() else { return };
        self.least += 1;
        self.put(index);
        let Some(order) = &mut self.order else { return };
        while let Some(Reverse((value, read))) = order.waiting.peek().copied()
            && value == self.least
        {
            order.placed.push(read);
            order.waiting.pop();
        }
    }

    fn begin_read(&mut self, value: i64, return_ns: u64, index: u32) {
        let least = self.least.min(self.limit);
        if value < least {
            self.counted.low.push(Low { index, lacks: least.abs_diff(value) });
            self.order = None;
        } else {
            // What was too much before this read can still be there only as far as it has room.
            self.surplus = self.surplus.min(value - least);
        }
        if value == self.least {
            self.put(index);
        } else if value > self.least {
            self.reads.push(Reverse((return_ns, index)));
            if let Some(order) = &mut self.order {
                order.waiting.push(Reverse((value, index)));
            }
        }
    }

    fn end_read(&mut self, value: i64, index: u32) {
        let open = i64::try_from(self.open.len()).unwrap_or(i64::MAX);
        // What is more than had begun proves nothing further.
        let beyond = value.saturating_sub(self.least).saturating_sub(open);
        if beyond > self.surplus {
            self.surplus = beyond;
            self.counted.high.push(index);
            self.order = None;
        } else if beyond <= 0 {
            for _ in self.least..value.saturating_sub(self.surplus) {
                self.count_next();
            }
        }
    }

    fn put(&mut self, index: u32) {
        if let Some(order) = &mut self.order {
            order.placed.push(index);
        }
    }
}
