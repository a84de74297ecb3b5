//! The order that certifies a set as valid.

use crate::history::Outcome;

use super::Observed;
use super::chain::Chain;
use super::elements::{Elements, is_addition};

/// An operation in its place.
struct Place {
    /// A block's elements come before its lists.
    block: u32,
    is_read: bool,
    call_ns: u64,
    index: u32,
}

/// Every operation that happened: block by block, in each the elements and then the lists. What
/// changes nothing (further additions of an element, reads without a list) is put between them:
/// every operation is given the earliest time that it can have had.
pub(super) fn order(observed: &Observed<'_>, elements: &Elements, chain: &Chain) -> Vec<u32> {
    let firsts = firsts(observed, elements);
    let mut places = places(observed, elements, chain, &firsts);
    places.sort_unstable_by_key(|place| (place.block, place.is_read, place.call_ns, place.index));
    let mut added_ns = vec![0; elements.len()];
    let mut timed = Vec::with_capacity(observed.operations.len());
    let mut time_ns = 0;
    for (place, nth) in places.iter().zip(0..) {
        time_ns = time_ns.max(place.call_ns);
        timed.push((time_ns, nth, place.index));
        if !place.is_read
            && let Some(rank) = elements.rank(observed.operation(place.index).arg)
        {
            added_ns[rank as usize] = time_ns;
        }
    }
    for (index, operation) in (0..).zip(observed.operations) {
        let not_before_ns = if is_addition(operation) {
            let rank = elements.rank(operation.arg).filter(|rank| firsts[*rank as usize] != index);
            rank.map(|rank| added_ns[rank as usize])
        } else {
            operation.list(observed.lists).is_none().then_some(0)
        };
        if let Some(not_before_ns) = not_before_ns
            && operation.outcome == Outcome::Ok
        {
            timed.push((not_before_ns.max(operation.call_ns), u32::MAX, index));
        }
    }
    timed.sort_unstable();
    timed.into_iter().map(|(.., index)| index).collect()
}

/// By rank, the addition that was invoked first; `u32::MAX` for what was there at first.
fn firsts(observed: &Observed<'_>, elements: &Elements) -> Vec<u32> {
    let mut firsts = vec![u32::MAX; elements.len()];
    for (index, operation) in (0..).zip(observed.operations) {
        if is_addition(operation)
            && let Some(rank) = elements.rank(operation.arg)
            && let times = elements.times(rank)
            && times.due_ns > 0
            && times.call_ns == operation.call_ns
        {
            firsts[rank as usize] = firsts[rank as usize].min(index);
        }
    }
    firsts
}

/// The lists, and the first additions of the elements that they hold or that have to be there.
fn places(
    observed: &Observed<'_>,
    elements: &Elements,
    chain: &Chain,
    firsts: &[u32],
) -> Vec<Place> {
    let mut places = Vec::with_capacity(observed.operations.len());
    let mut place = |block, is_read, index| {
        if index != u32::MAX {
            let call_ns = observed.operation(index).call_ns;
            places.push(Place { block, is_read, call_ns, index });
        }
    };
    for (number, (_, added)) in (1..).zip(chain.added()) {
        for rank in added {
            place(number, false, firsts[*rank as usize]);
        }
    }
    for rank in elements.unseen() {
        if elements.times(rank).due_ns != u64::MAX {
            place(u32::MAX, false, firsts[rank as usize]);
        }
    }
    for &read in &observed.reads {
        let len = observed.list(read).len();
        let block = chain.blocks.partition_point(|block| block.size <= len);
        place(u32::try_from(block).expect("a block is at least one read's"), true, read);
    }
    places
}
