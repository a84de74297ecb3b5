//! What each path does.

use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest as _, RawQuery, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use store::{Counters, Mode, RaceWindow, StoreError};

use crate::params;
use crate::reply::Form;

/// The largest body that `POST /inc` reads; it is ignored, but the connection has to get past it.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest path and query.
const MAX_URI_BYTES: usize = 8 * 1024;

/// The counter service in `mode`, with the counters `i` and `j` at 0.
///
/// # Panics
/// Never: a new store takes two names.
pub fn app(mode: &'static Mode, race_window: RaceWindow) -> Router {
    let counters = mode.open(race_window);
    for name in ["i", "j"] {
        counters.set(name, 0).expect("a new store takes two names");
    }
    let service = Service { mode, race_window, counters: counters.into() };
    Router::new()
        .route("/", get(about))
        .route("/healthz", get(healthz))
        .route("/set", get(set))
        .route("/get", get(read))
        .route("/inc", get(inc).post(inc_with_body))
        .route("/list", get(list))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(refuse_long_uris))
        .with_state(service)
}

#[derive(Clone)]
struct Service {
    mode: &'static Mode,
    race_window: RaceWindow,
    counters: Arc<dyn Counters>,
}

/// Method, path and meaning of every route; `GET /` shows it, and a 404 refers to it.
const ROUTES: [(&str, &str, &str); 6] = [
    ("GET", "/", "this page"),
    ("GET", "/set?name=NAME&val=INTEGER", "sets a counter, creating it if it is new"),
    ("GET", "/get?name=NAME", "reads a counter"),
    ("GET or POST", "/inc?name=NAME", "adds one to a counter"),
    ("GET", "/list", "reads every counter"),
    ("GET", "/healthz", "answers as soon as the server does"),
];

async fn about(State(service): State<Service>, form: Form) -> Response {
    let Service { mode, race_window, .. } = service;
    let text = || {
        let routes =
            ROUTES.map(|(method, path, meaning)| format!("{method:<12} {path:<27} {meaning}"));
        format!(
            "counter server\nmode: {} ({})\nrace window: {race_window}\n\n{}\n",
            mode.name,
            mode.summary,
            routes.join("\n")
        )
    };
    let json = || {
        let route =
            |(method, path, meaning)| json!({ "method": method, "path": path, "meaning": meaning });
        json!({
            "mode": mode.name,
            "summary": mode.summary,
            "race_window": race_window.to_string(),
            "routes": ROUTES.map(route),
        })
    };
    form.reply(StatusCode::OK, text, json)
}

async fn healthz(form: Form) -> Response {
    form.reply(StatusCode::OK, || "ok".to_owned(), || json!({ "status": "ok" }))
}

async fn set(State(service): State<Service>, RawQuery(query): RawQuery, form: Form) -> Response {
    let query = query.unwrap_or_default();
    let (name, value) = match params::name(&query).and_then(|n| Ok((n, params::value(&query)?))) {
        Ok(parameters) => parameters,
        Err(reason) => return bad_request(form, &reason, "/set?name=NAME&val=INTEGER"),
    };
    match service.counters.set(&name, value) {
        Ok(()) => form.reply(StatusCode::OK, || "ok".to_owned(), || counter(&name, value)),
        Err(error) => refused(form, &name, error),
    }
}

async fn read(State(service): State<Service>, RawQuery(query): RawQuery, form: Form) -> Response {
    let name = match params::name(&query.unwrap_or_default()) {
        Ok(name) => name,
        Err(reason) => return bad_request(form, &reason, "/get?name=NAME"),
    };
    match service.counters.get(&name) {
        Ok(value) => {
            form.reply(StatusCode::OK, || format!("{name}: {value}"), || counter(&name, value))
        }
        Err(error) => refused(form, &name, error),
    }
}

async fn inc(State(service): State<Service>, RawQuery(query): RawQuery, form: Form) -> Response {
    let name = match params::name(&query.unwrap_or_default()) {
        Ok(name) => name,
        Err(reason) => return bad_request(form, &reason, "/inc?name=NAME"),
    };
    match service.counters.inc(&name) {
        Ok(value) => form.reply(StatusCode::OK, || "ok".to_owned(), || counter(&name, value)),
        Err(error) => refused(form, &name, error),
    }
}

async fn inc_with_body(
    service: State<Service>,
    query: RawQuery,
    form: Form,
    request: Request,
) -> Response {
    // Refused unread where it is announced: who waits for `100 Continue` need not send it.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return body_too_large(form);
    }
    match Bytes::from_request(request, &()).await {
        Ok(_) => inc(service, query, form).await,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            body_too_large(form)
        }
        Err(_) => form.error(
            StatusCode::BAD_REQUEST,
            "the body broke off or is malformed: expected the one that the headers announce",
        ),
    }
}

fn body_too_large(form: Form) -> Response {
    let message = format!("the body is too large: expected at most {MAX_BODY_BYTES} bytes");
    form.error(StatusCode::PAYLOAD_TOO_LARGE, &message)
}

async fn list(State(service): State<Service>, form: Form) -> Response {
    let counters = service.counters.list();
    let text = || {
        let lines: Vec<_> =
            counters.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        lines.join("\n")
    };
    let json = || {
        let all: Vec<_> = counters.iter().map(|(name, value)| counter(name, *value)).collect();
        json!({ "counters": all })
    };
    form.reply(StatusCode::OK, text, json)
}

async fn no_such_path(uri: Uri, form: Form) -> Response {
    let paths = ROUTES.map(|(_, path, _)| path.split('?').next().unwrap_or(path)).join(", ");
    let message = format!("no such path: {}; expected one of {paths}", uri.path());
    form.error(StatusCode::NOT_FOUND, &message)
}

async fn no_such_method(method: Method, uri: Uri, form: Form) -> Response {
    let path = uri.path();
    let expected = ROUTES
        .iter()
        .find(|(_, route, _)| route.split('?').next() == Some(path))
        .map_or("another method", |(methods, _, _)| methods);
    let message = format!("{method} is not allowed on {path}: expected {expected}");
    form.error(StatusCode::METHOD_NOT_ALLOWED, &message)
}

async fn refuse_long_uris(request: Request, next: Next) -> Response {
    let bytes = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if bytes <= MAX_URI_BYTES {
        return next.run(request).await;
    }
    let message =
        format!("the path and query have {bytes} bytes: expected at most {MAX_URI_BYTES}");
    Form::of(request.headers()).error(StatusCode::URI_TOO_LONG, &message)
}

fn counter(name: &str, value: i64) -> Value {
    json!({ "name": name, "value": value })
}

fn bad_request(form: Form, reason: &str, expected: &str) -> Response {
    form.error(StatusCode::BAD_REQUEST, &format!("{reason}, as in {expected}"))
}

/// The store's refusal. All are 4xx: nothing was applied.
fn refused(form: Form, name: &str, error: StoreError) -> Response {
    let status = match error {
        StoreError::UnknownName => StatusCode::NOT_FOUND,
        StoreError::Overflow | StoreError::Full => StatusCode::CONFLICT,
    };
    let message = match error {
        StoreError::Full => error.to_string(),
        StoreError::UnknownName | StoreError::Overflow => format!("{name} {error}"),
    };
    form.error(status, &message)
}
