//! Where a number stands in an answer.

use std::str::FromStr;

use http::{HeaderMap, HeaderName};
use regex::Regex;
use thiserror::Error;

/// A rule that finds one integer in an answer.
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
    /// The integer that the rule finds.
    ///
    /// # Errors
    /// When the answer holds none where the rule looks.
    pub fn integer(&self, headers: &HeaderMap, body: &str) -> Result<i64, NotFound> {
        let found = match self {
            Self::LastInteger => last_integer(body),
            Self::Json(pointer) => json_integer(body, pointer),
            Self::Regex(regex) => {
                regex.captures(body).and_then(|groups| groups.get(1)?.as_str().trim().parse().ok())
            }
            Self::Header(name) => {
                headers.get(name).and_then(|value| value.to_str().ok()?.trim().parse().ok())
            }
        };
        found.ok_or_else(|| {
            let rule = match self {
                Self::LastInteger => "in the body".to_owned(),
                Self::Json(pointer) => format!("at json:{pointer}"),
                Self::Regex(regex) => format!("in the first group of regex:{regex}"),
                Self::Header(name) => format!("in header:{name}"),
            };
            NotFound { rule, body: body.chars().take(SHOWN_CHARS).collect() }
        })
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

fn json_integer(body: &str, pointer: &str) -> Option<i64> {
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    let value = document.pointer(pointer)?;
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

    fn extract(rule: &str, body: &str) -> Option<i64> {
        rule.parse::<Extract>().unwrap().integer(&HeaderMap::new(), body).ok()
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
        let headers =
            HeaderMap::from_iter([(HeaderName::from_static("x-total"), "8".parse().unwrap())]);
        let rule: Extract = "header:X-Total".parse().unwrap();
        assert_eq!(rule.integer(&headers, ""), Ok(8));
        assert!(rule.integer(&HeaderMap::new(), "8").unwrap_err().to_string().contains("x-total"));
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
