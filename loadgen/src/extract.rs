//! Where a number stands in an answer.

use std::str::FromStr;

use http::HeaderName;
use regex::Regex;
use serde_json::Value;
use thiserror::Error;

/// A rule that finds one integer in an answer, or a list of them.
#[derive(Debug, Clone)]
pub enum Extract {
    /// The last integer of the body.
    LastInteger,
    /// The integer, or the string that holds one, at an RFC 6901 pointer into a JSON body.
    Json(String),
    /// The first group of a regular expression over the body.
    Regex(Regex),
    /// The value of a header field.
    Header(HeaderName),
}

impl Extract {
    /// The integer that the rule finds; `field` gives the value of a header.
    pub fn integer(&self, field: &dyn Fn(&str) -> Option<String>, body: &str) -> Option<i64> {
        match self {
            Self::LastInteger => last_integer(body),
            Self::Json(pointer) => as_integer(json(body)?.pointer(pointer)?),
            Self::Regex(regex) => regex.captures(body)?.get(1)?.as_str().trim().parse().ok(),
            Self::Header(name) => field(name.as_str())?.trim().parse().ok(),
        }
    }

    /// The integers that the rule finds, in their order: all of the body's by
    /// [`Self::LastInteger`], those of a JSON array, every first group, or those of a header.
    pub fn integers(&self, field: &dyn Fn(&str) -> Option<String>, body: &str) -> Option<Vec<i64>> {
        match self {
            Self::LastInteger => integers(body),
            Self::Json(pointer) => {
                let document = json(body)?;
                document.pointer(pointer)?.as_array()?.iter().map(as_integer).collect()
            }
            Self::Regex(regex) => {
                let groups = regex.captures_iter(body).map(|groups| groups.get(1));
                groups.map(|group| group?.as_str().trim().parse().ok()).collect()
            }
            Self::Header(name) => integers(&field(name.as_str())?),
        }
    }

    /// What to say where the rule found nothing.
    #[must_use]
    pub fn not_found(&self, body: &str) -> NotFound {
        let rule = match self {
            Self::LastInteger => "in the body".to_owned(),
            Self::Json(pointer) => format!("at json:{pointer}"),
            Self::Regex(regex) => format!("in the first group of regex:{regex}"),
            Self::Header(name) => format!("in header:{name}"),
        };
        NotFound { rule, body: body.chars().take(SHOWN_CHARS).collect() }
    }
}

/// How much of an answer an error shows.
const SHOWN_CHARS: usize = 80;

/// No 64-bit integer stands where the rule looks.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no integer {rule} of the answer `{body}`")]
pub struct NotFound {
    rule: String,
    body: String,
}

/// A minus is a sign unless it joins the number to a word, as in `2026-11`.
fn last_integer(body: &str) -> Option<i64> {
    let end = body.rfind(|c: char| c.is_ascii_digit())? + 1;
    let before = body[..end].trim_end_matches(|c: char| c.is_ascii_digit());
    let signed =
        before.strip_suffix('-').is_some_and(|rest| !rest.ends_with(char::is_alphanumeric));
    body[before.len() - usize::from(signed)..end].parse().ok()
}

/// Every integer of the body, by the same rule.
fn integers(body: &str) -> Option<Vec<i64>> {
    let ends = body.char_indices().filter(|(at, c)| {
        c.is_ascii_digit() && !body[at + 1..].starts_with(|next: char| next.is_ascii_digit())
    });
    ends.map(|(at, _)| last_integer(&body[..=at])).collect()
}

fn json(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}

fn as_integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The text is no rule.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ParseExtractError {
    /// It begins like none of the rules.
    #[error("expected last, json:/POINTER, regex:PATTERN or header:NAME")]
    Unknown,
    /// A JSON pointer is empty or begins with a slash.
    #[error("expected a JSON pointer such as json:/data/value")]
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
}

