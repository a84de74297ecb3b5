//! The times of blocks, and which of them contradict each other.

use super::access::{Access, NONE};
use crate::history::NEVER;

/// A time, and the operation that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) time: u64,
    pub(super) index: u32,
}

/// The smallest completion and the largest invocation of operations that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) first_end: Edge,
    pub(super) last_begin: Edge,
}

impl Zone {
    pub(super) fn of(index: u32, access: &Access) -> Self {
        let Access { begin, end, .. } = *access;
        Self { first_end: Edge { time: end, index }, last_begin: Edge { time: begin, index } }
    }

    /// Of the operations of both.
    pub(super) fn with(self, other: Self) -> Self {
        let is_first = other.first_end.time < self.first_end.time;
        let is_last = other.last_begin.time > self.last_begin.time;
        Self {
            first_end: if is_first { other.first_end } else { self.first_end },
            last_begin: if is_last { other.last_begin } else { self.last_begin },
        }
    }

    /// Whether some operation of it was complete before one of `other` began.
    pub(super) fn precedes(&self, other: &Self) -> bool {
        self.first_end.time < other.last_begin.time
    }

    /// Whether its time is from its first completion to its last invocation, and not the reverse.
    pub(super) fn is_forward(&self) -> bool {
        self.precedes(self)
    }
}

/// The zones of all blocks, by their first completions: a tree of largest last invocations.
///
/// A block that is never complete contradicts none, and is not in it.
pub(super) struct Zones {
    /// Completions, ascending, each with its operation.
    ends: Vec<(u64, u32)>,
    /// Of each operation its place among them.
    places: Vec<u32>,
    /// The root is at 1, the children of `at` at `2 * at` and `2 * at + 1`.
    tree: Vec<u64>,
}

impl Zones {
    /// Of no blocks yet.
    pub(super) fn new(accesses: &[Access]) -> Self {
        let with_index = (0..).zip(accesses);
        let complete = with_index.filter(|(_, access)| access.end != NEVER);
        let mut ends: Vec<_> = complete.map(|(index, access)| (access.end, index)).collect();
        ends.sort_unstable();
        let mut places = vec![NONE; accesses.len()];
        for (place, (_, index)) in (0..).zip(&ends) {
            places[*index as usize] = place;
        }
        let tree = vec![0; 2 * ends.len().next_power_of_two()];
        Self { ends, places, tree }
    }

    fn leaves(&self) -> usize {
        self.tree.len() / 2
    }

    /// Adds all of `zones` at once.
    pub(super) fn fill(&mut self, zones: &[Zone]) {
        let leaves = self.leaves();
        for zone in zones.iter().filter(|zone| zone.first_end.time != NEVER) {
            let place = self.places[zone.first_end.index as usize] as usize;
            self.tree[leaves + place] = zone.last_begin.time;
        }
        for at in (1..leaves).rev() {
            self.tree[at] = self.tree[2 * at].max(self.tree[2 * at + 1]);
        }
    }

    /// Adds `zone`, or changes its last invocation.
    pub(super) fn put(&mut self, zone: &Zone) {
        self.set(zone, zone.last_begin.time);
    }

    /// Takes `zone` out.
    pub(super) fn take(&mut self, zone: &Zone) {
        self.set(zone, 0);
    }

    fn set(&mut self, zone: &Zone, last_begin: u64) {
        if zone.first_end.time == NEVER {
            return;
        }
        let mut at = self.leaves() + self.places[zone.first_end.index as usize] as usize;
        self.tree[at] = last_begin;
        while at > 1 {
            at /= 2;
            let largest = self.tree[2 * at].max(self.tree[2 * at + 1]);
            if self.tree[at] == largest {
                return;
            }
            self.tree[at] = largest;
        }
    }

    /// The first operation to be complete of a zone that contradicts `zone`: each precedes the
    /// other.
    pub(super) fn contradicting(&self, zone: &Zone) -> Option<u32> {
        if zone.first_end.time == NEVER {
            return None;
        }
        let own = self.places[zone.first_end.index as usize] as usize;
        let before = self.ends.partition_point(|(end, _)| *end < zone.last_begin.time);
        let threshold = zone.first_end.time;
        let place = self
            .find(0, own.min(before), threshold)
            .or_else(|| self.find(own + 1, before, threshold))?;
        Some(self.ends[place].1)
    }

    /// A place from `from` to before `to` whose zone ends after `threshold`.
    fn find(&self, from: usize, to: usize, threshold: u64) -> Option<usize> {
        let leaves = self.leaves();
        let (mut low, mut high) = (leaves + from, leaves + to);
        while low < high {
            let ends = [(low % 2 == 1).then_some(low), (high % 2 == 1).then(|| high - 1)];
            for at in ends.into_iter().flatten() {
                if self.tree[at] > threshold {
                    return Some(self.descend(at, threshold) - leaves);
                }
            }
            (low, high) = (low.div_ceil(2), high / 2);
        }
        None
    }

    fn descend(&self, mut at: usize, threshold: u64) -> usize {
        while at < self.leaves() {
            at *= 2;
            if self.tree[at] <= threshold {
                at += 1;
            }
        }
        at
    }
}
