//! What operations mean: the models, and the sequential specification of each.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

use thiserror::Error;

use crate::history::{NIL, NO, Op, Operation, Outcome, YES};

/// The sequential meaning of the operations on one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// `add` answers only that it was done, `read` returns the sum. Begins at 0.
    Counter,
    /// `add` returns the new sum, `read` the sum. Begins at 0.
    FetchAndAdd,
    /// `write`, `cas` and `read` of one value. Begins without one.
    Register,
    /// `take` takes one, if one is left, and says whether it did; `read` returns how many are left.
    Bounded {
        /// How many there are at first.
        capacity: u64,
    },
    /// `add` adds an element, `read` returns all of them. Begins empty.
    Set,
}

/// The text names no model.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected counter, fetch-and-add, register, bounded:N (as in bounded:20) or set")]
pub struct ParseModelError;

impl FromStr for Model {
    type Err = ParseModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "counter" => Ok(Self::Counter),
            "fetch-and-add" => Ok(Self::FetchAndAdd),
            "register" => Ok(Self::Register),
            "set" => Ok(Self::Set),
            _ => {
                let capacity = text.strip_prefix("bounded:").and_then(|n| n.parse::<u32>().ok());
                capacity.map(|n| Self::Bounded { capacity: n.into() }).ok_or(ParseModelError)
            }
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter => f.write_str("counter"),
            Self::FetchAndAdd => f.write_str("fetch-and-add"),
            Self::Register => f.write_str("register"),
            Self::Bounded { capacity } => write!(f, "bounded:{capacity}"),
            Self::Set => f.write_str("set"),
        }
    }
}

impl Model {
    /// Whether `op` is one of the model's operations.
    #[must_use]
    pub fn has(self, op: Op) -> bool {
        match self {
            Self::Counter | Self::FetchAndAdd | Self::Set => matches!(op, Op::Add | Op::Read),
            Self::Register => matches!(op, Op::Read | Op::Write | Op::Cas),
            Self::Bounded { .. } => matches!(op, Op::Take | Op::Read),
        }
    }
}

/// An object as one client alone would see it: a state, and what each operation does to it.
///
/// Of an operation that is `unknown` the result says nothing: it only has its effect.
pub trait Specification {
    /// What the object is at one time.
    type State: Clone + Eq + Hash;

    /// What it is at first.
    fn initial(&self) -> Self::State;

    /// What it is after `operation`; `None` where it would not have answered as it did.
    fn step(&self, state: &Self::State, operation: &Operation) -> Option<Self::State>;

    /// About how much memory `state` holds beside its own size, in bytes.
    #[must_use]
    fn heap_bytes(_state: &Self::State) -> usize {
        0
    }
}

/// A number that is added to: a counter, or one that answers with the new sum.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// What it is at first.
    pub initial: i64,
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Register {
    /// What it is at first; [`NIL`] for none.
    pub initial: i64,
}

/// A number that is taken from one by one, and never falls below zero.
#[derive(Debug, Clone, Copy)]
pub struct Stock {
    /// How many there are at first.
    pub initial: i64,
}

/// Elements, each once.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'h> {
    /// What is in it at first.
    pub initial: &'h [i64],
    /// The lists that reads returned.
    pub lists: &'h [Vec<i64>],
}

/// Whether `operation` returned `result`, or may have.
fn returned(operation: &Operation, result: i64) -> bool {
    operation.outcome != Outcome::Ok || operation.result == NIL || operation.result == result
}

impl Specification for Sum {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, sum: &i64, operation: &Operation) -> Option<i64> {
        let after = match operation.op {
            Op::Add => sum.checked_add(operation.arg)?,
            _ => *sum,
        };
        returned(operation, after).then_some(after)
    }
}

impl Specification for Register {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, value: &i64, operation: &Operation) -> Option<i64> {
        match operation.op {
            Op::Write => Some(operation.arg),
            Op::Cas => {
                let (swapped, after) =
                    if *value == operation.arg { (YES, operation.new) } else { (NO, *value) };
                returned(operation, swapped).then_some(after)
            }
            // Here no value is a value like others.
            _ => (operation.outcome != Outcome::Ok || operation.result == *value).then_some(*value),
        }
    }
}

impl Specification for Stock {
    type State = i64;

    fn initial(&self) -> i64 {
        self.initial
    }

    fn step(&self, left: &i64, operation: &Operation) -> Option<i64> {
        match operation.op {
            Op::Take if *left > 0 => returned(operation, YES).then_some(*left - 1),
            Op::Take => returned(operation, NO).then_some(*left),
            _ => returned(operation, *left).then_some(*left),
        }
    }
}

impl Specification for Elements<'_> {
    type State = BTreeSet<i64>;

    fn initial(&self) -> Self::State {
        self.initial.iter().copied().collect()
    }

    fn heap_bytes(elements: &Self::State) -> usize {
        // Its nodes are half empty in the worst case, and have pointers.
        elements.len() * 3 * size_of::<i64>()
    }

    fn step(&self, elements: &Self::State, operation: &Operation) -> Option<Self::State> {
        let mut after = elements.clone();
        match operation.list(self.lists) {
            _ if operation.op == Op::Add => {
                after.insert(operation.arg);
                Some(after)
            }
            // Each element once, and all of them.
            Some(list) => (list.len() == after.len() && list.iter().all(|e| after.remove(e)))
                .then(|| elements.clone()),
            None => Some(after),
        }
    }
}
