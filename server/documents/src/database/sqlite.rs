//! `SQLite`, in a file.
//!
//! It writes ahead (WAL), so that reading and writing do not wait for each other, and syncs the log at each
//! commit (FULL): what was acknowledged survives a loss of power. Who wants to write while another does
//! waits for up to five seconds, longer than two hundred writers take to have their turns. That applies to
//! the first statement of a transaction alone: one that has read and then wants to write is told `SQLITE_BUSY`
//! at once, since what it read may be old.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection};

use super::pool::Connect;
use super::sql::{self, Begin, Fault, Sql, Statements};
use super::{Error, Limits, Opened, Total, summands};
use crate::document::{Content, Document, Field, Id, Version};
use crate::mode::Backend;

/// How long a writer waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Connector(SqliteConnectOptions);

impl Connect for Connector {
    type Connection = SqliteConnection;

    async fn connect(&self) -> Result<SqliteConnection, Error> {
        self.0.connect().await.map_err(|error| match fault(error) {
            // Another process may be making the file.
            Fault::Conflict(why) | Fault::Lost(why) => Error::Gone(why),
            Fault::Other(why) => Error::Other(why),
            Fault::Exists => Error::Other("a key is taken".to_owned()),
        })
    }
}

/// Opens the database in `file`, which is made if it is not there.
pub(crate) async fn open(file: &Path, limits: Limits) -> Result<Opened<Sql<Connector>>, Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let database = Sql::new(Connector(options), limits);
    let mut connection = database.connect().await?;
    let prepared = prepare(&mut connection, file).await;
    let description = prepared.map_err(|error| match fault(error) {
        Fault::Conflict(why) => Error::Gone(why),
        Fault::Lost(why) | Fault::Other(why) => Error::Other(why),
        Fault::Exists => Error::Other("a key is taken".to_owned()),
    })?;
    let _ = connection.close().await;
    Ok(Opened { database, backend: Backend::Sqlite, description })
}

async fn prepare(connection: &mut SqliteConnection, file: &Path) -> Result<String, sqlx::Error> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS documents (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, content TEXT NOT NULL
    ) STRICT, WITHOUT ROWID";
    sqlx::query(TABLE).execute(&mut *connection).await?;
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    let journal: String =
        sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    let synchronous: i64 =
        sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    let busy: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&mut *connection).await?;
    let synchronous = match synchronous {
        0 => "OFF",
        1 => "NORMAL",
        2 => "FULL",
        _ => "EXTRA",
    };
    Ok(format!(
        "SQLite {version} in {}: journal_mode={journal} synchronous={synchronous} busy_timeout={busy} ms",
        file.display()
    ))
}

