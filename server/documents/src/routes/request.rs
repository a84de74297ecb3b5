//! What a request says, taken strictly.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::answer;
use crate::document::{Content, Id, InvalidContent, MAX_BYTES, Version};

/// The answer to a request that is wrong; boxed, since it is large beside what a request says.
#[derive(Debug)]
pub(super) struct Refusal(Box<Response>);

impl Refusal {
    pub(super) fn answer(self) -> Response {
        *self.0
    }
}

impl From<Response> for Refusal {
    fn from(response: Response) -> Self {
        Self(response.into())
    }
}

fn bad_request(message: &str) -> Refusal {
    answer::error(StatusCode::BAD_REQUEST, message).into()
}

/// The id in `/documents/ID` and what follows it.
pub(super) fn id_of(uri: &Uri) -> Result<Id, Refusal> {
    let segment = uri.path().split('/').nth(2).unwrap_or_default();
    let text = percent_decode_str(segment).decode_utf8();
    let text = text.map_err(|_| bad_request("the id is not UTF-8"))?;
    text.parse().map_err(|error: crate::document::InvalidName| bad_request(&error.to_string()))
}

/// The object in the body.
pub(super) async fn object(request: Request) -> Result<Content, Refusal> {
    Content::parse(&body(request).await?).map_err(|invalid| {
        let message = invalid.to_string();
        match invalid {
            InvalidContent::TooLarge => too_large(),
            InvalidContent::Syntax { line, column, .. } => {
                let place = json!({ "error": message, "line": line, "column": column });
                answer::json(StatusCode::BAD_REQUEST, &place).into()
            }
            _ => bad_request(&message),
        }
    })
}

/// The body, whatever is in it.
pub(super) async fn body(request: Request) -> Result<Bytes, Refusal> {
    // Refused unread where it is announced: who waits for `100 Continue` need not send it.
    if request.body().size_hint().lower() > MAX_BYTES as u64 {
        return Err(too_large());
    }
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return too_large();
        }
        bad_request(
            "the body broke off or is malformed: expected the one that the headers announce",
        )
    })
}

fn too_large() -> Refusal {
    let message = format!("the body is too large: expected at most {MAX_BYTES} bytes");
    answer::error(StatusCode::PAYLOAD_TOO_LARGE, &message).into()
}

/// On what a write depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMatch {
    Absent,
    /// `*`: whatever there is.
    Any,
    Version(Version),
    /// A tag that no document has.
    Never,
}

impl IfMatch {
    /// What the header says; where it is required, its absence is refused.
    pub(super) fn of(headers: &HeaderMap, is_required: bool) -> Result<Self, Refusal> {
        let expected = "If-Match: expected `*` or one ETag, such as \"17\"";
        let mut values = headers.get_all(header::IF_MATCH).iter();
        let value = match (values.next(), values.next()) {
            (None, _) if is_required => {
                let message = format!("{expected}: a write has to say which version it changes");
                return Err(answer::error(StatusCode::PRECONDITION_REQUIRED, &message).into());
            }
            (None, _) => return Ok(Self::Absent),
            (Some(value), None) => value.to_str().map_err(|_| bad_request(expected))?.trim(),
            (Some(_), Some(_)) => return Err(bad_request(expected)),
        };
        if value == "*" {
            return Ok(Self::Any);
        }
        // A weak tag says that two are alike, which is not enough to write.
        let (is_weak, tag) = match value.strip_prefix("W/") {
            Some(tag) => (true, tag),
            None => (false, value),
        };
        let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        let opaque = opaque.filter(|opaque| !opaque.contains('"'));
        let opaque = opaque.ok_or_else(|| bad_request(expected))?;
        let version = opaque.parse().ok().map(Version).filter(|version| version.etag() == tag);
        Ok(version.filter(|_| !is_weak).map_or(Self::Never, Self::Version))
    }
}

