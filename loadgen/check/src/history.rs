//! Histories: all operations of a run, with their times, arguments and results.

use std::sync::Arc;

use crate::balances::{Balances, Row};
use crate::lists::{List, Lists};
use crate::tokens::Tokens;

pub use crate::tokens::{NIL, NO, YES};

/// All operations of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The objects, which are independent of each other.
    pub objects: Vec<Object>,
}

/// One object, and what was done to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// Its name.
    pub key: String,
    /// What it was at first.
    pub initial: Initial,
    /// In any order.
    pub operations: Vec<Operation>,
    /// The lists that reads of a set returned: a read's result is its list's index.
    pub lists: Lists,
    /// The accounts, and the balances that reads of them returned: a read's result is its row's index.
    pub balances: Balances,
    /// The values that are no integers; objects of one history have them in common.
    pub tokens: Arc<Tokens>,
    /// The indices, ascending, of operations that are `fail` as far as anybody can tell: they were
    /// refused in a way that says nothing about whether they were done. No anomaly rests on it.
    pub assumed: Vec<u32>,
    /// Whether others may have changed it, of whom the history says nothing.
    pub is_shared: bool,
}

/// What an object was at first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Initial {
    /// What its model says.
    #[default]
    Default,
    /// This value; for a bounded counter, how many were left.
    Value(i64),
    /// These elements, for a set.
    Elements(Vec<i64>),
    /// Accounts, each once, and how much is in each.
    Balances(Vec<(i64, i64)>),
}

/// One request as the model sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// Before its first byte was written: nanoseconds on the clock that all share.
    pub call_ns: u64,
    /// After the last byte of its answer was read; [`NEVER`] where no answer came.
    pub return_ns: u64,
    /// What is added or written, what a `cas` expects, how much is moved, or how many are taken or given
    /// back, where [`NIL`] is one; otherwise [`NIL`].
    pub arg: i64,
    /// What a `cas` writes; from which account to which something is moved, as
    /// [`Balances::between`] says; otherwise [`NIL`].
    pub new: i64,
    /// A value; [`YES`] or [`NO`] of what says whether it was done; the index of a list or of a row
    /// of balances; or [`NIL`].
    pub result: i64,
    /// Who did it: clients do one thing at a time.
    pub client: u32,
    /// What was asked for.
    pub op: Op,
    /// How it ended.
    pub outcome: Outcome,
}

/// The completion of an operation that has none.
pub const NEVER: u64 = u64::MAX;

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Op {
    /// Add to a number or a set.
    Add,
    /// Return the state.
    Read,
    /// Replace the value.
    Write,
    /// Replace the value if it is the expected one, and say whether it was.
    Cas,
    /// Take something if it is there, and say whether it was.
    Take,
    /// Give something back.
    Give,
    /// Move what is in one account to another, if it is there, and say whether it was.
    Move,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Add, Self::Read, Self::Write, Self::Cas, Self::Take, Self::Give, Self::Move];

    /// What histories and reports call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Read => "read",
            Self::Write => "write",
            Self::Cas => "cas",
            Self::Take => "take",
            Self::Give => "give",
            Self::Move => "move",
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Outcome {
    /// It was done, and answered.
    Ok,
    /// It was certainly not done.
    Fail,
    /// It was done or not, and may still be.
    Unknown,
}

impl Operation {
    /// Whether it is to change the state.
    #[must_use]
    pub fn is_update(&self) -> bool {
        self.op != Op::Read
    }

    /// Whether it is an update that was answered as done.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.is_update() && self.outcome == Outcome::Ok && !self.was_declined()
    }

    /// Whether it answered that it changed nothing.
    #[must_use]
    pub fn was_declined(&self) -> bool {
        self.outcome == Outcome::Ok && self.result == NO
    }

    /// When it was certainly over: [`NEVER`] unless it is `ok`.
    #[must_use]
    pub fn completion_ns(&self) -> u64 {
        if self.outcome == Outcome::Ok { self.return_ns } else { NEVER }
    }

    /// Whether it was over before `other` began. Operations that touch are concurrent.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        self.completion_ns() < other.call_ns
    }

    /// The list that it returned, of the object's `lists`.
    #[must_use]
    pub fn list<'l>(&self, lists: &'l Lists) -> Option<List<'l>> {
        let index = usize::try_from(self.result).ok()?;
        (self.op == Op::Read && self.outcome == Outcome::Ok).then(|| lists.get(index))?
    }

    /// The balances that it returned, of the object's `balances`.
    #[must_use]
    pub fn row<'b>(&self, balances: &'b Balances) -> Option<Row<'b>> {
        let index = usize::try_from(self.result).ok()?;
        (self.op == Op::Read && self.outcome == Outcome::Ok).then(|| balances.row(index))?
    }
}

impl Object {
    /// What the number was at first: `default` unless the history says.
    #[must_use]
    pub fn initial_or(&self, default: i64) -> i64 {
        match self.initial {
            Initial::Value(value) => value,
            Initial::Default | Initial::Elements(_) | Initial::Balances(_) => default,
        }
    }

    /// The elements that a set held at first.
    #[must_use]
    pub fn initial_elements(&self) -> &[i64] {
        match &self.initial {
            Initial::Elements(elements) => elements,
            Initial::Default | Initial::Value(_) | Initial::Balances(_) => &[],
        }
    }

    /// The accounts that a bank had at first, each once, and how much was in each.
    #[must_use]
    pub fn initial_balances(&self) -> &[(i64, i64)] {
        match &self.initial {
            Initial::Balances(balances) => balances,
            Initial::Default | Initial::Value(_) | Initial::Elements(_) => &[],
        }
    }

    /// The same, if those that are [assumed](Self::assumed) to have failed may have been done.
    #[must_use]
    pub fn doubted(mut self) -> Self {
        for index in &self.assumed {
            self.operations[*index as usize].outcome = Outcome::Unknown;
        }
        self
    }
}
