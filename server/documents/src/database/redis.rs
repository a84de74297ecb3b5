//! Redis. A document is a hash: each member is a field of it, in JSON, so that HINCRBY adds to a number.
//!
//! Redis does one thing at a time, and a script is one thing. What compares a version does so by WATCH, which
//! belongs to a connection: each request has one for itself.

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError, Script, ScriptInvocation,
};
use serde_json::Map;
use tokio::time::{Duration, timeout};
use url::Url;

use super::pool::{Connect, Lease, Pool};
use super::{Database, Error, Limits, Opened, Total, Update, pass};
use crate::address::shown;
use crate::change::Change;
use crate::document::{Content, Document, Field, Id, InvalidName, Version};
use crate::mode::{Backend, Means};

pub(crate) struct Connector {
    client: Client,
    config: AsyncConnectionConfig,
}

impl Connect for Connector {
    type Connection = MultiplexedConnection;

    async fn connect(&self) -> Result<MultiplexedConnection, Error> {
        let connected = self.client.get_multiplexed_async_connection_with_config(&self.config);
        connected.await.map_err(|error| Stage::Harmless.error(&error))
    }
}

/// Redis, and the scripts that it runs.
pub(crate) struct Redis {
    pool: Pool<Connector>,
    create: Script,
    write: Script,
    delete: Script,
    add: Script,
    total: Script,
}

/// The sorted set of every id.
const IDS: &str = "documents";
/// The field of a hash that is the version; those of members begin with [`MEMBER`].
const VERSION: &str = "v";
const MEMBER: &str = "m:";

fn key(id: &Id) -> String {
    format!("document:{id}")
}

const CREATE: &str = "
    if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
    redis.call('HSET', KEYS[1], 'v', ARGV[2])
    for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
    redis.call('ZADD', KEYS[2], 0, ARGV[1])
    return 1";

/// Its numbers are fractions: a version goes through as text.
const WRITE: &str = "
    local version = redis.call('HGET', KEYS[1], 'v')
    if not version then return false end
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'v', version)
    redis.call('HINCRBY', KEYS[1], 'v', 1)
    for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
    return redis.call('HGET', KEYS[1], 'v')";

const DELETE: &str = "
    local version = redis.call('HGET', KEYS[1], 'v')
    if not version or (ARGV[2] ~= '' and ARGV[2] ~= version) then return 0 end
    redis.call('DEL', KEYS[1])
    redis.call('ZREM', KEYS[2], ARGV[1])
    return 1";

