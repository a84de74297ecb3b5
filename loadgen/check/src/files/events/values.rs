//! What the values of an event of Jepsen mean.

use clojure_reader::edn::Edn;

use super::super::cursor::{Json, Problem};
use super::operations::NO_TRANSACTIONS;
use crate::history::{NIL, Op};
use crate::tokens::is_integer;

/// What an event is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Read,
    Write,
    Cas,
    Add,
    Inc,
    Take,
}

impl Function {
    pub(super) fn op(self) -> Op {
        match self {
            Self::Read => Op::Read,
            Self::Write => Op::Write,
            Self::Cas => Op::Cas,
            Self::Add | Self::Inc => Op::Add,
            Self::Take => Op::Take,
        }
    }

    /// What an event's `:f` says.
    pub(super) fn of(event: &Edn<'_>) -> Result<Self, Problem> {
        const EXPECTED: &str = ":read, :write, :cas, :add, :inc or :take";
        match keyword(event, "f", EXPECTED)? {
            "txn" => Err(NO_TRANSACTIONS.to_owned()),
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "cas" => Ok(Self::Cas),
            "add" => Ok(Self::Add),
            "inc" => Ok(Self::Inc),
            "take" => Ok(Self::Take),
            other => Err(format!(":f is :{other}: expected {EXPECTED}")),
        }
    }

    /// The argument that an invocation's value, without its key, is.
    pub(super) fn argument(self, value: &Edn<'_>) -> Result<Json, Problem> {
        let wrong = |expected| Err(format!(":value is {}: expected {expected}", show(value)));
        match (self, json(value)) {
            // Some tools put the answer there.
            (Self::Read | Self::Take, _) => Ok(Json::Null),
            (Self::Write, Ok(value @ (Json::Integer(_) | Json::Null))) => Ok(value),
            (Self::Write, _) => wrong("an integer or nil"),
            (Self::Cas, Ok(pair @ Json::Pair(_))) => Ok(pair),
            (Self::Cas, _) => wrong("[expected new]"),
            // Where there is none, the value of the `:ok` says it.
            (Self::Add, Ok(amount @ (Json::Integer(_) | Json::Null))) => Ok(amount),
            (Self::Add, _) => wrong("an integer"),
            (Self::Inc, Ok(Json::Null | Json::Integer(1))) => Ok(Json::Integer(1)),
            (Self::Inc, _) => wrong("nil, as :inc adds one"),
        }
    }

    /// The result that the value of an `:ok`, without its key, is.
    pub(super) fn result(self, value: &Edn<'_>) -> Result<Json, Problem> {
        match self {
            // What was written; anything else there is not about that.
            Self::Write => Ok(json(value).unwrap_or(Json::Null)),
            // That it is ok says that it was done; the value repeats what was asked for.
            Self::Cas => Ok(Json::Bool(true)),
            Self::Take if *value == Edn::Nil => Ok(Json::Bool(true)),
            Self::Read | Self::Add | Self::Inc | Self::Take => json(value),
        }
    }

    /// The key of `value` and what it is of, where it is `[key value]`.
    pub(super) fn keyed<'e, 't>(self, value: &'e Edn<'t>) -> Option<(&'e Edn<'t>, &'e Edn<'t>)> {
        let Edn::Vector(pair) = untagged(value) else { return None };
        let [key, value] = pair.as_slice() else { return None };
        // A cas without a key has two values as well.
        let is_keyed = self != Self::Cas || matches!(value, Edn::Vector(_) | Edn::List(_));
        is_keyed.then_some((key, value))
    }
}

/// Whether `value` is the operations of a transaction, as `[[:append 1 2] [:r 1 nil]]`, or those of
/// one key.
pub(super) fn is_transaction(value: &Edn<'_>) -> bool {
    let is_operation = |form: &Edn<'_>| match untagged(form) {
        Edn::Vector(parts) | Edn::List(parts) => {
            parts.len() == 3 && matches!(parts[0], Edn::Key(_) | Edn::Str(_) | Edn::Symbol(_))
        }
        _ => false,
    };
    let are_operations = |form: &Edn<'_>| match untagged(form) {
        Edn::Vector(of) | Edn::List(of) => !of.is_empty() && of.iter().all(is_operation),
        _ => false,
    };
    let of_key = match untagged(value) {
        Edn::Vector(pair) => pair.get(1).filter(|_| pair.len() == 2),
        _ => None,
    };
    are_operations(value) || of_key.is_some_and(are_operations)
}

