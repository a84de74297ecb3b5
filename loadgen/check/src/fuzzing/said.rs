//! The twin of the reader of lines, which is made of a library.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::history::{NEVER, NIL, NO, Op, Outcome, YES};
use super::{Model, Operation, Tokens};

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
    arg: Option<Box<RawValue>>,
    #[serde(default)]
    result: Option<Box<RawValue>>,
    outcome: String,
    #[serde(default)]
    assumed: bool,
}

fn nullable<'d, D: Deserializer<'d>>(value: D) -> Result<Option<u64>, D::Error> {
    Option::deserialize(value)
}

/// What an operation is asked with.
#[derive(Clone, Copy)]
enum Argument {
    Nothing,
    Number,
    AmountOrNothing,
    ValueOrNothing,
    Values,
}

/// What an answer carries.
#[derive(Clone, Copy)]
enum Answer {
    Nothing,
    Number,
    Value,
    /// A value, or that it was not done.
    ValueOrNo,
    /// What was asked with.
    Same,
    Elements,
    Whether,
}

/// What `op` is of `model`, if it has it.
fn signature(model: Model, op: Op) -> Option<(Argument, Answer)> {
    match (model, op) {
        (Model::Set, Op::Read) => Some((Argument::Nothing, Answer::Elements)),
        (Model::Set, Op::Add) => Some((Argument::ValueOrNothing, Answer::Same)),
        (Model::Register | Model::Versioned, Op::Read) | (Model::Unique, Op::Add) => {
            Some((Argument::Nothing, Answer::Value))
        }
        (Model::Register, Op::Write) | (Model::Dispense | Model::Queue, Op::Add) => {
            Some((Argument::ValueOrNothing, Answer::Nothing))
        }
        (Model::Register, Op::Cas) => Some((Argument::Values, Answer::Whether)),
        (Model::Counter, Op::Add) => Some((Argument::Number, Answer::Nothing)),
        (Model::FetchAndAdd, Op::Add) => Some((Argument::Number, Answer::Number)),
        (Model::Bounded { .. }, Op::Take) => Some((Argument::AmountOrNothing, Answer::Whether)),
        (Model::Bounded { .. }, Op::Give) => Some((Argument::AmountOrNothing, Answer::Nothing)),
        (Model::Counter | Model::FetchAndAdd | Model::Bounded { .. }, Op::Read) => {
            Some((Argument::Nothing, Answer::Number))
        }
        (Model::Lock, Op::Take | Op::Give) => Some((Argument::Nothing, Answer::Whether)),
        (Model::Once, Op::Add) | (Model::Versioned, Op::Write) => {
            Some((Argument::ValueOrNothing, Answer::ValueOrNo))
        }
        (Model::Once, Op::Read) => Some((Argument::ValueOrNothing, Answer::Value)),
        (Model::Dispense | Model::Queue, Op::Take) => Some((Argument::Nothing, Answer::ValueOrNo)),
        _ => None,
    }
}

/// What a line says: the key, the operation and, sorted, the list that it returned.
pub(super) type Said = (String, Operation, Option<Vec<i64>>);

/// What `line` says of an object of `model`; `None` where it is no operation of one.
pub(super) fn said(line: &str, model: Model) -> Option<Said> {
    let line: Line = serde_json::from_str(line).ok()?;
    let op = Op::ALL.into_iter().find(|op| op.name() == line.op)?;
    let (arguments, answer) = signature(model, op)?;
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
    let null = |raw: &Option<Box<RawValue>>| raw.as_ref().is_none_or(|raw| raw.get() == "null");
    let has_result = !null(&line.result);
    if !is_timed
        || has_answer && return_ns == NEVER
        || !has_answer && has_result
        || line.assumed && outcome != Outcome::Fail
    {
        return None;
    }
    let mut tokens = Tokens::default();
    let arg = line.arg.as_deref().filter(|raw| raw.get() != "null");
    let (arg, new) = argument(arguments, arg, &mut tokens)?;
    let (result, list) = match line.result.as_deref().filter(|_| has_result) {
        Some(raw) => result(answer, arg, raw, &mut tokens)?,
        None if op == Op::Cas && has_answer => (YES, None),
        None => (NIL, None),
    };
    let client = line.client;
    let operation = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
    Some((line.key, operation, list))
}

fn argument(argument: Argument, arg: Option<&RawValue>, tokens: &mut Tokens) -> Option<(i64, i64)> {
    match (argument, arg) {
        (Argument::Nothing | Argument::ValueOrNothing | Argument::AmountOrNothing, None) => {
            Some((NIL, NIL))
        }
        (Argument::AmountOrNothing, Some(arg)) => {
            Some((integer(arg).filter(|amount| *amount >= 1)?, NIL))
        }
        (Argument::Number | Argument::Values, None) | (Argument::Nothing, Some(_)) => None,
        (Argument::Number, Some(arg)) => Some((integer(arg)?, NIL)),
        (Argument::ValueOrNothing, Some(arg)) => Some((value(arg, tokens)?, NIL)),
        (Argument::Values, Some(pair)) => {
            let [expected, new]: [&RawValue; 2] = serde_json::from_str(pair.get()).ok()?;
            Some((value(expected, tokens)?, value(new, tokens)?))
        }
    }
}

fn result(
    answer: Answer,
    arg: i64,
    result: &RawValue,
    tokens: &mut Tokens,
) -> Option<(i64, Option<Vec<i64>>)> {
    let number = match answer {
        Answer::Elements => {
            let list: Vec<&RawValue> = serde_json::from_str(result.get()).ok()?;
            let list = list.into_iter().map(|raw| value(raw, tokens).filter(|one| *one != NIL));
            return Some((0, Some(sorted(list.collect::<Option<Vec<_>>>()?))));
        }
        Answer::Number => integer(result)?,
        Answer::Value => value(result, tokens)?,
        Answer::ValueOrNo => match result.get() {
            "false" => NO,
            _ => value(result, tokens)?,
        },
        // The element that the set chose is the one that was added.
        Answer::Same => value(result, tokens).filter(|chosen| *chosen == arg)?,
        Answer::Whether if serde_json::from_str(result.get()).ok()? => YES,
        Answer::Whether => NO,
        Answer::Nothing => return None,
    };
    Some((number, None))
}

fn integer(raw: &RawValue) -> Option<i64> {
    serde_json::from_str(raw.get()).ok().filter(|value| is_integer(*value))
}

/// Whether it is no value that means something else.
fn is_integer(value: i64) -> bool {
    value > YES + (1 << 32)
}

/// An integer, or what stands for any other value.
fn value(raw: &RawValue, tokens: &mut Tokens) -> Option<i64> {
    if let Some(integer) = integer(raw) {
        return Some(integer);
    }
    match serde_json::from_str(raw.get()).ok()? {
        Value::Null => Some(NIL),
        Value::String(text) => Some(tokens.of(&text)),
        Value::Number(_) => Some(tokens.of(raw.get())),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The elements of a list, which has no order.
pub(super) fn sorted(mut list: Vec<i64>) -> Vec<i64> {
    list.sort_unstable();
    list
}
