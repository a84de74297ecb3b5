//! An order of all moves and answers, of the reads in their chain.
//!
//! Without a floor that is the order of the calls between the reads. With one, each move has to be
//! covered, and each refusal needs an instant at which the amount is not there. The order is made from
//! the front, by what is due first: an operation is put there when it is the next to end, or when it
//! helps one that is and cannot be put there yet. At a dead end some steps are taken back, and other
//! ways are drawn. What is wrong is mostly near, and to try all ways from there on would be in vain.

mod items;
mod needs;

use super::dice::Retreat;
use super::found::Placed;
use super::ledger::Ledger;
use crate::history::NEVER;
use crate::limits::Limits;
use items::{Item, Items, What};
use needs::Needs;

/// So many dead ends may come one after the other without getting any farther, but no more for each
/// operation.
const MOST_DEAD_ENDS: usize = 1 << 12;
const MOST_DEAD_ENDS_EACH: usize = 16;
/// So many moves of which nobody heard are looked at, the latest.
const MOST_PERHAPS: usize = 32;

/// An order, of indices of operations; `None` where none was found.
pub(super) fn of(
    ledger: &Ledger<'_>,
    chain: &[Placed],
    floor: Option<i128>,
    limits: &Limits<'_>,
) -> Option<Vec<u32>> {
    match floor {
        None => Some(by_calls(ledger, chain)),
        Some(floor) => Schedule::new(ledger, chain, floor).run(limits),
    }
}

fn by_calls(ledger: &Ledger<'_>, chain: &[Placed]) -> Vec<u32> {
    let mut is_placed = vec![false; ledger.moves.len()];
    let mut order = Vec::with_capacity(ledger.moves.len() + chain.len());
    for Placed { sight, moves } in chain {
        for one in moves {
            is_placed[*one as usize] = true;
        }
        order.extend(moves.iter().map(|one| ledger.at(*one).index));
        order.push(ledger.sights[*sight].index);
    }
    let behind = ledger.moves.iter().zip(is_placed);
    let behind = behind.filter(|(one, is_placed)| !one.is_unknown() && !is_placed);
    order.extend(behind.map(|(one, _)| one.index));
    order
}

struct Schedule {
    floor: i128,
    /// Those that are in the order, by their calls; then those that may be, likewise.
    items: Vec<Item>,
    required: usize,
    /// Places of those that are in the order, by their ends.
    by_end: Vec<usize>,
    /// Of each of them its place there.
    rank: Vec<usize>,
    balances: Vec<i128>,
    is_done: Vec<bool>,
    /// How many are left of those that are in the order; the first of them, by its call and by its end.
    left: usize,
    first: usize,
    first_end: usize,
    /// The place of the next read in the chain, and how many moves are left that come before each.
    next_read: usize,
    left_before: Vec<usize>,
    order: Vec<usize>,
}

impl Schedule {
    fn new(ledger: &Ledger<'_>, chain: &[Placed], floor: i128) -> Self {
        let Items { required: mut items, perhaps } = Items::of(ledger, chain);
        let required = items.len();
        let mut by_end: Vec<_> = (0..required).collect();
        by_end.sort_by_key(|at| items[*at].end_ns);
        let mut rank = vec![0; required];
        for (place, at) in by_end.iter().enumerate() {
            rank[*at] = place;
        }
        let mut left_before = vec![0; chain.len() + 1];
        for item in &items {
            if let What::Move { latest, .. } = item.what {
                left_before[latest] += 1;
            }
        }
        items.extend(perhaps);
        Self {
            floor,
            is_done: vec![false; items.len()],
            items,
            required,
            by_end,
            rank,
            balances: ledger.initial.clone(),
            left: required,
            first: 0,
            first_end: 0,
            next_read: 0,
            left_before,
            order: Vec::new(),
        }
    }

    fn run(mut self, limits: &Limits<'_>) -> Option<Vec<u32>> {
        let mut retreat = Retreat::default();
        // How many were in the order before each step.
        let mut steps: Vec<usize> = Vec::new();
        let mut count = 0_u64;
        let most_back = MOST_DEAD_ENDS.min(MOST_DEAD_ENDS_EACH * self.required);
        loop {
            self.observe();
            if self.left == 0 {
                return Some(self.order.iter().map(|at| self.items[*at].index).collect());
            }
            count += 1;
            if count.is_multiple_of(256) && (limits.expired)() {
                return None;
            }
            let choices = self.choices();
            if choices.is_empty() {
                let back = retreat.steps(steps.len(), most_back)?;
                let rest = steps.len().saturating_sub(back);
                let length = *steps.get(rest)?;
                steps.truncate(rest);
                self.undo_to(length);
            } else {
                let way = retreat.way(steps.len(), choices.len());
                steps.push(self.order.len());
                self.put(choices[way]);
            }
        }
    }

