//! The values of many objects in one answer.

use std::fmt;

use super::content::Heard;
use super::find::at_pointer;
use super::found::{Found, Reason};
use super::json::{Json, Pointed};
use super::number::Decimal;
use super::rule::Extract;

/// Where in each element of a list its key and its value stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByKey {
    /// An RFC 6901 pointer to its key; without it the members of an object are the elements, by their
    /// names.
    pub key: Option<String>,
    /// A pointer to its value; without it the element itself is.
    pub value: Option<String>,
}

/// A value of one of many objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// A number.
    Number(Decimal),
    /// A text, or a number as it is written.
    Text(String),
}

/// Which values there are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Numbers.
    Numbers,
    /// Texts; a number is the text that it is written as.
    Texts,
    /// Numbers, and texts where there is none.
    Any,
}

impl ByKey {
    /// Of each element of what `list` leads to its key and its value, in the order of the keys.
    pub(crate) fn values(
        &self,
        list: &Extract,
        heard: &Heard<'_>,
        kind: Kind,
    ) -> Found<Vec<(String, Scalar)>> {
        self.values_of(list, std::iter::once(*heard), kind)
    }

    /// The same of the pages of a list, which were `heard` in this order.
    pub(crate) fn values_of<'r>(
        &self,
        list: &Extract,
        heard: impl IntoIterator<Item = Heard<'r>>,
        kind: Kind,
    ) -> Found<Vec<(String, Scalar)>> {
        let Extract::Json(pointer) = list else { return Reason::NoList.into() };
        let (mut all, mut is_there) = (Vec::new(), false);
        for page in heard {
            let text = match page.body.text() {
                Ok(text) => text,
                Err(reason) => return reason.into(),
            };
            match at_pointer(&text, pointer, |json| self.add_to(&mut all, json, kind).into()) {
                Found::Value(()) => is_there = true,
                Found::Nothing => {}
                Found::Unreadable(reason) => return reason.into(),
            }
        }
        if !is_there {
            return Found::Nothing;
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        match all.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(twice) => Reason::Duplicate(twice[0].0.as_str().into()).into(),
            None => Found::Value(all),
        }
    }

    /// Adds what `list` has to `all`.
    fn add_to(
        &self,
        all: &mut Vec<(String, Scalar)>,
        list: &Json<'_>,
        kind: Kind,
    ) -> Result<(), Reason> {
        let value = |element: &Json<'_>| kind.value(at(element, self.value.as_ref())?);
        match (list, &self.key) {
            (Json::Array(elements), Some(key)) => {
                for one in elements {
                    all.push((name(at(one, Some(key))?)?, value(one)?));
                }
            }
            (Json::Object(members), None) => {
                for (name, one) in members {
                    all.push((name.clone().into_owned(), value(one)?));
                }
            }
            _ => return Err(Reason::NoList),
        }
        Ok(())
    }
}

impl Kind {
    fn value(self, json: &Json<'_>) -> Result<Scalar, Reason> {
        let text = || text(json).map(Scalar::Text);
        let number = || json.number().map(Scalar::Number);
        match self {
            Self::Numbers => number(),
            Self::Texts => text(),
            Self::Any => number().or_else(|_| text()),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

fn at<'j, 't>(element: &'j Json<'t>, pointer: Option<&String>) -> Result<&'j Json<'t>, Reason> {
    let Some(pointer) = pointer else { return Ok(element) };
    match element.pointer(pointer) {
        Pointed::To(found) => Ok(found),
        Pointed::Nothing => Err(Reason::NoSuchPlace),
        Pointed::Nowhere(reason) => Err(reason),
    }
}

fn name(json: &Json<'_>) -> Result<String, Reason> {
    match json {
        Json::String(text) => Ok(text.clone().into_owned()),
        Json::Number(number) => Ok((*number).to_owned()),
        _ => Err(Reason::NoText),
    }
}

/// The text that `json` is, or the number as it is written; without the space around it.
fn text(json: &Json<'_>) -> Result<String, Reason> {
    let text = name(json)?;
    match text.trim() {
        "" => Err(Reason::NoText),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Steps};
    use super::*;

    /// The keys and values of `body`, a text among them in quotes; or why there are none.
    fn all(kind: Kind, body: &str) -> String {
        let bytes = body.as_bytes();
        let body = Body { bytes, is_whole: true, limit: 1 << 20, content_type: "", encoding: "" };
        let heard = Heard { status: 200, head: b"", body, field: None, steps: Steps::default() };
        let by_key = ByKey { key: Some("/id".to_owned()), value: Some("/v".to_owned()) };
        match by_key.values(&"json:".parse().unwrap(), &heard, kind) {
            Found::Value(all) => {
                let shown = all.iter().map(|(key, value)| match value {
                    Scalar::Number(number) => format!("{key}={number}"),
                    Scalar::Text(text) => format!("{key}={text:?}"),
                });
                shown.collect::<Vec<_>>().join(" ")
            }
            Found::Nothing => "nothing".to_owned(),
            Found::Unreadable(reason) => format!("!{reason}"),
        }
    }

    #[test]
    fn values_are_what_they_are_to_be() {
        let body = r#"[{"id":2,"v":"7.50"},{"id":"1","v":7}]"#;
        assert_eq!(all(Kind::Numbers, body), "1=7 2=7.5");
        assert_eq!(all(Kind::Texts, body), r#"1="7" 2="7.50""#);
        assert_eq!(all(Kind::Any, body), "1=7 2=7.5");
        let body = r#"[{"id":2,"v":" \"a\" "},{"id":"1","v":7}]"#;
        assert_eq!(all(Kind::Numbers, body), "!no number is there");
        assert_eq!(all(Kind::Texts, body), r#"1="7" 2="\"a\"""#);
        assert_eq!(all(Kind::Any, body), r#"1=7 2="\"a\"""#);
        for kind in [Kind::Numbers, Kind::Texts, Kind::Any] {
            for value in ["null", "true", "[1]", "{}", r#"" ""#] {
                let found = all(kind, &format!(r#"[{{"id":1,"v":{value}}}]"#));
                assert!(found.starts_with('!'), "{kind:?} {value}: {found}");
            }
            let twice = r#"[{"id":1,"v":1},{"id":"1","v":2}]"#;
            assert_eq!(all(kind, twice), "!the answer has two members `1`");
        }
    }
}