/// The parameters of a query.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of `uri`, which has these at most, each once.
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Refusal> {
        let mut found: Vec<(String, String)> = Vec::new();
        let query = uri.query().unwrap_or_default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                let known = known.join(", ");
                let message = format!("unknown parameter `{name}`: expected at most {known}");
                return Err(bad_request(&message));
            }
            if found.iter().any(|(other, _)| other == name) {
                let message = format!("parameter `{name}` is given twice: expected one");
                return Err(bad_request(&message));
            }
            let spaced =
                if value.contains('+') { value.replace('+', " ").into() } else { Cow::from(value) };
            let decoded = percent_decode_str(&spaced).decode_utf8();
            let decoded =
                decoded.map_err(|_| bad_request(&format!("parameter `{name}` is not UTF-8")))?;
            found.push((name.to_owned(), decoded.into_owned()));
        }
        Ok(Self(found))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }

    /// The value of a parameter, if it is there.
    pub(super) fn optional<T: FromStr<Err: Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Refusal> {
        let parsed = self.text(name).map(str::parse).transpose();
        parsed.map_err(|error| bad_request(&format!("parameter `{name}`: {error}")))
    }

    /// The value of a parameter, which has to be there.
    pub(super) fn required<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Refusal> {
        self.optional(name)?.ok_or_else(|| self.missing(name))
    }

    /// A number within bounds, if it is there.
    pub(super) fn number(
        &self,
        name: &str,
        bounds: RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let (least, most) = bounds.into_inner();
        let refused = || {
            let expected = format!("expected an integer from {least} to {most}");
            bad_request(&format!("parameter `{name}` is `{text}`: {expected}"))
        };
        number.ok_or_else(refused).map(Some)
    }

    /// Refuses that a parameter is missing.
    #[expect(clippy::unused_self, reason = "it is said of these parameters")]
    pub(super) fn missing(&self, name: &str) -> Refusal {
        bad_request(&format!("parameter `{name}` is missing: expected `{name}=…`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_match(value: &str) -> Result<IfMatch, StatusCode> {
        let headers = HeaderMap::from_iter([(header::IF_MATCH, value.parse().unwrap())]);
        IfMatch::of(&headers, true).map_err(|refusal| refusal.answer().status())
    }

    #[test]
    fn a_tag_of_ours_is_a_version_and_any_other_is_nobodys() {
        assert_eq!(if_match("*"), Ok(IfMatch::Any));
        assert_eq!(if_match("\"17\""), Ok(IfMatch::Version(Version(17))));
        for other in ["\"x\"", "\"\"", "W/\"17\"", "\"017\"", "\"+17\"", "\"17 \""] {
            assert_eq!(if_match(other), Ok(IfMatch::Never), "{other}");
        }
        for wrong in ["17", "\"17", "\"1\", \"2\"", "w/\"17\""] {
            assert_eq!(if_match(wrong), Err(StatusCode::BAD_REQUEST), "{wrong}");
        }
    }

    #[test]
    fn a_condition_that_is_required_is_missed() {
        let none = HeaderMap::new();
        assert_eq!(IfMatch::of(&none, false).unwrap(), IfMatch::Absent);
        let refused = IfMatch::of(&none, true).unwrap_err();
        assert_eq!(refused.answer().status(), StatusCode::PRECONDITION_REQUIRED);
        let mut twice = HeaderMap::new();
        twice.append(header::IF_MATCH, "\"1\"".parse().unwrap());
        twice.append(header::IF_MATCH, "\"2\"".parse().unwrap());
        assert_eq!(
            IfMatch::of(&twice, false).unwrap_err().answer().status(),
            StatusCode::BAD_REQUEST
        );
    }

    fn parameters(query: &str) -> Result<Parameters, StatusCode> {
        let uri: Uri = format!("/x?{query}").parse().unwrap();
        Parameters::of(&uri, &["a", "b"]).map_err(|refusal| refusal.answer().status())
    }

    #[test]
    fn parameters_are_taken_strictly() {
        let found = parameters("a=x%20y+z&b=-7").unwrap();
        assert_eq!(found.text("a"), Some("x y z"));
        assert_eq!(found.number("b", -7..=7).unwrap(), Some(-7));
        assert!(found.number("b", 0..=7).is_err());
        assert!(parameters("").unwrap().text("a").is_none());
        assert!(parameters("").unwrap().required::<String>("a").is_err());
        for query in ["c=1", "a=1&a=2", "a=%ff"] {
            assert_eq!(parameters(query).map(drop), Err(StatusCode::BAD_REQUEST), "{query}");
        }
    }
}
