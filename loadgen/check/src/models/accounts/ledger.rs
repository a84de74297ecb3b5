//! What was done to accounts, by what it says of them.

use std::collections::HashMap;

use crate::balances::Row;
use crate::history::{NEVER, Object, Op, Operation, Outcome};

/// A move that was made, or may have been.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// Its place among the object's operations.
    pub(super) index: u32,
    pub(super) call_ns: u64,
    /// [`NEVER`] where it may never have been made.
    pub(super) end_ns: u64,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) amount: i128,
}

impl Move {
    /// Whether it may never have been made.
    pub(super) fn is_unknown(&self) -> bool {
        self.end_ns == NEVER
    }

    /// What it adds to which accounts.
    pub(super) fn changes(&self) -> [(usize, i128); 2] {
        [(self.from, -self.amount), (self.to, self.amount)]
    }
}

/// What changes nothing: a read, or a refusal that says nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'o> {
    /// Its place among the object's operations.
    pub(super) index: u32,
    pub(super) call_ns: u64,
    pub(super) return_ns: u64,
    /// What it says of accounts, if it says anything.
    pub(super) row: Option<Row<'o>>,
}

impl<'o> Sight<'o> {
    /// The accounts that it says something of, and how much is in each.
    pub(super) fn shown(&self) -> impl Iterator<Item = (usize, i128)> + use<'o> {
        let shown = self.row.into_iter().flat_map(Row::iter);
        shown.map(|(number, balance)| (number as usize, balance.into()))
    }

    pub(super) fn is_blank(&self) -> bool {
        self.row.is_none_or(Row::is_empty)
    }
}

/// A move that was refused, where that says something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    /// Its place among the object's operations.
    pub(super) index: u32,
    pub(super) call_ns: u64,
    pub(super) return_ns: u64,
    pub(super) from: usize,
    pub(super) amount: i128,
}

/// An object's operations.
#[derive(Debug)]
pub(super) struct Ledger<'o> {
    /// How much was in each account at first, by the numbers of accounts.
    pub(super) initial: Vec<i128>,
    /// Whether each account may ever have held something else than nothing.
    is_used: Vec<bool>,
    /// How many these are; `None` where no read shows all.
    used: Option<usize>,
    /// In the order of their calls.
    pub(super) moves: Vec<Move>,
    /// Those that are known to end, by their ends; and the others, by their calls.
    pub(super) by_end: Vec<u32>,
    pub(super) unknown: Vec<u32>,
    /// In the order of their ends.
    pub(super) sights: Vec<Sight<'o>>,
    pub(super) refusals: Vec<Refusal>,
}

impl<'o> Ledger<'o> {
    /// `None` where an operation is none of accounts, or says not which, or ends before it begins.
    pub(super) fn of(object: &'o Object, has_floor: bool) -> Option<Self> {
        let mut told: HashMap<i64, i64> = HashMap::new();
        for (account, balance) in object.initial_balances() {
            if told.insert(*account, *balance).is_some() {
                return None;
            }
        }
        let accounts = object.balances.accounts();
        let told_of: Vec<_> = accounts.iter().map(|account| told.remove(account)).collect();
        let mut ledger = Self {
            initial: told_of.iter().map(|balance| balance.unwrap_or(0).into()).collect(),
            is_used: told_of.iter().map(Option::is_some).collect(),
            used: None,
            moves: Vec::new(),
            by_end: Vec::new(),
            unknown: Vec::new(),
            sights: Vec::new(),
            refusals: Vec::new(),
        };
        for (index, operation) in (0..).zip(&object.operations) {
            ledger.enter(object, index, operation, has_floor)?;
        }
        let used = ledger.is_used.iter().filter(|is_used| **is_used).count();
        ledger.used = told.is_empty().then_some(used);
        ledger.sort();
        Some(ledger)
    }

    fn enter(
        &mut self,
        object: &'o Object,
        index: u32,
        operation: &Operation,
        has_floor: bool,
    ) -> Option<()> {
        let Operation { call_ns, return_ns, .. } = *operation;
        let has_time = call_ns <= return_ns && return_ns < NEVER;
        match operation.op {
            _ if operation.outcome == Outcome::Fail => {}
            _ if operation.outcome == Outcome::Ok && !has_time => return None,
            Op::Move => {
                let [from, to] = object.balances.between(operation)?.map(|number| number as usize);
                let amount = i128::from(operation.arg);
                match operation.was_declined() {
                    _ if amount < 1 => return None,
                    true if has_floor => {
                        self.refusals.push(Refusal { index, call_ns, return_ns, from, amount });
                    }
                    true => self.sights.push(Sight { index, call_ns, return_ns, row: None }),
                    false => {
                        let end_ns = operation.completion_ns();
                        self.is_used[from] = true;
                        self.is_used[to] = true;
                        self.moves.push(Move { index, call_ns, end_ns, from, to, amount });
                    }
                }
            }
            Op::Read if operation.outcome == Outcome::Ok => {
                let row = operation.row(&object.balances);
                self.sights.push(Sight { index, call_ns, return_ns, row });
            }
            Op::Read => {}
            Op::Add | Op::Write | Op::Cas | Op::Take | Op::Give => return None,
        }
        Some(())
    }

    fn sort(&mut self) {
        self.moves.sort_by_key(|one| one.call_ns);
        self.sights.sort_by_key(|sight| sight.return_ns);
        let places = 0..u32::try_from(self.moves.len()).expect("operations have such indices");
        (self.unknown, self.by_end) = places.partition(|place| self.at(*place).is_unknown());
        let moves = &self.moves;
        self.by_end.sort_by_key(|place| moves[*place as usize].end_ns);
    }

    /// The move at this place of all.
    pub(super) fn at(&self, place: u32) -> &Move {
        &self.moves[place as usize]
    }

    /// Whether `sight` shows all accounts, and another sum than there was at first.
    pub(super) fn has_broken_total(&self, sight: &Sight<'_>) -> bool {
        let shown = sight.shown().filter(|(account, _)| self.is_used[*account]);
        let (count, sum) = shown.fold((0, 0), |(count, sum), (_, one)| (count + 1, sum + one));
        self.used == Some(count) && count > 0 && sum != self.initial.iter().sum::<i128>()
    }
}
