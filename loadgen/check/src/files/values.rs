//! What the values of a line are: arguments, results, and what objects were at first.

use std::collections::HashSet;

use super::cursor::{Json, Problem, shown};
use crate::history::{Initial, NIL, NO, Op, Outcome, YES};
use crate::models::{Answer, Argument, Model, State};
use crate::tokens::Tokens;

/// What an object of `model` was at first, if this says it.
pub(super) fn initial(value: Json, model: Model, tokens: &mut Tokens) -> Result<Initial, Problem> {
    let expected = match model.state() {
        State::Elements => "a list of values",
        State::Value => "a value or null",
        State::Number => "an integer",
        State::Balances => "accounts with their balances, as {\"a\": 100, \"b\": 50},",
    };
    let told = match (model.state(), value) {
        (State::Number, Json::Integer(value)) => Ok(Initial::Value(value)),
        (State::Number, value) => Err(value),
        (State::Value, value) => value.into_value(tokens).map(Initial::Value),
        (State::Elements, value) => value.into_elements(tokens).map(Initial::Elements),
        (State::Balances, value) => value.into_balances(tokens).map(Initial::Balances),
    };
    told.map_err(|found| format!("{}: expected {expected} for {}", found.show(), a(model)))
}

/// As in `a counter`, or `an accounts`.
pub(super) fn a(model: Model) -> String {
    let name = model.to_string();
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// What an operation was asked with.
pub(super) enum Asked {
    /// What it is of, and what a `cas` is to write.
    Values(i64, i64),
    /// How much, from which account, and to which.
    Transfer(i64, [i64; 2]),
}

pub(super) fn asked(argument: Argument, arg: Json, tokens: &mut Tokens) -> Result<Asked, Problem> {
    let expected = match argument {
        Argument::Nothing => "null",
        Argument::Number => "an integer",
        Argument::Amount => "an integer of at least 1, or null",
        Argument::Value | Argument::Element => "a value or null",
        Argument::Values => "[expected, new]",
        Argument::Transfer => "[amount, from, to], with an amount of 1 or more",
    };
    let asked = match (argument, arg) {
        (Argument::Nothing | Argument::Amount, Json::Null) => Ok(Asked::Values(NIL, NIL)),
        (Argument::Amount, Json::Integer(amount @ 1..)) => Ok(Asked::Values(amount, NIL)),
        (Argument::Number, Json::Integer(value)) => Ok(Asked::Values(value, NIL)),
        (Argument::Value | Argument::Element, arg) => {
            arg.into_value(tokens).map(|value| Asked::Values(value, NIL))
        }
        (Argument::Values, arg) => {
            arg.into_pair(tokens).map(|(expected, new)| Asked::Values(expected, new))
        }
        (Argument::Transfer, arg) => {
            arg.into_transfer(tokens).map(|(amount, ends)| Asked::Transfer(amount, ends))
        }
        (Argument::Nothing | Argument::Number | Argument::Amount, arg) => Err(arg),
    };
    asked.map_err(|found| format!("\"arg\" is {}: expected {expected}", found.show()))
}

/// What was answered.
pub(super) enum Answered {
    Value(i64),
    Elements(Vec<i64>),
    Balances(Vec<(i64, i64)>),
}

impl Answered {
    pub(super) fn of(
        answer: Answer,
        op: Op,
        result: Json,
        outcome: Outcome,
        tokens: &mut Tokens,
    ) -> Result<Self, Problem> {
        let expected = match answer {
            _ if outcome != Outcome::Ok => "null where the outcome is not ok",
            Answer::Nothing => "null",
            Answer::Number => "an integer or null",
            Answer::Value | Answer::Chosen => "a value or null",
            Answer::ValueUnlessDeclined => "a value, false or null",
            Answer::Elements => "a list of values or null",
            Answer::Whether => "true, false or null",
            Answer::Balances => "accounts with their balances, each once, or null",
        };
        let whether = |done| Self::Value(if done { YES } else { NO });
        let answered = match (answer, result) {
            // One that was acknowledged succeeded.
            (_, Json::Null) if op == Op::Cas && outcome == Outcome::Ok => Ok(whether(true)),
            (_, Json::Null) => Ok(Self::Value(NIL)),
            (_, result) if outcome != Outcome::Ok => Err(result),
            (Answer::Elements, result) => result.into_elements(tokens).map(Self::Elements),
            (Answer::Balances, result) => result.into_balances(tokens).map(Self::Balances),
            (Answer::Number, Json::Integer(value)) => Ok(Self::Value(value)),
            (Answer::Whether, Json::Bool(done)) => Ok(whether(done)),
            (Answer::ValueUnlessDeclined, Json::Bool(false)) => Ok(whether(false)),
            (Answer::Value | Answer::ValueUnlessDeclined | Answer::Chosen, result) => {
                result.into_value(tokens).map(Self::Value)
            }
            (Answer::Nothing | Answer::Number | Answer::Whether, result) => Err(result),
        };
        answered.map_err(|found| format!("\"result\" is {}: expected {expected}", found.show()))
    }
}

impl Json {
    /// The value that it is, or itself.
    fn into_value(self, tokens: &mut Tokens) -> Result<i64, Self> {
        match self {
            Self::Null => Ok(NIL),
            Self::Integer(value) => Ok(value),
            Self::Text(text) => Ok(tokens.of(&text)),
            other => Err(other),
        }
    }

    /// The list of elements that it is, or itself.
    fn into_elements(self, tokens: &mut Tokens) -> Result<Vec<i64>, Self> {
        let elements = match self {
            Self::Pair(pair) => pair.to_vec(),
            Self::List(list) => list,
            Self::Values(values) => {
                let elements = values.into_iter().map(|value| value.into_value(tokens));
                elements.collect::<Result<_, _>>()?
            }
            other => return Err(other),
        };
        // None is no element.
        if elements.contains(&NIL) { Err(Self::List(elements)) } else { Ok(elements) }
    }

    /// The accounts with their balances that it is, each once, or itself.
    fn into_balances(self, tokens: &mut Tokens) -> Result<Vec<(i64, i64)>, Self> {
        let Self::Amounts(amounts) = self else { return Err(self) };
        let named = amounts.iter().map(|(account, amount)| (tokens.of(account), *amount));
        let balances: Vec<_> = named.collect();
        let accounts: HashSet<_> = balances.iter().map(|(account, _)| account).collect();
        if accounts.len() < balances.len() { Err(Self::Amounts(amounts)) } else { Ok(balances) }
    }

    /// The amount and the accounts that it is, or itself.
    fn into_transfer(self, tokens: &mut Tokens) -> Result<(i64, [i64; 2]), Self> {
        let list = match self {
            Self::List(list) => list,
            // An amount is no text.
            Self::Values(values) if matches!(values[..], [Self::Integer(_), _, _]) => {
                let values = values.into_iter().map(|value| value.into_value(tokens));
                values.collect::<Result<_, _>>()?
            }
            other => return Err(other),
        };
        match list[..] {
            [amount, from, to] if amount >= 1 && from != NIL && to != NIL => {
                Ok((amount, [from, to]))
            }
            _ => Err(Self::List(list)),
        }
    }

    /// The two values that it is, or itself.
    fn into_pair(self, tokens: &mut Tokens) -> Result<(i64, i64), Self> {
        let pair = match self {
            Self::Pair(pair) => return Ok(pair.into()),
            Self::Values(values) => <[Self; 2]>::try_from(values).map_err(Self::Values)?,
            other => return Err(other),
        };
        let [expected, new] = pair;
        Ok((expected.into_value(tokens)?, new.into_value(tokens)?))
    }

    fn show(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => shown(text),
            Self::Pair(pair) if pair.contains(&NIL) => "a list with null".to_owned(),
            Self::List(list) if list.contains(&NIL) => "a list with null".to_owned(),
            Self::Pair(_) => "a list of 2".to_owned(),
            Self::List(list) => format!("a list of {}", list.len()),
            Self::Values(list) => format!("a list of {}", list.len()),
            Self::Kept(_) => "a list".to_owned(),
            Self::Amounts(_) => "an object".to_owned(),
        }
    }
}
