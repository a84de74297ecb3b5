//! The moves that are made up to a point of an order, and those that may explain a read there.

use super::found::Ways;
use super::ledger::{Ledger, Sight};
use super::subsets::Question;

/// So many moves that a read overlaps are looked at, and of all reads.
const MOST_OVERLAPS: usize = 1 << 16;
const MOST_OVERLAPS_OF_ALL: usize = 1 << 26;
/// So many moves of which nobody heard are looked at first, the latest; and so many ways are kept then.
const FRESH: usize = 4;
const QUICK_WAYS: usize = 32;

/// Which moves may explain a read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// Those that are not made yet and had begun by then; where there is one, the likeliest of this
    /// instant alone.
    Next { bound_ns: u64, instant: Option<usize> },
    /// All that had begun when it ended, whether they are made or not.
    Alone,
}

/// What is made.
pub(super) struct Made<'l, 'o> {
    ledger: &'l Ledger<'o>,
    /// The reads that are asked about.
    sights: Vec<Sight<'o>>,
    /// Of each of them the moves that it overlaps and that are known to end; `None` where these are
    /// too many.
    overlaps: Vec<Option<Vec<u32>>>,
    question: Question,
    balances: Vec<i128>,
    /// Of each move, whether it is.
    flags: Vec<bool>,
    /// How many moves are made since they had ended, of those that are known to end.
    ended: usize,
}

impl<'l, 'o> Made<'l, 'o> {
    /// Nothing yet; `wanted` are the reads that are asked about.
    pub(super) fn nothing(ledger: &'l Ledger<'o>, wanted: &[usize]) -> Self {
        let sights: Vec<_> = wanted.iter().map(|sight| ledger.sights[*sight]).collect();
        Self {
            ledger,
            overlaps: overlaps(ledger, &sights),
            sights,
            question: Question::new(ledger.initial.len()),
            balances: ledger.initial.clone(),
            flags: vec![false; ledger.moves.len()],
            ended: 0,
        }
    }

