//! Which of several moves a read saw: those that add up to what it shows.
//!
//! To say whether any do is to solve a sum of subsets, which is NP-complete. Two rules keep it small.
//! First, an account for itself says of some moves that they are among them, or are not: where the
//! balance is out of reach without, or with it. With many accounts that leaves next to none. Second,
//! the rest are split into halves (`halves.rs`).

use std::ops::RangeInclusive;

use super::found::Ways;
use super::halves;
use super::ledger::Move;

/// More moves than these, when the accounts have said what they can, are not tried in every way.
const MOST: usize = 24;
/// So many ways are kept at most.
const MOST_WAYS: usize = 1 << 10;
/// Where moves are too many, so many times some of them are tried.
const MOST_TRIES: usize = 4;

/// What a read shows beside what is known of the accounts.
#[derive(Debug, Default)]
pub(super) struct Question {
    /// By account: how much it shows more; what the moves that are left may add, at least and at most.
    lack: Vec<i128>,
    low: Vec<i128>,
    high: Vec<i128>,
    /// By account: which question it was shown in last.
    shown_in: Vec<u32>,
    number: u32,
    shown: Vec<usize>,
    middle_ns: u64,
}

impl Question {
    pub(super) fn new(accounts: usize) -> Self {
        let (zeros, shown_in) = (vec![0; accounts], vec![0; accounts]);
        Self { lack: zeros.clone(), low: zeros.clone(), high: zeros, shown_in, ..Self::default() }
    }

    /// Begins anew: a read that was open around `middle_ns` shows this, where there were `balances`.
    pub(super) fn begin(
        &mut self,
        shown: impl Iterator<Item = (usize, i128)>,
        balances: &[i128],
        middle_ns: u64,
    ) {
        self.number += 1;
        self.middle_ns = middle_ns;
        self.shown.clear();
        for (account, balance) in shown {
            self.shown_in[account] = self.number;
            self.lack[account] = balance - balances[account];
            self.shown.push(account);
        }
    }

    /// `one` is counted among what was there, or so many times more.
    pub(super) fn count(&mut self, one: &Move, times: i128) {
        for (account, change) in one.changes() {
            self.lack[account] -= times * change;
        }
    }

    fn count_all(&mut self, moves: &[Move], some: &[u32], times: i128) {
        for place in some {
            self.count(&moves[*place as usize], times);
        }
    }

    /// Whether the read tells whether `one` was made.
    pub(super) fn tells(&self, one: &Move) -> bool {
        one.from != one.to && (self.is_shown(one.from) || self.is_shown(one.to))
    }

    /// The ways in which some of `candidates`, which are places of `moves`, ascending, and which the
    /// read tells about, explain what it shows at an instant within `times_ns`. Those of
    /// one will do where there is one to begin with: the `instant`th that is likely.
    ///
    /// At an instant, all that was over before is made, and what begins later is not; that leaves the
    /// choice among the few that are in flight. Between two ends the later instants allow the more.
    pub(super) fn ways(
        &mut self,
        moves: &[Move],
        candidates: &[u32],
        times_ns: RangeInclusive<u64>,
        instant: Option<usize>,
    ) -> Ways {
        let ends = candidates.iter().map(|place| moves[*place as usize].end_ns);
        let within = ends.filter(|end_ns| times_ns.contains(end_ns));
        let mut instants: Vec<_> = within.chain([*times_ns.end()]).collect();
        instants.sort_unstable();
        instants.dedup();
        instants.sort_by_key(|time_ns| time_ns.abs_diff(self.middle_ns));
        let first = instant.unwrap_or(0) % instants.len();
        instants.rotate_left(first);
        let mut all = Ways { sets: Vec::new(), are_all: true };
        let lack: Vec<_> = self.shown.iter().map(|account| self.lack[*account]).collect();
        for time_ns in instants {
            let ways = self.ways_at(moves, candidates, time_ns);
            for (account, lack) in self.shown.iter().zip(&lack) {
                self.lack[*account] = *lack;
            }
            all.are_all &= ways.are_all;
            all.sets.extend(ways.sets);
            if instant.is_some() && !all.sets.is_empty() {
                all.are_all = false;
                break;
            }
        }
        all.sets.sort_unstable();
        all.sets.dedup();
        all.sets.sort_by_cached_key(|set| self.oddity(moves, set));
        all.are_all &= all.sets.len() <= MOST_WAYS;
        all.sets.truncate(MOST_WAYS);
        all
    }