/// What an object is called whose key this is.
pub(super) fn key(form: &Edn<'_>) -> Result<String, Problem> {
    match untagged(form) {
        form @ (Edn::Int(_) | Edn::Str(_) | Edn::Key(_) | Edn::Symbol(_)) => Ok(form.to_string()),
        other => Err(format!(
            "the key in :value is {}: expected an integer, string, keyword or symbol",
            show(other)
        )),
    }
}

pub(super) fn untagged<'e, 't>(mut form: &'e Edn<'t>) -> &'e Edn<'t> {
    while let Edn::Tagged(_, of) = form {
        form = of;
    }
    form
}

/// The value of a field: of the keyword itself, or else of the first in any namespace.
pub(super) fn field<'e, 't>(event: &'e Edn<'t>, name: &str) -> Option<&'e Edn<'t>> {
    let Edn::Map(event) = event else { return None };
    let find = |is_named: &dyn Fn(&str) -> bool| {
        event.iter().find(|(key, _)| matches!(key, Edn::Key(key) if is_named(key)))
    };
    find(&|key| key == name).or_else(|| find(&|key| local(key) == name)).map(|(_, value)| value)
}

/// A keyword without its namespace.
fn local(keyword: &str) -> &str {
    keyword.rsplit('/').next().unwrap_or(keyword)
}

/// The keyword that a field is, without its namespace.
pub(super) fn keyword<'e>(
    event: &'e Edn<'_>,
    name: &str,
    expected: &str,
) -> Result<&'e str, Problem> {
    match field(event, name) {
        Some(Edn::Key(keyword)) => Ok(local(keyword)),
        Some(other) => Err(format!(":{name} is {}: expected {expected}", show(other))),
        None => Err(format!("no :{name}: expected {expected}")),
    }
}

fn json(value: &Edn<'_>) -> Result<Json, Problem> {
    match untagged(value) {
        Edn::Bool(value) => Ok(Json::Bool(*value)),
        Edn::Vector(list) | Edn::List(list) => elements(list.iter()),
        Edn::Set(set) => elements(set.iter()),
        Edn::Nil => Ok(Json::Null),
        Edn::Int(value) if is_integer(*value) => Ok(Json::Integer(*value)),
        other => Err(format!(
            ":value is {}: expected an integer, nil, true, false or a collection of integers",
            show(other)
        )),
    }
}

fn elements<'e, 't: 'e>(elements: impl Iterator<Item = &'e Edn<'t>>) -> Result<Json, Problem> {
    let element = |value: &Edn<'_>| match value {
        Edn::Int(value) if is_integer(*value) => Ok(*value),
        Edn::Nil => Ok(NIL),
        other => Err(format!("{} in :value: expected an integer", show(other))),
    };
    let list = elements.map(element).collect::<Result<Vec<_>, _>>()?;
    Ok(match *list {
        [one, two] => Json::Pair([one, two]),
        _ => Json::List(list),
    })
}

/// A form as an error shows it.
pub(super) fn show(form: &Edn<'_>) -> String {
    const SHOWN_CHARS: usize = 40;
    match form {
        Edn::Vector(of) => format!("a vector of {}", of.len()),
        Edn::List(of) => format!("a list of {}", of.len()),
        Edn::Set(of) => format!("a set of {}", of.len()),
        Edn::Map(_) => "a map".to_owned(),
        Edn::Tagged(tag, _) => format!("tagged as {tag}"),
        atom => {
            let text = atom.to_string();
            let rest = if text.chars().nth(SHOWN_CHARS).is_some() { "…" } else { "" };
            let start = text.chars().take(SHOWN_CHARS).filter(|c| !c.is_control());
            start.chain(rest.chars()).collect()
        }
    }
}
