//! Seats that are booked one by one.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use store::Seats;

use super::{About, Route, call, route, skip_body};
use crate::reply::Form;

pub(super) const ROUTES: &[Route] = &[
    route("POST", "/book", "books a seat, if one is left"),
    route("GET", "/seats", "tells how many are left"),
];

pub(super) fn router(seats: &Arc<dyn Seats>) -> Router<About> {
    Router::new()
        .route("/book", post(book))
        .route("/seats", get(left))
        .with_state(Arc::clone(seats))
}

type Store = State<Arc<dyn Seats>>;

async fn book(State(seats): Store, form: Form, request: Request) -> Response {
    if let Err(refusal) = skip_body(request, form).await {
        return refusal;
    }
    if call(move || seats.book()).await {
        let text = || "Seat booked successfully".to_owned();
        form.reply(StatusCode::OK, text, || json!({ "booked": true }))
    } else {
        form.error(StatusCode::CONFLICT, "no seats left")
    }
}

async fn left(State(seats): Store, form: Form) -> Response {
    let left = call(move || seats.left()).await;
    form.reply(StatusCode::OK, || format!("seats left: {left}"), || json!({ "seats_left": left }))
}