impl Statements for SqliteConnection {
    async fn begin(&mut self, how: Begin) -> Result<(), Fault> {
        let begin = match how {
            // The only level that there is. It locks nothing until it writes.
            Begin::At(_) => "BEGIN DEFERRED",
            Begin::Locking => "BEGIN IMMEDIATE",
        };
        execute(self, begin).await
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        execute(self, "COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        execute(self, "ROLLBACK").await
    }

    async fn select(&mut self, id: &Id, _lock: bool) -> Result<Option<Document>, Fault> {
        let select = "SELECT version, content FROM documents WHERE id = ?";
        let row =
            sqlx::query(select).bind(id.as_str()).fetch_optional(self).await.map_err(fault)?;
        row.map(|row| sql::document(id.clone(), row.try_get(0), row.try_get(1))).transpose()
    }

    async fn insert(&mut self, id: &Id, version: Version, content: &Content) -> Result<(), Fault> {
        sqlx::query("INSERT INTO documents (id, version, content) VALUES (?, ?, ?)")
            .bind(id.as_str())
            .bind(version.0)
            .bind(content.to_json())
            .execute(self)
            .await
            .map(drop)
            .map_err(fault)
    }

    async fn update(
        &mut self,
        id: &Id,
        content: &Content,
        expected: Option<Version>,
    ) -> Result<Option<Version>, Fault> {
        let update = "UPDATE documents SET version = version + 1, content = ?2
            WHERE id = ?1 AND (?3 IS NULL OR version = ?3) RETURNING version";
        let query = sqlx::query(update)
            .bind(id.as_str())
            .bind(content.to_json())
            .bind(expected.map(|version| version.0));
        Ok(only(query.fetch_all(self).await)?.map(Version))
    }

    async fn delete(&mut self, id: &Id, expected: Option<Version>) -> Result<bool, Fault> {
        sqlx::query("DELETE FROM documents WHERE id = ?1 AND (?2 IS NULL OR version = ?2)")
            .bind(id.as_str())
            .bind(expected.map(|version| version.0))
            .execute(self)
            .await
            .map(|deleted| deleted.rows_affected() > 0)
            .map_err(fault)
    }

    async fn add(&mut self, id: &Id, field: &Field, amount: i64) -> Result<Option<i64>, Fault> {
        // Its sum of two integers becomes a fraction where it is too large for one.
        let add = "UPDATE documents SET version = version + 1,
                content = json_set(content, ?2, json_extract(content, ?2) + ?3)
            WHERE id = ?1 AND json_type(content, ?2) = 'integer'
                AND json_extract(content, ?2) BETWEEN ?4 AND ?5
            RETURNING json_extract(content, ?2)";
        let [least, most] = summands(amount);
        let query = sqlx::query(add)
            .bind(id.as_str())
            .bind(format!("$.{field}"))
            .bind(amount)
            .bind(least)
            .bind(most);
        only(query.fetch_all(self).await)
    }

    async fn page(&mut self, after: Option<&Id>, limit: i64) -> Result<Vec<Document>, Fault> {
        let select = "SELECT version, content, id FROM documents
            WHERE ?1 IS NULL OR id > ?1 ORDER BY id LIMIT ?2";
        let query = sqlx::query(select).bind(after.map(Id::as_str)).bind(limit);
        let rows = query.fetch_all(self).await.map_err(fault)?;
        rows.iter().map(|row| sql::listed(row.try_get(2), row.try_get(0), row.try_get(1))).collect()
    }

    async fn total(&mut self, field: &Field) -> Result<Total, Fault> {
        let select = "SELECT coalesce(sum(json_extract(content, ?1)), 0), count(*) FROM documents
            WHERE json_type(content, ?1) = 'integer'";
        let query = sqlx::query(select).bind(format!("$.{field}"));
        let row = query.fetch_one(self).await.map_err(fault)?;
        sql::total(row.try_get(0), row.try_get(1))
    }
}

/// The number in the only row, if there is one.
///
/// All rows are asked for: what comes after the first is the end of the statement, and whether it was committed.
fn only(rows: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Option<i64>, Fault> {
    let rows = rows.map_err(fault)?;
    rows.first().map(|row| row.try_get(0)).transpose().map_err(fault)
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), Fault> {
    sqlx::query(statement).execute(connection).await.map(drop).map_err(fault)
}

/// What a failure is, as the database says it.
#[expect(clippy::needless_pass_by_value, reason = "it goes into map_err")]
fn fault(error: sqlx::Error) -> Fault {
    let sqlx::Error::Database(said) = &error else { return sql::fault(&error) };
    let code: u32 = said.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    match (code, code & 0xff) {
        (PRIMARY_KEY | UNIQUE, _) => Fault::Exists,
        (_, BUSY | LOCKED) => Fault::Conflict(said.to_string()),
        (_, IO_ERROR) => Fault::Lost(said.to_string()),
        _ => Fault::Other(said.to_string()),
    }
}

// Its result codes; the lowest byte is the kind.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const IO_ERROR: u32 = 10;
const PRIMARY_KEY: u32 = 1555;
const UNIQUE: u32 = 2067;
