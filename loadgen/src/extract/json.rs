//! JSON, read so that nothing is lost: numbers as they are written, and members that come twice.

mod raw;

use std::borrow::Cow;

use super::found::Reason;
use super::number::{Decimal, Parsed};

/// A JSON value of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(&'t str),
    /// A string, without its escapes.
    String(Cow<'t, str>),
    /// An array.
    Array(Vec<Json<'t>>),
    /// An object, whose members are in the order they were written in; a name may come twice.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// Where a pointer leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pointed<'j, 't> {
    /// To a value.
    To(&'j Json<'t>),
    /// To a member that an object does not have, or that is null.
    Nothing,
    /// Nowhere.
    Nowhere(Reason),
}

impl<'t> Json<'t> {
    /// The value that all of `text` is; `None` where it is none by RFC 8259, or is nested too deeply.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        raw::parse(text)
    }

    /// Whether this is the value that `text` is: JSON, or a string without its quotation marks.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        Json::parse(text).unwrap_or(Json::String(Cow::Borrowed(text))).equals(self)
    }

    /// Whether both are the same value, however their numbers are written and their members ordered.
    fn equals(&self, other: &Json<'_>) -> bool {
        match (self, other) {
            (Self::Number(ours), Json::Number(theirs)) => {
                ours == theirs || self.number().is_ok_and(|number| other.number() == Ok(number))
            }
            (Self::Array(ours), Json::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| a.equals(b))
            }
            (Self::Object(ours), Json::Object(theirs)) => {
                let is_member = |(name, value): &(Cow<'_, str>, Json<'_>)| {
                    theirs.iter().any(|(other, theirs)| other == name && value.equals(theirs))
                };
                ours.len() == theirs.len() && ours.iter().all(is_member)
            }
            _ => self == other,
        }
    }

    /// Where the RFC 6901 pointer leads. A member that is missing from an object is nothing; what is
    /// behind a value that has no members is nowhere.
    pub(crate) fn pointer(&self, pointer: &str) -> Pointed<'_, 't> {
        let mut value = self;
        let mut segments = pointer.split('/').skip(1).peekable();
        while let Some(segment) = segments.next() {
            let name = segment.replace("~1", "/").replace("~0", "~");
            value = match value {
                Self::Object(members) => {
                    let mut found = members.iter().filter(|(member, _)| *member == name);
                    match (found.next(), found.next()) {
                        (Some((_, member)), None) => member,
                        (None, _) if segments.peek().is_none() => return Pointed::Nothing,
                        (None, _) => return Pointed::Nowhere(Reason::NoSuchPlace),
                        (Some(_), Some(_)) => {
                            return Pointed::Nowhere(Reason::Duplicate(name.into()));
                        }
                    }
                }
                Self::Array(elements) => match index(&name).and_then(|at| elements.get(at)) {
                    Some(element) => element,
                    None => return Pointed::Nowhere(Reason::NoSuchPlace),
                },
                _ => return Pointed::Nowhere(Reason::NoSuchPlace),
            };
        }
        if *value == Self::Null { Pointed::Nothing } else { Pointed::To(value) }
    }

    /// Whether this is an object that tells of an error, as answers with a good status do in JSON-RPC
    /// and GraphQL.
    pub(crate) fn tells_error(&self) -> bool {
        let Self::Object(members) = self else { return false };
        members.iter().any(|(name, value)| {
            let names = ["error", "errors", "exception", "fault"];
            names.iter().any(|error| name.eq_ignore_ascii_case(error)) && value.is_something()
        })
    }

    /// Whether it is more than an empty value.
    fn is_something(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(is_so) => *is_so,
            Self::Number(_) => self.number() != Ok(Decimal::default()),
            Self::String(text) => !text.is_empty(),
            Self::Array(elements) => !elements.is_empty(),
            Self::Object(members) => !members.is_empty(),
        }
    }

    /// The number that this is, or that this string holds.
    pub(crate) fn number(&self) -> Result<Decimal, Reason> {
        let text = match self {
            Self::Number(text) => text,
            Self::String(text) => text.trim(),
            _ => return Err(Reason::NoNumber),
        };
        match Decimal::parse(text) {
            Parsed::Number(number) => Ok(number),
            Parsed::OutOfRange => Err(Reason::OutOfRange),
            Parsed::Malformed => Err(Reason::NoNumber),
        }
    }

    /// Shows `see` every value that is no object and no array, with its pointer, in their order.
    pub(crate) fn walk(&self, see: &mut impl FnMut(&str, &Self)) {
        self.walk_from(&mut String::new(), see);
    }

    fn walk_from(&self, pointer: &mut String, see: &mut impl FnMut(&str, &Self)) {
        let length = pointer.len();
        match self {
            Self::Array(elements) => {
                see(pointer, self);
                for (index, element) in elements.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    element.walk_from(pointer, see);
                    pointer.truncate(length);
                }
            }
            Self::Object(members) => {
                see(pointer, self);
                for (name, member) in members {
                    pointer.push('/');
                    pointer.push_str(&segment(name));
                    member.walk_from(pointer, see);
                    pointer.truncate(length);
                }
            }
            _ => see(pointer, self),
        }
    }
}

