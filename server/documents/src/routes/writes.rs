//! The requests that change documents. Each is brought to its end, whoever hangs up meanwhile.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{changed, error, failed, json as answered, located, nothing, with_retries};
use super::request::{IfMatch, Parameters, Refusal, body, id_of, object};
use super::{Shared, field_or_balance};
use crate::change::Change;
use crate::database::{Database, Error};
use crate::document::{Content, Document, Field, Id, Version};
use crate::service::{Done, Ended, Service};

pub(super) async fn create<D: Database>(State(service): Shared<D>, request: Request) -> Response {
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

pub(super) async fn replace<D: Database>(State(service): Shared<D>, request: Request) -> Response {
    write(&service, request, Change::Replace).await
}

pub(super) async fn patch<D: Database>(State(service): Shared<D>, request: Request) -> Response {
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

pub(super) async fn remove<D: Database>(State(service): Shared<D>, request: Request) -> Response {
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
        Ok(()) => nothing(),
        Err(error) => failed(&error),
    };
    with_retries(response, retries)
}

pub(super) async fn add<D: Database>(State(service): Shared<D>, request: Request) -> Response {
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

pub(super) async fn transfer<D: Database>(State(service): Shared<D>, request: Request) -> Response {
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
