//! The twin of the reader of lines, which is made of a library.

use std::collections::HashSet;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::history::{NEVER, NIL, NO, Op, Outcome, YES};
use super::{Model, Object, Operation, Tokens};

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
    /// How much, from where and to where.
    Transfer,
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
    /// Accounts, and how much is in each.
    Balances,
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
        (Model::Accounts { .. }, Op::Move) => Some((Argument::Transfer, Answer::Whether)),
        (Model::Accounts { .. }, Op::Read) => Some((Argument::Nothing, Answer::Balances)),
        (Model::Dispense | Model::Queue, Op::Take) => Some((Argument::Nothing, Answer::ValueOrNo)),
        _ => None,
    }
}

/// A list that was returned, sorted; or the accounts that an operation names, in the order in which it
/// does, and how much is in each where it says that.
#[derive(Debug, PartialEq)]
pub(super) enum Named {
    Nothing,
    List(Vec<i64>),
    Ends([i64; 2]),
    Row(Vec<(i64, i64)>),
}

impl Named {
    /// What the first operation of `object` names.
    pub(super) fn of(object: &Object) -> Self {
        let operation = &object.operations[0];
        let balances = &object.balances;
        if let Some(list) = operation.list(&object.lists) {
            return Self::List(sorted(list.elements().collect()));
        }
        if let Some(row) = operation.row(balances) {
            return Self::Row(row.of(balances).collect());
        }
        let ends = balances.between(operation);
        ends.map_or(Self::Nothing, |ends| Self::Ends(ends.map(|number| balances.account(number))))
    }
}

/// What a line says: the key, the operation, and what it names.
pub(super) type Said = (String, Operation, Named);

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
    let (arg, new, ends) = argument(arguments, arg, &mut tokens)?;
    let (result, named) = match line.result.as_deref().filter(|_| has_result) {
        Some(raw) => result(answer, arg, raw, &mut tokens)
            .map(|(result, named)| (result, if named == Named::Nothing { ends } else { named }))?,
        None if op == Op::Cas && has_answer => (YES, ends),
        None => (NIL, ends),
    };
    let client = line.client;
    let operation = Operation { call_ns, return_ns, arg, new, result, client, op, outcome };
    Some((line.key, operation, named))
}

/// What an operation is asked with: its `arg`, its `new`, and the accounts that it names.
type Asked = (i64, i64, Named);

fn argument(argument: Argument, arg: Option<&RawValue>, tokens: &mut Tokens) -> Option<Asked> {
    let (arg, new) = match (argument, arg) {
        (Argument::Nothing | Argument::ValueOrNothing | Argument::AmountOrNothing, None) => {
            (NIL, NIL)
        }
        (Argument::AmountOrNothing, Some(arg)) => {
            (integer(arg).filter(|amount| *amount >= 1)?, NIL)
        }
        (Argument::Number | Argument::Values | Argument::Transfer, None)
        | (Argument::Nothing, Some(_)) => return None,
        (Argument::Number, Some(arg)) => (integer(arg)?, NIL),
        (Argument::ValueOrNothing, Some(arg)) => (value(arg, tokens)?, NIL),
        (Argument::Values, Some(pair)) => {
            let [expected, new]: [&RawValue; 2] = serde_json::from_str(pair.get()).ok()?;
            (value(expected, tokens)?, value(new, tokens)?)
        }
        (Argument::Transfer, Some(transfer)) => {
            let [amount, from, to]: [&RawValue; 3] = serde_json::from_str(transfer.get()).ok()?;
            let amount = integer(amount).filter(|amount| *amount >= 1)?;
            let account = |raw, tokens: &mut Tokens| value(raw, tokens).filter(|one| *one != NIL);
            let ends = [account(from, tokens)?, account(to, tokens)?];
            // The first two accounts have the numbers 0 and 1.
            return Some((amount, i64::from(ends[0] != ends[1]), Named::Ends(ends)));
        }
    };
    Some((arg, new, Named::Nothing))
}

/// The fields of an object, each once.
struct Amounts(Vec<(String, Box<RawValue>)>);

impl<'d> Deserialize<'d> for Amounts {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'d> Visitor<'d> for Fields {
            type Value = Amounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'d>>(self, mut map: M) -> Result<Amounts, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Amounts(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The accounts that an object has as its fields, each once, and how much is in each.
fn amounts(raw: &RawValue, tokens: &mut Tokens) -> Option<Vec<(i64, i64)>> {
    let Amounts(fields) = serde_json::from_str(raw.get()).ok()?;
    let mut accounts = HashSet::new();
    let row = fields.iter().map(|(account, amount)| {
        let account = tokens.of(account);
        accounts.insert(account).then_some((account, integer(amount)?))
    });
    row.collect()
}

fn result(
    answer: Answer,
    arg: i64,
    result: &RawValue,
    tokens: &mut Tokens,
) -> Option<(i64, Named)> {
    let number = match answer {
        Answer::Elements => {
            let list: Vec<&RawValue> = serde_json::from_str(result.get()).ok()?;
            let list = list.into_iter().map(|raw| value(raw, tokens).filter(|one| *one != NIL));
            return Some((0, Named::List(sorted(list.collect::<Option<Vec<_>>>()?))));
        }
        Answer::Balances => return Some((0, Named::Row(amounts(result, tokens)?))),
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
    Some((number, Named::Nothing))
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
