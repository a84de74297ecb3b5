//! How the statements of a SQL database are made, and what comes of them.

use crate::database::Total;
use crate::document::{Content, Document, Field, Id, InvalidName, Version};
use crate::mode::Isolation;

/// Why a statement has failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database has undone it, since another came in between.
    Conflict(String),
    /// The id is taken.
    Exists,
    /// The connection has broken off, or the database has stopped.
    Lost(String),
    /// Anything else. The statement has changed nothing.
    Other(String),
}

/// What a failure of the driver's means, where the database itself has said nothing.
pub(crate) fn fault(error: &sqlx::Error) -> Fault {
    use sqlx::Error::{Io, PoolClosed, Protocol, Tls, WorkerCrashed};
    let said = error.to_string();
    match error {
        // What follows on a connection whose bytes are not understood is anybody's guess.
        Io(_) | Protocol(_) | Tls(_) | WorkerCrashed | PoolClosed => Fault::Lost(said),
        _ => Fault::Other(said),
    }
}

/// A document that was asked for, out of a row.
pub(crate) fn document(
    id: Id,
    version: Result<i64, sqlx::Error>,
    content: Result<String, sqlx::Error>,
) -> Result<Document, Fault> {
    let (version, content) = (version.map_err(unread)?, content.map_err(unread)?);
    let members = serde_json::from_str(&content);
    let members = members.map_err(|error| Fault::Other(format!("`{id}` is no object: {error}")))?;
    Ok(Document { id, version: Version(version), content: Content::kept(members) })
}

/// A document of a list, out of a row.
pub(crate) fn listed(
    id: Result<String, sqlx::Error>,
    version: Result<i64, sqlx::Error>,
    content: Result<String, sqlx::Error>,
) -> Result<Document, Fault> {
    let id = id.map_err(unread)?.parse();
    document(id.map_err(|error: InvalidName| Fault::Other(error.to_string()))?, version, content)
}

/// A field, added up, out of a row.
pub(crate) fn total(
    sum: Result<i64, sqlx::Error>,
    documents: Result<i64, sqlx::Error>,
) -> Result<Total, Fault> {
    let documents = documents.map_err(unread)?.try_into().unwrap_or(0);
    Ok(Total { sum: sum.map_err(unread)?, documents })
}

fn unread(error: impl std::fmt::Display) -> Fault {
    Fault::Other(error.to_string())
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Begin {
    #[cfg_attr(
        not(any(feature = "postgres", feature = "mysql")),
        allow(dead_code, reason = "SQLite has one level alone")
    )]
    At(Isolation),
    /// So that what it reads can be locked.
    Locking,
}

/// The statements of a database.
pub(crate) trait Statements: Send {
    fn begin(&mut self, how: Begin) -> impl Future<Output = Result<(), Fault>> + Send;
    fn commit(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;
    fn rollback(&mut self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// A document, which is locked until the transaction ends, if that is asked for.
    fn select(
        &mut self,
        id: &Id,
        lock: bool,
    ) -> impl Future<Output = Result<Option<Document>, Fault>> + Send;

    fn insert(
        &mut self,
        id: &Id,
        version: Version,
        content: &Content,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Writes a content and makes the next version, which is the answer: `None` where there is no such
    /// document, or none of the version that is expected.
    fn update(
        &mut self,
        id: &Id,
        content: &Content,
        expected: Option<Version>,
    ) -> impl Future<Output = Result<Option<Version>, Fault>> + Send;

    /// Whether there was such a document.
    fn delete(
        &mut self,
        id: &Id,
        expected: Option<Version>,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Adds to a field, where it is an integer whose sum is one of 64 bits, and tells the sum.
    fn add(
        &mut self,
        id: &Id,
        field: &Field,
        amount: i64,
    ) -> impl Future<Output = Result<Option<i64>, Fault>> + Send;

    fn page(
        &mut self,
        after: Option<&Id>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Document>, Fault>> + Send;

    fn total(&mut self, field: &Field) -> impl Future<Output = Result<Total, Fault>> + Send;
}
