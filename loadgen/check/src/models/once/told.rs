//! What the answers for a key say of its effect.

use std::collections::HashMap;

use crate::history::{NIL, Op, Operation, Outcome};

/// What an answer says of the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Nothing: there is none.
    Nothing,
    /// That it was not there yet.
    Absent,
    /// That it was there, of another payload than this.
    Refused(i64),
    /// That it was there, with its payload and its result where they are told.
    There(Option<i64>, Option<i64>),
}

impl Says {
    pub(super) fn of(operation: &Operation) -> Self {
        let Operation { op, arg, result, outcome, .. } = *operation;
        let value = |value: i64| Some(value).filter(|value| *value != NIL);
        match op {
            _ if outcome != Outcome::Ok => Self::Nothing,
            Op::Read if result == NIL => Self::Absent,
            Op::Read => Self::There(value(arg), value(result)),
            _ if operation.was_declined() => Self::Refused(arg),
            _ => Self::There(Some(arg), value(result)),
        }
    }

    pub(super) fn is_shown(self) -> bool {
        matches!(self, Self::Refused(_) | Self::There(..))
    }
}

/// When an answer was complete, and whose it is.
pub(super) type End = (u64, u32);

/// All that the answers say.
pub(super) struct Told<'o> {
    pub(super) operations: &'o [Operation],
    /// The answer that was complete first: of those with each result,
    pub(super) results: HashMap<i64, End>,
    /// of those that show each payload to be the key's,
    pub(super) payloads: HashMap<i64, End>,
    /// of the refusals of each payload,
    pub(super) refused: HashMap<i64, End>,
    /// and of all that show the effect.
    pub(super) first: Option<End>,
    /// How many show the effect and are no refusals.
    pub(super) effects: usize,
    /// How many of those do not tell the result.
    pub(super) unread: usize,
}

impl<'o> Told<'o> {
    pub(super) fn collect(operations: &'o [Operation]) -> Self {
        let mut told = Self {
            operations,
            results: HashMap::new(),
            payloads: HashMap::new(),
            refused: HashMap::new(),
            first: None,
            effects: 0,
            unread: 0,
        };
        let note = |ends: &mut HashMap<i64, End>, value: i64, end: End| {
            let earliest = ends.entry(value).or_insert(end);
            *earliest = end.min(*earliest);
        };
        for (index, operation) in (0..).zip(operations) {
            let end = (operation.return_ns, index);
            match Says::of(operation) {
                Says::Nothing | Says::Absent => continue,
                Says::Refused(payload) => note(&mut told.refused, payload, end),
                Says::There(payload, result) => {
                    told.effects += 1;
                    if let Some(payload) = payload {
                        note(&mut told.payloads, payload, end);
                    }
                    match result {
                        Some(result) => note(&mut told.results, result, end),
                        None => told.unread += 1,
                    }
                }
            }
            told.first = Some(told.first.map_or(end, |first| end.min(first)));
        }
        told
    }

    /// Of the additions that can have had the effect the one that began first, and when.
    pub(super) fn creator(&self) -> Option<(u64, u32)> {
        let is_possible = |payload: i64| {
            if self.payloads.is_empty() {
                !self.refused.contains_key(&payload)
            } else {
                self.payloads.contains_key(&payload)
            }
        };
        let possible = (0..)
            .zip(self.operations)
            .filter(|(_, addition)| may_have_effect(addition) && is_possible(addition.arg));
        possible.map(|(index, addition)| (addition.call_ns, index)).min()
    }
}

/// Whether `operation` can have had the effect.
pub(super) fn may_have_effect(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.outcome != Outcome::Fail && !operation.was_declined()
}
