//! The elements of lists: whole numbers, and texts, of each of which something stands in operations.
//!
//! A text that is written as a whole number is that number, whether it is in quotes or not. The space
//! around a text is none of it.

use std::borrow::Cow;

use check::Tokens;

use super::content::{Heard, Kind};
use super::find::{at_pointer, numbers, only_array};
use super::found::{Found, Reason};
use super::group::element_of_group;
use super::json::{Json, Pointed};
use super::number::Decimal;
use super::rule::Extract;
use super::{recall, text};

impl Extract {
    /// The elements that the rule finds, in their order: those of the only list by [`Self::Only`], all
    /// numbers of the content by [`Self::Last`], those of a JSON array, what stands in each of its
    /// elements, every first group, or the numbers of a header. Texts are put into `tokens`.
    pub(crate) fn elements(&self, heard: &Heard<'_>, tokens: &mut Tokens) -> Found<Vec<i64>> {
        self.elements_of(std::iter::once(*heard), tokens)
    }

    /// The same in the pages of a list, which were `heard` in this order.
    pub(crate) fn elements_of<'r>(
        &self,
        heard: impl IntoIterator<Item = Heard<'r>>,
        tokens: &mut Tokens,
    ) -> Found<Vec<i64>> {
        let mut all = Elements { values: Vec::new(), padded: Vec::new(), tokens };
        let mut is_there = false;
        for page in heard {
            match self.add_to(&mut all, &page) {
                Found::Value(()) => is_there = true,
                Found::Nothing => {}
                Found::Unreadable(reason) => return reason.into(),
            }
        }
        if is_there { all.complete().into() } else { Found::Nothing }
    }

    /// Adds what an answer has to `all`.
    fn add_to(&self, all: &mut Elements<'_>, heard: &Heard<'_>) -> Found<()> {
        match self {
            Self::Header(_) => {
                let list =
                    |field: &str| text::list(field).map_or(Reason::NoList.into(), Found::Value);
                let integers = heard.field.map_or(Reason::NoHeader.into(), list);
                integers.map(|integers| all.add_integers(integers))
            }
            content => match heard.body.text() {
                Ok(text) => content.add_in_text(all, heard, &text),
                // No number at all are all numbers of nothing; but a 204 says nothing of a list.
                Err(Reason::Empty) if matches!(self, Self::Last) && heard.status != 204 => {
                    Found::Value(())
                }
                Err(reason) => reason.into(),
            },
        }
    }

    /// The same with the `text` of the content; a header has none.
    fn add_in_text(&self, all: &mut Elements<'_>, heard: &Heard<'_>, text: &str) -> Found<()> {
        match self {
            Self::Only => add_only_list(all, heard, text),
            Self::Last => every_number(heard, text).map(|integers| all.add_integers(integers)),
            Self::Json(pointer) => {
                at_pointer(text, pointer, |json| all.every(json, &[String::new()], pointer).into())
            }
            Self::Every(pointers) => at_pointer(text, &pointers[0], |json| {
                all.every(json, &pointers[1..], &pointers[0]).into()
            }),
            Self::Regex(regex) => {
                let mut groups = regex.captures_iter(text);
                let each = groups.try_for_each(|captures| {
                    let value = element_of_group(text, &captures, all.tokens)?;
                    all.values.push(value);
                    Ok(())
                });
                each.into()
            }
            Self::Header(_) | Self::Prom(_) => Reason::NoList.into(),
        }
    }

    /// The one element that the rule finds, as it stands in lists: a whole number or a text, which is
    /// put into `tokens`.
    pub(crate) fn element(&self, heard: &Heard<'_>, tokens: &mut Tokens) -> Found<i64> {
        if let Some(integer) = recall::number(self, &heard.body).and_then(Decimal::to_integer) {
            return Found::Value(tokens.of_integer(integer));
        }
        if let Self::Header(_) = self {
            let of_field = |field: &str| of_text(field, tokens).into();
            return heard.field.map_or(Reason::NoHeader.into(), of_field);
        }
        let text = match heard.body.text() {
            Ok(text) => text,
            Err(reason) => return reason.into(),
        };
        match self {
            Self::Json(pointer) => at_pointer(&text, pointer, |json| {
                if let (Json::Number(_), Cow::Borrowed(text)) = (json, &text) {
                    recall::keep(self, &heard.body, text);
                }
                of_json(json, || pointer.clone(), tokens).into()
            }),
            Self::Regex(regex) => match regex.captures(&text) {
                Some(captures) => element_of_group(&text, &captures, tokens).into(),
                None => Reason::NoMatch.into(),
            },
            Self::Every(_) => Reason::OneWanted.into(),
            Self::Only | Self::Last | Self::Prom(_) | Self::Header(_) => {
                self.number(heard).and_then(whole).map(|integer| tokens.of_integer(integer))
            }
        }
    }
}

