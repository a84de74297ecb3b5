//! What is in flight and waits for its place in the order.
//!
//! What an answer needs is a sum of some of the amounts in flight. They are tried in the sequence in which
//! their time is over, so that those are used that have to come soon in any case.

use std::collections::{BTreeSet, HashSet};

use super::bounds::end_ns;
use super::roles::Role;
use crate::history::Operation;

/// In how many manners it goes on: the first few of them differ in what waits and in the sequence of what
/// is in flight, the others in a sequence of their own.
pub(super) const MANNERS: usize = 48;

/// How many sums are looked at for one answer.
const SUMS: usize = 4_096;
/// How many operations that may never have happened wait: the latest.
const LOOSE: usize = 64;

/// The order so far, and what waits.
pub(super) struct Waiting<'o> {
    operations: &'o [Operation],
    roles: &'o [Role],
    order: Vec<u32>,
    now: Now,
    manner: usize,
}

/// How many are left, and what waits.
#[derive(Debug, Clone)]
struct Now {
    left: i64,
    /// When it is over, and the operation: takes and gives that were done, in flight.
    takes: BTreeSet<(u64, u32)>,
    gives: BTreeSet<(u64, u32)>,
    /// The same of those that may have been done, by when they began.
    loose: BTreeSet<(u64, u32)>,
    /// Answers, by how many they say were left.
    reads: BTreeSet<(i64, u32)>,
    /// Answers that fewer than so many were left.
    too_few: BTreeSet<(i64, u32)>,
}

/// A place to go back to.
pub(super) struct Mark {
    now: Now,
    /// How long the order was.
    placed: usize,
}

impl<'o> Waiting<'o> {
    pub(super) fn new(initial: i64, operations: &'o [Operation], roles: &'o [Role]) -> Self {
        let now = Now {
            left: initial,
            takes: BTreeSet::new(),
            gives: BTreeSet::new(),
            loose: BTreeSet::new(),
            reads: BTreeSet::new(),
            too_few: BTreeSet::new(),
        };
        Self { operations, roles, order: Vec::with_capacity(operations.len()), now, manner: 0 }
    }

    pub(super) fn into_order(self) -> Vec<u32> {
        self.order
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { now: self.now.clone(), placed: self.order.len() }
    }

    pub(super) fn go_back(&mut self, mark: &Mark) {
        self.order.truncate(mark.placed);
        self.now = mark.now.clone();
    }

    /// From now on in this manner, of [`MANNERS`].
    pub(super) fn behave(&mut self, manner: usize) {
        self.manner = manner;
    }

    /// An operation begins.
    pub(super) fn begin(&mut self, index: u32) {
        let operation = &self.operations[index as usize];
        let by_end = (end_ns(operation), index);
        match self.roles[index as usize] {
            Role::Taken(_) => _ = self.now.takes.insert(by_end),
            Role::Given(_) => {
                self.now.gives.insert(by_end);
                // In some manners gives do not wait.
                if self.manner / 2 % 2 == 1 {
                    self.put(index);
                }
            }
            Role::PerhapsTaken(_) | Role::PerhapsGiven(_) => {
                self.now.loose.insert((operation.call_ns, index));
                if self.now.loose.len() > LOOSE {
                    self.now.loose.pop_first();
                }
            }
            Role::Read(left) => _ = self.now.reads.insert((left, index)),
            Role::TooFew(amount) => _ = self.now.too_few.insert((amount, index)),
            Role::Blank => self.order.push(index),
            Role::Absent => {}
        }
        self.settle();
    }

    /// The time of an operation is over: it is in the order now. False where it does not fit.
    pub(super) fn end(&mut self, index: u32) -> bool {
        let by_end = (end_ns(&self.operations[index as usize]), index);
        let Now { takes, gives, reads, too_few, .. } = &self.now;
        let fits = match self.roles[index as usize] {
            Role::Given(_) => {
                if gives.contains(&by_end) {
                    self.put(index);
                }
                true
            }
            Role::Taken(amount) if takes.contains(&by_end) => {
                let is_enough = self.raise(amount);
                if is_enough {
                    self.put(index);
                }
                is_enough
            }
            Role::Read(left) => !reads.contains(&(left, index)) || self.reach(left, left),
            Role::TooFew(amount) => {
                !too_few.contains(&(amount, index)) || self.reach(0, amount - 1)
            }
            _ => true,
        };
        self.settle();
        fits
    }

