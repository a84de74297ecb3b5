//! Named counters. Their calls take as long as a race window, and are made where the request is
//! answered.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use store::{CounterError, Counters};

use super::{About, Route, bad_request, route, skip_body};
use crate::params;
use crate::reply::Form;

pub(super) const ROUTES: &[Route] = &[
    route("GET", "/set?name=NAME&val=INTEGER", "sets a counter, creating it if it is new"),
    route("GET", "/get?name=NAME", "reads a counter"),
    route("GET or POST", "/inc?name=NAME", "adds one to a counter"),
    route("GET", "/list", "reads every counter"),
];

pub(super) fn router(counters: &Arc<dyn Counters>) -> Router<About> {
    Router::new()
        .route("/set", get(set))
        .route("/get", get(read))
        .route("/inc", get(inc).post(inc_with_body))
        .route("/list", get(list))
        .with_state(Arc::clone(counters))
}

type Store = State<Arc<dyn Counters>>;

async fn set(State(counters): Store, RawQuery(query): RawQuery, form: Form) -> Response {
    let query = query.unwrap_or_default();
    let (name, value) = match params::name(&query).and_then(|n| Ok((n, params::value(&query)?))) {
        Ok(parameters) => parameters,
        Err(reason) => return bad_request(form, &reason, "/set?name=NAME&val=INTEGER"),
    };
    match counters.set(&name, value) {
        Ok(()) => form.reply(StatusCode::OK, || "ok".to_owned(), || counter(&name, value)),
        Err(error) => refused(form, &name, error),
    }
}

async fn read(State(counters): Store, RawQuery(query): RawQuery, form: Form) -> Response {
    let name = match params::name(&query.unwrap_or_default()) {
        Ok(name) => name,
        Err(reason) => return bad_request(form, &reason, "/get?name=NAME"),
    };
    match counters.get(&name) {
        Ok(value) => {
            form.reply(StatusCode::OK, || format!("{name}: {value}"), || counter(&name, value))
        }
        Err(error) => refused(form, &name, error),
    }
}

async fn inc(State(counters): Store, RawQuery(query): RawQuery, form: Form) -> Response {
    let name = match params::name(&query.unwrap_or_default()) {
        Ok(name) => name,
        Err(reason) => return bad_request(form, &reason, "/inc?name=NAME"),
    };
    match counters.inc(&name) {
        Ok(value) => form.reply(StatusCode::OK, || "ok".to_owned(), || counter(&name, value)),
        Err(error) => refused(form, &name, error),
    }
}

async fn inc_with_body(store: Store, query: RawQuery, form: Form, request: Request) -> Response {
    match skip_body(request, form).await {
        Ok(()) => inc(store, query, form).await,
        Err(refusal) => refusal,
    }
}

async fn list(State(counters): Store, form: Form) -> Response {
    let counters = counters.list();
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

fn counter(name: &str, value: i64) -> Value {
    json!({ "name": name, "value": value })
}

/// The store's refusal. All are 4xx: nothing was applied.
fn refused(form: Form, name: &str, error: CounterError) -> Response {
    let status = match error {
        CounterError::UnknownName => StatusCode::NOT_FOUND,
        CounterError::Overflow | CounterError::Full => StatusCode::CONFLICT,
    };
    let message = match error {
        CounterError::Full => error.to_string(),
        CounterError::UnknownName | CounterError::Overflow => format!("{name} {error}"),
    };
    form.error(status, &message)
}