/// What was found of a list.
struct Elements<'t> {
    values: Vec<i64>,
    /// Those that had space around them.
    padded: Vec<i64>,
    tokens: &'t mut Tokens,
}

impl Elements<'_> {
    /// Adds what stands at the last of the `pointers` in each element of `list`, which stands at `place`;
    /// the others lead to lists in these elements.
    fn every(&mut self, list: &Json<'_>, pointers: &[String], place: &str) -> Result<(), Reason> {
        let Json::Array(elements) = list else { return Err(Reason::NoList) };
        let (pointer, deeper) = pointers.split_first().expect("a rule has one for each [*]");
        for (index, element) in elements.iter().enumerate() {
            let at = || format!("{place}/{index}{pointer}");
            let found = match element.pointer(pointer) {
                Pointed::To(found) => found,
                Pointed::Nothing | Pointed::Nowhere(Reason::NoSuchPlace) => {
                    return Err(no_element(at(), "nothing".to_owned()));
                }
                Pointed::Nowhere(reason) => return Err(reason),
            };
            if deeper.is_empty() {
                self.add(found, at)?;
            } else {
                self.every(found, deeper, &at())?;
            }
        }
        Ok(())
    }

    fn add(&mut self, json: &Json<'_>, place: impl FnOnce() -> String) -> Result<(), Reason> {
        let value = of_json(json, place, self.tokens)?;
        self.values.push(value);
        if let Json::String(text) = json
            && text.trim().len() < text.len()
        {
            self.padded.push(value);
        }
        Ok(())
    }

    fn add_integers(&mut self, integers: Vec<i64>) {
        let integers = integers.into_iter().map(|integer| self.tokens.of_integer(integer));
        self.values.extend(integers);
    }

    /// All that were found, if no two are the same only because the space around them does not count.
    fn complete(self) -> Result<Vec<i64>, Reason> {
        for padded in self.padded {
            if self.values.iter().filter(|value| **value == padded).count() > 1 {
                return Err(Reason::Alike(self.tokens.value(padded).to_string().into()));
            }
        }
        Ok(self.values)
    }
}

/// Adds the elements of the only array to `all`, or of a text that has nothing but whole numbers in it.
fn add_only_list(all: &mut Elements<'_>, heard: &Heard<'_>, text: &str) -> Found<()> {
    let json = match heard.body.json(text) {
        Ok(json) => json,
        Err(Kind::NotJson) => return Reason::NotJson.into(),
        Err(Kind::Text) => {
            let list = text::list(text).map_or(Reason::NoList.into(), Found::Value);
            return list.map(|integers| all.add_integers(integers));
        }
        Err(Kind::Html | Kind::Xml | Kind::Metrics) => return Reason::NoList.into(),
    };
    only_array(&json).and_then(|elements| {
        if !elements.iter().all(|one| matches!(one, Json::Number(_) | Json::String(_))) {
            return Reason::NoList.into();
        }
        let mut numbered = (1_usize..).zip(elements);
        let add = |(number, one)| all.add(one, || format!("element {number} of the list"));
        numbered.try_for_each(add).into()
    })
}

fn every_number(heard: &Heard<'_>, text: &str) -> Found<Vec<i64>> {
    if let Some(list) = text::list(text) {
        return Found::Value(list);
    }
    let integers = numbers(heard, text).and_then(|numbers| {
        numbers.into_iter().map(|number| number.to_integer().ok_or(Reason::NotWhole)).collect()
    });
    integers.into()
}

fn whole(number: Decimal) -> Found<i64> {
    number.to_integer().map_or(Reason::NotWhole.into(), Found::Value)
}

/// The element that `text` is, which has something in it.
pub(super) fn of_text(text: &str, tokens: &mut Tokens) -> Result<i64, Reason> {
    match text.trim() {
        "" => Err(Reason::NoText),
        text => Ok(tokens.of(text)),
    }
}

/// The element that `json` is, which stands at `place`.
fn of_json(
    json: &Json<'_>,
    place: impl FnOnce() -> String,
    tokens: &mut Tokens,
) -> Result<i64, Reason> {
    let found = match json {
        Json::String(text) if text.trim().is_empty() => "an empty text".to_owned(),
        Json::String(text) => return of_text(text, tokens),
        Json::Number(written) => {
            let integer = Decimal::parse(written).number().and_then(Decimal::to_integer);
            if let Some(integer) = integer {
                return Ok(tokens.of_integer(integer));
            }
            // An id may be longer than 64 bits.
            if !written.contains(['.', 'e', 'E']) {
                return Ok(tokens.of(written));
            }
            format!("`{written}`")
        }
        Json::Bool(value) => format!("`{value}`"),
        Json::Null => "null".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    };
    Err(no_element(place(), found))
}

fn no_element(place: String, found: String) -> Reason {
    let place = if place.is_empty() { "the content".to_owned() } else { place };
    Reason::NoElement { place: place.into(), found: found.into() }
}

#[cfg(test)]
mod tests;
