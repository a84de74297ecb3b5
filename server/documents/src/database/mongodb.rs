//! `MongoDB`. A document is one of a collection, with its content as a document in it.
//!
//! Nothing is tried again by the driver: what it would send twice, and what became of the first, is to be seen
//! here. Two documents are changed at once in transactions alone, which need a replica set, and are not made
//! here.

use std::time::Duration;

use mongodb::bson::{Bson, Document as BsonDocument, doc};
use mongodb::error::{Error as DriverError, ErrorKind, SYSTEM_OVERLOADED_ERROR, WriteFailure};
use mongodb::options::{Acknowledgment, ClientOptions, ReturnDocument, WriteConcern};
use mongodb::{Client, Collection};
use serde_json::{Map, Number, Value};
use tokio::time::timeout;
use url::Url;

use super::pool::{Connect, Pool};
use super::{Database, Error, Limits, Opened, Total, Update, pass, summands};
use crate::address::shown;
use crate::change::Change;
use crate::document::{Content, Document, Field, Id, InvalidName, Version};
use crate::mode::{Backend, Means};

/// The database that is used where the URL names none, and the collection.
const NAME: &str = "documents";

/// Connections are the driver's own: a place in the pool stands for one, since the driver lets requests wait
/// for ever.
pub(crate) struct Connector(Collection<BsonDocument>);

impl Connect for Connector {
    type Connection = Collection<BsonDocument>;

    async fn connect(&self) -> Result<Self::Connection, Error> {
        Ok(self.0.clone())
    }
}

pub(crate) struct MongoDb(Pool<Connector>);

/// Opens the database at `url`.
pub(crate) async fn open(url: &Url, limits: Limits) -> Result<Opened<MongoDb>, Error> {
    // Its errors may name the URL, password included.
    let wrong = |_| Error::Other(format!("{}: expected mongodb://HOST:PORT/DATABASE", shown(url)));
    let mut options = ClientOptions::parse(url.as_str()).await.map_err(wrong)?;
    options.retry_writes = Some(false);
    options.retry_reads = Some(false);
    options.max_pool_size = limits.connections.try_into().ok();
    options.server_selection_timeout = Some(SELECTION_LIMIT);
    options.connect_timeout = Some(SELECTION_LIMIT);
    // What was acknowledged is in the journal.
    options.write_concern =
        Some(WriteConcern::builder().w(Acknowledgment::Nodes(1)).journal(true).build());
    let client = Client::with_options(options).map_err(|error| Stage::Harmless.error(&error))?;
    let database = client.default_database().unwrap_or_else(|| client.database(NAME));
    let info = database.run_command(doc! { "buildInfo": 1 }).await;
    let info = info.map_err(|error| Stage::Harmless.error(&error))?;
    let version = info.get_str("version").unwrap_or("(unknown version)");
    // What speaks MongoDB's protocol may be something else, and say so.
    let speaker = match info.get_str("process") {
        Ok(process) if !process.starts_with("mongo") => format!(" as {process} speaks it"),
        _ => String::new(),
    };
    let place = shown(url);
    let description =
        format!("MongoDB {version}{speaker} at {place}: writeConcern w=1 journal=true");
    let pool = Pool::new(Connector(database.collection(NAME)), limits);
    Ok(Opened { database: MongoDb(pool), backend: Backend::MongoDb, description })
}

/// How long a server that takes requests is looked for.
const SELECTION_LIMIT: Duration = Duration::from_secs(2);

/// What a failure leaves open.
#[derive(Clone, Copy)]
enum Stage {
    Harmless,
    /// What was sent lasts, if it arrived.
    Decisive,
}

// Its errors, by number.
const DUPLICATE_KEY: i32 = 11_000;
const WRITE_CONFLICT: i32 = 112;