    /// The ways at an instant. What is lacking is changed.
    ///
    /// Of two moves that do the same, and of which one neither begins nor ends later, that one comes
    /// first: in any order, they could change places.
    fn ways_at(&mut self, moves: &[Move], candidates: &[u32], time_ns: u64) -> Ways {
        let at = |place: &u32| &moves[*place as usize];
        let begun = candidates.iter().copied().filter(|place| at(place).call_ns <= time_ns);
        let (over, in_flight): (Vec<_>, Vec<_>) =
            begun.partition(|place| at(place).end_ns < time_ns);
        self.count_all(moves, &over, 1);
        let Some((fixed, open)) = self.settle(moves, &in_flight) else {
            return Ways { sets: Vec::new(), are_all: true };
        };
        let fixed = [over, fixed].concat();
        let (mut sets, are_all) = if open.len() <= MOST {
            self.among(moves, &open, &fixed)
        } else {
            (self.around_the_middle(moves, &open, &fixed), false)
        };
        for set in &mut sets {
            set.sort_unstable();
        }
        sets.retain(|set| is_in_turn(moves, &open, set));
        Ways { sets, are_all }
    }

    fn is_shown(&self, account: usize) -> bool {
        self.shown_in[account] == self.number
    }

    /// How `one` changes the accounts that are shown.
    fn changes(&self, one: &Move) -> impl Iterator<Item = (usize, i128)> + use<> {
        let is_shown = [one.from, one.to].map(|account| self.is_shown(account));
        one.changes().into_iter().zip(is_shown).filter_map(|(change, is)| is.then_some(change))
    }

    /// Those of `candidates` that must be among them, and those that may; `None` where there is no
    /// way. What must be is counted.
    fn settle(&mut self, moves: &[Move], candidates: &[u32]) -> Option<(Vec<u32>, Vec<u32>)> {
        for account in &self.shown {
            (self.low[*account], self.high[*account]) = (0, 0);
        }
        for place in candidates {
            self.spread(&moves[*place as usize], 1);
        }
        let is_within = |at: &usize| (self.low[*at]..=self.high[*at]).contains(&self.lack[*at]);
        if !self.shown.iter().all(is_within) {
            return None;
        }
        let (mut fixed, mut open) = (Vec::new(), candidates.to_vec());
        loop {
            let count = open.len();
            let mut is_possible = true;
            open.retain(|place| {
                let one = &moves[*place as usize];
                let (with, without) = self.may_be(one);
                if with && without {
                    return true;
                }
                is_possible &= with || without;
                self.spread(one, -1);
                if with {
                    self.count(one, 1);
                    fixed.push(*place);
                }
                false
            });
            if !is_possible {
                return None;
            }
            if open.len() == count {
                return Some((fixed, open));
            }
        }
    }

    /// Adds what `one` may add, so many times.
    fn spread(&mut self, one: &Move, times: i128) {
        for (account, change) in self.changes(one) {
            let bound = if change > 0 { &mut self.high } else { &mut self.low };
            bound[account] += times * change;
        }
    }

    /// Whether what is lacking is within reach with `one`, and without.
    fn may_be(&self, one: &Move) -> (bool, bool) {
        let (mut with, mut without) = (true, true);
        for (account, change) in self.changes(one) {
            let lack = self.lack[account];
            let others = self.low[account] - change.min(0)..=self.high[account] - change.max(0);
            with &= others.contains(&(lack - change));
            without &= others.contains(&lack);
        }
        (with, without)
    }