    /// Puts a take or a give into the order, and all answers that fit behind it.
    fn put(&mut self, index: u32) {
        let operation = &self.operations[index as usize];
        let by_end = (end_ns(operation), index);
        let role = self.roles[index as usize];
        self.now.left += role.gives() - role.takes();
        self.now.takes.remove(&by_end);
        self.now.gives.remove(&by_end);
        self.now.loose.remove(&(operation.call_ns, index));
        self.order.push(index);
        self.observe();
    }

    /// Puts all answers that fit into the order.
    fn observe(&mut self) {
        let Now { left, reads, too_few, .. } = &mut self.now;
        let left = *left;
        while let Some(&first) = reads.range((left, 0)..=(left, u32::MAX)).next() {
            reads.remove(&first);
            self.order.push(first.1);
        }
        while let Some(&(amount, index)) = too_few.last()
            && amount > left
        {
            too_few.pop_last();
            self.order.push(index);
        }
    }

    /// Puts all into the order that does not wait and fits.
    fn settle(&mut self) {
        self.observe();
        // In some manners takes do not wait.
        while self.manner % 2 == 1 {
            let fits = |index: u32| self.roles[index as usize].taken() <= self.now.left;
            let fitting = self.now.takes.iter().find(|(_, index)| fits(*index));
            let Some(&(_, index)) = fitting else { return };
            self.put(index);
        }
    }

    /// Gives back until `amount` are left. False where there is not enough to.
    fn raise(&mut self, amount: i64) -> bool {
        if self.now.left >= amount {
            return true;
        }
        for index in self.in_flight() {
            if self.roles[index as usize].gives() > 0 {
                self.put(index);
                if self.now.left >= amount {
                    return true;
                }
            }
        }
        false
    }

    /// Takes and gives back until at least `low` and at most `high` are left. False where no way was
    /// found.
    ///
    /// Goes through the sums that some of what is in flight comes to: those that one operation more leads
    /// to, until one of them is it. What is given back comes first, so that there is enough to take.
    fn reach(&mut self, low: i64, high: i64) -> bool {
        // How much is left, the operation that led to it, and where it led from.
        let mut sums: Vec<(i64, u32, usize)> = vec![(self.now.left, u32::MAX, 0)];
        let mut seen = HashSet::from([self.now.left]);
        let mut found = None;
        'all: for index in self.in_flight() {
            let role = self.roles[index as usize];
            for at in 0..sums.len() {
                let left = sums[at].0 + role.gives() - role.takes();
                if !seen.insert(left) {
                    continue;
                }
                sums.push((left, index, at));
                if (low..=high).contains(&left) {
                    found = Some(sums.len() - 1);
                    break 'all;
                }
            }
            if sums.len() > SUMS {
                return false;
            }
        }
        let Some(mut at) = found else { return false };
        let mut chosen = Vec::new();
        while at > 0 {
            let (_, index, before) = sums[at];
            chosen.push(index);
            at = before;
        }
        chosen.sort_by_key(|index| self.roles[*index as usize].takes() > 0);
        for index in chosen {
            self.put(index);
        }
        true
    }

    /// What is in flight, in the sequence in which its time is over, or in which it began, or from the
    /// last to the first, or in another; that which may never happen last.
    fn in_flight(&self) -> Vec<u32> {
        let Now { takes, gives, loose, .. } = &self.now;
        let mut sure: Vec<_> = takes.union(gives).map(|(_, index)| *index).collect();
        match self.manner / 4 {
            0 => {}
            1 => sure.sort_by_key(|index| self.operations[*index as usize].call_ns),
            2 => sure.reverse(),
            other => sure.sort_by_key(|index| mixed(*index, other)),
        }
        sure.extend(loose.iter().rev().map(|(_, index)| *index));
        sure
    }
}

/// A number that says nothing about its `index`, another for each sequence.
fn mixed(index: u32, sequence: usize) -> u64 {
    let number = u64::from(index) << 8 | sequence as u64;
    // Fibonacci hashing: the golden ratio spreads what is close together.
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
