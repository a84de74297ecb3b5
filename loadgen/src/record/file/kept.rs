//! Operations in a record's file: how many are kept, and a line for each.

use std::io::BufRead;

use check::history::{NEVER, NIL, Op, Outcome};
use check::{Operation, Pool};
use serde::{Deserialize, Serialize};

use super::super::{Excess, Operations, Room};
use super::lines::{Lines, ReadError};

/// What follows the first line.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Keeping {
    Off,
    Overflowed,
    /// There was no memory for more than so many.
    Full(u64),
    Kept {
        /// How many operations.
        count: u64,
        /// How many could have been kept.
        room: u64,
        /// How much memory they may take.
        room_bytes: usize,
        /// How many answers could not be read.
        unreadable: u64,
        /// The values that are no integers, in the order of their tokens.
        #[serde(default)]
        texts: Vec<String>,
        /// The accounts, in the order of their numbers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accounts: Vec<i64>,
        /// What the objects are called that the operations are about, where there are many.
        #[serde(default)]
        keys: Vec<String>,
    },
}

/// A line of one operation.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    client: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<u32>,
    call: u64,
    #[serde(rename = "return")]
    return_ns: Option<u64>,
    #[serde(with = "OpName")]
    op: Op,
    arg: Option<i64>,
    new: Option<i64>,
    result: Option<Returned>,
    #[serde(with = "OutcomeName")]
    outcome: Outcome,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Returned {
    Number(i64),
    List(Vec<i64>),
    Balances { balances: Vec<(i64, i64)> },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Op", rename_all = "lowercase")]
enum OpName {
    Add,
    Read,
    Write,
    Cas,
    Take,
    Give,
    Move,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Outcome", rename_all = "lowercase")]
enum OutcomeName {
    Ok,
    Fail,
    Unknown,
}

impl Keeping {
    pub(super) fn of(operations: &Operations) -> Self {
        match operations {
            Operations::Off => Self::Off,
            Operations::Overflowed(Excess::Operations) => Self::Overflowed,
            Operations::Overflowed(Excess::Memory { kept }) => Self::Full(*kept),
            Operations::On(kept) => {
                let Room { operations: room, bytes: room_bytes } = kept.room();
                Self::Kept {
                    count: kept.iter().count() as u64,
                    room,
                    room_bytes,
                    unreadable: kept.unreadable(),
                    texts: kept.pool().tokens.texts().map(str::to_owned).collect(),
                    accounts: kept.pool().balances.accounts().to_vec(),
                    keys: kept.keys().map(str::to_owned).collect(),
                }
            }
        }
    }
}

/// The operations that the first line announces.
pub(super) fn read_operations(
    keeping: Keeping,
    lines: &mut Lines<impl BufRead>,
) -> Result<Operations, ReadError> {
    let (mut operations, expected) = match keeping {
        Keeping::Off => (Operations::Off, 0),
        Keeping::Overflowed => (Operations::Overflowed(Excess::Operations), 0),
        Keeping::Full(kept) => (Operations::Overflowed(Excess::Memory { kept }), 0),
        Keeping::Kept { count, room, room_bytes, unreadable, texts, accounts, keys } => {
            let room = Room { operations: room, bytes: room_bytes };
            let mut pool = Pool::default();
            for text in &texts {
                pool.tokens.of(text);
            }
            for account in accounts {
                pool.balances.number(account);
            }
            let mut operations = Operations::resumed(room, unreadable, pool);
            for key in &keys {
                operations.object(key.as_bytes());
            }
            (operations, count)
        }
    };
    for found in 0..expected {
        let line: Line = lines.parsed(ReadError::Cut { what: "operations", expected, found })?;
        operations.record(line.object, |pool| line.into_operation(pool));
    }
    Ok(operations)
}

impl Line {
    pub(super) fn new(operation: &Operation, object: Option<u32>, pool: &Pool) -> Self {
        let Operation { call_ns, return_ns, arg, new, result, client, op, outcome } = *operation;
        let value = |value: i64| (value != NIL).then_some(value);
        Self {
            client,
            object,
            call: call_ns,
            return_ns: (return_ns != NEVER).then_some(return_ns),
            op,
            arg: value(arg),
            new: value(new),
            result: match (operation.list(&pool.lists), operation.row(&pool.balances)) {
                (Some(list), _) => Some(Returned::List(list.elements().collect())),
                (None, Some(row)) => {
                    let balances = row.of(&pool.balances).collect();
                    Some(Returned::Balances { balances })
                }
                (None, None) => value(result).map(Returned::Number),
            },
            outcome,
        }
    }

    fn into_operation(self, pool: &mut Pool) -> Operation {
        let Self { client, call, return_ns, op, arg, new, result, outcome, .. } = self;
        let result = match result {
            None => NIL,
            Some(Returned::Number(number)) => number,
            Some(Returned::List(list)) => pool.lists.push(&list),
            Some(Returned::Balances { balances }) => pool.balances.push(&balances),
        };
        Operation {
            call_ns: call,
            return_ns: return_ns.unwrap_or(NEVER),
            arg: arg.unwrap_or(NIL),
            new: new.unwrap_or(NIL),
            result,
            client,
            op,
            outcome,
        }
    }
}
