//! The rules.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::HeaderName;
use regex::Regex;
use thiserror::Error;

use super::content::Heard;
use super::find::{at_pointer, last_number, only_number};
use super::found::{Found, Reason};
use super::group::{of_group, of_text};
use super::head::header;
use super::json::Json;
use super::number::Decimal;
use super::prom::Sample;
use super::recall;

/// A rule that finds one number in an answer, or a list of them.
#[derive(Debug, Clone)]
pub enum Extract {
    /// The only number of the content.
    Only,
    /// The last number of the content.
    Last,
    /// The number, or the string that holds one, at an RFC 6901 pointer into a JSON body.
    Json(String),
    /// What stands at the last of these pointers in each element of the list at the one before, as in
    /// `json:/users[*]/email`; two at least.
    Every(Vec<String>),
    /// The first group of a regular expression over the body.
    Regex(Regex),
    /// The value of a header field.
    Header(HeaderName),
    /// A sample of a metrics page.
    Prom(Sample),
}

impl Extract {
    /// The number that the rule finds.
    pub(crate) fn number(&self, heard: &Heard<'_>) -> Found<Decimal> {
        match self {
            Self::Header(_) => {
                heard.field.map_or(Reason::NoHeader.into(), |field| of_text(field.trim()))
            }
            content => {
                if let Some(number) = recall::number(content, &heard.body) {
                    return Found::Value(number);
                }
                let text = match heard.body.text() {
                    Ok(text) => text,
                    Err(reason) => return reason.into(),
                };
                let found = content.number_in(heard, &text);
                if let (Found::Value(_), Cow::Borrowed(text)) = (&found, &text) {
                    recall::keep(content, &heard.body, text);
                }
                found
            }
        }
    }

    /// The same in the `text` of the content; a header has none.
    pub(super) fn number_in(&self, heard: &Heard<'_>, text: &str) -> Found<Decimal> {
        match self {
            Self::Only => only_number(heard, text),
            Self::Last => last_number(heard, text),
            Self::Json(pointer) => at_pointer(text, pointer, |json| json.number().into()),
            Self::Regex(regex) => regex
                .captures(text)
                .map_or(Reason::NoMatch.into(), |captures| of_group(text, &captures)),
            Self::Header(_) => Reason::NoHeader.into(),
            Self::Every(_) => Reason::OneWanted.into(),
            Self::Prom(sample) => sample.value(text),
        }
    }

    /// The text that the rule finds: a string or a number at a JSON pointer, the first group of a
    /// pattern, or a header's value. The other rules find numbers.
    pub(crate) fn text(&self, heard: &Heard<'_>) -> Found<String> {
        let of_content = |find: &dyn Fn(&str) -> Found<String>| match heard.body.text() {
            Ok(text) => find(&text),
            Err(reason) => reason.into(),
        };
        match self {
            Self::Header(_) => heard.field.map_or(Reason::NoHeader.into(), some_text),
            Self::Json(pointer) => of_content(&|text| {
                at_pointer(text, pointer, |json| match json {
                    Json::String(text) => some_text(text),
                    Json::Number(number) => some_text(number),
                    _ => Reason::NoText.into(),
                })
            }),
            Self::Regex(regex) => of_content(&|text| {
                let group = regex.captures(text).and_then(|captures| captures.get(1));
                group.map_or(Reason::NoMatch.into(), |group| some_text(group.as_str()))
            }),
            Self::Every(_) => Reason::OneWanted.into(),
            Self::Only | Self::Last | Self::Prom(_) => {
                self.number(heard).map(|number| number.to_string())
            }
        }
    }

    /// The value of the header field that the rule looks at, in the bytes of a `head`.
    pub(crate) fn field_in(&self, head: &[u8]) -> Option<String> {
        self.header().and_then(|name| header(head, name.as_str()))
    }

    /// The header field that the rule looks at, instead of the content.
    pub(crate) fn header(&self) -> Option<&HeaderName> {
        match self {
            Self::Header(name) => Some(name),
            _ => None,
        }
    }
}

/// `text` without the space around it, of which something is left.
fn some_text(text: &str) -> Found<String> {
    match text.trim() {
        "" => Reason::NoText.into(),
        text => Found::Value(text.to_owned()),
    }
}

impl Heard<'_> {
    /// The number that `rule` finds as a value of a history: how many steps it is. One between two
    /// steps cannot be read.
    pub(crate) fn integer(&self, rule: &Extract) -> Found<i64> {
        let steps = |number: Decimal| {
            self.steps.count(number).map_or(Reason::Fraction.into(), Found::Value)
        };
        rule.number(self).and_then(steps)
    }
}

/// The text is no rule.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParseExtractError {
    /// It begins like none of the rules.
    #[error("expected only, last, json:/POINTER, regex:PATTERN, header:NAME or prom:METRIC")]
    Unknown,
    /// A JSON pointer is empty or begins with a slash.
    #[error("expected a JSON pointer such as json:/data/value, or json:/users[*]/email of a list")]
    Pointer,
    /// The regular expression does not parse.
    #[error("{0}")]
    Regex(String),
    /// The regular expression has no group.
    #[error("expected a group around the number, as in regex:total=(\\d+)")]
    NoGroup,
    /// The header's name is not one.
    #[error("expected a header's name, as in header:x-total")]
    Header,
    /// No metric is named.
    #[error("expected a whole metric's name, as in prom:hits_total{{path=\"/\"}}")]
    Prom,
}

impl FromStr for Extract {
    type Err = ParseExtractError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "only" => return Ok(Self::Only),
            "last" => return Ok(Self::Last),
            _ => {}
        }
        let (kind, rule) = text.split_once(':').ok_or(ParseExtractError::Unknown)?;
        match kind {
            "json" => {
                let pointers: Vec<_> = rule.split("[*]").map(str::to_owned).collect();
                let is_pointer = |text: &String| text.is_empty() || text.starts_with('/');
                match pointers.len() {
                    _ if !pointers.iter().all(is_pointer) => Err(ParseExtractError::Pointer),
                    1 => Ok(Self::Json(rule.to_owned())),
                    _ => Ok(Self::Every(pointers)),
                }
            }
            "regex" => {
                let regex =
                    Regex::new(rule).map_err(|e| ParseExtractError::Regex(e.to_string()))?;
                if regex.captures_len() < 2 {
                    return Err(ParseExtractError::NoGroup);
                }
                Ok(Self::Regex(regex))
            }
            "header" => rule.parse().map(Self::Header).map_err(|_| ParseExtractError::Header),
            "prom" => Sample::parse(rule).map(Self::Prom).ok_or(ParseExtractError::Prom),
            _ => Err(ParseExtractError::Unknown),
        }
    }
}

/// As it is given on the command line.
impl fmt::Display for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("only"),
            Self::Last => f.write_str("last"),
            Self::Json(pointer) => write!(f, "json:{pointer}"),
            Self::Every(pointers) => write!(f, "json:{}", pointers.join("[*]")),
            Self::Regex(regex) => write!(f, "regex:{regex}"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Prom(sample) => write!(f, "prom:{sample}"),
        }
    }
}
