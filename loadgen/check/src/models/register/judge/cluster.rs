//! Operations grouped by the value that they wrote or returned.

use crate::history::{NEVER, Op, Operation, Outcome};
use crate::tally::Tally;

/// A write and the reads that returned its value, at least one of which was answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cluster {
    /// When the value was asked to be written.
    pub(super) write_call_ns: u64,
    /// When the first of its operations was complete: the value was there.
    pub(super) first_completion_ns: u64,
    /// When the last of its operations began: the value was still there. Without stale reads once
    /// these are dropped.
    pub(super) last_call_ns: u64,
    /// Where its operations lie among the members.
    start: u32,
    end: u32,
}

/// All clusters but that of the initial value, in any order.
pub(super) struct Clusters<'h> {
    pub(super) operations: &'h [Operation],
    /// Value and index of each operation: one cluster after the other, its write first.
    members: Vec<(i64, u32)>,
    pub(super) list: Vec<Cluster>,
}

impl Cluster {
    pub(super) fn is_forward(&self) -> bool {
        self.first_completion_ns < self.last_call_ns
    }

    /// Whether it stands before `other` in any order.
    pub(super) fn precedes(&self, other: &Self) -> bool {
        self.first_completion_ns < other.last_call_ns
    }
}

impl<'h> Clusters<'h> {
    /// The clusters of `operations`; `None` where a value is written more than once. Reads that
    /// have no write, or end before it, are tallied, with their write.
    pub(super) fn group(
        initial: i64,
        operations: &'h [Operation],
        phantoms: &mut Tally<u32>,
        future: &mut Tally<(u32, u32)>,
    ) -> Option<Self> {
        let mut members = Vec::with_capacity(operations.len());
        let valued = (0..).zip(operations).filter_map(|(index, operation)| {
            let value = match (operation.op, operation.outcome) {
                (Op::Write, Outcome::Ok | Outcome::Unknown) => operation.arg,
                (Op::Read, Outcome::Ok) => operation.result,
                _ => return None,
            };
            (value != initial).then_some((value, index))
        });
        members.extend(valued);
        members.sort_unstable();

        let is_write = |&(_, index): &(i64, u32)| operations[index as usize].op == Op::Write;
        let mut list = Vec::with_capacity(members.iter().filter(|member| is_write(member)).count());
        let mut end = 0;
        for group in members.chunk_by_mut(|one, next| one.0 == next.0) {
            let start = end;
            end += u32::try_from(group.len()).expect("there are at most u32::MAX operations");
            let mut writes = (0..group.len()).filter(|at| is_write(&group[*at]));
            let (write, second) = (writes.next(), writes.next());
            if second.is_some() {
                return None;
            }
            let Some(write) = write else {
                for &mut (_, read) in group {
                    phantoms.add(operations[read as usize].return_ns, read);
                }
                continue;
            };
            group.swap(0, write);
            list.extend(cluster(operations, group, start, future));
        }
        Some(Self { operations, members, list })
    }

    /// The write of `cluster`.
    pub(super) fn write(&self, cluster: &Cluster) -> u32 {
        self.members[cluster.start as usize].1
    }

    /// The reads of `cluster`, without those of the future.
    pub(super) fn reads(&self, cluster: &Cluster) -> impl Iterator<Item = (u32, &'h Operation)> {
        let write_call_ns = cluster.write_call_ns;
        self.members[cluster.start as usize + 1..cluster.end as usize]
            .iter()
            .map(|&(_, index)| (index, &self.operations[index as usize]))
            .filter(move |(_, read)| read.return_ns >= write_call_ns)
    }

    /// The reads of the initial value.
    pub(super) fn initial_reads(
        &self,
        initial: i64,
    ) -> impl Iterator<Item = (u32, &'h Operation)> + use<'h> {
        (0..).zip(self.operations).filter(move |(_, operation)| {
            operation.op == Op::Read
                && operation.outcome == Outcome::Ok
                && operation.result == initial
        })
    }

    /// The cluster of `value`.
    pub(super) fn find(&self, value: i64) -> Option<&Cluster> {
        self.list.iter().find(|cluster| self.members[cluster.start as usize].0 == value)
    }

    /// Every operation that happened, in the order of the clusters.
    pub(super) fn order(&self, initial: i64) -> Vec<u32> {
        let call_ns = |index: &u32| self.operations[*index as usize].call_ns;
        let mut order = Vec::with_capacity(self.operations.len());
        order.extend(self.initial_reads(initial).map(|(index, _)| index));
        order.sort_unstable_by_key(call_ns);
        for cluster in &self.list {
            order.push(self.write(cluster));
            let reads = order.len();
            order.extend(self.reads(cluster).map(|(index, _)| index));
            order[reads..].sort_unstable_by_key(call_ns);
        }
        order
    }
}

/// The cluster of `group`, which begins with its write; `None` where that need not have happened.
fn cluster(
    operations: &[Operation],
    group: &[(i64, u32)],
    start: u32,
    future: &mut Tally<(u32, u32)>,
) -> Option<Cluster> {
    let (_, write_index) = group[0];
    let write = &operations[write_index as usize];
    let mut cluster = Cluster {
        write_call_ns: write.call_ns,
        first_completion_ns: write.completion_ns(),
        last_call_ns: write.call_ns,
        start,
        end: start + u32::try_from(group.len()).expect("a group is a part of all operations"),
    };
    for &(_, index) in &group[1..] {
        let read = &operations[index as usize];
        if read.precedes(write) {
            future.add(read.return_ns, (write_index, index));
        } else {
            cluster.first_completion_ns = cluster.first_completion_ns.min(read.return_ns);
            cluster.last_call_ns = cluster.last_call_ns.max(read.call_ns);
        }
    }
    (cluster.first_completion_ns != NEVER).then_some(cluster)
}
