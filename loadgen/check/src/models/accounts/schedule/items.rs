//! What is to be put in order where a floor counts, and when each can come.

use super::super::found::Placed;
use super::super::ledger::Ledger;

/// An operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// Its place among the object's operations.
    pub(super) index: u32,
    pub(super) call_ns: u64,
    pub(super) end_ns: u64,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// It comes behind all reads before `earliest` and not behind `latest`, by their places in the
    /// chain.
    Move {
        from: usize,
        to: usize,
        amount: i128,
        earliest: usize,
        latest: usize,
    },
    /// With this place in the chain.
    Read(usize),
    Refusal {
        from: usize,
        amount: i128,
    },
}

/// Operations, by their calls.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Those that are in the order.
    pub(super) required: Vec<Item>,
    /// Moves of which nobody heard, and which no read shows.
    pub(super) perhaps: Vec<Item>,
}

impl Items {
    /// All of `ledger`, with the reads in this `chain`.
    pub(super) fn of(ledger: &Ledger<'_>, chain: &[Placed]) -> Self {
        let mut latest = vec![chain.len(); ledger.moves.len()];
        for (place, placed) in chain.iter().enumerate() {
            placed.moves.iter().for_each(|one| latest[*one as usize] = place);
        }
        let shown_at = shown_at(ledger, chain);
        let mut items = Self::default();
        for (one, latest) in ledger.moves.iter().zip(latest) {
            // A read that tells nothing about it may come before it or behind it.
            let ends = [one.from, one.to].into_iter().filter(|_| one.from != one.to);
            let earliest = ends.map(|account| {
                let before = shown_at[account].partition_point(|place| *place < latest);
                before.checked_sub(1).map_or(0, |last| shown_at[account][last] + 1)
            });
            let earliest = earliest.max().unwrap_or(0);
            let (from, to, amount) = (one.from, one.to, one.amount);
            let what = What::Move { from, to, amount, earliest, latest };
            let (index, call_ns, end_ns) = (one.index, one.call_ns, one.end_ns);
            let is_required = !one.is_unknown() || latest < chain.len();
            let list = if is_required { &mut items.required } else { &mut items.perhaps };
            list.push(Item { index, call_ns, end_ns, what });
        }
        for (place, placed) in chain.iter().enumerate() {
            let sight = &ledger.sights[placed.sight];
            let (index, call_ns, end_ns) = (sight.index, sight.call_ns, sight.return_ns);
            items.required.push(Item { index, call_ns, end_ns, what: What::Read(place) });
        }
        for refusal in &ledger.refusals {
            let what = What::Refusal { from: refusal.from, amount: refusal.amount };
            let (index, call_ns, end_ns) = (refusal.index, refusal.call_ns, refusal.return_ns);
            items.required.push(Item { index, call_ns, end_ns, what });
        }
        items.required.sort_by_key(|item| item.call_ns);
        items
    }
}

/// Of each account the places of the reads that show it.
fn shown_at(ledger: &Ledger<'_>, chain: &[Placed]) -> Vec<Vec<usize>> {
    let mut shown_at = vec![Vec::new(); ledger.initial.len()];
    for (place, placed) in chain.iter().enumerate() {
        for (account, _) in ledger.sights[placed.sight].shown() {
            shown_at[account].push(place);
        }
    }
    shown_at
}
