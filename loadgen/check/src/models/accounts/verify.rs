//! Witnesses against accounts.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, Object, Op, Operation, Outcome};

/// How many steps are tried: about a second's worth. A witness that takes more is not believed.
const STEPS: usize = 30_000_000;

pub(super) fn verify(object: &Object, floor: Option<i64>, anomaly: &Anomaly) -> bool {
    let witness: Option<Vec<&Operation>> =
        anomaly.witness.iter().map(|index| object.operations.get(*index as usize)).collect();
    let Some(witness) = witness else { return false };
    let accounts = Accounts::of(object);
    let floor = floor.map(i128::from);
    match (anomaly.kind, &witness[..]) {
        (AnomalyKind::BrokenTotal, [read]) => accounts.has_another_total(read),
        (AnomalyKind::WrongBalance | AnomalyKind::TornRead, [read]) => {
            accounts.has_another_total(read) || accounts.is_unexplained(&[read])
        }
        (AnomalyKind::ConflictingReads, [one, other]) => {
            let is_other = !std::ptr::eq(*one, *other);
            let is_behind = |first: &Operation, then: &Operation| !then.precedes(first);
            let orders = [[*one, *other], [*other, *one]];
            let mut orders = orders.iter().filter(|order| is_behind(order[0], order[1]));
            is_other && orders.all(|order| accounts.is_unexplained(order))
        }
        (AnomalyKind::Overdraft, [read]) => floor.is_some_and(|floor| {
            let is_below =
                |(account, balance): &(i64, i128)| *balance < floor.min(accounts.initial(*account));
            accounts.shown(read).iter().any(is_below)
        }),
        (AnomalyKind::Overspending, moves) => {
            let distinct: BTreeSet<_> = anomaly.witness.iter().collect();
            let is_spent = |floor| accounts.is_overspent(moves, floor);
            distinct.len() == moves.len() && floor.is_some_and(is_spent)
        }
        (AnomalyKind::PhantomRefusal, [refusal]) => {
            floor.is_some_and(|floor| accounts.is_wrongly_refused(refusal, floor))
        }
        _ => false,
    }
}

/// A move that was made or may have been: the operation, from where, to where and how much.
type Transfer<'o> = (&'o Operation, i64, i64, i128);

struct Accounts<'o> {
    object: &'o Object,
    initial: HashMap<i64, i128>,
    transfers: Vec<Transfer<'o>>,
}

impl<'o> Accounts<'o> {
    fn of(object: &'o Object) -> Self {
        let initial = object.initial_balances().iter();
        let initial = initial.map(|(account, balance)| (*account, (*balance).into())).collect();
        let made = object.operations.iter().filter(|one| one.outcome != Outcome::Fail);
        let transfers = made.filter(|one| !one.was_declined()).filter_map(|one| {
            let [from, to] = ends(object, one)?;
            Some((one, from, to, one.arg.into()))
        });
        Self { object, initial, transfers: transfers.collect() }
    }

    fn initial(&self, account: i64) -> i128 {
        self.initial.get(&account).copied().unwrap_or(0)
    }

    fn shown(&self, read: &Operation) -> Vec<(i64, i128)> {
        let balances = &self.object.balances;
        let row = read.row(balances).into_iter().flat_map(|row| row.of(balances));
        row.map(|(account, balance)| (account, balance.into())).collect()
    }

    /// Whether `read` shows all accounts, and another sum than there was.
    fn has_another_total(&self, read: &Operation) -> bool {
        let shown: HashMap<_, _> = self.shown(read).into_iter().collect();
        let moved = self.transfers.iter().flat_map(|(_, from, to, _)| [from, to]);
        let mut all = self.initial.keys().chain(moved);
        !shown.is_empty()
            && all.all(|account| shown.contains_key(account))
            && shown.values().sum::<i128>() != self.initial.values().sum::<i128>()
    }

