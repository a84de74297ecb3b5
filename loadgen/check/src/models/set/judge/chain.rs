//! Lists that hold one another.

use crate::tally::Tally;

use super::Observed;
use super::elements::{Elements, Standing, after};

/// Lists of which each holds all of the one before, and more.
pub(super) struct Chain {
    pub(super) blocks: Vec<Block>,
    /// The elements in them, those that one adds after those of the one before.
    held: Vec<u32>,
    /// Whether every list is in it, with all that it holds.
    is_whole: bool,
    /// A list that begins now or later began after every one that was taken.
    end_ns: u64,
}

/// Equal lists, and the elements that the one before lacks.
pub(super) struct Block {
    /// One that returned it.
    read: u32,
    /// How many elements it holds.
    pub(super) size: usize,
    /// Where the elements that it adds begin.
    start: usize,
    /// A list that begins now or later began after every one before.
    begin_ns: u64,
    /// When the first of its lists was complete.
    return_ns: u64,
}

impl Chain {
    /// Takes the lists in the order of `sized`: by how many reliable elements they hold. One that
    /// does not hold all of the last is left out, and so is the last; each of these pairs of reads
    /// is tallied. Leaves the elements of the chain as held.
    pub(super) fn build(
        observed: &Observed<'_>,
        elements: &mut Elements,
        sized: &[(usize, u32)],
    ) -> (Self, Tally<(u32, u32)>) {
        let held = Vec::with_capacity(elements.len());
        let mut chain = Self { blocks: Vec::new(), held, is_whole: true, end_ns: 0 };
        let mut incomparable = Tally::new();
        elements.begin_pass();
        for &(size, read) in sized {
            let operation = observed.operation(read);
            let start = chain.held.len();
            let mut common = 0;
            elements.members(observed.list(read), |rank, standing| match standing {
                Standing::Held => common += 1,
                _ => chain.held.push(rank),
            });
            let added = chain.held.len() - start;
            chain.is_whole &= common + added == size;
            if common == chain.blocks.last().map_or(0, |last| last.size) {
                if added > 0 {
                    for rank in &chain.held[start..] {
                        elements.stand(*rank, Standing::Held);
                    }
                    let begin_ns = chain.end_ns;
                    chain.blocks.push(Block { read, size, start, begin_ns, return_ns: u64::MAX });
                }
                if let Some(block) = chain.blocks.last_mut() {
                    block.return_ns = block.return_ns.min(operation.return_ns);
                }
                chain.end_ns = chain.end_ns.max(after(operation.call_ns));
            } else if let Some(last) = chain.blocks.pop() {
                chain.is_whole = false;
                let last_return_ns = observed.operation(last.read).return_ns;
                incomparable.add(operation.return_ns.max(last_return_ns), (last.read, read));
                for rank in chain.held.drain(last.start..) {
                    elements.stand(rank, Standing::Unseen);
                }
            }
        }
        (chain, incomparable)
    }

    /// Whether the chain puts everything into an order that time allows.
    pub(super) fn explains(&self, observed: &Observed<'_>, elements: &Elements) -> bool {
        let mut first_ns = u64::MAX;
        let first_returns = self.blocks.iter().rev().map(|block| {
            first_ns = first_ns.min(block.return_ns);
            first_ns
        });
        let mut first_returns: Vec<_> = first_returns.collect();
        first_returns.reverse();
        // No list that holds an element was over before it was called; none that lacks it began
        // after it was acknowledged, or after one that holds it was over.
        let held = self.added().zip(first_returns).all(|((block, added), return_ns)| {
            block.begin_ns <= after(return_ns)
                && added
                    .iter()
                    .map(|rank| elements.times(*rank))
                    .all(|times| times.call_ns <= return_ns && block.begin_ns <= times.due_ns)
        });
        let unseen = || elements.unseen().all(|rank| self.end_ns <= elements.times(rank).due_ns);
        self.is_whole && held && unseen() && self.order_violations(observed, elements).is_empty()
    }

    /// The blocks, with the elements that each adds.
    pub(super) fn added(&self) -> impl Iterator<Item = (&Block, &[u32])> {
        let ends = self.blocks.iter().skip(1).map(|next| next.start).chain([self.held.len()]);
        self.blocks.iter().zip(ends).map(|(block, end)| (block, &self.held[block.start..end]))
    }

    /// Elements that were acknowledged before one that an earlier list holds was called: each with
    /// that one, and the read.
    pub(super) fn order_violations(
        &self,
        observed: &Observed<'_>,
        elements: &Elements,
    ) -> Tally<(u32, u32, u32)> {
        let mut violations = Tally::new();
        // Of the elements before, the one called last: when; its rank; a read that returned it.
        let mut last: Option<(u64, u32, u32)> = None;
        let mut place = |rank: u32, last: Option<(u64, u32, u32)>| {
            if let Some((call_ns, before, read)) = last
                && elements.times(rank).due_ns <= call_ns
            {
                violations.add(observed.operation(read).return_ns, (rank, before, read));
            }
        };
        for (block, added) in self.added() {
            for rank in added {
                place(*rank, last);
            }
            let called =
                added.iter().map(|rank| (elements.times(*rank).call_ns, *rank, block.read));
            last = last.into_iter().chain(called).max_by_key(|(call_ns, ..)| *call_ns);
        }
        for rank in elements.unseen() {
            place(rank, last);
        }
        violations
    }
}