impl FromStr for Extract {
    type Err = ParseExtractError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "last" {
            return Ok(Self::LastInteger);
        }
        let (kind, rule) = text.split_once(':').ok_or(ParseExtractError::Unknown)?;
        match kind {
            "json" if rule.is_empty() || rule.starts_with('/') => Ok(Self::Json(rule.to_owned())),
            "json" => Err(ParseExtractError::Pointer),
            "regex" => {
                let regex =
                    Regex::new(rule).map_err(|e| ParseExtractError::Regex(e.to_string()))?;
                if regex.captures_len() < 2 {
                    return Err(ParseExtractError::NoGroup);
                }
                Ok(Self::Regex(regex))
            }
            "header" => rule.parse().map(Self::Header).map_err(|_| ParseExtractError::Header),
            _ => Err(ParseExtractError::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_field(_: &str) -> Option<String> {
        None
    }

    fn extract(rule: &str, body: &str) -> Option<i64> {
        rule.parse::<Extract>().unwrap().integer(&no_field, body)
    }

    #[test]
    fn the_last_integer_is_found() {
        for (body, expected) in [
            ("x: 19998", Some(19998)),
            ("x: 19998\n", Some(19998)),
            ("-5", Some(-5)),
            ("balance: -5 EUR", Some(-5)),
            ("2026-11", Some(11)),
            ("v2: 7, done", Some(7)),
            (r#"{"name":"i","value":41}"#, Some(41)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("größe 3 ±", Some(3)),
            ("none", None),
            ("", None),
        ] {
            assert_eq!(extract("last", body), expected, "{body}");
        }
    }

    #[test]
    fn a_json_pointer_is_followed() {
        let body = r#"{"data":{"total":12,"text":"13","real":1.5},"list":[1,2]}"#;
        assert_eq!(extract("json:/data/total", body), Some(12));
        assert_eq!(extract("json:/data/text", body), Some(13));
        assert_eq!(extract("json:/list/1", body), Some(2));
        assert_eq!(extract("json:", "7"), Some(7));
        for pointer in ["json:/data/real", "json:/data", "json:/missing"] {
            assert_eq!(extract(pointer, body), None, "{pointer}");
        }
        assert_eq!(extract("json:/a", "not json"), None);
    }

    #[test]
    fn a_group_and_a_header_are_read() {
        assert_eq!(extract(r"regex:total=(\d+)", "id=4 total=5 n=6"), Some(5));
        assert_eq!(extract(r"regex:total=(\w+)", "total=x"), None);
        let field = |name: &str| (name == "x-total").then(|| " 8".to_owned());
        let rule: Extract = "header:X-Total".parse().unwrap();
        assert_eq!(rule.integer(&field, ""), Some(8));
        assert_eq!(rule.integer(&no_field, "8"), None);
        assert!(rule.not_found("8").to_string().contains("x-total"));
    }

    #[test]
    fn all_integers_are_found() {
        let all = |rule: &str, body| rule.parse::<Extract>().unwrap().integers(&no_field, body);
        assert_eq!(all("last", "[3,-1, 20]"), Some(vec![3, -1, 20]));
        assert_eq!(all("last", "seats: 2026-11"), Some(vec![2026, 11]));
        assert_eq!(all("last", "none"), Some(vec![]));
        assert_eq!(all("last", "9223372036854775808"), None);
        assert_eq!(all("json:/ids", r#"{"ids":[4,"5"],"n":2}"#), Some(vec![4, 5]));
        assert_eq!(all("json:/n", r#"{"ids":[4,"5"],"n":2}"#), None);
        assert_eq!(all(r"regex:id=(\d+)", "id=4 n=9 id=5"), Some(vec![4, 5]));
        let field = |_: &str| Some("1, 2".to_owned());
        assert_eq!("header:x".parse::<Extract>().unwrap().integers(&field, ""), Some(vec![1, 2]));
    }

    #[test]
    fn what_is_no_rule_is_refused_with_what_would_be() {
        for (text, expected) in [
            ("total", "json:/POINTER"),
            ("jsn:/a", "json:/POINTER"),
            ("json:a", "json:/data"),
            ("regex:(", "unclosed group"),
            (r"regex:\d+", "group"),
            ("header:a b", "header's name"),
        ] {
            let error = text.parse::<Extract>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