    pub(super) fn sight(&self, at: usize) -> &Sight<'o> {
        &self.sights[at]
    }

    pub(super) fn make(&mut self, moves: &[u32]) {
        for place in moves {
            self.set(*place, true);
        }
    }

    pub(super) fn unmake(&mut self, moves: &[u32]) {
        for place in moves {
            self.set(*place, false);
        }
    }

    fn set(&mut self, place: u32, is_made: bool) {
        self.flags[place as usize] = is_made;
        for (account, change) in self.ledger.at(place).changes() {
            self.balances[account] += if is_made { change } else { -change };
        }
    }

    /// Whether all is made that has to come before the read, and it shows what is there; or any read
    /// would do that.
    pub(super) fn fits(&self, at: usize, shows_anything: bool) -> bool {
        let sight = &self.sights[at];
        let is_there = |(account, balance): (usize, i128)| self.balances[account] == balance;
        (shows_anything || sight.shown().all(is_there))
            && self.ended_before(sight).all(|place| self.flags[place as usize])
    }

    /// Makes what has to come before the read, and says what that is.
    pub(super) fn force(&mut self, at: usize) -> Forced {
        let all: Vec<_> = self.ended_before(&self.sights[at]).collect();
        let ended = self.ended;
        self.ended += all.len();
        let new: Vec<_> = all.into_iter().filter(|place| !self.flags[*place as usize]).collect();
        self.make(&new);
        Forced { moves: new, ended }
    }

    /// Takes back what was forced last.
    pub(super) fn release(&mut self, forced: &Forced) {
        self.unmake(&forced.moves);
        self.ended = forced.ended;
    }

    fn ended_before(&self, sight: &Sight<'o>) -> impl Iterator<Item = u32> + use<'l, 'o> {
        let (ledger, call_ns) = (self.ledger, sight.call_ns);
        let left = ledger.by_end[self.ended..].iter().copied();
        left.take_while(move |place| ledger.at(*place).end_ns < call_ns)
    }

    /// The ways to explain the read by moves as `scope` says.
    pub(super) fn ways(&mut self, at: usize, scope: Scope) -> Ways {
        match scope {
            Scope::Alone if self.ledger.has_broken_total(&self.sights[at]) => {
                Ways { sets: Vec::new(), are_all: true }
            }
            _ => self.ask(at, None, scope),
        }
    }

    /// Whether one of the balances that the read shows is explained by no moves. Where the total is
    /// wrong, one that too many moves might explain counts as well: a name is all that rests on it.
    pub(super) fn has_wrong_balance(&mut self, at: usize) -> bool {
        let sight = self.sights[at];
        let is_broken = self.ledger.has_broken_total(&sight);
        sight.shown().any(|(account, _)| {
            let ways = self.ask(at, Some(account), Scope::Alone);
            ways.are_none() || (ways.sets.is_empty() && is_broken)
        })
    }

    /// Adds to `way` what the read tells nothing about and precedes one of it.
    pub(super) fn complete(&self, at: usize, way: &mut Vec<u32>) {
        let Some(last_ns) = way.iter().map(|place| self.ledger.at(*place).call_ns).max() else {
            return;
        };
        let overlapped = self.overlaps[at].iter().flatten().copied();
        let missing: Vec<_> = overlapped
            .filter(|place| self.ledger.at(*place).end_ns < last_ns)
            .filter(|place| !self.flags[*place as usize] && !way.contains(place))
            .collect();
        way.extend(missing);
    }

    fn ask(&mut self, at: usize, account: Option<usize>, scope: Scope) -> Ways {
        let sight = self.sights[at];
        if sight.is_blank() {
            return Ways::with_none();
        }
        let Some(overlapped) = &self.overlaps[at] else { return Ways::default() };
        let (ledger, question) = (self.ledger, &mut self.question);
        let middle_ns = u64::midpoint(sight.call_ns, sight.return_ns);
        let is_asked = |shown: &(usize, i128)| account.is_none_or(|account| shown.0 == account);
        question.begin(sight.shown().filter(is_asked), &self.balances, middle_ns);
        let (bound_ns, instant) = match scope {
            Scope::Next { bound_ns, instant } => (bound_ns, instant),
            Scope::Alone => (sight.return_ns, None),
        };
        let begun = ledger.unknown.partition_point(|one| ledger.at(*one).call_ns <= bound_ns);
        let latest_first = ledger.unknown[..begun].iter().rev();
        let (mut candidates, mut fresh, mut is_cut) = (Vec::new(), 0, false);
        for place in overlapped.iter().chain(latest_first) {
            let one = ledger.at(*place);
            match (self.flags[*place as usize], scope) {
                (true, Scope::Next { .. }) => continue,
                (true, Scope::Alone) => question.count(one, -1),
                (false, _) => {}
            }
            if one.call_ns > bound_ns || !question.tells(one) {
                continue;
            }
            fresh += usize::from(one.is_unknown());
            is_cut = instant.is_some() && fresh > FRESH;
            if is_cut {
                break;
            }
            candidates.push(*place);
        }
        candidates.sort_unstable();
        let times_ns = sight.call_ns..=bound_ns;
        let mut ways = question.ways(&ledger.moves, &candidates, times_ns, instant);
        if instant.is_some() {
            ways.are_all &= !is_cut && ways.sets.len() <= QUICK_WAYS;
            ways.sets.truncate(QUICK_WAYS);
        }
        ways
    }
}

/// What had to be made before a read.
#[derive(Debug, Default)]
pub(super) struct Forced {
    pub(super) moves: Vec<u32>,
    /// How many had ended before.
    ended: usize,
}

/// Of each of `sights`, the moves that are known to end and overlap it.
fn overlaps(ledger: &Ledger<'_>, sights: &[Sight<'_>]) -> Vec<Option<Vec<u32>>> {
    let mut by_call: Vec<usize> = (0..sights.len()).filter(|at| !sights[*at].is_blank()).collect();
    by_call.sort_by_key(|at| sights[*at].call_ns);
    let known: Vec<u32> = (0..)
        .zip(&ledger.moves)
        .filter(|(_, one)| !one.is_unknown())
        .map(|(place, _)| place)
        .collect();
    let mut overlaps = vec![None; sights.len()];
    let mut open: Vec<u32> = Vec::new();
    let (mut next, mut count) = (0, 0);
    for at in by_call {
        let sight = &sights[at];
        let begun =
            known[next..].partition_point(|place| ledger.at(*place).call_ns < sight.call_ns);
        open.extend(&known[next..next + begun]);
        next += begun;
        open.retain(|place| ledger.at(*place).end_ns >= sight.call_ns);
        let within =
            known[next..].iter().take_while(|place| ledger.at(**place).call_ns <= sight.return_ns);
        let all: Vec<u32> = open.iter().chain(within.take(MOST_OVERLAPS)).copied().collect();
        count += all.len();
        if all.len() < MOST_OVERLAPS && count < MOST_OVERLAPS_OF_ALL {
            overlaps[at] = Some(all);
        }
    }
    overlaps
}
