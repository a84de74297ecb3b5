//! What an answer may have, beside its status.

use std::fmt;
use std::str::FromStr;

use http::HeaderName;
use regex::Regex;

use super::ParseAnswersError;
use crate::extract::header;
use crate::extract::{Json, Pointed, Reason};

/// What an answer may have.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// This text.
    Contains(String),
    /// A header field of this name: with this value, where one is given.
    Header { name: HeaderName, value: Option<String> },
    /// JSON that has something other than null at an RFC 6901 pointer: this value, where one is given.
    Json { pointer: String, value: Option<String> },
    /// Text in which the expression is found.
    Regex(Regex),
}

impl Content {
    /// Whether it is told by the head alone.
    pub(super) fn is_in_head(&self) -> bool {
        matches!(self, Self::Header { .. })
    }

    /// Whether the answer has it, whose head is `head` and whose content `text` reads; `None` where that
    /// cannot be said.
    pub(super) fn is_in<'t>(
        &self,
        head: &[u8],
        text: impl FnOnce() -> Option<&'t str>,
    ) -> Option<bool> {
        let (pointer, value) = match self {
            Self::Header { name, value } => {
                let found = header(head, name.as_str());
                return Some(found.is_some_and(|found| value.as_ref().is_none_or(|v| *v == found)));
            }
            Self::Contains(wanted) => return Some(text()?.contains(wanted.as_str())),
            Self::Regex(regex) => return Some(regex.is_match(text()?)),
            Self::Json { pointer, value } => (pointer, value),
        };
        let content = text()?;
        let Some(document) = Json::parse(content) else { return Some(false) };
        match (document.pointer(pointer), value) {
            (Pointed::To(found), Some(value)) => Some(found.is_written(value)),
            (Pointed::To(_), None) => Some(true),
            (Pointed::Nothing, Some(value)) => Some(value == "null"),
            (Pointed::Nowhere(Reason::Duplicate(_)), _) => None,
            (Pointed::Nothing, None) | (Pointed::Nowhere(_), _) => Some(false),
        }
    }
}

/// As on the command line.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |value: &Option<String>| {
            value.as_ref().map_or_else(String::new, |value| format!("={value}"))
        };
        match self {
            Self::Contains(text) => write!(f, "contains:{text}"),
            Self::Header { name, value: of } => write!(f, "header:{name}{}", value(of)),
            Self::Json { pointer, value: of } => write!(f, "json:{pointer}{}", value(of)),
            Self::Regex(regex) => write!(f, "regex:{regex}"),
        }
    }
}

impl FromStr for Content {
    type Err = ParseAnswersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(pattern) = text.strip_prefix("regex:") {
            let regex = Regex::new(pattern);
            return regex.map(Self::Regex).map_err(|e| ParseAnswersError::Regex(e.to_string()));
        }
        let wrong = || ParseAnswersError::Content(text.to_owned());
        let named = |rule: &'_ str| match rule.split_once('=') {
            Some((name, value)) => (name.trim_end().to_owned(), Some(value.trim().to_owned())),
            None => (rule.to_owned(), None),
        };
        match text.strip_prefix("contains:") {
            Some("") => return Err(wrong()),
            Some(wanted) => return Ok(Self::Contains(wanted.to_owned())),
            None => {}
        }
        if let Some(rule) = text.strip_prefix("header:") {
            let (name, value) = named(rule);
            return Ok(Self::Header { name: name.parse().map_err(|_| wrong())?, value });
        }
        let (pointer, value) = named(text.strip_prefix("json:").ok_or_else(wrong)?);
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(wrong());
        }
        Ok(Self::Json { pointer, value })
    }
}