impl Stage {
    fn error(self, error: &DriverError) -> Error {
        let said = error.to_string();
        if is_unsent(error) {
            return Error::Gone(said);
        }
        match (&*error.kind, self) {
            (ErrorKind::Command(command), _) if command.code == WRITE_CONFLICT => {
                Error::Conflict(said)
            }
            (ErrorKind::Command(command), _) if !is_ending(command.code) => Error::Other(said),
            (ErrorKind::Write(WriteFailure::WriteError(_)), _) => Error::Other(said),
            (ErrorKind::InvalidArgument { .. } | ErrorKind::Authentication { .. }, _) => {
                Error::Other(said)
            }
            (_, Self::Harmless) => Error::Gone(said),
            // Among them a write that was made, and not journaled.
            (_, Self::Decisive) => Error::Unknown(said),
        }
    }

    fn late(self, limit: Duration) -> Error {
        let said = format!("no answer within {limit:?}");
        match self {
            Self::Harmless => Error::Gone(said),
            Self::Decisive => Error::Unknown(said),
        }
    }
}

/// Whether nothing was sent, for want of a connection. The driver labels so one that could not be made.
fn is_unsent(error: &DriverError) -> bool {
    match &*error.kind {
        ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. } => true,
        ErrorKind::Io(_) => error.contains_label(SYSTEM_OVERLOADED_ERROR),
        _ => false,
    }
}

/// Whether a code says that the server ends, or is no longer the one to ask.
fn is_ending(code: i32) -> bool {
    matches!(code, 6 | 7 | 89 | 91 | 189 | 9001 | 10_107 | 11_600 | 11_602 | 13_435 | 13_436)
}

fn is_duplicate(error: &DriverError) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(failed)) => failed.code == DUPLICATE_KEY,
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        _ => false,
    }
}

