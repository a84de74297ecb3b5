//! What a document is: an id, a version, and an object of JSON. Every limit is here.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value};

/// The largest content, in bytes of JSON.
pub const MAX_BYTES: usize = 64 * 1024;
/// How deep a content may be nested, the object itself included. `MariaDB`'s functions stop at 32.
pub const MAX_DEPTH: usize = 30;
/// The longest id, and the longest name of a field that a request names, in bytes.
pub const MAX_NAME_BYTES: usize = 64;
/// How many documents a page has where nobody says how many.
pub(crate) const DEFAULT_PAGE: usize = 100;
/// How many documents a page has at most.
pub const MAX_PAGE: usize = 1000;

/// What a document is called. It needs no quoting in a URL, nor in a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Id(String);

impl Id {
    /// An id of the service's own choice, which nobody else has chosen.
    #[must_use]
    pub(crate) fn random() -> Self {
        Self(format!("{:032x}", fastrand::u128(..)))
    }

    /// The id as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no id, or no name of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: expected 1 to {MAX_NAME_BYTES} of {allowed}")]
pub(crate) struct InvalidName {
    text: String,
    what: &'static str,
    allowed: &'static str,
}

impl FromStr for Id {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"._~-".contains(byte);
        let is_one = text.len() <= MAX_NAME_BYTES
            && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && text.as_bytes().iter().all(fits);
        if is_one {
            return Ok(Self(text.to_owned()));
        }
        let allowed = "A-Z a-z 0-9 . _ ~ -, the first a letter or a digit";
        Err(InvalidName { text: shortened(text), what: "id", allowed })
    }
}

/// The name of a member whose number a request changes. A content may have others, too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Field(String);

impl Field {
    /// The name as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Field {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        let is_one = text.len() <= MAX_NAME_BYTES
            && text.as_bytes().first().is_some_and(is_first)
            && text.as_bytes().iter().all(|byte| is_first(byte) || byte.is_ascii_digit());
        if is_one {
            return Ok(Self(text.to_owned()));
        }
        let allowed = "A-Z a-z 0-9 _, the first no digit";
        Err(InvalidName { text: shortened(text), what: "field", allowed })
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Which version of a document: each write makes the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct Version(pub(crate) i64);

impl Version {
    /// The version of a document that is made now: the microseconds since 1970. Where an id is deleted and
    /// given again, no version comes back, and what somebody knows of the old document fits no new one.
    #[must_use]
    pub(crate) fn first() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_micros().try_into().unwrap_or(1))
    }

    /// It as an `ETag`.
    #[must_use]
    pub(crate) fn etag(self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// What is in a document: an object within the limits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Content(Map<String, Value>);

impl Content {
    /// Takes JSON that somebody sent.
    ///
    /// # Errors
    /// When it is no JSON, no object, or beyond a limit.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, InvalidContent> {
        if bytes.len() > MAX_BYTES {
            return Err(InvalidContent::TooLarge);
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            // serde_json ends its message with the place, which is told apart.
            let said = error.to_string();
            let reason = said.split(" at line ").next().unwrap_or(&said).to_owned();
            InvalidContent::Syntax { line, column, reason }
        })?;
        match value {
            Value::Object(members) => Self::new(members),
            other => Err(InvalidContent::NoObject(kind(&other))),
        }
    }

    /// An object as a content.
    ///
    /// # Errors
    /// When it is beyond a limit.
    pub(crate) fn new(members: Map<String, Value>) -> Result<Self, InvalidContent> {
        for (name, value) in &members {
            check_text(name)?;
            check(value, MAX_DEPTH - 1)?;
        }
        let content = Self(members);
        if content.to_json().len() > MAX_BYTES {
            return Err(InvalidContent::TooLarge);
        }
        Ok(content)
    }

    /// What a database has kept, which was within the limits when it came.
    pub(crate) fn kept(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Its members.
    #[must_use]
    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Its members, to be changed.
    #[must_use]
    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// It as JSON.
    #[must_use]
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("its keys are strings")
    }
}

/// What a JSON value is called.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Refuses what some database cannot hold, so that all hold the same.
fn check(value: &Value, depth: usize) -> Result<(), InvalidContent> {
    match value {
        Value::Array(_) | Value::Object(_) if depth == 0 => Err(InvalidContent::TooDeep),
        Value::Array(elements) => elements.iter().try_for_each(|value| check(value, depth - 1)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(name)?;
            check(value, depth - 1)
        }),
        Value::String(text) => check_text(text),
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            Err(InvalidContent::Number(number.to_string()))
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), InvalidContent> {
    if text.contains('\0') { Err(InvalidContent::Nul) } else { Ok(()) }
}

