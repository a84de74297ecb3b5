//! The service over HTTP. JSON in and out.

mod answer;
mod request;
mod writes;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use self::answer::{changed, error, failed, json as answered};
use self::request::{Parameters, Refusal, id_of};
use crate::database::Database;
use crate::document::{DEFAULT_PAGE, Field, Id, MAX_BYTES, MAX_PAGE};
use crate::mode::{SUMMARY, WORKLOAD};
use crate::service::Service;

/// The longest path and query.
const MAX_URI_BYTES: usize = 8 * 1024;

/// What is offered, for whoever asks.
#[rustfmt::skip] // a route is a line
const ROUTES: [(&str, &str, &str); 12] = [
    ("GET",    "/",                                     "this page"),
    ("POST",   "/documents?id=ID",                      "makes a document of the object in the body; without an id, the service chooses one"),
    ("GET",    "/documents?limit=N&after=ID",           "lists documents in the order of their ids"),
    ("GET",    "/documents/ID",                         "reads a document; its version is the ETag"),
    ("PUT",    "/documents/ID",                         "replaces what is in a document; with If-Match, of that version alone"),
    ("PATCH",  "/documents/ID",                         "merges a patch into a document (RFC 7396)"),
    ("DELETE", "/documents/ID",                         "removes a document"),
    ("POST",   "/documents/ID/inc?field=NAME&by=N",     "adds to a field, 1 if not told otherwise, and answers the sum"),
    ("POST",   "/transfer?from=ID&to=ID&amount=N",      "moves an amount between the fields `balance` of two documents, or those that &field=NAME names"),
    ("GET",    "/total?field=NAME",                     "adds up the fields `balance` of all documents, or those that are named"),
    ("GET",    "/stats",                                "counts what became of requests, and how often something was tried again"),
    ("GET",    "/healthz",                              "answers as soon as the server does"),
];

/// The field that a transfer moves, where none is named.
const BALANCE: &str = "balance";

/// What `service` offers, over HTTP.
pub(crate) fn app<D: Database>(service: Arc<Service<D>>) -> Router {
    let documents = get(list::<D>).post(writes::create::<D>);
    let document = get(read::<D>).put(writes::replace::<D>).delete(writes::remove::<D>);
    let mut router = Router::new()
        .route("/", get(tell_about::<D>))
        .route("/healthz", get(async || answered(StatusCode::OK, &json!({ "status": "ok" }))))
        .route("/stats", get(stats::<D>))
        .route("/total", get(total::<D>))
        .route("/documents", documents);
    router = if service.mode.is_client_side() {
        router.route("/documents/{id}", document)
    } else {
        router
            .route("/documents/{id}", document.patch(writes::patch::<D>))
            .route("/documents/{id}/inc", post(writes::add::<D>))
            .route("/transfer", post(writes::transfer::<D>))
    };
    router
        .fallback(no_such_path::<D>)
        .method_not_allowed_fallback(no_such_method::<D>)
        .with_state(service)
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .layer(middleware::from_fn(refuse_long_uris))
}

type Shared<D> = State<Arc<Service<D>>>;

/// What is offered in the service's mode.
fn routes<D: Database>(
    service: &Service<D>,
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let is_plain = service.mode.is_client_side();
    ROUTES.iter().filter(move |(method, path, _)| {
        let is_update = path.contains("/inc") || path.contains("/transfer") || *method == "PATCH";
        !(is_plain && is_update)
    })
}

async fn tell_about<D: Database>(State(service): Shared<D>) -> Response {
    let route = |(method, path, meaning): &(&str, &str, &str)| json!({ "method": method, "path": path, "meaning": meaning });
    let about = json!({
        "workload": WORKLOAD,
        "summary": SUMMARY,
        "mode": service.mode.name,
        "mode_summary": service.mode.summary,
        "race_window": service.window.to_string(),
        "require_if_match": service.require_if_match,
        "database": service.description,
        "routes": routes(&service).map(route).collect::<Vec<_>>(),
    });
    answered(StatusCode::OK, &about)
}