/// A member's `name` as it stands in a pointer.
pub(super) fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// An index into an array: digits without leading zeros.
fn index(name: &str) -> Option<usize> {
    let is_index = name == "0" || !name.starts_with(['0', '+']);
    is_index.then(|| name.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        let number = |text| Json::parse(text).unwrap().number();
        assert_eq!(number("20.0").unwrap().to_string(), "20");
        assert_eq!(number(" -1e3\n").unwrap().to_string(), "-1000");
        assert_eq!(number("9223372036854775807").unwrap().to_integer(), Some(i64::MAX));
        assert_eq!(number("9223372036854775808"), Err(Reason::OutOfRange));
        assert_eq!(number("\" 12.50\"").unwrap().to_string(), "12.5");
        assert_eq!(number("\"12,50\""), Err(Reason::NoNumber));
        assert_eq!(number("true"), Err(Reason::NoNumber));
    }

    #[test]
    fn a_pointer_tells_what_is_not_there_from_what_cannot_be() {
        let text = r#"{"a":{"b/c":[1,{"~":2}]},"n":null,"twice":1,"twice":2,"":7}"#;
        let json = Json::parse(text).unwrap();
        let to = |pointer| json.pointer(pointer);
        assert_eq!(to("/a/b~1c/0"), Pointed::To(&Json::Number("1")));
        assert_eq!(to("/a/b~1c/1/~0"), Pointed::To(&Json::Number("2")));
        assert_eq!(to("/"), Pointed::To(&Json::Number("7")));
        for pointer in ["/n", "/missing", "/a/missing"] {
            assert_eq!(to(pointer), Pointed::Nothing, "{pointer}");
        }
        for pointer in ["/n/x", "/a/b~1c/2", "/a/b~1c/x", "/a/b~1c/00", "/twice/x", "/missing/x"] {
            assert!(matches!(to(pointer), Pointed::Nowhere(_)), "{pointer}");
        }
        assert_eq!(to("/twice"), Pointed::Nowhere(Reason::Duplicate("twice".into())));
    }

    #[test]
    fn a_value_is_known_however_it_is_written() {
        let is = |json, text| Json::parse(json).unwrap().is_written(text);
        for (json, text) in [
            ("1", "1.0"),
            ("1e400", "1e400"),
            ("false", "false"),
            ("\"sold out\"", "sold out"),
            ("\"sold out\"", "\"sold out\""),
            ("\"1\"", "\"1\""),
            ("[1,[2.0]]", "[1.0, [2]]"),
            (r#"{"a":1,"b":[]}"#, r#"{"b":[],"a":1.0}"#),
        ] {
            assert!(is(json, text), "{json} {text}");
        }
        for (json, text) in [
            ("1", "2"),
            ("\"1\"", "1"),
            ("\"false\"", "false"),
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
            (r#"{"a":1}"#, r#"{"a":2}"#),
        ] {
            assert!(!is(json, text), "{json} {text}");
        }
    }

    fn same(ours: &Json<'_>, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(one), Value::Bool(other)) => one == other,
            (Json::Number(one), Value::Number(other)) => {
                let (one, other): (f64, _) = (one.parse().unwrap(), other.as_f64().unwrap());
                (one - other).abs() <= one.abs() * 1e-12
            }
            (Json::String(one), Value::String(other)) => one == other,
            (Json::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
            }
            (Json::Object(one), Value::Object(other)) => {
                one.iter().all(|(name, _)| other.contains_key(name.as_ref()))
            }
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// `serde_json` reads the same texts, and the same in them.
        #[test]
        fn another_reader_agrees(
            pieces in proptest::collection::vec(prop_oneof![
                Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\"a\""),
                Just("\"\\u00e9\\ud83d\\ude00\\n\""), Just("\"\\ud83d\""), Just("1"), Just("-0.5e1"),
                Just("01"), Just("1."), Just("-"), Just("null"), Just("true"), Just(" "), Just("\"é"),
                Just("[1,2]"), Just("{\"a\":1}"), Just("\"b\":"),
            ], 0..7)
        ) {
            let text = pieces.concat();
            let ours = Json::parse(&text);
            let theirs: Result<Value, _> = serde_json::from_str(&text);
            // A number beyond a float's range is JSON, and no value of theirs.
            let is_too_large = |error: &serde_json::Error| error.to_string().contains("out of range");
            if !theirs.as_ref().is_err_and(is_too_large) {
                prop_assert_eq!(ours.is_some(), theirs.is_ok(), "{}", text);
            }
            if let (Some(ours), Ok(theirs)) = (ours, theirs) {
                prop_assert!(same(&ours, &theirs), "{}", text);
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(127)).is_some());
        assert!(Json::parse(&nested(128)).is_none());
        assert!(Json::parse(&"[".repeat(1_000_000)).is_none());
    }
}