const ADD: &str = "
    if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return false end
    local sum = redis.pcall('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
    if type(sum) == 'table' and sum.err then return false end
    redis.call('HINCRBY', KEYS[1], 'v', 1)
    return redis.call('HGET', KEYS[1], ARGV[1])";

const TOTAL: &str = "
    local values = {}
    for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
        values[#values + 1] = redis.call('HGET', 'document:' .. id, ARGV[1]) or ''
    end
    return values";

/// Opens the database at `url`.
pub(crate) async fn open(url: &Url, limits: Limits) -> Result<Opened<Redis>, Error> {
    let wrong = |error: RedisError| Error::Other(error.to_string());
    let client = Client::open(url.as_str()).map_err(wrong)?;
    // How long an answer is waited for is the service's to say.
    let config = AsyncConnectionConfig::new().set_response_timeout(None);
    let pool = Pool::new(Connector { client, config }, limits);
    let mut connection = pool.connect().await?;
    let description = describe(&mut connection, url).await;
    let description = description.map_err(|error| Stage::Harmless.error(&error))?;
    let [create, write, delete, add, total] = [CREATE, WRITE, DELETE, ADD, TOTAL].map(Script::new);
    let database = Redis { pool, create, write, delete, add, total };
    Ok(Opened { database, backend: Backend::Redis, description })
}

async fn describe(connection: &mut MultiplexedConnection, url: &Url) -> Result<String, RedisError> {
    let info: String = redis::cmd("INFO").arg("server").query_async(connection).await?;
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    let mut settings = Vec::new();
    for name in ["appendonly", "appendfsync", "save"] {
        let asked: Result<Vec<String>, _> =
            redis::cmd("CONFIG").arg("GET").arg(name).query_async(connection).await;
        // Where a service is hired, it may be nobody's business.
        let value = asked.ok().and_then(|pair| pair.into_iter().nth(1));
        settings.push(format!("{name}={}", value.as_deref().unwrap_or("(not told)")));
    }
    let (version, settings) = (version.unwrap_or("(unknown version)"), settings.join(" "));
    Ok(format!("Redis {version} at {}: {settings}", shown(url)))
}

/// What a failure leaves open.
#[derive(Clone, Copy)]
enum Stage {
    Harmless,
    /// What was sent lasts, if it arrived.
    Decisive,
}

impl Stage {
    fn error(self, error: &RedisError) -> Error {
        let said = error.to_string();
        // It reads its file, and does nothing else yet.
        if error.code() == Some("LOADING") {
            return Error::Gone(said);
        }
        match self {
            // The server itself has said so.
            _ if error.code().is_some() => Error::Other(said),
            Self::Harmless => Error::Gone(said),
            Self::Decisive => Error::Unknown(said),
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

/// A connection, as long as a request uses it.
struct Conversation<'p> {
    lease: Lease<'p, Connector>,
    /// How long an answer is waited for.
    limit: Duration,
}

impl Conversation<'_> {
    fn connection(&self) -> MultiplexedConnection {
        (*self.lease).clone()
    }

    /// Waits for an answer. The connection is in order after it, unless something is watched.
    async fn heard<T>(
        &mut self,
        stage: Stage,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, Error> {
        self.lease.begin();
        let heard = match timeout(self.limit, answer).await {
            Ok(heard) => heard.map_err(|error| stage.error(&error)),
            Err(_) => Err(stage.late(self.limit)),
        };
        match heard {
            Err(Error::Gone(_) | Error::Unknown(_)) => self.lease.is_lost(),
            _ => self.lease.is_in_order(),
        }
        heard
    }

    async fn run<T: FromRedisValue>(
        &mut self,
        stage: Stage,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Error> {
        let mut connection = self.connection();
        self.heard(stage, async { script.invoke_async(&mut connection).await }).await
    }

    async fn read(&mut self, id: &Id) -> Result<Document, Error> {
        let mut connection = self.connection();
        let read = redis::cmd("HGETALL").arg(key(id)).to_owned();
        let read = self.heard(Stage::Harmless, async { read.query_async(&mut connection).await });
        document(id, read.await?)?.ok_or_else(|| Error::Missing(id.clone()))
    }

    async fn read_all(&mut self, update: &Update) -> Result<Vec<Document>, Error> {
        let mut read = Vec::new();
        for id in &update.ids {
            read.push(self.read(id).await?);
        }
        update.expects(&read)?;
        Ok(read)
    }

    /// Reads, and writes one document after the other, whatever has become of them meanwhile.
    async fn overwrite(&mut self, update: &Update, write: &Script) -> Result<Vec<Document>, Error> {
        let read = self.read_all(update).await?;
        pass(update.window).await;
        let contents = update.apply(&read)?;
        let mut written = Vec::new();
        for (id, content) in update.ids.iter().zip(contents) {
            let mut script = write.key(key(id));
            for (name, json) in members(&content) {
                script.arg(name).arg(json);
            }
            let version: Result<Option<i64>, Error> = self.run(Stage::Decisive, &script).await;
            let version =
                version.and_then(|version| version.ok_or_else(|| Error::Missing(id.clone())));
            match version {
                Ok(version) => {
                    let (id, version) = (id.clone(), Version(version));
                    written.push(Document { id, version, content });
                }
                // A part of it is done, which nothing undoes.
                Err(error) if !written.is_empty() => {
                    return Err(Error::Unknown(format!("only a part was written: {error}")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Reads what it watches, and writes it if nobody else has.
    async fn compare(&mut self, update: &Update) -> Result<Vec<Document>, Error> {
        let mut connection = self.connection();
        let keys: Vec<_> = update.ids.iter().map(key).collect();
        let watch = redis::cmd("WATCH").arg(&keys).to_owned();
        let watched = async { watch.query_async::<()>(&mut connection).await };
        self.heard(Stage::Harmless, watched).await?;
        let written = self.read_watched(update).await;
        // It watches no more after an EXEC, which alone ends in a conflict. Where none was sent, it is closed.
        if !matches!(written, Ok(_) | Err(Error::Conflict(_))) {
            self.lease.begin();
        }
        written
    }

    async fn read_watched(&mut self, update: &Update) -> Result<Vec<Document>, Error> {
        let read = self.read_all(update).await?;
        pass(update.window).await;
        let contents = update.apply(&read)?;
        let written: Vec<_> = read
            .into_iter()
            .zip(contents)
            .map(|(Document { id, version, .. }, content)| Document {
                id,
                version: Version(version.0 + 1),
                content,
            })
            .collect();
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for document in &written {
            replace(&mut pipeline, document);
        }
        let mut connection = self.connection();
        let executed = async { pipeline.query_async::<Option<()>>(&mut connection).await };
        match self.heard(Stage::Decisive, executed).await? {
            Some(()) => Ok(written),
            None => Err(Error::Conflict("a document that was watched has changed".to_owned())),
        }
    }
}

fn replace(pipeline: &mut Pipeline, document: &Document) {
    let key = key(&document.id);
    pipeline.del(&key).ignore();
    pipeline.hset(&key, VERSION, document.version.0).ignore();
    for (name, json) in members(&document.content) {
        pipeline.hset(&key, name, json).ignore();
    }
}

/// The members of a content, as fields of a hash.
fn members(content: &Content) -> impl Iterator<Item = (String, String)> {
    content.members().iter().map(|(name, value)| (format!("{MEMBER}{name}"), value.to_string()))
}

/// A document out of a hash, which is empty where there is none.
fn document(id: &Id, hash: Vec<(String, String)>) -> Result<Option<Document>, Error> {
    let wrong = |what: &str| Error::Other(format!("`{id}` is no document: {what}"));
    let mut version = None;
    let mut members = Map::new();
    for (field, value) in hash {
        if let Some(name) = field.strip_prefix(MEMBER) {
            let value = serde_json::from_str(&value).map_err(|error| wrong(&error.to_string()))?;
            members.insert(name.to_owned(), value);
        } else if field == VERSION {
            version = Some(value.parse().map_err(|_| wrong("its version is no number"))?);
        }
    }
    let Some(version) = version.map(Version) else { return Ok(None) };
    Ok(Some(Document { id: id.clone(), version, content: Content::kept(members) }))
}

impl Redis {
    async fn conversation(&self) -> Result<Conversation<'_>, Error> {
        let lease = self.pool.lease().await?;
        Ok(Conversation { lease, limit: self.pool.limits().statement })
    }
}

impl Database for Redis {
    async fn create(&self, id: &Id, content: &Content) -> Result<Version, Error> {
        let version = Version::first();
        let mut script = self.create.key(key(id));
        script.key(IDS).arg(id.as_str()).arg(version.0);
        for (name, json) in members(content) {
            script.arg(name).arg(json);
        }
        let is_made: bool = self.conversation().await?.run(Stage::Decisive, &script).await?;
        if is_made { Ok(version) } else { Err(Error::Exists(id.clone())) }
    }

    async fn read(&self, id: &Id) -> Result<Document, Error> {
        self.conversation().await?.read(id).await
    }

    async fn list(&self, after: Option<&Id>, limit: usize) -> Result<Vec<Document>, Error> {
        let mut conversation = self.conversation().await?;
        let mut connection = conversation.connection();
        let first = after.map_or_else(|| "-".to_owned(), |id| format!("({id}"));
        let range = redis::cmd("ZRANGEBYLEX")
            .arg(IDS)
            .arg(first)
            .arg("+")
            .arg("LIMIT")
            .arg(0)
            .arg(limit)
            .to_owned();
        let ids = async { range.query_async::<Vec<String>>(&mut connection).await };
        let mut documents = Vec::new();
        for id in conversation.heard(Stage::Harmless, ids).await? {
            let id = id.parse().map_err(|error: InvalidName| Error::Other(error.to_string()))?;
            match conversation.read(&id).await {
                Ok(document) => documents.push(document),
                // It has been removed since.
                Err(Error::Missing(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(documents)
    }

    async fn delete(&self, id: &Id, expected: Option<Version>) -> Result<(), Error> {
        let mut conversation = self.conversation().await?;
        let mut script = self.delete.key(key(id));
        let version = expected.map_or_else(String::new, |version| version.0.to_string());
        script.key(IDS).arg(id.as_str()).arg(version);
        if conversation.run(Stage::Decisive, &script).await? {
            return Ok(());
        }
        let Document { version: now, .. } = conversation.read(id).await?;
        if expected.is_none_or(|expected| expected == now) {
            return Err(Error::Conflict("the document has come back".to_owned()));
        }
        Err(Error::Outdated { id: id.clone(), now })
    }

    async fn add(&self, id: &Id, field: &Field, amount: i64) -> Result<i64, Error> {
        let mut conversation = self.conversation().await?;
        let mut script = self.add.key(key(id));
        script.arg(format!("{MEMBER}{field}")).arg(amount);
        if let Some(sum) = conversation.run(Stage::Decisive, &script).await? {
            return Ok(sum);
        }
        // Nothing was changed; what is there says why.
        let document = conversation.read(id).await?;
        Change::Add { field: field.clone(), amount }.apply(&[&document.content])?;
        Err(Error::Conflict("the field has become a number".to_owned()))
    }

    async fn change(&self, update: &Update) -> Result<Vec<Document>, Error> {
        let mut conversation = self.conversation().await?;
        match update.means {
            Means::Nothing => conversation.overwrite(update, &self.write).await,
            Means::Compare => conversation.compare(update).await,
            Means::Transaction(_) | Means::ForUpdate => {
                Err(Error::Unsupported("Redis has no such transactions".to_owned()))
            }
        }
    }

    async fn total(&self, field: &Field) -> Result<Total, Error> {
        let mut script = self.total.key(IDS);
        script.arg(format!("{MEMBER}{field}"));
        let values: Vec<String> = self.conversation().await?.run(Stage::Harmless, &script).await?;
        let mut total = Total { sum: 0, documents: 0 };
        for value in values.iter().filter_map(|value| value.parse::<i64>().ok()) {
            let sum = total.sum.checked_add(value);
            total.sum = sum.ok_or_else(|| Error::Other("the total would overflow".to_owned()))?;
            total.documents += 1;
        }
        Ok(total)
    }

    async fn close(&self) {
        drop(self.pool.close());
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_what_may_have_been_done_is_unknown() {
        let broken = || RedisError::from(io::Error::from(io::ErrorKind::ConnectionReset));
        assert!(matches!(Stage::Harmless.error(&broken()), Error::Gone(_)));
        assert!(matches!(Stage::Decisive.error(&broken()), Error::Unknown(_)));
        let limit = Duration::from_secs(1);
        assert!(matches!(Stage::Harmless.late(limit), Error::Gone(_)));
        assert!(matches!(Stage::Decisive.late(limit), Error::Unknown(_)));
    }
}