async fn stats<D: Database>(State(service): Shared<D>) -> Response {
    answered(StatusCode::OK, &service.stats.to_json())
}

async fn read<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    let id = match id_of(request.uri()) {
        Ok(id) => id,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let (read, _) = service.read(&id).await;
    match read {
        Ok(document) => changed(&document),
        Err(error) => failed(&error),
    }
}

async fn list<D: Database>(State(service): Shared<D>, uri: Uri) -> Response {
    let asked = || {
        let parameters = Parameters::of(&uri, &["limit", "after"])?;
        let after: Option<Id> = parameters.optional("after")?;
        let most = i64::try_from(MAX_PAGE).unwrap_or(i64::MAX);
        let limit = parameters.number("limit", 1..=most)?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        Ok((after, limit.unwrap_or(DEFAULT_PAGE)))
    };
    let (after, limit) = match asked() {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    // One more than is shown tells whether there are more.
    let (page, _) = service.list(after.as_ref(), limit + 1).await;
    match page {
        Ok(mut documents) => {
            let has_more = documents.len() > limit;
            documents.truncate(limit);
            let last = documents.last().filter(|_| has_more).map(|document| &document.id);
            answered(StatusCode::OK, &json!({ "documents": documents, "after": last }))
        }
        Err(error) => failed(&error),
    }
}

async fn total<D: Database>(State(service): Shared<D>, uri: Uri) -> Response {
    let asked = Parameters::of(&uri, &["field"]).and_then(|asked| field_or_balance(&asked));
    let field = match asked {
        Ok(field) => field,
        Err(refusal) => return Refusal::answer(refusal),
    };
    match service.total(&field).await.0 {
        Ok(total) => {
            let total = json!({ "field": field.as_str(), "total": total.sum, "documents": total.documents });
            answered(StatusCode::OK, &total)
        }
        Err(error) => failed(&error),
    }
}

fn field_or_balance(parameters: &Parameters) -> Result<Field, Refusal> {
    let named = parameters.optional("field")?;
    Ok(named.unwrap_or_else(|| BALANCE.parse().expect("it is a simple name")))
}

async fn no_such_path<D: Database>(State(service): Shared<D>, uri: Uri) -> Response {
    let mut paths: Vec<_> =
        routes(&service).filter_map(|(_, path, _)| path.split('?').next()).collect();
    paths.dedup();
    let mode = service.mode.name;
    let message = format!(
        "no such path in mode {mode}: {}; expected one of {}",
        uri.path(),
        paths.join(", ")
    );
    error(StatusCode::NOT_FOUND, &message)
}

async fn no_such_method<D: Database>(
    State(service): Shared<D>,
    method: Method,
    uri: Uri,
) -> Response {
    let path = uri.path();
    let matches = |route: &str| {
        let (route, asked) = (route.split('?').next().unwrap_or(route).split('/'), path.split('/'));
        route.clone().count() == asked.clone().count()
            && route.zip(asked).all(|(own, asked)| own == asked || own == "ID")
    };
    let methods: Vec<_> =
        routes(&service).filter(|(_, path, _)| matches(path)).map(|(method, ..)| *method).collect();
    let message = format!(
        "{method} is not allowed on {path} in mode {}: expected {}",
        service.mode.name,
        methods.join(" or ")
    );
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, &message);
    if let Ok(allowed) = methods.join(", ").parse() {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

async fn refuse_long_uris(request: Request, next: Next) -> Response {
    let bytes = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if bytes <= MAX_URI_BYTES {
        return next.run(request).await;
    }
    let message =
        format!("the path and query have {bytes} bytes: expected at most {MAX_URI_BYTES}");
    error(StatusCode::URI_TOO_LONG, &message)
}