    /// Whether no sets of moves explain what these reads show in this order, each set with all that the
    /// one before it has.
    fn is_unexplained(&self, reads: &[&Operation]) -> bool {
        let shown: Vec<_> = reads.iter().map(|read| self.shown(read)).collect();
        let mut puzzle = Puzzle::default();
        for (place, shown) in shown.iter().enumerate() {
            for (account, balance) in shown {
                let lack = balance - self.initial(*account);
                puzzle.sums.insert((place, *account), Sum { lack, ..Sum::default() });
            }
        }
        for transfer in self.transfers.iter().filter(|(_, from, to, _)| from != to) {
            let (one, from, to, _) = *transfer;
            let is_before = |read: &&Operation| one.completion_ns() < read.call_ns;
            let is_late = |read: &&Operation| one.call_ns > read.return_ns;
            let latest = reads.iter().position(is_before).unwrap_or(reads.len());
            let earliest = reads.iter().rposition(is_late).map_or(0, |place| place + 1);
            if earliest > latest {
                return true;
            }
            let is_shown = |(account, _): &(i64, i128)| *account == from || *account == to;
            if shown.iter().any(|shown| shown.iter().any(is_shown)) {
                let free = Free { transfer: *transfer, earliest, latest };
                puzzle.see(&free, latest..reads.len(), 1);
                if earliest < latest {
                    puzzle.free.push(free);
                }
            }
        }
        puzzle.has_no_solution()
    }

    /// Whether these moves, out of one account, are more than can have come into it by their end.
    fn is_overspent(&self, moves: &[&Operation], floor: i128) -> bool {
        let Some([account, _]) = moves.first().and_then(|one| ends(self.object, one)) else {
            return false;
        };
        let is_out = |one: &&Operation| {
            let goes_out =
                ends(self.object, one).is_some_and(|[from, to]| from == account && to != from);
            goes_out && one.outcome == Outcome::Ok && !one.was_declined()
        };
        let last_ns = moves.iter().map(|one| one.return_ns).max().unwrap_or(NEVER);
        let out: i128 = moves.iter().map(|one| i128::from(one.arg)).sum();
        let came_in = self
            .transfers
            .iter()
            .filter(|(one, from, to, _)| *to == account && from != to && one.call_ns <= last_ns);
        let came_in: i128 = came_in.map(|(.., amount)| amount).sum();
        moves.iter().all(is_out) && self.initial(account) + came_in - out < floor
    }

    /// Whether at each instant of `refusal` enough was there for certain.
    fn is_wrongly_refused(&self, refusal: &Operation, floor: i128) -> bool {
        let Some([account, _]) = ends(self.object, refusal) else { return false };
        if !refusal.was_declined() {
            return false;
        }
        let calls = self.transfers.iter().map(|(one, ..)| one.call_ns);
        let within = |time_ns: &u64| (refusal.call_ns..=refusal.return_ns).contains(time_ns);
        let mut times = calls.filter(within).chain([refusal.call_ns]);
        times.all(|time_ns| {
            let changes = self.transfers.iter().filter(|(_, from, to, _)| from != to);
            let changes = changes.map(|(one, from, to, amount)| match () {
                () if *to == account && one.completion_ns() < time_ns => *amount,
                () if *from == account && one.call_ns <= time_ns => -amount,
                () => 0,
            });
            let there = self.initial(account) + changes.sum::<i128>();
            there - i128::from(refusal.arg) >= floor
        })
    }
}

/// The accounts that `one` moves something from and to.
fn ends(object: &Object, one: &Operation) -> Option<[i64; 2]> {
    let is_move = one.op == Op::Move && one.arg > 0;
    let ends = object.balances.between(one).filter(|_| is_move)?;
    Some(ends.map(|number| object.balances.account(number)))
}

/// What one read shows of one account beside what is known: how much more, and what the moves that are
/// left may add, at least and at most.
#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    lack: i128,
    low: i128,
    high: i128,
}

/// A move, and the places of the reads that may be the first to see it: one too many for none.
struct Free<'o> {
    transfer: Transfer<'o>,
    earliest: usize,
    latest: usize,
}

