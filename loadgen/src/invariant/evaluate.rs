//! Whether an invariant holds.

use std::collections::HashMap;

use cel::extractors::Arguments;
use cel::{Context, Program, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::{All, names, one_line};

/// What is known of a run when it is over.
#[derive(Debug)]
pub(crate) struct Figures<'f> {
    pub(crate) before: &'f All,
    pub(crate) after: &'f All,
    /// Of each step its name, and what its requests came to.
    pub(crate) steps: Vec<(String, Counted)>,
}

/// What the requests of a step came to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) sent: u64,
    pub(crate) ok: u64,
    pub(crate) fail: u64,
    /// Those that may have been done: unknown ones, and refusals of which nobody says what they mean.
    pub(crate) open: u64,
    /// How many keys have been acknowledged, where requests have any.
    pub(crate) keys: Option<u64>,
}

/// An invariant, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Checked {
    /// As it was written.
    pub(crate) text: String,
    /// `None` where that is not known.
    pub(crate) holds: Option<bool>,
    /// What the names stood for, or why it is not known.
    pub(crate) why: String,
}

impl Figures<'_> {
    /// Whether `text` holds.
    pub(crate) fn check(&self, text: &str) -> Checked {
        let checked = |holds, why: String| Checked { text: text.to_owned(), holds, why };
        let named = names(text).unwrap_or_default();
        let open =
            self.steps.iter().filter(|(step, counted)| counted.open > 0 && named.contains(step));
        let open: u64 = open.map(|(_, counted)| counted.open).sum();
        match self.result(text) {
            Ok(Value::Bool(true)) => checked(Some(true), self.shown(&named)),
            Ok(Value::Bool(false)) if open > 0 => {
                checked(None, format!("{open} requests may have been done or not"))
            }
            Ok(Value::Bool(false)) => checked(Some(false), self.shown(&named)),
            Ok(_) => checked(None, "it is neither true nor false".to_owned()),
            Err(why) => checked(None, why),
        }
    }

    fn result(&self, text: &str) -> Result<Value, String> {
        let program = Program::compile(text).map_err(|error| one_line(&error.to_string()))?;
        let mut context = Context::default();
        context.add_function("sum", sum).map_err(|error| format!("{error:?}"))?;
        for (name, seen) in self.after {
            context.add_variable_from_value(name.as_str(), seen.value());
        }
        let before = self.before.iter().map(|(name, seen)| (name.clone(), seen.value()));
        let before: HashMap<String, Value> = before.collect();
        context.add_variable_from_value("before", before);
        for (step, counted) in &self.steps {
            context.add_variable_from_value(step.as_str(), counted.value());
        }
        program.execute(&context).map_err(|error| one_line(&error.to_string()))
    }

    /// What each name stood for.
    fn shown(&self, named: &[String]) -> String {
        let mut parts = Vec::new();
        for name in named {
            if let Some(seen) = self.after.get(name) {
                parts.push(format!("{name} is {seen}"));
                let before = self.before.get(name).filter(|before| *before != seen);
                parts.extend(before.map(|before| format!("before.{name} is {before}")));
            }
            let step = self.steps.iter().find(|(step, _)| step == name);
            parts.extend(step.map(|(step, counted)| counted.shown(step)));
        }
        parts.join(", ")
    }
}

/// The sum of the values of a map or a list, which CEL has no function for: whole as long as all are.
fn sum(Arguments(arguments): Arguments) -> Value {
    let add = |sum: Value, value: &Value| match (sum, value) {
        (Value::Int(sum), Value::Int(value)) => {
            sum.checked_add(*value).map_or(Value::Null, Value::Int)
        }
        #[expect(clippy::cast_precision_loss, reason = "a sum with decimals is no whole number")]
        (Value::Int(sum), Value::Float(value)) => Value::Float(sum as f64 + value),
        (Value::Float(sum), Value::Float(value)) => Value::Float(sum + value),
        #[expect(clippy::cast_precision_loss, reason = "a sum with decimals is no whole number")]
        (Value::Float(sum), Value::Int(value)) => Value::Float(sum + *value as f64),
        _ => Value::Null,
    };
    match arguments.first() {
        Some(Value::Map(map)) => map.map.values().fold(Value::Int(0), add),
        Some(Value::List(list)) => list.iter().fold(Value::Int(0), add),
        _ => Value::Null,
    }
}

