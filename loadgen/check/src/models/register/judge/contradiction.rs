//! Clusters that contradict each other: each would have to come before the other.

use crate::history::{NEVER, Operation};
use crate::tally::Tally;

use super::cluster::{Cluster, Clusters};

impl Clusters<'_> {
    /// Reads that began when their value had been overwritten; from then on they no longer count
    /// as the last of their cluster. That they were complete still tells that the value was there.
    ///
    /// With the clusters in the order of their writes' invocations, those written after a value was
    /// there are the ones from some place on: the value was overwritten when the first of them was
    /// there.
    pub(super) fn drop_stale_reads(&mut self, initial: i64) -> Tally<u32> {
        let mut stale = Tally::new();
        self.list.sort_unstable_by_key(|cluster| cluster.write_call_ns);
        let mut overwritten_ns = vec![NEVER; self.list.len() + 1];
        for (place, cluster) in self.list.iter().enumerate().rev() {
            overwritten_ns[place] = overwritten_ns[place + 1].min(cluster.first_completion_ns);
        }
        for (index, read) in self.initial_reads(initial) {
            if read.call_ns > overwritten_ns[0] {
                stale.add(read.return_ns, index);
            }
        }
        for place in 0..self.list.len() {
            let cluster = self.list[place];
            if !cluster.is_forward() {
                continue;
            }
            let next = first_written_after(&self.list, place, cluster.first_completion_ns);
            let overwritten_ns = overwritten_ns[next];
            if cluster.last_call_ns > overwritten_ns {
                let mut last_call_ns = cluster.write_call_ns;
                for (index, read) in self.reads(&cluster) {
                    if read.call_ns > overwritten_ns {
                        stale.add(read.return_ns, index);
                    } else {
                        last_call_ns = last_call_ns.max(read.call_ns);
                    }
                }
                self.list[place].last_call_ns = last_call_ns;
            }
        }
        stale
    }

    /// Pairs of clusters that contradict each other, none of them in two pairs. Leaves the clusters
    /// sorted by where their zones begin: without contradictions, an order that explains them.
    ///
    /// Of the forward zones seen only the last can reach beyond what comes. Without stale reads,
    /// the last invocation on either side is a read's.
    pub(super) fn contradictions(&mut self) -> Tally<(Cluster, Cluster)> {
        let mut pairs = Tally::new();
        // Zones that touch do not contradict each other: a backward one comes first.
        self.list.sort_unstable_by_key(|cluster| {
            let begin_ns = cluster.first_completion_ns.min(cluster.last_call_ns);
            (begin_ns, cluster.is_forward())
        });
        let mut last_forward: Option<Cluster> = None;
        for cluster in &self.list {
            if let Some(forward) = last_forward
                && forward.precedes(cluster)
                && cluster.precedes(&forward)
            {
                let reads =
                    [self.read_after(&forward, cluster), self.read_after(cluster, &forward)];
                let complete_ns = reads.map(|(_, read)| read.return_ns).into_iter().max();
                pairs.add(complete_ns.expect("there are two"), (forward, *cluster));
                last_forward = None;
            } else if cluster.is_forward() {
                last_forward = Some(*cluster);
            }
        }
        pairs
    }

    /// The witness of a stale read: what overwrote its value, and how that is known.
    pub(super) fn prove_stale(&self, index: u32) -> Vec<u32> {
        let read = &self.operations[index as usize];
        let own = self.find(read.result);
        let overwrites = |other: &&Cluster| {
            own.is_none_or(|own| own.first_completion_ns < other.write_call_ns)
                && other.first_completion_ns < read.call_ns
        };
        // A write that was over by itself needs no read to show for it.
        let by = self.list.iter().filter(overwrites).min_by_key(|other| {
            let write = &self.operations[self.write(other) as usize];
            (!write.precedes(read), other.first_completion_ns)
        });
        let by = by.expect("a stale read was overwritten");
        let write = self.write(by);
        let before = own.map(|own| self.over_before(own, &self.operations[write as usize]));
        let shown = Some(self.over_before(by, read)).filter(|shown| *shown != write);
        [before, Some(write), shown, Some(index)].into_iter().flatten().collect()
    }

    /// The witness of two clusters that contradict each other.
    pub(super) fn prove(&self, one: &Cluster, other: &Cluster) -> Vec<u32> {
        let (ones, ones_read) = self.read_after(one, other);
        let (others, others_read) = self.read_after(other, one);
        // A read that was over before the other began serves twice.
        let before = |cluster, (own, own_read): (u32, &Operation), read| {
            if own_read.precedes(read) { own } else { self.over_before(cluster, read) }
        };
        let ones_before = before(one, (ones, ones_read), others_read);
        let others_before = before(other, (others, others_read), ones_read);
        let mut witness = vec![ones_before, others];
        witness.extend((others_before != others).then_some(others_before));
        witness.extend((ones_before != ones).then_some(ones));
        witness
    }

    /// Of the reads of `cluster` that began after `other` was there, stale ones left out, the one
    /// that was complete first.
    fn read_after(&self, cluster: &Cluster, other: &Cluster) -> (u32, &Operation) {
        let after = other.first_completion_ns + 1..=cluster.last_call_ns;
        let reads = self.reads(cluster).filter(|(_, read)| after.contains(&read.call_ns));
        reads.min_by_key(|(_, read)| read.return_ns).expect("clusters that contradict have reads")
    }

    /// An operation of `cluster` that was over before `operation` began: the write if it was.
    fn over_before(&self, cluster: &Cluster, operation: &Operation) -> u32 {
        let write = self.write(cluster);
        if self.operations[write as usize].precedes(operation) {
            return write;
        }
        let mut reads = self.reads(cluster).filter(|(_, read)| read.precedes(operation));
        reads.next().expect("the value was there before").0
    }
}

/// Of `clusters`, in the order of their writes' invocations, the first after `place` that was
/// written after `time_ns`. Most often it is near: looks ever further from `place`.
fn first_written_after(clusters: &[Cluster], place: usize, time_ns: u64) -> usize {
    let is_before = |cluster: &Cluster| cluster.write_call_ns <= time_ns;
    let mut step = 1;
    while clusters.get(place + step).is_some_and(is_before) {
        step *= 2;
    }
    let (from, to) = (place + step / 2, clusters.len().min(place + step));
    from + clusters[from..to].partition_point(is_before)
}