    /// The sets of `open` that are what is lacking, each with `fixed`; and whether these are all.
    fn among(&self, moves: &[Move], open: &[u32], fixed: &[u32]) -> (Vec<Vec<u32>>, bool) {
        let of = |place: &u32| self.changes(&moves[*place as usize]);
        let mut accounts: Vec<_> = open.iter().flat_map(of).map(|(account, _)| account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let at = |account: &usize| accounts.binary_search(account);
        if self.shown.iter().any(|account| self.lack[*account] != 0 && at(account).is_err()) {
            return (Vec::new(), true);
        }
        let lack: Vec<_> = accounts.iter().map(|account| self.lack[*account]).collect();
        let changes = open.iter().map(|place| {
            let changes = moves[*place as usize].changes();
            // An account that is not shown has no place, and nothing is to be added there.
            changes.map(|(account, change)| at(&account).map_or((0, 0), |place| (place, change)))
        });
        let (sets, are_all) = halves::sets(&changes.collect::<Vec<_>>(), &lack, MOST_WAYS);
        let sets = sets.into_iter().map(|set| {
            let is_in = |(bit, _): &(usize, &u32)| set >> bit & 1 == 1;
            let chosen = open.iter().enumerate().filter(is_in).map(|(_, place)| *place);
            fixed.iter().copied().chain(chosen).collect()
        });
        (sets.collect(), are_all)
    }

    /// The same where there are too many: those that were over early are taken to be among them, and
    /// those that were over late are not.
    fn around_the_middle(&mut self, moves: &[Move], open: &[u32], fixed: &[u32]) -> Vec<Vec<u32>> {
        let mut by_time = open.to_vec();
        by_time.sort_by_key(|place| self.lateness(&moves[*place as usize]));
        let most_early = open.len() - MOST;
        let mut starts: Vec<_> = (0..=most_early).collect();
        starts.sort_by_key(|start| start.abs_diff(most_early / 2));
        for start in starts.into_iter().take(MOST_TRIES) {
            let (early, rest) = by_time.split_at(start);
            self.count_all(moves, early, 1);
            let (sets, _) = self.among(moves, &rest[..MOST], &[fixed, early].concat());
            self.count_all(moves, early, -1);
            if !sets.is_empty() {
                return sets;
            }
        }
        Vec::new()
    }

    /// How much later than the read a move was probably made. One of which nobody heard was made soon
    /// after it was asked for, if at all.
    fn lateness(&self, one: &Move) -> i128 {
        let middle_ns = i128::from(self.middle_ns);
        if one.is_unknown() {
            return (i128::from(one.call_ns) - middle_ns).abs();
        }
        i128::midpoint(one.call_ns.into(), one.end_ns.into()) - middle_ns
    }

    fn oddity(&self, moves: &[Move], set: &[u32]) -> i128 {
        set.iter().map(|place| self.lateness(&moves[*place as usize])).sum()
    }
}

/// Whether none of `open` that is not in `set` does the same as one that is, and comes first.
fn is_in_turn(moves: &[Move], open: &[u32], set: &[u32]) -> bool {
    let (inside, outside): (Vec<u32>, Vec<u32>) =
        open.iter().partition(|place| set.binary_search(place).is_ok());
    let pairs = outside.iter().flat_map(|left| inside.iter().map(move |made| (left, made)));
    !pairs.into_iter().any(|(left, made)| {
        let [out, one] = [left, made].map(|place| &moves[*place as usize]);
        let is_same = (out.from, out.to, out.amount) == (one.from, one.to, one.amount);
        let is_tie = (out.call_ns, out.end_ns) == (one.call_ns, one.end_ns);
        let is_first = out.call_ns <= one.call_ns && out.end_ns <= one.end_ns;
        is_same && is_first && (left < made || !is_tie)
    })
}
