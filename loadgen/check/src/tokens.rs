//! Values that are no integers: names, order numbers, versions.
//!
//! An operation has room for an integer. Any other value is kept once and has a token, which is an
//! integer that is no value of its own, next to the least of all. A text that is an integer is that
//! integer, so that an id is the same whether it comes in quotes or not.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::texts::Texts;

/// No value.
pub const NIL: i64 = i64::MIN;
/// The result of an update that was not done: nothing was there, or the value was another.
pub const NO: i64 = i64::MIN + 1;
/// The result of an update that was done, where it has no other.
pub const YES: i64 = i64::MIN + 2;

/// The token of the first value.
const FIRST: i64 = YES + 1;

/// Values that are no integers, each once, in the order in which they first came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens(Texts);

/// A value as it is shown and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'t> {
    /// None.
    Nothing,
    /// That something was done, or was not.
    Whether(bool),
    /// An integer.
    Integer(i64),
    /// Anything else.
    Text(&'t str),
}

impl Tokens {
    /// What stands for `text` in operations.
    ///
    /// # Panics
    /// When there are 2³² different texts.
    pub fn of(&mut self, text: &str) -> i64 {
        if let Some(integer) = integer(text) {
            return integer;
        }
        FIRST + i64::from(self.0.place(text))
    }

    /// The same of the text that `integer` is written as.
    ///
    /// # Panics
    /// When there are 2³² different texts.
    pub fn of_integer(&mut self, integer: i64) -> i64 {
        if is_integer(integer) { integer } else { self.of(&integer.to_string()) }
    }

    /// What `value`, of an operation, is.
    #[must_use]
    pub fn value(&self, value: i64) -> Value<'_> {
        match value {
            NIL => Value::Nothing,
            NO | YES => Value::Whether(value == YES),
            _ => match self.text(value) {
                Some(text) => Value::Text(text),
                None => Value::Integer(value),
            },
        }
    }

    /// Adds the texts of `others`, and says of a value of theirs what stands for it here.
    pub fn append(&mut self, others: &Self) -> impl Fn(i64) -> i64 + use<> {
        let ours: Vec<_> = others.texts().map(|text| self.of(text)).collect();
        move |value| place(value).and_then(|at| ours.get(at as usize)).copied().unwrap_or(value)
    }

    /// The place of the text that `value` stands for, from 0 on; of what is no text, nobody asks.
    #[must_use]
    pub fn place(&self, value: i64) -> i64 {
        value - FIRST
    }

    /// The texts, in the order of their tokens.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how much memory they hold, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }

    fn text(&self, value: i64) -> Option<&str> {
        self.0.get(place(value)?)
    }
}

/// Whether `value` is an integer, and neither a token nor one that means something else.
pub(crate) fn is_integer(value: i64) -> bool {
    value >= FIRST + (1 << u32::BITS)
}

/// The place of the text that `value` stands for, if it stands for one.
fn place(value: i64) -> Option<u32> {
    // No token is as large as 2³² from the first.
    u32::try_from(value.checked_sub(FIRST)?).ok()
}

/// The integer that `text` is, written as integers are, if it is no token.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = match digits.as_bytes() {
        [] => false,
        [b'0'] => digits.len() == text.len(),
        [first, rest @ ..] => (b'1'..=b'9').contains(first) && rest.iter().all(u8::is_ascii_digit),
    };
    let integer = is_plain.then(|| text.parse().ok())??;
    is_integer(integer).then_some(integer)
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Whether(done) => f.write_str(if *done { "yes" } else { "no" }),
            Self::Integer(integer) => integer.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_unit(),
            Self::Whether(done) => serializer.serialize_bool(*done),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_it_was_and_the_same_each_time() {
        let mut tokens = Tokens::default();
        let texts = ["", "a", "007", "-0", "1.50", "+1", "9223372036854775808", "a b", "ä"];
        let values: Vec<_> = texts.iter().map(|text| tokens.of(text)).collect();
        for (text, value) in texts.iter().zip(&values) {
            assert_eq!(tokens.value(*value), Value::Text(text));
            assert_eq!(tokens.of(text), *value);
        }
        for integer in [0, 7, -7, i64::MAX, FIRST + (1 << 32)] {
            assert_eq!(tokens.of(&integer.to_string()), integer);
            assert_eq!(tokens.of_integer(integer), integer);
            assert_eq!(tokens.value(integer), Value::Integer(integer));
        }
        // Integers that are tokens, or mean something else, are texts.
        for integer in [NIL, NO, YES, FIRST, FIRST + 3, FIRST + (1 << 32) - 1] {
            let text = integer.to_string();
            let value = tokens.of_integer(integer);
            assert_eq!(tokens.value(value), Value::Text(&text));
            assert_eq!(tokens.of(&text), value);
        }
    }

    #[test]
    fn those_of_others_are_found_under_a_new_number() {
        let (mut ours, mut theirs) = (Tokens::default(), Tokens::default());
        let a = ours.of("a");
        let [b, their_a] = ["b", "a"].map(|text| theirs.of(text));
        let translate = ours.append(&theirs);
        assert_eq!(translate(their_a), a);
        assert_eq!(ours.value(translate(b)), Value::Text("b"));
        for value in [NIL, NO, YES, 0, 17] {
            assert_eq!(translate(value), value);
        }
    }
}
