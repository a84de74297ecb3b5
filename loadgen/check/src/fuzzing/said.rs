//! The twin of the reader of lines, which is made of a library.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::history::{NEVER, NIL, NO, Op, Outcome, YES};
use super::{Model, Operation};

#[derive(Deserialize)]
struct Line {
    client: u32,
    call: u64,
    // So that it must be there.
    #[serde(rename = "return", deserialize_with = "nullable")]
    returned: Option<u64>,
    op: String,
    key: String,
    #[serde(default)]
    arg: Value,
    #[serde(default)]
    result: Value,
    outcome: String,
    #[serde(default)]
    assumed: bool,
}

fn nullable<'d, D: Deserializer<'d>>(value: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(value)
}

/// What a line says: the key, the operation and, sorted, the list that it returned.
pub(super) type Said = (String, Operation, Option<Vec<i64>>);

/// What `line` says of an object of `model`; `None` where it is no operation of one.
pub(super) fn said(line: &str, model: Model) -> Option<Said> {
    let line: Line = serde_json::from_str(line).ok()?;
    let op = match &*line.op {
        "add" => Op::Add,
        "read" => Op::Read,
        "write" => Op::Write,
        "cas" => Op::Cas,
        "take" => Op::Take,
        _ => return None,
    };
    let outcome = match &*line.outcome {
        "ok" => Outcome::Ok,
        "fail" => Outcome::Fail,
        "unknown" => Outcome::Unknown,
        _ => return None,
    };
    let (call_ns, return_ns) = (line.call, line.returned.unwrap_or(NEVER));
    let is_timed =
        call_ns < NEVER && line.returned.is_none_or(|time| (call_ns..NEVER).contains(&time));
    let has_answer = outcome == Outcome::Ok;
    let has_result = !line.result.is_null();
    if !model.has(op)
        || !is_timed
        || has_answer && return_ns == NEVER
        || !has_answer && has_result
        || line.assumed && outcome != Outcome::Fail
    {
        return None;
    }
    let (arg, new) = argument(op, model, &line.arg)?;
    let (result, list) = match has_result {
        true => result(op, model, arg, &line.result)?,
        false if op == Op::Cas && has_answer => (YES, None),
        false => (NIL, None),
    };
    let client = line.client;
    let operation = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
    Some((line.key, operation, list))
}

fn argument(op: Op, model: Model, arg: &Value) -> Option<(i64, i64)> {
    match (op, arg.as_array().map(Vec::as_slice)) {
        (Op::Read | Op::Take, _) => Some((arg.is_null().then_some(NIL)?, NIL)),
        (Op::Add, _) if model == Model::Set => Some((nil_or_integer(arg)?, NIL)),
        (Op::Add, _) => Some((integer(arg)?, NIL)),
        (Op::Write, _) => Some((nil_or_integer(arg)?, NIL)),
        (Op::Cas, pair) => {
            let [expected, new] = pair? else { return None };
            Some((nil_or_integer(expected)?, nil_or_integer(new)?))
        }
    }
}

fn result(op: Op, model: Model, arg: i64, result: &Value) -> Option<(i64, Option<Vec<i64>>)> {
    let number = match (op, model) {
        (Op::Read, Model::Set) => {
            let list = result.as_array()?.iter().map(integer).collect::<Option<Vec<_>>>();
            return Some((0, Some(sorted(list?))));
        }
        (Op::Read, _) | (Op::Add, Model::FetchAndAdd) => integer(result)?,
        // The element that the set chose is the one that was added.
        (Op::Add, Model::Set) => integer(result).filter(|chosen| *chosen == arg)?,
        (Op::Cas | Op::Take, _) => {
            if result.as_bool()? {
                YES
            } else {
                NO
            }
        }
        (Op::Add | Op::Write, _) => return None,
    };
    Some((number, None))
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().filter(|value| *value != NIL)
}

fn nil_or_integer(value: &Value) -> Option<i64> {
    if value.is_null() { Some(NIL) } else { integer(value) }
}

/// The elements of a list, which has no order.
pub(super) fn sorted(mut list: Vec<i64>) -> Vec<i64> {
    list.sort_unstable();
    list
}
