//! Answers in the form the request asked for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The form of an answer: plain text, unless the request accepts `application/json`.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Text,
    Json,
}

impl Form {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let json = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(accepts_json);
        if json { Self::Json } else { Self::Text }
    }

    /// An answer with both forms at hand; only the one asked for is built.
    pub(crate) fn reply(
        self,
        status: StatusCode,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> Response {
        let (content_type, body) = match self {
            Self::Text => ("text/plain; charset=utf-8", text()),
            Self::Json => ("application/json", json().to_string()),
        };
        let content_type = HeaderValue::from_static(content_type);
        (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
    }

    /// A refusal: what was wrong, and what would be right.
    pub(crate) fn error(self, status: StatusCode, message: &str) -> Response {
        self.reply(status, || message.to_owned(), || json!({ "error": message }))
    }
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// Whether one range of an `Accept` header asks for JSON; a weight of 0 says that it does not.
fn accepts_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    media_type.eq_ignore_ascii_case("application/json") && !parts.any(is_zero_weight)
}

fn is_zero_weight(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or_default();
    name.eq_ignore_ascii_case("q") && value.parse() == Ok(0.0_f32)
}
