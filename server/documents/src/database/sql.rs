//! What the SQL databases have in common: which statements make an update by which means, and what a
//! failure leaves unknown. How a statement reads is in a file each.

use std::time::Duration;

use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::pool::{Connect, Lease, Pool};
use super::{Database, Error, Limits, Total, Update, pass};
use crate::change::Change;
use crate::document::{Content, Document, Field, Id, InvalidName, Version};
use crate::mode::{Isolation, Means};

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
pub(super) fn fault(error: &sqlx::Error) -> Fault {
    use sqlx::Error::{Io, PoolClosed, Protocol, Tls, WorkerCrashed};
    let said = error.to_string();
    match error {
        // What follows on a connection whose bytes are not understood is anybody's guess.
        Io(_) | Protocol(_) | Tls(_) | WorkerCrashed | PoolClosed => Fault::Lost(said),
        _ => Fault::Other(said),
    }
}

/// A document that was asked for, out of a row.
pub(super) fn document(
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
pub(super) fn listed(
    id: Result<String, sqlx::Error>,
    version: Result<i64, sqlx::Error>,
    content: Result<String, sqlx::Error>,
) -> Result<Document, Fault> {
    let id = id.map_err(unread)?.parse();
    document(id.map_err(|error: InvalidName| Fault::Other(error.to_string()))?, version, content)
}

/// A field, added up, out of a row.
pub(super) fn total(
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

/// A SQL database.
pub(crate) struct Sql<C: Connect>(Pool<C>);

impl<C: Connect> Sql<C> {
    pub(super) fn new(connector: C, limits: Limits) -> Self {
        Self(Pool::new(connector, limits))
    }

    async fn conversation(&self) -> Result<Conversation<'_, C>, Error> {
        let lease = self.0.lease().await?;
        Ok(Conversation { lease, limit: self.0.limits().statement, is_lost: false })
    }

    /// A connection beside those of requests, for what is done at the start.
    pub(super) async fn connect(&self) -> Result<C::Connection, Error> {
        self.0.connect().await
    }

    pub(super) fn let_go(&self) -> Vec<C::Connection> {
        self.0.close()
    }
}

/// What a failure leaves open.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Nothing was written, or nothing that lasts.
    Harmless,
    /// What was sent lasts, if it arrived.
    Decisive,
}

impl Stage {
    fn error(self, fault: Fault, id: Option<&Id>) -> Error {
        match (fault, self) {
            (Fault::Conflict(why), _) => Error::Conflict(why),
            (Fault::Lost(why), Self::Harmless) => Error::Gone(why),
            (Fault::Lost(why), Self::Decisive) => Error::Unknown(why),
            (Fault::Other(why), _) => Error::Other(why),
            (Fault::Exists, _) => match id {
                Some(id) => Error::Exists(id.clone()),
                None => Error::Other("a key is taken".to_owned()),
            },
        }
    }
}

/// A connection, as long as a request uses it.
struct Conversation<'p, C: Connect> {
    lease: Lease<'p, C>,
    /// How long an answer is waited for.
    limit: Duration,
    is_lost: bool,
}

/// A statement by itself, or one within a transaction: only after the first is the connection in order.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Alone,
    Within,
}

impl Place {
    /// What is left open by a write that fails.
    fn stage(self) -> Stage {
        match self {
            Self::Alone => Stage::Decisive,
            Self::Within => Stage::Harmless,
        }
    }
}

/// Makes a statement of a [`Conversation`], and waits for its answer.
macro_rules! say {
    ($conversation:expr, $place:expr, $statement:ident($($argument:expr),*)) => {{
        let conversation = &mut *$conversation;
        conversation.lease.begin();
        let connection = &mut *conversation.lease;
        let said = Statements::$statement(connection $(, $argument)*);
        let said = timeout(conversation.limit, said).await;
        conversation.heard($place, said)
    }};
}