impl MongoDb {
    /// Waits for an answer, on a connection that is the request's own.
    async fn heard<T, F>(
        &self,
        stage: Stage,
        ask: impl FnOnce(Collection<BsonDocument>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, DriverError>>,
    {
        let lease = self.0.lease().await?;
        let limit = self.0.limits().statement;
        match timeout(limit, ask(lease.clone())).await {
            Ok(heard) => heard.map_err(|error| stage.error(&error)),
            Err(_) => Err(stage.late(limit)),
        }
    }

    /// Writes a content, where the document has the version that is expected, and tells which it has then.
    async fn write(
        &self,
        id: &Id,
        content: &Content,
        expected: Option<Version>,
    ) -> Result<Option<Version>, Error> {
        let change = doc! { "$set": { "content": to_bson(content.members()) }, "$inc": { "version": 1_i64 } };
        let written = self.heard(Stage::Decisive, async |documents: Collection<BsonDocument>| {
            let written = documents.find_one_and_update(chosen(id, expected), change);
            written.return_document(ReturnDocument::After).await
        });
        let Some(written) = written.await? else { return Ok(None) };
        // It is written, whatever it looks like.
        let version = written.get_i64("version");
        let unread =
            |error| Error::Unknown(format!("`{id}` was written, its version is none: {error}"));
        version.map(|version| Some(Version(version))).map_err(unread)
    }
}

fn chosen(id: &Id, expected: Option<Version>) -> BsonDocument {
    let mut chosen = doc! { "_id": id.as_str() };
    if let Some(version) = expected {
        chosen.insert("version", version.0);
    }
    chosen
}

impl Database for MongoDb {
    async fn create(&self, id: &Id, content: &Content) -> Result<Version, Error> {
        let version = Version::first();
        let document = doc! { "_id": id.as_str(), "version": version.0, "content": to_bson(content.members()) };
        let made =
            self.heard(
                Stage::Decisive,
                async |documents: Collection<BsonDocument>| match documents
                    .insert_one(document)
                    .await
                {
                    Ok(_) => Ok(true),
                    Err(error) if is_duplicate(&error) => Ok(false),
                    Err(error) => Err(error),
                },
            );
        if made.await? { Ok(version) } else { Err(Error::Exists(id.clone())) }
    }

    async fn read(&self, id: &Id) -> Result<Document, Error> {
        let read = self.heard(Stage::Harmless, async |documents: Collection<BsonDocument>| {
            documents.find_one(chosen(id, None)).await
        });
        let document = read.await?.as_ref().map(from_bson).transpose()?;
        document.ok_or_else(|| Error::Missing(id.clone()))
    }

    async fn list(&self, after: Option<&Id>, limit: usize) -> Result<Vec<Document>, Error> {
        let filter = match after {
            Some(id) => doc! { "_id": { "$gt": id.as_str() } },
            None => doc! {},
        };
        let limit = limit.try_into().unwrap_or(i64::MAX);
        let read = self.heard(Stage::Harmless, async |documents: Collection<BsonDocument>| {
            let find = documents.find(filter).sort(doc! { "_id": 1 }).limit(limit);
            collected(find.await?).await
        });
        read.await?.iter().map(from_bson).collect()
    }

    async fn delete(&self, id: &Id, expected: Option<Version>) -> Result<(), Error> {
        let deleted = self.heard(Stage::Decisive, async |documents: Collection<BsonDocument>| {
            documents.delete_one(chosen(id, expected)).await
        });
        if deleted.await?.deleted_count > 0 {
            return Ok(());
        }
        let Document { version: now, .. } = self.read(id).await?;
        if expected.is_none_or(|expected| expected == now) {
            return Err(Error::Conflict("the document has come back".to_owned()));
        }
        Err(Error::Outdated { id: id.clone(), now })
    }

    async fn add(&self, id: &Id, field: &Field, amount: i64) -> Result<i64, Error> {
        // `$inc` adds to fractions, too, makes a field that is not there, and turns what is too large into one.
        let [least, most] = summands(amount);
        let name = format!("content.{field}");
        let filter = doc! { "$and": [
            chosen(id, None),
            { &name: { "$type": "long" } },
            { &name: { "$gte": least, "$lte": most } },
        ] };
        let change = doc! { "$inc": { &name: amount, "version": 1_i64 } };
        let added = self.heard(Stage::Decisive, async |documents: Collection<BsonDocument>| {
            let added = documents.find_one_and_update(filter, change);
            added.return_document(ReturnDocument::After).await
        });
        if let Some(added) = added.await? {
            let sum = added.get_document("content").ok();
            let sum = sum.and_then(|content| content.get(field.as_str())).and_then(whole);
            // It is written, whatever it looks like.
            return sum.ok_or_else(|| Error::Unknown(format!("`{id}` was written, without a sum")));
        }
        // Nothing was changed; what is there says why.
        let document = self.read(id).await?;
        Change::Add { field: field.clone(), amount }.apply(&[&document.content])?;
        Err(Error::Conflict("the field has become a number".to_owned()))
    }

    async fn change(&self, update: &Update) -> Result<Vec<Document>, Error> {
        let compares = match update.means {
            Means::Nothing => false,
            Means::Compare if update.ids.len() == 1 => true,
            Means::Compare | Means::Transaction(_) | Means::ForUpdate => {
                let message = "MongoDB changes several documents at once only in a transaction, \
                    which needs a replica set and is not done here";
                return Err(Error::Unsupported(message.to_owned()));
            }
        };
        let mut read = Vec::new();
        for id in &update.ids {
            read.push(self.read(id).await?);
        }
        update.expects(&read)?;
        pass(update.window).await;
        let contents = update.apply(&read)?;
        let mut written = Vec::new();
        for (Document { id, version, .. }, content) in read.into_iter().zip(contents) {
            let done = self.write(&id, &content, compares.then_some(version)).await;
            let done = done.and_then(|version| match version {
                Some(version) => Ok(version),
                None if compares => Err(Error::Conflict("the version has moved".to_owned())),
                None => Err(Error::Missing(id.clone())),
            });
            match done {
                Ok(version) => written.push(Document { id, version, content }),
                // A part of it is done, which nothing undoes.
                Err(error) if !written.is_empty() => {
                    return Err(Error::Unknown(format!("only a part was written: {error}")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// As of no single instant: what is written while it reads may be in it or not.
    async fn total(&self, field: &Field) -> Result<Total, Error> {
        let read = self.heard(Stage::Harmless, async |documents: Collection<BsonDocument>| {
            let find = documents.find(doc! {}).projection(doc! { "content": 1 });
            collected(find.await?).await
        });
        let mut total = Total { sum: 0, documents: 0 };
        let contents = read.await?;
        let contents = contents.iter().filter_map(|document| document.get_document("content").ok());
        for value in contents.filter_map(|content| content.get(field.as_str()).and_then(whole)) {
            let sum = total.sum.checked_add(value);
            total.sum = sum.ok_or_else(|| Error::Other("the total would overflow".to_owned()))?;
            total.documents += 1;
        }
        Ok(total)
    }

    async fn close(&self) {
        drop(self.0.close());
    }
}

async fn collected(
    mut cursor: mongodb::Cursor<BsonDocument>,
) -> Result<Vec<BsonDocument>, DriverError> {
    let mut documents = Vec::new();
    while cursor.advance().await? {
        documents.push(cursor.deserialize_current()?);
    }
    Ok(documents)
}

fn whole(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(number) => Some((*number).into()),
        Bson::Int64(number) => Some(*number),
        _ => None,
    }
}

fn from_bson(document: &BsonDocument) -> Result<Document, Error> {
    let wrong = |what: &dyn std::fmt::Display| Error::Other(format!("a document is none: {what}"));
    let id = document.get_str("_id").map_err(|error| wrong(&error))?;
    let id = id.parse().map_err(|error: InvalidName| wrong(&error))?;
    let version = document.get("version").and_then(whole).map(Version);
    let version = version.ok_or_else(|| wrong(&"its version is no integer"))?;
    let content = document.get_document("content").map_err(|error| wrong(&error))?;
    let content = Content::kept(object(content).ok_or_else(|| wrong(&"its content is no JSON"))?);
    Ok(Document { id, version, content })
}

fn to_bson(members: &Map<String, Value>) -> BsonDocument {
    members.iter().map(|(name, member)| (name.clone(), bson(member))).collect()
}

/// Integers always have 64 bits, so that each is of one type.
fn bson(value: &Value) -> Bson {
    match value {
        Value::Null => Bson::Null,
        Value::Bool(is) => Bson::Boolean(*is),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Bson::Int64(number),
            None => Bson::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Bson::String(text.clone()),
        Value::Array(elements) => Bson::Array(elements.iter().map(bson).collect()),
        Value::Object(members) => Bson::Document(to_bson(members)),
    }
}

/// `None` where there is something that JSON does not have.
fn object(document: &BsonDocument) -> Option<Map<String, Value>> {
    document.iter().map(|(name, value)| Some((name.clone(), json(value)?))).collect()
}

fn json(value: &Bson) -> Option<Value> {
    Some(match value {
        Bson::Null => Value::Null,
        Bson::Boolean(is) => Value::Bool(*is),
        Bson::Int32(number) => (*number).into(),
        Bson::Int64(number) => (*number).into(),
        Bson::Double(number) => Value::Number(Number::from_f64(*number)?),
        Bson::String(text) => Value::String(text.clone()),
        Bson::Array(elements) => Value::Array(elements.iter().map(json).collect::<Option<_>>()?),
        Bson::Document(members) => Value::Object(object(members)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_comes_back_from_bson_as_it_went() {
        let text = r#"{"a":[1,-9223372036854775808,9223372036854775807,1.5,-0.25,null,true],"b":{"$oid":"x","c.d":{}}}"#;
        let Value::Object(members) = serde_json::from_str(text).unwrap() else { panic!() };
        let bson = to_bson(&members);
        assert_eq!(object(&bson), Some(members));
        assert_eq!(bson.get_array("a").unwrap()[0], Bson::Int64(1));
    }

    #[test]
    fn what_json_has_not_is_no_content() {
        assert_eq!(object(&doc! { "a": f64::NAN }), None);
        assert_eq!(object(&doc! { "a": [Bson::Undefined] }), None);
    }
}
