//! A value of a state, as it was seen.

use std::collections::HashMap;

use cel::Value;
use thiserror::Error;

use crate::extract::{ByKey, Decimal, Extract, Found, Heard, Kind, Reason, Scalar};
use crate::state::Elements;

/// A value of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A number.
    Number(Decimal),
    /// Anything else.
    Text(String),
    /// The elements of a list.
    List(Elements),
    /// The values of many objects, by their keys.
    Keyed(Vec<(String, Scalar)>),
    /// Nothing is there.
    Nothing,
}

/// A value is not where it is to be.
#[derive(Debug, Error)]
#[error("no {name} at {rule}: {reason}")]
pub(crate) struct Unseen {
    name: String,
    rule: String,
    reason: Reason,
}

impl Seen {
    /// The value called `name` that `pages` have where `rule` says: what is no list is that of the first.
    /// A list that goes on is none, unless it `is_paged`: then the others of its pages are there, too.
    pub(crate) fn of(
        (name, rule, by_key): &(String, Extract, Option<ByKey>),
        pages: &[Heard<'_>],
        is_paged: bool,
    ) -> Result<Self, Unseen> {
        let field = rule.field_in(pages[0].head);
        let first = Heard { field: field.as_deref(), ..pages[0] };
        let all = || std::iter::once(first).chain(pages[1..].iter().copied());
        let found = match by_key {
            Some(by_key) => by_key.values_of(rule, all(), Kind::Any).map(Self::Keyed),
            None => one(rule, &first, all()),
        };
        let found = found.and_then(|seen| match seen {
            Self::List(_) | Self::Keyed(_) if !is_paged => {
                first.goes_on().map_or(Found::Value(seen), Found::Unreadable)
            }
            seen => Found::Value(seen),
        });
        match found {
            Found::Value(seen) => Ok(seen),
            Found::Nothing => Ok(Self::Nothing),
            Found::Unreadable(reason) => {
                Err(Unseen { name: name.clone(), rule: rule.to_string(), reason })
            }
        }
    }

    /// The same in CEL: a whole number is an int, any other a double.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Number(number) => of_number(*number),
            Self::Text(text) => Value::from(text.clone()),
            Self::List(all) => {
                let all = all.iter().map(|element| match element {
                    check::Value::Integer(integer) => Value::Int(integer),
                    other => Value::from(other.to_string()),
                });
                Value::from(all.collect::<Vec<_>>())
            }
            Self::Keyed(all) => {
                let value = |value: &Scalar| match value {
                    Scalar::Number(number) => of_number(*number),
                    Scalar::Text(text) => Value::from(text.clone()),
                };
                let all = all.iter().map(|(key, one)| (key.clone(), value(one)));
                Value::from(all.collect::<HashMap<String, Value>>())
            }
            Self::Nothing => Value::Null,
        }
    }
}

/// The number that `rule` finds, or else the text, or else the list. Where it finds none, it is told why
/// there is no text. Lists go through `all` pages, the rest is of the `first`.
fn one<'r>(rule: &Extract, first: &Heard<'_>, all: impl Iterator<Item = Heard<'r>>) -> Found<Seen> {
    if let number @ (Found::Value(_) | Found::Nothing) = rule.number(first) {
        return number.map(Seen::Number);
    }
    let text = rule.text(first).map(Seen::Text);
    match (&text, Elements::found(rule, all)) {
        (Found::Unreadable(Reason::NoText | Reason::OneWanted), list) => list.map(Seen::List),
        _ => text,
    }
}

fn of_number(number: Decimal) -> Value {
    match number.to_integer() {
        Some(whole) => Value::Int(whole),
        None => Value::Float(number.to_string().parse().unwrap_or(f64::NAN)),
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(all) => write!(f, "a list of {}", all.iter().len()),
            Self::Keyed(all) => {
                write!(f, "the values of {} keys", all.len())?;
                let whole = all.iter().map(|(_, value)| match value {
                    Scalar::Number(number) => number.to_integer(),
                    Scalar::Text(_) => None,
                });
                match whole.sum::<Option<i64>>() {
                    Some(sum) => write!(f, ", whose sum is {sum}"),
                    None => Ok(()),
                }
            }
            Self::Nothing => f.write_str("nothing"),
        }
    }
}
