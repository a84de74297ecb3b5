//! What a request does, in each mode.

use std::sync::Arc;

use store::RaceWindow;
use tokio::sync::Mutex;

use crate::change::{Change, integer};
use crate::database::{Database, Error, Opened, Total, Update, pass};
use crate::document::{Content, Document, Field, Id, Version};
use crate::mode::{Means, Mode, Way};
use crate::retry::retried;
use crate::stats::Stats;

/// A database whose documents are served.
pub(crate) struct Service<D> {
    pub(crate) database: D,
    pub(crate) mode: &'static Mode,
    pub(crate) window: RaceWindow,
    /// Whether a write has to say which version it is about.
    pub(crate) require_if_match: bool,
    /// Which database it is.
    pub(crate) description: String,
    pub(crate) stats: Stats,
    /// What `process-mutex` locks.
    lock: Mutex<()>,
}

/// How a write that was asked for has ended well.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Done<T> {
    /// It is in the database.
    Written(T),
    /// It will be, so it is said.
    Acknowledged,
}

/// How a request has ended, and how often it had to be tried again.
pub(crate) type Ended<T> = (Result<T, Error>, u32);

impl<D: Database> Service<D> {
    pub(crate) fn new(
        opened: Opened<D>,
        mode: &'static Mode,
        window: RaceWindow,
        require_if_match: bool,
    ) -> Self {
        let Opened { database, description, .. } = opened;
        let require_if_match = require_if_match || mode.must_compare();
        let (stats, lock) = (Stats::default(), Mutex::default());
        Self { database, mode, window, require_if_match, description, stats, lock }
    }

    pub(crate) async fn create(&self, id: &Id, content: &Content) -> Ended<Version> {
        self.counted(retried(|| self.database.create(id, content)).await)
    }

    pub(crate) async fn read(&self, id: &Id) -> Ended<Document> {
        self.counted(retried(|| self.database.read(id)).await)
    }

    pub(crate) async fn list(&self, after: Option<&Id>, limit: usize) -> Ended<Vec<Document>> {
        self.counted(retried(|| self.database.list(after, limit)).await)
    }

    pub(crate) async fn delete(&self, id: &Id, expected: Option<Version>) -> Ended<()> {
        self.counted(retried(|| self.database.delete(id, expected)).await)
    }

    pub(crate) async fn total(&self, field: &Field) -> Ended<Total> {
        self.counted(retried(|| self.database.total(field)).await)
    }

    /// Adds to a field, and tells the sum where it is known.
    pub(crate) async fn add(
        self: &Arc<Self>,
        id: Id,
        field: Field,
        amount: i64,
    ) -> Ended<Done<i64>> {
        if self.mode.way == Way::Atomic {
            let added = retried(|| self.database.add(&id, &field, amount)).await;
            return self.counted((added.0.map(Done::Written), added.1));
        }
        let change = Change::Add { field: field.clone(), amount };
        let (ended, retries) = self.change(vec![id], None, change).await;
        let sum = |document: &Document| integer(&document.content, &field).map_err(Error::Refused);
        let ended = ended.and_then(|done| match done {
            Done::Written(documents) => sum(&documents[0]).map(Done::Written),
            Done::Acknowledged => Ok(Done::Acknowledged),
        });
        (ended, retries)
    }

    /// Changes documents as the mode does, and tells what was written.
    pub(crate) async fn change(
        self: &Arc<Self>,
        ids: Vec<Id>,
        expected: Option<Version>,
        change: Change,
    ) -> Ended<Done<Vec<Document>>> {
        let by = |means| Update { ids, expected, means, window: self.window, change };
        let ended = match self.mode.way {
            Way::By(means) => self.written(&by(means)).await,
            Way::ProcessMutex => {
                let _held = self.lock.lock().await;
                self.written(&by(Means::Nothing)).await
            }
            Way::Atomic | Way::ClientSide { .. } => self.written(&by(Means::Compare)).await,
            Way::AcknowledgeFirst => {
                let (answer, retries) = self.promised(by(Means::Compare)).await;
                (answer.map(|()| Done::Acknowledged), retries)
            }
        };
        self.counted(ended)
    }

    async fn written(&self, update: &Update) -> Ended<Done<Vec<Document>>> {
        let (written, retries) = retried(|| self.database.change(update)).await;
        (written.map(Done::Written), retries)
    }

    /// Looks whether an update can be made, and makes it once that is answered.
    async fn promised(self: &Arc<Self>, update: Update) -> Ended<()> {
        let (read, retries) = retried(|| self.look(&update)).await;
        if let Err(error) = read {
            return (Err(error), retries);
        }
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let (written, retries) = if let Change::Add { field, amount } = &update.change {
                pass(service.window).await;
                let id = &update.ids[0];
                let (sum, retries) = retried(|| service.database.add(id, field, *amount)).await;
                (sum.map(drop), retries)
            } else {
                let (written, retries) = retried(|| service.database.change(&update)).await;
                (written.map(drop), retries)
            };
            service.stats.kept(&written, retries);
        });
        (Ok(()), retries)
    }

    async fn look(&self, update: &Update) -> Result<(), Error> {
        let mut read = Vec::new();
        for id in &update.ids {
            read.push(self.database.read(id).await?);
        }
        update.expects(&read)?;
        update.apply(&read).map(drop)
    }

    fn counted<T>(&self, ended: Ended<T>) -> Ended<T> {
        self.stats.ended(&ended.0, ended.1);
        ended
    }
}