    /// What is due next; what may come before it begins no later than it ends.
    fn due(&mut self) -> Option<usize> {
        while self.by_end.get(self.first_end).is_some_and(|at| self.is_done[*at]) {
            self.first_end += 1;
        }
        self.by_end.get(self.first_end).copied()
    }

    /// Those of the order that may come next as far as time goes.
    fn eligible(&mut self) -> Vec<usize> {
        let bound_ns = self.due().map_or(NEVER, |due| self.items[due].end_ns);
        while self.first < self.required && self.is_done[self.first] {
            self.first += 1;
        }
        let begun = self.items[self.first..self.required].iter();
        let begun = begun.take_while(|item| item.call_ns <= bound_ns);
        let places = (self.first..).zip(begun).map(|(at, _)| at);
        places.filter(|at| !self.is_done[*at]).collect()
    }

    /// Puts into the order all that changes nothing and fits.
    fn observe(&mut self) {
        loop {
            let count = self.order.len();
            for at in self.eligible() {
                let fits = match self.items[at].what {
                    What::Move { .. } => false,
                    What::Read(place) => place == self.next_read && self.left_before[place] == 0,
                    What::Refusal { from, amount } => !self.is_there(from, amount),
                };
                if fits {
                    self.put(at);
                }
            }
            if self.order.len() == count {
                return;
            }
        }
    }

    fn is_there(&self, account: usize, amount: i128) -> bool {
        self.balances[account] - amount >= self.floor
    }

    /// The moves that may come next, the best first.
    fn choices(&mut self) -> Vec<usize> {
        let Some(due) = self.due() else { return Vec::new() };
        let eligible = self.eligible();
        let needs = Needs::of(self, due, &eligible);
        let bound_ns = self.items[due].end_ns;
        let mut choices: Vec<_> = eligible
            .into_iter()
            .filter(|at| self.may_come(*at))
            .map(|at| ((needs.rank(self, at), self.items[at].end_ns), at))
            .collect();
        choices.sort_unstable();
        let perhaps = &self.items[self.required..];
        let begun = self.required + perhaps.partition_point(|item| item.call_ns <= bound_ns);
        let latest = (self.required..begun).rev().filter(|at| !self.is_done[*at]);
        let latest = latest.take(MOST_PERHAPS).filter(|at| self.may_come(*at));
        let helping = latest.filter(|at| needs.are_helped(&self.items[*at]));
        choices.into_iter().map(|(_, at)| at).chain(helping).collect()
    }

    /// Whether it is a move that its account covers, and that may come before the next read.
    fn may_come(&self, at: usize) -> bool {
        match self.items[at].what {
            What::Move { from, amount, earliest, .. } => {
                earliest <= self.next_read && self.is_there(from, amount)
            }
            What::Read(_) | What::Refusal { .. } => false,
        }
    }

    fn put(&mut self, at: usize) {
        self.change(at, 1);
        self.order.push(at);
    }

    fn undo_to(&mut self, count: usize) {
        while self.order.len() > count {
            let at = self.order.pop().expect("there are more");
            self.change(at, -1);
            if at < self.required {
                self.first = self.first.min(at);
                self.first_end = self.first_end.min(self.rank[at]);
            }
        }
    }

    fn change(&mut self, at: usize, times: i128) {
        let is_put = times > 0;
        let one_less = |count: usize| if is_put { count - 1 } else { count + 1 };
        self.is_done[at] = is_put;
        if at < self.required {
            self.left = one_less(self.left);
        }
        match self.items[at].what {
            What::Move { from, to, amount, latest, .. } => {
                self.balances[from] -= times * amount;
                self.balances[to] += times * amount;
                if at < self.required {
                    self.left_before[latest] = one_less(self.left_before[latest]);
                }
            }
            What::Read(place) => self.next_read = if is_put { place + 1 } else { place },
            What::Refusal { .. } => {}
        }
    }
}
