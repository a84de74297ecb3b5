//! What objects were at first, where nobody says it.
//!
//! A history that others recorded rarely says what its objects were when it began. What its first
//! operations saw tells, where nothing but the beginning explains it and all of them agree:
//!
//! - A register: reads and `cas` that began before the first write was over, and saw a value of
//!   which no write had begun when they were over.
//! - A number: reads that were over before the first addition began; if there are none, an addition
//!   that was over before any other began and returned the new value.
//! - A set: lists that were over before the first addition began, each element once. An element
//!   whose addition had failed by then was hardly there at first: such lists tell nothing.
//! - A version: what operations returned or expected that were over before the first write began of
//!   which no answer says what it made, where no answer carried it.
//!
//! Otherwise it was what its model says: no value, 0, no elements. A bounded counter is as large as
//! its model says in any case; where the model does not, the history is refused before.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

use super::cursor::{Cursor, Json};
use super::error::ReadError;
use super::values::initial;
use crate::history::{Initial, NEVER, NIL, Object, Op, Operation, Outcome, YES};
use crate::models::{Answer, Model};
use crate::tokens::Tokens;

/// How it is known what an object was at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The history says it, or whoever reads it, or the model's name does.
    Told,
    /// It is assumed to be what its first operations saw.
    Seen,
    /// It is assumed to be what its model says.
    Assumed,
}

/// What all objects of a history were at first, whatever the history says: a value, `null` or
/// `nil`, a list of values, or accounts with their balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given(Json);

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let value = match text.trim() {
            "nil" => Ok(Json::Null),
            text => Cursor::new(text.as_bytes()).and_then(|mut cursor| {
                let value = cursor.json()?;
                cursor.end().map(|()| value)
            }),
        };
        match value {
            Ok(Json::Bool(_)) | Err(_) => {
                Err("expected a number, a string, null, or a list as [1,2]".to_owned())
            }
            Ok(value) => Ok(Self(value)),
        }
    }
}

impl Given {
    /// The same for an object of `model`.
    pub(super) fn of(&self, model: Model, tokens: &mut Tokens) -> Result<Initial, ReadError> {
        initial(self.0.clone(), model, tokens)
            .map_err(|problem| ReadError::Initial(format!("--initial is {problem}")))
    }
}

/// Sets what `object`, of which nobody says it, was at first.
pub(super) fn assume(object: &mut Object, model: Model) -> Start {
    let seen = match model {
        Model::Bounded { .. } => return Start::Told,
        Model::Register => of_register(object).map(Initial::Value),
        Model::Counter | Model::FetchAndAdd => of_number(object, model).map(Initial::Value),
        Model::Set => of_set(object).map(Initial::Elements),
        // Nothing shows it: nothing is read, and a result that is there is of an effect. Events have no
        // accounts.
        Model::Unique
        | Model::Once
        | Model::Dispense
        | Model::Queue
        | Model::Lock
        | Model::Accounts { .. } => None,
        Model::Versioned => of_versioned(object).map(Initial::Value),
    };
    match seen {
        Some(initial) => {
            object.initial = initial;
            Start::Seen
        }
        None => Start::Assumed,
    }
}

/// The only one of `values`.
fn agreed<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// The version that was seen before any write of which nobody knows what it made, and that no answer
/// says was made.
fn of_versioned(object: &Object) -> Option<i64> {
    let operations = &object.operations;
    let made: HashSet<_> = operations
        .iter()
        .filter(|write| write.is_acknowledged())
        .map(|write| write.result)
        .collect();
    // Those that failed do explain how their version came to be seen.
    let is_hidden = |write: &&Operation| {
        write.op == Op::Write && (write.outcome != Outcome::Ok || write.result == NIL)
    };
    let hidden = operations.iter().filter(is_hidden);
    let until_ns = hidden.map(|write| write.call_ns).min().unwrap_or(NEVER);
    let seen = operations.iter().filter(|operation| operation.completion_ns() < until_ns);
    let versions = seen.filter_map(|operation| match operation.op {
        Op::Read => Some(operation.result),
        Op::Write if operation.is_acknowledged() => Some(operation.arg),
        _ => None,
    });
    agreed(versions.filter(|version| *version != NIL && !made.contains(version)))
}

fn of_register(object: &Object) -> Option<i64> {
    let operations = &object.operations;
    // Those that failed were not done, but do explain how their value came to be seen.
    let mut written_ns: HashMap<i64, u64> = HashMap::new();
    for operation in operations {
        let value = match operation.op {
            Op::Write => operation.arg,
            Op::Cas => operation.new,
            Op::Add | Op::Read | Op::Take | Op::Give | Op::Move => continue,
        };
        let written_ns = written_ns.entry(value).or_insert(NEVER);
        *written_ns = operation.call_ns.min(*written_ns);
    }
    let updates = operations.iter().filter(|operation| operation.is_acknowledged());
    let over_ns = updates.map(Operation::completion_ns).min().unwrap_or(NEVER);
    let saw = |operation: &Operation| match operation.op {
        _ if operation.outcome != Outcome::Ok || operation.call_ns > over_ns => None,
        Op::Read => Some(operation.result),
        Op::Cas if operation.result == YES => Some(operation.arg),
        _ => None,
    };
    let is_unexplained = |return_ns: u64, value: i64| {
        written_ns.get(&value).is_none_or(|written_ns| return_ns < *written_ns)
    };
    agreed(operations.iter().filter_map(|operation| {
        saw(operation).filter(|value| is_unexplained(operation.return_ns, *value))
    }))
}

/// When the first update began that may have been done; [`NEVER`] if there is none.
fn first_update_ns(object: &Object) -> u64 {
    let updates = object.operations.iter().filter(|one| one.is_update());
    let done = updates.filter(|update| update.outcome != Outcome::Fail);
    done.map(|update| update.call_ns).min().unwrap_or(NEVER)
}

/// The reads that were answered before anything was done.
fn first_reads(object: &Object) -> impl Iterator<Item = &Operation> {
    let first_update_ns = first_update_ns(object);
    object.operations.iter().filter(move |operation| {
        operation.op == Op::Read
            && operation.outcome == Outcome::Ok
            && operation.result != NIL
            && operation.return_ns < first_update_ns
    })
}

fn of_number(object: &Object, model: Model) -> Option<i64> {
    if first_reads(object).next().is_some() {
        return agreed(first_reads(object).map(|read| read.result));
    }
    if model.answer(Op::Add) != Some(Answer::Number) {
        return None;
    }
    let is_done = |add: &&Operation| add.op == Op::Add && add.outcome != Outcome::Fail;
    let mut additions: Vec<_> = object.operations.iter().filter(is_done).collect();
    additions.sort_by_key(|addition| addition.call_ns);
    let first = additions.first()?;
    let is_alone = additions.get(1).is_none_or(|second| first.precedes(second));
    let is_answered = first.outcome == Outcome::Ok && first.result != NIL;
    (is_alone && is_answered).then(|| first.result.checked_sub(first.arg))?
}

fn of_set(object: &Object) -> Option<Vec<i64>> {
    let failed: Vec<_> =
        object.operations.iter().filter(|one| one.outcome == Outcome::Fail).collect();
    let lists = first_reads(object).map(|read| {
        let list = read.list(&object.lists)?;
        let elements: BTreeSet<i64> = list.elements().collect();
        let had_failed = |add: &&Operation| elements.contains(&add.arg) && !read.precedes(add);
        let is_clean = elements.len() == list.len() && !failed.iter().any(had_failed);
        is_clean.then_some(elements)
    });
    agreed(lists)?.map(|elements| elements.into_iter().collect())
}
