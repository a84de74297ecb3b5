//! What each path does: what all workloads have in common here, what is its own in a file each.

mod booking;
mod counter;
mod jobs;
mod results;

use axum::Router;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use store::{RaceWindow, Specimen};
use tokio::task::spawn_blocking;

use crate::reply::Form;
use crate::service::{Service, Shared};

/// The largest body that is read; it is ignored, but the connection has to get past it.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest path and query.
const MAX_URI_BYTES: usize = 8 * 1024;

/// What `service` offers, over HTTP.
pub fn app(service: &Service) -> Router {
    let (own, router) = match &service.shared {
        Shared::Counters(counters) => (counter::ROUTES, counter::router(counters)),
        Shared::Seats(seats) => (booking::ROUTES, booking::router(seats)),
        Shared::Jobs(jobs) => (jobs::ROUTES, jobs::router(jobs)),
        Shared::Results(results) => (results::ROUTES, results::router(results)),
    };
    let about = About { specimen: service.specimen, race_window: service.race_window, own };
    Router::new()
        .route("/", get(tell_about))
        .route("/healthz", get(healthz))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .with_state(about)
        .merge(router.method_not_allowed_fallback(no_such_method).with_state(about))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(refuse_long_uris))
}

/// A route, for whoever asks what there is.
#[derive(Clone, Copy)]
struct Route {
    methods: &'static str,
    /// The path, with a query as in an example; a segment in capitals stands for any.
    path: &'static str,
    meaning: &'static str,
}

const fn route(methods: &'static str, path: &'static str, meaning: &'static str) -> Route {
    Route { methods, path, meaning }
}

impl Route {
    fn without_query(&self) -> &'static str {
        self.path.split('?').next().unwrap_or(self.path)
    }

    fn matches(&self, path: &str) -> bool {
        let is_any = |segment: &str| segment.chars().any(|c| c.is_ascii_uppercase());
        let (own, asked) = (self.without_query().split('/'), path.split('/'));
        own.clone().count() == asked.clone().count()
            && own.zip(asked).all(|(own, asked)| own == asked || is_any(own))
    }
}

/// What the server is, for whoever asks.
#[derive(Clone, Copy)]
struct About {
    specimen: Specimen,
    race_window: RaceWindow,
    /// The routes that are the workload's own.
    own: &'static [Route],
}

impl About {
    fn routes(self) -> impl Iterator<Item = Route> {
        const FIRST: Route = route("GET", "/", "this page");
        const LAST: Route = route("GET", "/healthz", "answers as soon as the server does");
        std::iter::once(FIRST).chain(self.own.iter().copied()).chain(std::iter::once(LAST))
    }
}

async fn tell_about(State(about): State<About>, form: Form) -> Response {
    let About { specimen, race_window, .. } = about;
    let text = || {
        let routes: Vec<_> = about
            .routes()
            .map(|Route { methods, path, meaning }| format!("{methods:<12} {path:<27} {meaning}"))
            .collect();
        format!(
            "{} server: {}\nmode: {} ({})\nrace window: {race_window}\n\n{}\n",
            specimen.workload.name,
            specimen.workload.summary,
            specimen.mode.name,
            specimen.mode.summary,
            routes.join("\n")
        )
    };
    let json = || {
        let route = |Route { methods, path, meaning }| json!({ "method": methods, "path": path, "meaning": meaning });
        json!({
            "workload": specimen.workload.name,
            "mode": specimen.mode.name,
            "summary": specimen.mode.summary,
            "race_window": race_window.to_string(),
            "routes": about.routes().map(route).collect::<Vec<_>>(),
        })
    };
    form.reply(StatusCode::OK, text, json)
}

async fn healthz(form: Form) -> Response {
    form.reply(StatusCode::OK, || "ok".to_owned(), || json!({ "status": "ok" }))
}

async fn no_such_path(State(about): State<About>, uri: Uri, form: Form) -> Response {
    let mut paths: Vec<_> = about.routes().map(|route| route.without_query()).collect();
    // A path with several methods is several routes, one after the other.
    paths.dedup();
    let expected = paths.join(", ");
    let message = format!("no such path: {}; expected one of {expected}", uri.path());
    form.error(StatusCode::NOT_FOUND, &message)
}

async fn no_such_method(
    State(about): State<About>,
    method: Method,
    uri: Uri,
    form: Form,
) -> Response {
    let path = uri.path();
    let methods: Vec<_> =
        about.routes().filter(|route| route.matches(path)).map(|route| route.methods).collect();
    let expected = methods.join(" or ");
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

/// Reads the body to its end and drops it: the connection has to get past it.
async fn skip_body(request: Request, form: Form) -> Result<(), Response> {
    // Refused unread where it is announced: who waits for `100 Continue` need not send it.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(body_too_large(form));
    }
    match Bytes::from_request(request, &()).await {
        Ok(_) => Ok(()),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(body_too_large(form))
        }
        Err(_) => Err(form.error(
            StatusCode::BAD_REQUEST,
            "the body broke off or is malformed: expected the one that the headers announce",
        )),
    }
}

fn body_too_large(form: Form) -> Response {
    let message = format!("the body is too large: expected at most {MAX_BODY_BYTES} bytes");
    form.error(StatusCode::PAYLOAD_TOO_LARGE, &message)
}

fn bad_request(form: Form, reason: &str, expected: &str) -> Response {
    form.error(StatusCode::BAD_REQUEST, &format!("{reason}, as in {expected}"))
}

/// Calls a store on a thread of its own, where it may wait for as long as it likes: a lock that is
/// held for ever must not keep the server from saying so.
async fn call<R: Send + 'static>(store: impl FnOnce() -> R + Send + 'static) -> R {
    spawn_blocking(store).await.expect("no call of a store panics")
}

/// Ids as an answer: a line each, or a JSON array.
fn ids(form: Form, ids: &[i64]) -> Response {
    let text = || ids.iter().map(i64::to_string).collect::<Vec<_>>().join("\n");
    form.reply(StatusCode::OK, text, || json!({ "ids": ids }))
}
