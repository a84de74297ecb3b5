//! Answers, and which status tells what.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::change::Refusal;
use crate::database::Error;
use crate::document::{Document, Id, Version};
use crate::retry::MAX_TRIES;

pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    text(status, body.to_string())
}

fn text(status: StatusCode, json: String) -> Response {
    let content_type = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, content_type)], json).into_response()
}

/// A document as it is now.
pub(super) fn changed(document: &Document) -> Response {
    let mut response = text(StatusCode::OK, document.content.to_json());
    response.headers_mut().insert(header::ETAG, etag(document.version));
    response
}

/// A document that has been made.
pub(super) fn located(id: &Id, version: Version) -> Response {
    let mut response = json(StatusCode::CREATED, &json!({ "id": id, "version": version }));
    let location = HeaderValue::from_str(&format!("/documents/{id}"));
    let location = location.expect("an id is of letters, digits and a few signs");
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::ETAG, etag(version));
    response
}

pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

fn etag(version: Version) -> HeaderValue {
    HeaderValue::from_str(&version.etag()).expect("it is of digits")
}

/// How often it had to be tried again.
pub(super) fn with_retries(mut response: Response, retries: u32) -> Response {
    response.headers_mut().insert("retries", retries.into());
    response
}

/// What was wrong with a request, and what would be right.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    json(status, &json!({ "error": message }))
}

/// Why something was not done, or may not have been.
pub(super) fn failed(failure: &Error) -> Response {
    let said = failure.to_string();
    match failure {
        Error::Missing(_) => error(StatusCode::NOT_FOUND, &said),
        Error::Outdated { now, .. } => {
            let mut response = error(StatusCode::PRECONDITION_FAILED, &said);
            response.headers_mut().insert(header::ETAG, etag(*now));
            response
        }
        Error::Refused(Refusal::BeyondLimit(_)) => error(StatusCode::PAYLOAD_TOO_LARGE, &said),
        Error::Exists(_) | Error::Refused(_) => error(StatusCode::CONFLICT, &said),
        Error::Conflict(_) => {
            later(&format!("nothing was written: {said}, {MAX_TRIES} times"), &json!(false))
        }
        Error::Gone(_) | Error::Exhausted { .. } => {
            later(&format!("nothing was written: {said}"), &json!(false))
        }
        Error::Unknown(_) => later(&said, &json!("unknown")),
        Error::Unsupported(_) => error(StatusCode::NOT_IMPLEMENTED, &said),
        Error::Other(_) => error(StatusCode::INTERNAL_SERVER_ERROR, &said),
    }
}

/// What may go well a second later. Whether it was done is told by `applied`.
fn later(message: &str, applied: &Value) -> Response {
    let body = json!({ "error": message, "applied": applied });
    let mut response = json(StatusCode::SERVICE_UNAVAILABLE, &body);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
