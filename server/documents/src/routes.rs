//! The service over HTTP. JSON in and out.

mod answer;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use self::answer::{changed, error, failed, json as answered, located, with_retries};
use self::request::{IfMatch, Parameters, Refusal, body, id_of, object};
use crate::change::Change;
use crate::database::{Database, Error};
use crate::document::{Content, DEFAULT_PAGE, Document, Field, Id, MAX_BYTES, MAX_PAGE, Version};
use crate::mode::{SUMMARY, WORKLOAD};
use crate::service::{Done, Ended, Service};

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
    let documents = get(list::<D>).post(create::<D>);
    let document = get(read::<D>).put(replace::<D>).delete(remove::<D>);
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
            .route("/documents/{id}", document.patch(patch::<D>))
            .route("/documents/{id}/inc", post(add::<D>))
            .route("/transfer", post(transfer::<D>))
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

async fn create<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    let asked = async {
        let parameters = Parameters::of(request.uri(), &["id"])?;
        let id = parameters.optional("id")?.unwrap_or_else(Id::random);
        Ok((id, object(request).await?))
    };
    let (id, content) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let (made, retries) = to_the_end(async move {
        let (made, retries) = service.create(&id, &content).await;
        (made.map(|version| (id, version)), retries)
    })
    .await;
    let response = match made {
        Ok((id, version)) => located(&id, version),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
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

async fn replace<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    write(&service, request, Change::Replace).await
}

async fn patch<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    write(&service, request, |content| Change::Merge(content.into_members())).await
}

/// Changes a document by the object in the body.
async fn write<D: Database>(
    service: &Arc<Service<D>>,
    request: Request,
    change: impl FnOnce(Content) -> Change,
) -> Response {
    let asked = async {
        let id = id_of(request.uri())?;
        let condition = IfMatch::of(request.headers(), service.require_if_match)?;
        Ok((id, condition, object(request).await?))
    };
    let (id, condition, content) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let expected = match expected(service, &id, condition).await {
        Ok(expected) => expected,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let (service, change) = (Arc::clone(service), change(content));
    let (done, retries) =
        to_the_end(async move { service.change(vec![id], expected, change).await }).await;
    let response = match done {
        Ok(Done::Written(documents)) => changed(&documents[0]),
        Ok(Done::Acknowledged) => acknowledged(),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
}

/// The version that a document has to have. One that none of ours can have is refused here.
async fn expected<D: Database>(
    service: &Service<D>,
    id: &Id,
    condition: IfMatch,
) -> Result<Option<Version>, Refusal> {
    match condition {
        IfMatch::Absent | IfMatch::Any => Ok(None),
        IfMatch::Version(version) => Ok(Some(version)),
        IfMatch::Never => {
            let error = match service.read(id).await.0 {
                Ok(Document { id, version: now, .. }) => Error::Outdated { id, now },
                Err(error) => error,
            };
            Err(failed(&error).into())
        }
    }
}

async fn remove<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    let asked = async {
        let id = id_of(request.uri())?;
        let condition = IfMatch::of(request.headers(), service.require_if_match)?;
        body(request).await?;
        let expected = expected(&service, &id, condition).await?;
        Ok((id, expected))
    };
    let (id, expected) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let removed = to_the_end({
        let service = Arc::clone(&service);
        async move { service.delete(&id, expected).await }
    });
    let (removed, retries) = removed.await;
    let response = match removed {
        Ok(()) => answer::nothing(),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
}

async fn add<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    let asked = async {
        let id = id_of(request.uri())?;
        let parameters = Parameters::of(request.uri(), &["field", "by"])?;
        let field: Field = parameters.required("field")?;
        let amount = parameters.number("by", i64::MIN..=i64::MAX)?.unwrap_or(1);
        body(request).await?;
        Ok((id, field, amount))
    };
    let (id, field, amount) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let added = to_the_end({
        let (service, id, field) = (Arc::clone(&service), id.clone(), field.clone());
        async move { service.add(id, field, amount).await }
    });
    let (added, retries) = added.await;
    let response = match added {
        Ok(Done::Written(value)) => {
            let sum = json!({ "id": id, "field": field.as_str(), "value": value });
            answered(StatusCode::OK, &sum)
        }
        Ok(Done::Acknowledged) => acknowledged(),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
}

async fn transfer<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    let asked = async {
        let parameters = Parameters::of(request.uri(), &["from", "to", "amount", "field"])?;
        let ids: [Id; 2] = [parameters.required("from")?, parameters.required("to")?];
        if ids[0] == ids[1] {
            let message = "`from` and `to` are the same document: expected two";
            return Err(error(StatusCode::BAD_REQUEST, message).into());
        }
        let field = field_or_balance(&parameters)?;
        let amount = parameters.number("amount", 1..=i64::MAX)?;
        let amount = amount.ok_or_else(|| parameters.missing("amount"))?;
        body(request).await?;
        Ok((ids, field, amount))
    };
    let (ids, field, amount) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Refusal::answer(refusal),
    };
    let change = Change::Move { field, amount };
    let moved = to_the_end({
        let service = Arc::clone(&service);
        async move { service.change(ids.to_vec(), None, change).await }
    });
    let (moved, retries) = moved.await;
    let response = match moved {
        Ok(Done::Written(documents)) => {
            let after = json!({ "amount": amount, "from": documents[0], "to": documents[1] });
            answered(StatusCode::OK, &after)
        }
        Ok(Done::Acknowledged) => acknowledged(),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
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

/// What was promised has not been done yet.
fn acknowledged() -> Response {
    answered(StatusCode::ACCEPTED, &json!({ "acknowledged": "it will be written" }))
}

/// A write that has begun is brought to its end, whoever hangs up meanwhile: what it holds, a lock of the
/// process say, is not let go of while the database is still at it.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Ended<T>> + Send + 'static,
) -> Ended<T> {
    tokio::spawn(work).await.expect("no request to a database panics, and none is aborted")
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