impl Free<'_> {
    /// What it adds to each account.
    fn changes(&self) -> [(i64, i128); 2] {
        let (_, from, to, amount) = self.transfer;
        [(from, -amount), (to, amount)]
    }
}

/// Which read is the first to see each of several moves.
#[derive(Default)]
struct Puzzle<'o> {
    sums: HashMap<(usize, i64), Sum>,
    free: Vec<Free<'o>>,
}

impl<'o> Puzzle<'o> {
    /// The reads at `places` see `one`, so many times.
    fn see(&mut self, one: &Free<'_>, places: Range<usize>, times: i128) {
        for (place, (account, change)) in places.flat_map(|at| one.changes().map(|of| (at, of))) {
            if let Some(sum) = self.sums.get_mut(&(place, account)) {
                sum.lack -= times * change;
            }
        }
    }

    /// Adds what `one` may add, so many times.
    fn spread(&mut self, one: &Free<'_>, times: i128) {
        for (at, (account, change)) in
            (one.earliest..one.latest).flat_map(|at| one.changes().map(|of| (at, of)))
        {
            if let Some(sum) = self.sums.get_mut(&(at, account)) {
                let bound = if change > 0 { &mut sum.high } else { &mut sum.low };
                *bound += times * change;
            }
        }
    }

    fn has_no_solution(mut self) -> bool {
        let free = self.in_order();
        for one in &free {
            self.spread(one, 1);
        }
        let is_hopeless = |sum: &Sum| !(sum.low..=sum.high).contains(&sum.lack);
        if self.sums.values().any(is_hopeless) {
            return true;
        }
        let mut chosen: Vec<usize> = Vec::new();
        let mut next = free.first().map(|one| one.earliest);
        for _ in 0..STEPS {
            let Some(one) = free.get(chosen.len()) else { return false };
            match next {
                Some(place) if place <= one.latest => {
                    self.spread(one, -1);
                    self.see(one, place..one.latest, 1);
                    chosen.push(place);
                    if self.is_possible(&free, &chosen) {
                        next = free.get(chosen.len()).map(|one| one.earliest);
                        continue;
                    }
                }
                _ if chosen.is_empty() => return true,
                _ => {}
            }
            let place = chosen.pop().expect("there is one");
            let one = &free[chosen.len()];
            self.see(one, place..one.latest, -1);
            self.spread(one, 1);
            next = Some(place + 1);
        }
        false
    }

    /// Whether what the last choice changed is within reach, and it goes with the others in time.
    fn is_possible(&self, free: &[Free<'_>], chosen: &[usize]) -> bool {
        let last = chosen.len() - 1;
        let one = &free[last];
        let is_in_time = |(other, place): (&Free<'_>, &usize)| {
            let [(this, ..), (that, ..)] = [one.transfer, other.transfer];
            match chosen[last].cmp(place) {
                Ordering::Less => !that.precedes(this),
                Ordering::Equal => true,
                Ordering::Greater => !this.precedes(that),
            }
        };
        let places = 0..=one.latest;
        let mut sums = places
            .flat_map(|at| one.changes().map(|(account, _)| (at, account)))
            .filter_map(|at| self.sums.get(&at));
        sums.all(|sum| (sum.low..=sum.high).contains(&sum.lack))
            && free[..last].iter().zip(chosen).all(is_in_time)
    }

    /// The free moves, those of one account together: so it soon shows that nothing explains it.
    fn in_order(&mut self) -> Vec<Free<'o>> {
        let mut touched: HashMap<i64, usize> = HashMap::new();
        for account in self.free.iter().flat_map(|one| one.changes().map(|(account, _)| account)) {
            *touched.entry(account).or_default() += 1;
        }
        let mut free = std::mem::take(&mut self.free);
        free.sort_by_key(|one| {
            let least = one.changes().map(|(account, _)| (touched[&account], account));
            least.into_iter().min()
        });
        free
    }
}
