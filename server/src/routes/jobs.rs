//! A store of jobs by their ids.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use store::{JobError, Jobs};

use super::{About, Route, bad_request, call, ids, route, skip_body};
use crate::params;
use crate::reply::Form;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/jobs?id=ID", "adds a job; without an id, the store chooses one"),
    route("GET", "/jobs", "lists the id of every job"),
    route("GET", "/jobs/ID", "tells whether there is such a job"),
    route("DELETE", "/jobs/ID", "removes a job"),
];

pub(super) fn router(jobs: &Arc<dyn Jobs>) -> Router<About> {
    Router::new()
        .route("/jobs", get(list).post(add))
        .route("/jobs/{id}", get(find).delete(remove))
        .with_state(Arc::clone(jobs))
}

type Store = State<Arc<dyn Jobs>>;
/// The segment of the path that is an id; an error where its bytes are no text.
type Segment = Result<Path<String>, PathRejection>;

async fn add(
    State(jobs): Store,
    RawQuery(query): RawQuery,
    form: Form,
    request: Request,
) -> Response {
    let id = match params::optional_id(&query.unwrap_or_default()) {
        Ok(id) => id,
        Err(reason) => return bad_request(form, &reason, "/jobs?id=17"),
    };
    if let Err(refusal) = skip_body(request, form).await {
        return refusal;
    }
    match call(move || jobs.add(id)).await {
        Ok(id) => job(form, StatusCode::CREATED, id),
        Err(error) => refused(form, error),
    }
}

async fn list(State(jobs): Store, form: Form) -> Response {
    ids(form, &call(move || jobs.list()).await)
}

async fn find(State(jobs): Store, segment: Segment, form: Form) -> Response {
    let id = match id(segment) {
        Ok(id) => id,
        Err(reason) => return bad_request(form, &reason, "/jobs/17"),
    };
    if call(move || jobs.contains(id)).await {
        job(form, StatusCode::OK, id)
    } else {
        refused(form, JobError::UnknownId)
    }
}

async fn remove(State(jobs): Store, segment: Segment, form: Form) -> Response {
    let id = match id(segment) {
        Ok(id) => id,
        Err(reason) => return bad_request(form, &reason, "/jobs/17"),
    };
    match call(move || jobs.remove(id)).await {
        Ok(()) => job(form, StatusCode::OK, id),
        Err(error) => refused(form, error),
    }
}

fn id(segment: Segment) -> Result<i64, String> {
    let Path(text) = segment.map_err(|_| "the id is not UTF-8".to_owned())?;
    params::id(&text)
}

fn job(form: Form, status: StatusCode, id: i64) -> Response {
    form.reply(status, || format!("job {id}"), || json!({ "id": id }))
}

/// The store's refusal. All are 4xx: nothing was applied.
fn refused(form: Form, error: JobError) -> Response {
    let status = match error {
        JobError::UnknownId => StatusCode::NOT_FOUND,
        JobError::Full => StatusCode::CONFLICT,
    };
    form.error(status, &error.to_string())
}
