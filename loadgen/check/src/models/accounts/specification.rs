//! What is in the accounts.

use std::collections::HashMap;

use crate::balances::{Balances, Row};
use crate::history::{Object, Op, Operation, Outcome};
use crate::specification::Specification;

/// Accounts between which amounts are moved.
#[derive(Debug, Clone)]
pub struct Bank<'o> {
    balances: &'o Balances,
    /// By the numbers of accounts.
    initial: Vec<i128>,
    floor: Option<i128>,
}

impl<'o> Bank<'o> {
    /// The bank that `object` is, where nothing is moved that would leave less than the floor. Without
    /// one, nothing is said of what is refused: a service may have reasons of its own.
    #[must_use]
    pub fn of(object: &'o Object, floor: Option<i64>) -> Self {
        let initial: HashMap<_, _> = object.initial_balances().iter().copied().collect();
        let balances = &object.balances;
        let of = |account| i128::from(initial.get(account).copied().unwrap_or(0));
        let initial = balances.accounts().iter().map(of).collect();
        Self { balances, initial, floor: floor.map(i128::from) }
    }
}

impl Specification for Bank<'_> {
    /// How much is in each account, by their numbers.
    type State = Vec<i128>;

    fn initial(&self) -> Vec<i128> {
        self.initial.clone()
    }

    fn step(&self, state: &Vec<i128>, operation: &Operation) -> Option<Vec<i128>> {
        let mut state = state.clone();
        self.advance(&mut state, operation).then_some(state)
    }

    fn advance(&self, state: &mut Vec<i128>, operation: &Operation) -> bool {
        match operation.op {
            Op::Move => {
                let Some(ends) = self.balances.between(operation) else { return false };
                let [from, to] = ends.map(|number| number as usize);
                let amount = i128::from(operation.arg);
                let is_there = self.floor.is_none_or(|floor| state[from] - amount >= floor);
                if operation.was_declined() {
                    return self.floor.is_none() || !is_there;
                }
                if is_there {
                    state[from] -= amount;
                    state[to] += amount;
                }
                is_there || operation.outcome != Outcome::Ok
            }
            Op::Read => {
                let shown = operation.row(self.balances).into_iter().flat_map(Row::iter);
                let mut shown = shown.map(|(number, balance)| (number as usize, balance.into()));
                shown.all(|(number, balance)| state[number] == balance)
            }
            Op::Add | Op::Write | Op::Cas | Op::Take | Op::Give => false,
        }
    }

    fn heap_bytes(state: &Vec<i128>) -> usize {
        state.len() * size_of::<i128>()
    }
}
