//! What operations mean to a number of which several are taken at once.

use crate::history::{NIL, NO, Op, Operation, Outcome, YES};

use super::super::specification::amount;

/// What an operation means, with how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// So many were taken.
    Taken(i64),
    /// So many were taken, or not.
    PerhapsTaken(i64),
    /// So many were given back.
    Given(i64),
    /// So many were given back, or not.
    PerhapsGiven(i64),
    /// Fewer than so many were left.
    TooFew(i64),
    /// So many were left.
    Read(i64),
    /// It says nothing, but has its place in an order.
    Blank,
    /// It was not done, or need not have been.
    Absent,
}

/// More than this in all is not counted: sums and differences of what is counted have room.
const MOST: i64 = i64::MAX / 4;

/// What each of `operations` means; `None` where one has another form, or they come to too much.
pub(super) fn roles(initial: i64, operations: &[Operation]) -> Option<Vec<Role>> {
    let mut sum = Some(initial).filter(|initial| *initial >= 0)?;
    let mut add = |role: Role| {
        let (Role::Taken(amount)
        | Role::PerhapsTaken(amount)
        | Role::Given(amount)
        | Role::PerhapsGiven(amount)
        | Role::TooFew(amount)) = role
        else {
            return Some(role);
        };
        sum = sum.checked_add(amount).filter(|sum| amount >= 1 && *sum <= MOST)?;
        Some(role)
    };
    operations.iter().map(|operation| role(operation).and_then(&mut add)).collect()
}

/// What `operation` means.
pub(super) fn role(operation: &Operation) -> Option<Role> {
    let amount = amount(operation);
    match (operation.op, operation.outcome) {
        (_, Outcome::Fail) | (Op::Read, Outcome::Unknown) => Some(Role::Absent),
        (Op::Read, Outcome::Ok) if operation.result == NIL => Some(Role::Blank),
        (Op::Read, Outcome::Ok) => Some(Role::Read(operation.result)),
        (Op::Take, Outcome::Unknown) => Some(Role::PerhapsTaken(amount)),
        (Op::Give, Outcome::Unknown) => Some(Role::PerhapsGiven(amount)),
        (Op::Take, Outcome::Ok) => match operation.result {
            YES => Some(Role::Taken(amount)),
            NO => Some(Role::TooFew(amount)),
            NIL => Some(Role::PerhapsTaken(amount)),
            _ => None,
        },
        (Op::Give, Outcome::Ok) => {
            matches!(operation.result, NIL | YES).then_some(Role::Given(amount))
        }
        (Op::Add | Op::Write | Op::Cas | Op::Move, _) => None,
    }
}

impl Role {
    /// How many are certainly taken.
    pub(super) fn taken(self) -> i64 {
        if let Self::Taken(amount) = self { amount } else { 0 }
    }

    /// How many may be taken.
    pub(super) fn takes(self) -> i64 {
        if let Self::Taken(amount) | Self::PerhapsTaken(amount) = self { amount } else { 0 }
    }

    /// How many are certainly given back.
    pub(super) fn given(self) -> i64 {
        if let Self::Given(amount) = self { amount } else { 0 }
    }

    /// How many may be given back.
    pub(super) fn gives(self) -> i64 {
        if let Self::Given(amount) | Self::PerhapsGiven(amount) = self { amount } else { 0 }
    }

    /// The most that it says were left.
    pub(super) fn most(self) -> Option<i64> {
        match self {
            Self::Read(left) => Some(left),
            Self::TooFew(amount) => Some(amount - 1),
            _ => None,
        }
    }

    /// The least that it says were left.
    pub(super) fn least(self) -> Option<i64> {
        if let Self::Read(left) = self { Some(left) } else { None }
    }

    /// Whether it says how many were left.
    pub(super) fn tells(self) -> bool {
        self.most().is_some()
    }
}

/// Whether `operation` was done, and no one knows with which result.
pub(super) fn is_unread(operation: &Operation) -> bool {
    (operation.op, operation.outcome, operation.result) == (Op::Take, Outcome::Ok, NIL)
}