impl Counted {
    fn value(self) -> Value {
        let int = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        let Self { sent, ok, fail, open, keys } = self;
        let counts = [("sent", sent), ("ok", ok), ("fail", fail), ("unknown", open)];
        let counts = counts.into_iter().chain(keys.map(|keys| ("keys", keys)));
        let counts = counts.map(|(name, count)| (name.to_owned(), int(count)));
        Value::from(counts.collect::<HashMap<String, Value>>())
    }

    fn shown(self, step: &str) -> String {
        let keys = self.keys.map_or_else(String::new, |keys| format!(", {step}.keys is {keys}"));
        format!("{step}.ok is {}{keys}", self.ok)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Seen;
    use super::*;
    use crate::extract::Scalar;

    fn all(values: &[(&str, i64)]) -> All {
        let seen =
            |(name, number): &(&str, i64)| ((*name).to_owned(), Seen::Number((*number).into()));
        values.iter().map(seen).collect()
    }

    fn check(text: &str, open: u64) -> (Option<bool>, String) {
        let (before, mut after) =
            (all(&[("total", 400), ("rows", 2)]), all(&[("total", 398), ("rows", 12)]));
        let number = |number: i64| Scalar::Number(number.into());
        let balances = vec![("a".to_owned(), number(3)), ("b".to_owned(), number(-1))];
        after.insert("balance".to_owned(), Seen::Keyed(balances));
        let tags =
            vec![("a".to_owned(), Scalar::Text("x".to_owned())), ("b".to_owned(), number(1))];
        after.insert("tag".to_owned(), Seen::Keyed(tags));
        after.insert("name".to_owned(), Seen::Text("x".to_owned()));
        let pay = Counted { sent: 30, ok: 11, fail: 3, open, keys: Some(10) };
        let steps = vec![("pay".to_owned(), pay)];
        let Checked { holds, why, .. } =
            Figures { before: &before, after: &after, steps }.check(text);
        (holds, why)
    }

    #[test]
    fn what_does_not_hold_is_told_with_what_its_names_stood_for() {
        for (text, open, holds, why) in [
            ("total == before.total", 0, Some(false), "total is 398, before.total is 400"),
            ("total == before.total", 7, Some(false), "total is 398"),
            ("rows - before.rows == pay.keys", 0, Some(true), "pay.ok is 11, pay.keys is 10"),
            ("rows == pay.ok + 5", 0, Some(false), "rows is 12"),
            ("rows == pay.ok + 5", 2, None, "2 requests may have been done or not"),
            ("rows == pay.ok + 1", 2, Some(true), ""),
            ("balance.all(k, balance[k] >= 0)", 0, Some(false), "the values of 2 keys"),
            ("balance.exists(k, balance[k] == 3) && name == 'x'", 0, Some(true), ""),
            ("sum(balance) == 2 && sum([1, 2]) == 3", 0, Some(true), ""),
            (
                "sum(balance) == 3",
                0,
                Some(false),
                "balance is the values of 2 keys, whose sum is 2",
            ),
            ("tag['a'] == 'x' && tag.b == 1", 0, Some(true), ""),
            ("tag.size() == 3", 0, Some(false), "tag is the values of 2 keys"),
            ("nothing.like == 1", 0, None, "nothing"),
            ("total", 0, None, "neither true nor false"),
        ] {
            let (found, said) = check(text, open);
            assert_eq!(found, holds, "{text}: {said}");
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
