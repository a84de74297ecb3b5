//! The order that blocks make.

use super::access::{Access, NONE};
use super::blocks::Blocks;

/// An order of all operations that were done, where no two of the `blocks` contradict each other;
/// those that are `free` stand anywhere.
pub(super) fn order(blocks: &Blocks<'_>, mut free: Vec<u32>) -> Vec<u32> {
    let accesses = blocks.accesses;
    let mut readers: Vec<_> = (0..)
        .zip(&blocks.source)
        .filter(|(user, source)| **source != NONE && accesses[*user as usize].leaves.is_none())
        .map(|(user, &source)| (source, accesses[user as usize].begin, user))
        .collect();
    readers.sort_unstable();
    let mut heads: Vec<_> = blocks.heads().filter(|head| blocks.is_done(*head)).collect();
    heads.sort_by_cached_key(|head| {
        let zone = blocks.block(*head);
        let begin = zone.first_end.time.min(zone.last_begin.time);
        // Of zones that touch a backward one comes first, and that of the initial value before all.
        (begin, zone.is_forward())
    });
    let at_first = u32::try_from(accesses.len() - 1).expect("operations are told by 32 bits");
    let mut order = Vec::with_capacity(accesses.len());
    for head in heads {
        let mut source = head;
        while source != NONE {
            if source != at_first {
                order.push(source);
            }
            let first = readers.partition_point(|(of, ..)| *of < source);
            let own = readers[first..].iter().take_while(|(of, ..)| *of == source);
            order.extend(own.map(|(.., user)| *user));
            source = blocks.next[source as usize];
        }
    }
    free.sort_unstable_by_key(|index| accesses[*index as usize].begin);
    with_free(accesses, order, &free)
}

/// Each that is free comes before the first that began after it was complete.
fn with_free(accesses: &[Access], order: Vec<u32>, free: &[u32]) -> Vec<u32> {
    if free.is_empty() {
        return order;
    }
    let mut latest = 0;
    let latest_begins: Vec<_> = order
        .iter()
        .map(|index| {
            latest = accesses[*index as usize].begin.max(latest);
            latest
        })
        .collect();
    let place = |index: &u32| {
        let end = accesses[*index as usize].end;
        latest_begins.partition_point(|begin| *begin <= end)
    };
    let mut placed: Vec<_> = free.iter().map(|index| (place(index), *index)).collect();
    placed.sort_by_key(|(place, _)| *place);
    let mut placed = placed.into_iter().peekable();
    let mut all = Vec::with_capacity(order.len() + free.len());
    for (at, index) in order.into_iter().enumerate() {
        while let Some((_, free)) = placed.next_if(|(place, _)| *place <= at) {
            all.push(free);
        }
        all.push(index);
    }
    all.extend(placed.map(|(_, free)| free));
    all
}
