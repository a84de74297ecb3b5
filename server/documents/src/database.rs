//! What the service asks of a database. A file each says how a database does it.

#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb",
    feature = "redis"
))]
pub(crate) mod pool;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) mod sql;

#[cfg(feature = "mongodb")]
pub(crate) mod mongodb;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

use std::time::Duration;

use store::RaceWindow;

use crate::change::{Change, Refusal};
use crate::document::{Content, Document, Field, Id, Version};
use crate::mode::{Backend, Means};

/// A database that keeps documents.
///
/// Whatever fails says whether it may have been applied: [`Error::Unknown`] where it may, any other where it
/// was not. None of these tries anything twice.
pub(crate) trait Database: Send + Sync + 'static {
    /// Makes a document, of [`Version::first`].
    fn create(
        &self,
        id: &Id,
        content: &Content,
    ) -> impl Future<Output = Result<Version, Error>> + Send;

    /// Reads a document.
    fn read(&self, id: &Id) -> impl Future<Output = Result<Document, Error>> + Send;

    /// Reads the documents whose ids come after another, or all, in the order of their ids, up to a limit.
    fn list(
        &self,
        after: Option<&Id>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Document>, Error>> + Send;

    /// Removes a document; where a version is expected, only that one.
    fn delete(
        &self,
        id: &Id,
        expected: Option<Version>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Adds to a field in one step of the database, and tells the sum.
    fn add(
        &self,
        id: &Id,
        field: &Field,
        amount: i64,
    ) -> impl Future<Output = Result<i64, Error>> + Send;

    /// Reads documents, lets the race window pass, changes them and writes them back, by the means that the
    /// update names. Tells what was written, in the order of its ids.
    fn change(&self, update: &Update) -> impl Future<Output = Result<Vec<Document>, Error>> + Send;

    /// Adds up a field over all documents that have an integer there, as of one instant where the database
    /// can.
    fn total(&self, field: &Field) -> impl Future<Output = Result<Total, Error>> + Send;

    /// Lets go of every connection.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// Documents that are read, changed and written back.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    /// Which documents: as many as the change is about, none of them twice.
    pub(crate) ids: Vec<Id>,
    /// The version that each has to have, where the request says so.
    pub(crate) expected: Option<Version>,
    /// By which means read and write belong together.
    pub(crate) means: Means,
    /// What passes between them.
    pub(crate) window: RaceWindow,
    /// What becomes of the documents.
    pub(crate) change: Change,
}

impl Update {
    /// What becomes of the documents that were read, in the order of the ids.
    pub(crate) fn apply(&self, read: &[Document]) -> Result<Vec<Content>, Error> {
        let contents: Vec<_> = read.iter().map(|document| &document.content).collect();
        self.change.apply(&contents).map_err(Error::Refused)
    }

    /// Refuses documents of another version than the request expects.
    pub(crate) fn expects(&self, read: &[Document]) -> Result<(), Error> {
        let Some(expected) = self.expected else { return Ok(()) };
        match read.iter().find(|document| document.version != expected) {
            Some(document) => {
                Err(Error::Outdated { id: document.id.clone(), now: document.version })
            }
            None => Ok(()),
        }
    }

    /// Where the documents stand in the order of their ids: locks that everybody takes in one order make no
    /// deadlock.
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.ids.len()).collect();
        order.sort_by_key(|&at| &self.ids[at]);
        order
    }
}

/// Lets the race window pass. A timer of tokio's has a grain of a millisecond: what is shorter takes as long.
pub(crate) async fn pass(window: RaceWindow) {
    match window {
        RaceWindow::None => {}
        RaceWindow::Yield => tokio::task::yield_now().await,
        RaceWindow::Spin(turns) => (0..turns).for_each(|_| std::hint::spin_loop()),
        RaceWindow::Wait(duration) => tokio::time::sleep(duration).await,
    }
}

/// The least and the most to which `amount` can be added within 64 bits.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "mongodb"))]
fn summands(amount: i64) -> [i64; 2] {
    [i64::MIN.saturating_sub(amount.min(0)), i64::MAX.saturating_sub(amount.max(0))]
}

/// A field, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Total {
    /// The sum.
    pub(crate) sum: i64,
    /// Over how many documents.
    pub(crate) documents: u64,
}

/// Why something was not done, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// There is no document of this id.
    #[error("there is no document `{0}`")]
    Missing(Id),
    /// There is one already.
    #[error("there is a document `{0}` already")]
    Exists(Id),
    /// The document has another version than the request expects.
    #[error("the document `{id}` has another version: {}", now.etag())]
    Outdated {
        /// The document.
        id: Id,
        /// The version that it has.
        now: Version,
    },
    /// It cannot be done with what is in the documents.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another came in between, and the database has undone it. It may be tried again.
    #[error("another request came in between: {0}")]
    Conflict(String),
    /// The database cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Gone(String),
    /// The database did not say whether it has done it.
    #[error("the database did not say whether it was done, it may have been: {0}")]
    Unknown(String),
    /// Every connection is in use, and none became free in time.
    #[error("all {connections} connections to the database were in use for {waited:?}")]
    Exhausted {
        /// How many there are.
        connections: usize,
        /// For how long one was waited for.
        waited: Duration,
    },
    /// The database cannot do it.
    #[cfg_attr(
        not(any(feature = "mongodb", feature = "redis")),
        allow(dead_code, reason = "a SQL database can do all that is asked of it")
    )]
    #[error("{0}")]
    Unsupported(String),
    /// The database says that it cannot, for a reason that is none of these.
    #[error("the database refused: {0}")]
    Other(String),
}

/// How a database is used.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many connections there are at most.
    pub connections: usize,
    /// How long a request waits for one that is free.
    pub free_connection: Duration,
    /// How long the database may take to answer a statement, after which it counts as gone.
    pub statement: Duration,
    /// How long a database is waited for at the start.
    pub start: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20,
            free_connection: Duration::from_secs(5),
            // Above the time that SQLite and MariaDB are told to wait for a lock.
            statement: Duration::from_secs(10),
            start: Duration::from_secs(10),
        }
    }
}

/// A database that was opened.
pub(crate) struct Opened<D> {
    pub(crate) database: D,
    /// Which it is, as far as modes differ.
    pub(crate) backend: Backend,
    /// What it is, its version and the settings that matter, without any password.
    pub(crate) description: String,
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_can_be_added_to_is_what_does_not_overflow(before: i64, amount: i64) {
            let [least, most] = summands(amount);
            let fits = (least..=most).contains(&before);
            prop_assert_eq!(fits, before.checked_add(amount).is_some());
        }
    }
}