/// Why something is no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidContent {
    /// It is no JSON.
    #[error("invalid JSON at line {line}, column {column}: {reason}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// It is something else than an object.
    #[error("expected a JSON object, got {0}")]
    NoObject(&'static str),
    /// It has too many bytes.
    #[error("expected at most {MAX_BYTES} bytes of JSON")]
    TooLarge,
    /// It is nested too deep.
    #[error("expected JSON that is nested {MAX_DEPTH} deep at most")]
    TooDeep,
    /// A string or a name has U+0000 in it.
    #[error("expected strings and names without U+0000, which PostgreSQL's jsonb cannot hold")]
    Nul,
    /// An integer has more than 64 bits.
    #[error("the integer {0} is too large: expected at most {max}", max = i64::MAX)]
    Number(String),
}

/// A document as a database has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Document {
    /// What it is called.
    pub(crate) id: Id,
    /// Which version of it this is.
    pub(crate) version: Version,
    /// What is in it.
    pub(crate) content: Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_needs_no_quoting() {
        for text in ["a", "17", "A.b_c~d-e", &"x".repeat(MAX_NAME_BYTES)] {
            assert_eq!(text.parse::<Id>().unwrap().as_str(), text);
        }
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for text in ["", ".", "..", "-a", "a b", "a/b", "a%20b", "é", "a\0", "a'", &long] {
            let error = text.parse::<Id>().unwrap_err().to_string();
            assert!(error.contains("is not a valid id: expected 1 to 64"), "{error}");
        }
    }

    #[test]
    fn a_field_is_a_simple_name() {
        for text in ["n", "_n", "balance_2"] {
            assert_eq!(text.parse::<Field>().unwrap().as_str(), text);
        }
        for text in ["", "2n", "a.b", "a-b", "a\"b", "$n", "é"] {
            assert!(text.parse::<Field>().is_err(), "{text}");
        }
    }

    #[test]
    fn ids_of_the_services_choice_are_ids_and_differ() {
        let (a, b) = (Id::random(), Id::random());
        assert_ne!(a, b);
        assert_eq!(a.as_str().parse(), Ok(a));
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        let error = Content::parse(b"{\"n\": 1,\n \"m\" 2}").unwrap_err();
        let InvalidContent::Syntax { line, column, reason } = &error else { panic!("{error}") };
        assert_eq!((*line, *column), (2, 6));
        assert_eq!(reason, "expected `:`");
        assert!(error.to_string().starts_with("invalid JSON at line 2, column 6: expected `:`"));
        for bytes in [&b""[..], b"{", b"{} x", b"{\"a\": 1e400}", b"\xff", b"{\"a\":\"\xff\"}"] {
            let error = Content::parse(bytes).unwrap_err();
            assert!(matches!(error, InvalidContent::Syntax { .. }), "{error}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (text, what) in [
            ("null", "null"),
            ("true", "a boolean"),
            ("1", "a number"),
            ("\"x\"", "a string"),
            ("[]", "an array"),
        ] {
            let error = Content::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("expected a JSON object, got {what}"));
        }
    }

    #[test]
    fn what_is_beyond_a_limit_is_refused() {
        let of_length = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert!(Content::parse(of_length(MAX_BYTES).as_bytes()).is_ok());
        let error = Content::parse(of_length(MAX_BYTES + 1).as_bytes());
        assert_eq!(error, Err(InvalidContent::TooLarge));

        let nested = |depth: usize| {
            let inner = depth - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
        };
        assert!(Content::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        let error = Content::parse(nested(MAX_DEPTH + 1).as_bytes());
        assert_eq!(error, Err(InvalidContent::TooDeep));

        for text in [r#"{"a":"\u0000"}"#, r#"{"a\u0000":1}"#, r#"{"a":[{"b\u0000":1}]}"#] {
            assert_eq!(Content::parse(text.as_bytes()), Err(InvalidContent::Nul), "{text}");
        }
        let error = Content::parse(br#"{"a":9223372036854775808}"#);
        assert_eq!(error, Err(InvalidContent::Number("9223372036854775808".to_owned())));
        assert!(Content::parse(br#"{"a":[9223372036854775807,-9223372036854775808]}"#).is_ok());
    }

    #[test]
    fn a_version_is_a_tag_and_begins_with_the_time() {
        let first = Version::first();
        assert_eq!(Version(17).etag(), "\"17\"");
        assert!(first.0 > 1_600_000_000_000_000, "{first:?}");
    }
}
