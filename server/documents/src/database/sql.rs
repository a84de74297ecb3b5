//! What the SQL databases have in common: which statements make an update by which means, and what a
//! failure leaves unknown. How a statement reads is in a file each.

mod conversation;
mod statements;

use self::conversation::{Conversation, Place, Stage, say};
pub(crate) use self::statements::{Begin, Fault, Statements};
pub(super) use self::statements::{document, fault, listed, total};
use super::pool::{Connect, Pool};
use super::{Database, Error, Limits, Total, Update};
use crate::change::Change;
use crate::document::{Content, Document, Field, Id, Version};

/// A SQL database.
pub(crate) struct Sql<C: Connect>(Pool<C>);

impl<C: Connect> Sql<C> {
    pub(super) fn new(connector: C, limits: Limits) -> Self {
        Self(Pool::new(connector, limits))
    }

    async fn conversation(&self) -> Result<Conversation<'_, C>, Error> {
        Ok(Conversation::new(self.0.lease().await?, self.0.limits().statement))
    }

    /// A connection beside those of requests, for what is done at the start.
    pub(super) async fn connect(&self) -> Result<C::Connection, Error> {
        self.0.connect().await
    }

    pub(super) fn let_go(&self) -> Vec<C::Connection> {
        self.0.close()
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
