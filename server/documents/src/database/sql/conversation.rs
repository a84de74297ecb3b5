//! What is said on one connection, from the first statement of a request to its last, and what a failure
//! leaves unknown.

use std::time::Duration;

use tokio::time::error::Elapsed;

use super::statements::{Begin, Fault, Statements};
use crate::database::pool::{Connect, Lease};
use crate::database::{Error, Update, pass};
use crate::document::{Content, Document, Id, Version};
use crate::mode::Means;

/// What a failure leaves open.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// Nothing was written, or nothing that lasts.
    Harmless,
    /// What was sent lasts, if it arrived.
    Decisive,
}

impl Stage {
    pub(super) fn error(self, fault: Fault, id: Option<&Id>) -> Error {
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
pub(super) struct Conversation<'p, C: Connect> {
    pub(super) lease: Lease<'p, C>,
    /// How long an answer is waited for.
    pub(super) limit: Duration,
    is_lost: bool,
}

impl<'p, C: Connect> Conversation<'p, C> {
    pub(super) fn new(lease: Lease<'p, C>, limit: Duration) -> Self {
        Self { lease, limit, is_lost: false }
    }
}

/// A statement by itself, or one within a transaction: only after the first is the connection in order.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
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
        let said = ::tokio::time::timeout(conversation.limit, said).await;
        conversation.heard($place, said)
    }};
}

pub(super) use say;

impl<C: Connect<Connection: Statements>> Conversation<'_, C> {
    pub(super) fn heard<T>(
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

    pub(super) async fn change(&mut self, update: &Update) -> Result<Vec<Document>, Error> {
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

    pub(super) async fn read(
        &mut self,
        id: &Id,
        place: Place,
        lock: bool,
    ) -> Result<Document, Error> {
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