impl<C: Connect<Connection: Statements>> Conversation<'_, C> {
    fn heard<T>(
        &mut self,
        place: Place,
        said: Result<Result<T, Fault>, Elapsed>,
    ) -> Result<T, Fault> {
        let late = |_| Err(Fault::Lost(format!("no answer within {:?}", self.limit)));
        let said = said.unwrap_or_else(late);
        if matches!(said, Err(Fault::Lost(_))) {
            self.lease.is_lost();
            self.is_lost = true;
        } else if place == Place::Alone {
            self.lease.is_in_order();
        }
        said
    }

    async fn change(&mut self, update: &Update) -> Result<Vec<Document>, Error> {
        match update.means {
            Means::Nothing => {
                let contents = self.read_and_apply(update, Place::Alone, false).await?;
                let contents = contents.into_iter().map(|(_, content)| (None, content)).collect();
                self.write(update, contents, Place::Alone).await
            }
            Means::Compare => {
                let contents = self.read_and_apply(update, Place::Alone, false).await?;
                let contents: Vec<_> =
                    contents.into_iter().map(|(read, content)| (Some(read), content)).collect();
                if let [_] = &contents[..] {
                    return self.write(update, contents, Place::Alone).await;
                }
                self.begin(Begin::Locking).await?;
                let written = self.write(update, contents, Place::Within).await;
                self.end(written).await
            }
            Means::Transaction(isolation) => {
                self.begin(Begin::At(isolation)).await?;
                let written = self.read_and_write(update, false).await;
                self.end(written).await
            }
            Means::ForUpdate => {
                self.begin(Begin::Locking).await?;
                let written = self.read_and_write(update, true).await;
                self.end(written).await
            }
        }
    }

    async fn begin(&mut self, how: Begin) -> Result<(), Error> {
        let begun = say!(self, Place::Within, begin(how));
        // Where it fails, it has not begun.
        if begun.is_err() && !self.is_lost {
            self.lease.is_in_order();
        }
        begun.map_err(|fault| Stage::Harmless.error(fault, None))
    }

    /// Commits a transaction whose statements have succeeded, and undoes any other.
    async fn end<T>(&mut self, done: Result<T, Error>) -> Result<T, Error> {
        let ended = match done {
            Ok(done) => {
                let committed = say!(self, Place::Within, commit());
                committed.map(|()| done).map_err(|fault| Stage::Decisive.error(fault, None))
            }
            Err(error) => Err(error),
        };
        let is_over = match &ended {
            Ok(_) => true,
            Err(_) => !self.is_lost && say!(self, Place::Within, rollback()).is_ok(),
        };
        if is_over {
            self.lease.is_in_order();
        }
        ended
    }

    async fn read_and_write(
        &mut self,
        update: &Update,
        lock: bool,
    ) -> Result<Vec<Document>, Error> {
        let contents = self.read_and_apply(update, Place::Within, lock).await?;
        let contents = contents.into_iter().map(|(_, content)| (None, content)).collect();
        self.write(update, contents, Place::Within).await
    }

    /// What the documents are to become, each with the version that was read.
    async fn read_and_apply(
        &mut self,
        update: &Update,
        place: Place,
        lock: bool,
    ) -> Result<Vec<(Version, Content)>, Error> {
        let mut read = vec![None; update.ids.len()];
        for at in update.order() {
            let id = &update.ids[at];
            read[at] = Some(self.read(id, place, lock).await?);
        }
        let read: Vec<_> = read.into_iter().flatten().collect();
        update.expects(&read)?;
        pass(update.window).await;
        let contents = update.apply(&read)?;
        Ok(read.iter().map(|document| document.version).zip(contents).collect())
    }

    async fn read(&mut self, id: &Id, place: Place, lock: bool) -> Result<Document, Error> {
        let found = say!(self, place, select(id, lock));
        let found = found.map_err(|fault| Stage::Harmless.error(fault, None))?;
        found.ok_or_else(|| Error::Missing(id.clone()))
    }

    /// Writes what the documents become, each where it has the version that is expected.
    async fn write(
        &mut self,
        update: &Update,
        contents: Vec<(Option<Version>, Content)>,
        place: Place,
    ) -> Result<Vec<Document>, Error> {
        let mut written = vec![None; contents.len()];
        for at in update.order() {
            let (id, (expected, content)) = (&update.ids[at], &contents[at]);
            let version = say!(self, place, update(id, content, *expected));
            let version = version.map_err(|fault| place.stage().error(fault, None));
            let version = version.and_then(|version| match (version, expected) {
                (Some(version), _) => Ok(version),
                (None, Some(_)) => Err(Error::Conflict("the version has moved".to_owned())),
                (None, None) => Err(Error::Missing(id.clone())),
            });
            match version {
                Ok(version) => written[at] = Some(version),
                // A part of it is done, which nothing undoes.
                Err(error) if place == Place::Alone && written.iter().any(Option::is_some) => {
                    return Err(Error::Unknown(format!("only a part was written: {error}")));
                }
                Err(error) => return Err(error),
            }
        }
        let ids = update.ids.iter().cloned().zip(written.into_iter().flatten());
        let documents = ids.zip(contents);
        Ok(documents
            .map(|((id, version), (_, content))| Document { id, version, content })
            .collect())
    }
}

