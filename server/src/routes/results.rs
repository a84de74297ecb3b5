//! A list of results, each of a slow call.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use store::Results;

use super::{About, Route, bad_request, call, ids, route, skip_body};
use crate::params;
use crate::reply::Form;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/results?id=ID", "makes the slow call and saves its result"),
    route("GET", "/results", "lists the id of every result"),
];

pub(super) fn router(results: &Arc<dyn Results>) -> Router<About> {
    Router::new().route("/results", get(list).post(save)).with_state(Arc::clone(results))
}

type Store = State<Arc<dyn Results>>;

async fn save(
    State(results): Store,
    RawQuery(query): RawQuery,
    form: Form,
    request: Request,
) -> Response {
    let id = match params::required_id(&query.unwrap_or_default()) {
        Ok(id) => id,
        Err(reason) => return bad_request(form, &reason, "/results?id=17"),
    };
    if let Err(refusal) = skip_body(request, form).await {
        return refusal;
    }
    let early = results.acknowledges_early();
    match call(move || results.save(id)).await {
        Ok(()) if early => {
            let text = || format!("result {id} will be saved");
            form.reply(StatusCode::ACCEPTED, text, || json!({ "id": id }))
        }
        Ok(()) => {
            let text = || format!("result {id} saved");
            form.reply(StatusCode::CREATED, text, || json!({ "id": id }))
        }
        Err(error) => form.error(StatusCode::CONFLICT, &error.to_string()),
    }
}

async fn list(State(results): Store, form: Form) -> Response {
    ids(form, &call(move || results.list()).await)
}
