//! The names of a scenario, and what they stand for in a request.

use std::sync::Arc;

use super::pick::{From, Pick};
use super::sum;
use crate::extract::Written;

/// The names that stand for something in a request, beside those that always do.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// Whether `{value}` does: each request has a value of its own.
    pub has_value: bool,
    /// What may be another from one request to the next; each has a place among a client's values.
    pub names: Arc<[Name]>,
    /// What is the same in all of them.
    pub constants: Arc<[Constant]>,
}

/// What a client has a value of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What it is called.
    pub text: String,
    /// The least of its values, where all are whole numbers, which JSON has without quotes.
    pub least: Option<i64>,
    /// What its values are, where all are numbers.
    pub written: Option<Written>,
}

/// A name of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// What it is called.
    pub name: String,
    /// What it stands for.
    pub text: String,
}

/// What is drawn anew for each request of a step.
#[derive(Debug, Clone)]
pub enum Draw {
    /// A value of a name.
    One {
        /// The place of the name.
        slot: usize,
        /// What it is drawn from.
        from: From,
    },
    /// A row of a table: values of several names that belong together.
    Row {
        /// The places of the names, one for each column.
        slots: Vec<usize>,
        /// The rows, of which there is at least one; each has a text for each column.
        rows: Arc<[Vec<String>]>,
        /// Whether each request has the next row, whoever sends it; otherwise any.
        is_in_turn: bool,
    },
}

impl Variables {
    /// The names of `picks`.
    #[must_use]
    pub fn of_picks(picks: &[Pick]) -> Self {
        Self { names: picks.iter().map(Name::of_pick).collect(), ..Self::default() }
    }

    /// The place of the name among a client's values.
    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.text == name)
    }

    /// The name that `text` is, and nothing else.
    pub(crate) fn name_alone(text: &str) -> Option<&str> {
        let name = text.strip_prefix("{{")?.strip_suffix("}}")?;
        (!name.contains(['{', '}'])).then(|| name.trim())
    }

    /// Whether the values of `name` are numbers.
    pub(crate) fn is_number(&self, name: &str) -> bool {
        let is_ours = ["seq", "client"].contains(&name)
            || name.starts_with("rand ")
            || sum::terms(name).is_some_and(|(name, _)| self.slot(name).is_some());
        let own = self.slot(name).map(|slot| self.names[slot].least.is_some());
        let constant = || self.constant(name).is_some_and(|text| text.parse::<i64>().is_ok());
        own.unwrap_or_else(|| is_ours || constant())
    }

    /// What the numbers are that `name` may be, as far as that is known.
    pub(crate) fn written(&self, name: &str) -> Option<Written> {
        let own = || self.slot(name).and_then(|slot| self.names[slot].written);
        let constant = || Written::of([self.constant(name)?]);
        own().or_else(constant)
    }

    /// `text` with what names of one text stand for in their place. Braces in that are themselves.
    pub(crate) fn with_constants(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(begin) = rest.find("{{") {
            let (before, braces) = rest.split_at(begin);
            let name = braces.split_once("}}").map(|(name, _)| &name[2..]);
            let constant = name.and_then(|name| Some((name, self.constant(name.trim())?)));
            filled.push_str(before);
            let length = match constant {
                Some((name, constant)) => {
                    filled.push_str(&constant.replace("{{", "{{{{"));
                    name.len() + 4
                }
                // Four of them are two that stand for themselves.
                None if braces.starts_with("{{{{") => {
                    filled.push_str("{{{{");
                    4
                }
                None => {
                    filled.push_str("{{");
                    2
                }
            };
            rest = &braces[length..];
        }
        filled.push_str(rest);
        filled
    }

    /// What a name of one text stands for.
    pub(super) fn constant(&self, name: &str) -> Option<&str> {
        let found = self.constants.iter().find(|constant| constant.name == name)?;
        Some(&found.text)
    }
}

impl Name {
    /// The name of what is picked.
    #[must_use]
    pub fn of_pick(pick: &Pick) -> Self {
        Self::new(&pick.name, pick.from.least(), pick.from.written())
    }

    /// A name of these.
    #[must_use]
    pub fn new(text: &str, least: Option<i64>, written: Option<Written>) -> Self {
        Self { text: text.to_owned(), least, written }
    }

    /// The same, where it stands for what `other` does as well.
    pub(crate) fn add(&mut self, other: &Self) {
        self.least = self.least.zip(other.least).map(|(one, more)| one.min(more));
        self.written = self.written.zip(other.written).map(|(one, more)| one.and(more));
    }
}

impl Draw {
    /// What each of `picks` draws, whose names are the first of the variables, in their order.
    #[must_use]
    pub fn all(picks: &[Pick]) -> Vec<Self> {
        let draw = |(slot, pick): (usize, &Pick)| Self::One { slot, from: pick.from.clone() };
        picks.iter().enumerate().map(draw).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_one_text_is_that_text() {
        let constant = |name: &str, text: &str| Constant { name: name.into(), text: text.into() };
        let constants = [constant("way", "a b"), constant("odd", "{{seq}}")].into();
        let variables = Variables { constants, ..Variables::default() };
        for (text, expected) in [
            ("/{{way}}/x/{{ way }}", "/a b/x/a b"),
            ("/{{seq}}/{{way}}", "/{{seq}}/a b"),
            ("/{{odd}}", "/{{{{seq}}"),
            ("/{{{{way}}", "/{{{{way}}"),
            ("/{{way", "/{{way"),
            ("/", "/"),
        ] {
            assert_eq!(variables.with_constants(text), expected);
        }
    }
}