impl<C: Connect<Connection: Statements>> Database for Sql<C> {
    async fn create(&self, id: &Id, content: &Content) -> Result<Version, Error> {
        let version = Version::first();
        let mut conversation = self.conversation().await?;
        let made = say!(&mut conversation, Place::Alone, insert(id, version, content));
        made.map(|()| version).map_err(|fault| Stage::Decisive.error(fault, Some(id)))
    }

    async fn read(&self, id: &Id) -> Result<Document, Error> {
        self.conversation().await?.read(id, Place::Alone, false).await
    }

    async fn list(&self, after: Option<&Id>, limit: usize) -> Result<Vec<Document>, Error> {
        let mut conversation = self.conversation().await?;
        let limit = limit.try_into().unwrap_or(i64::MAX);
        let page = say!(&mut conversation, Place::Alone, page(after, limit));
        page.map_err(|fault| Stage::Harmless.error(fault, None))
    }

    async fn delete(&self, id: &Id, expected: Option<Version>) -> Result<(), Error> {
        let mut conversation = self.conversation().await?;
        let deleted = say!(&mut conversation, Place::Alone, delete(id, expected));
        if deleted.map_err(|fault| Stage::Decisive.error(fault, None))? {
            return Ok(());
        }
        let Document { version: now, .. } = conversation.read(id, Place::Alone, false).await?;
        if expected.is_none_or(|expected| expected == now) {
            return Err(Error::Conflict("the document has come back".to_owned()));
        }
        Err(Error::Outdated { id: id.clone(), now })
    }

    async fn add(&self, id: &Id, field: &Field, amount: i64) -> Result<i64, Error> {
        let mut conversation = self.conversation().await?;
        let sum = say!(&mut conversation, Place::Alone, add(id, field, amount));
        if let Some(sum) = sum.map_err(|fault| Stage::Decisive.error(fault, None))? {
            return Ok(sum);
        }
        // Nothing was changed; what is there says why.
        let document = conversation.read(id, Place::Alone, false).await?;
        Change::Add { field: field.clone(), amount }.apply(&[&document.content])?;
        Err(Error::Conflict("the field has become a number".to_owned()))
    }

    async fn change(&self, update: &Update) -> Result<Vec<Document>, Error> {
        self.conversation().await?.change(update).await
    }

    async fn total(&self, field: &Field) -> Result<Total, Error> {
        let mut conversation = self.conversation().await?;
        let total = say!(&mut conversation, Place::Alone, total(field));
        total.map_err(|fault| Stage::Harmless.error(fault, None))
    }

    async fn close(&self) {
        drop(self.let_go());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_have_been_committed_is_unknown() {
        let lost = || Fault::Lost("reset".to_owned());
        assert!(matches!(Stage::Harmless.error(lost(), None), Error::Gone(_)));
        assert!(matches!(Stage::Decisive.error(lost(), None), Error::Unknown(_)));
        let conflict = Fault::Conflict("deadlock".to_owned());
        assert!(matches!(Stage::Decisive.error(conflict, None), Error::Conflict(_)));
    }
}
