//! `MariaDB`, and `MySQL` as far as it is the same.
//!
//! `?innodb_snapshot_isolation=ON` or `OFF` in the URL sets what a transaction at REPEATABLE READ does where
//! a document has changed since it was read: with ON it is aborted, with OFF it overwrites the change. ON
//! is the default from 11.6.2; 10.11 has OFF.

use std::collections::HashMap;

use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{ConnectOptions as _, MySqlConnection, Row as _};
use url::Url;

use super::pool::Connect;
use super::sql::{self, Begin, Fault, Sql, Statements};
use super::{Error, Limits, Opened, Total, summands};
use crate::address::{SNAPSHOT, shown, snapshot};
use crate::document::{Content, Document, Field, Id, Version};
use crate::mode::{Backend, Isolation};

pub(crate) struct Connector {
    options: MySqlConnectOptions,
    /// Whether each connection sets the isolation of snapshots, and to what.
    snapshot: Option<bool>,
}

impl Connect for Connector {
    type Connection = MySqlConnection;

    async fn connect(&self) -> Result<MySqlConnection, Error> {
        let mut connection = self.options.connect().await.map_err(unconnected)?;
        // Who waits for a lock is not told that the server is gone: that would be after ten seconds.
        let wait = "SET SESSION innodb_lock_wait_timeout = 5";
        sqlx::raw_sql(wait).execute(&mut connection).await.map_err(unconnected)?;
        let set = match self.snapshot {
            None => return Ok(connection),
            Some(true) => "SET SESSION innodb_snapshot_isolation = ON",
            Some(false) => "SET SESSION innodb_snapshot_isolation = OFF",
        };
        match sqlx::raw_sql(set).execute(&mut connection).await {
            Ok(_) => Ok(connection),
            // Where there is no such thing, it is off.
            Err(error)
                if self.snapshot == Some(false) && number(&error) == Some(UNKNOWN_VARIABLE) =>
            {
                Ok(connection)
            }
            Err(error) => Err(unconnected(error)),
        }
    }
}

/// Opens the database at `url`.
pub(crate) async fn open(url: &Url, limits: Limits) -> Result<Opened<Sql<Connector>>, Error> {
    let snapshot = snapshot(url).expect("it was looked at when the address was read");
    let options = MySqlConnectOptions::from_url(&without_ours(url));
    let wrong = |error: sqlx::Error| Error::Other(format!("{}: {error}", shown(url)));
    let options = options.map_err(wrong)?.disable_statement_logging();
    let database = Sql::new(Connector { options, snapshot }, limits);
    let mut connection = database.connect().await?;
    let (backend, description) = prepare(&mut connection, url).await.map_err(unconnected)?;
    Ok(Opened { database, backend, description })
}

/// The URL as the driver takes it, without the parameter that is ours.
fn without_ours(url: &Url) -> Url {
    let others = url.query_pairs().filter(|(name, _)| name != SNAPSHOT);
    let others: Vec<_> =
        others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let mut theirs = url.clone();
    // The driver knows this name alone.
    let _ = theirs.set_scheme("mysql");
    theirs.set_query(None);
    if !others.is_empty() {
        theirs.query_pairs_mut().extend_pairs(others);
    }
    theirs
}

async fn prepare(
    connection: &mut MySqlConnection,
    url: &Url,
) -> Result<(Backend, String), sqlx::Error> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS documents (
        id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
        version BIGINT NOT NULL, content MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL
    ) ENGINE=InnoDB";
    const VARIABLES: &str = "SHOW VARIABLES WHERE Variable_name IN ('version', 'tx_isolation',
        'innodb_snapshot_isolation', 'innodb_flush_log_at_trx_commit', 'sync_binlog')";
    sqlx::raw_sql(TABLE).execute(&mut *connection).await?;
    let mut variables = HashMap::new();
    for row in sqlx::raw_sql(VARIABLES).fetch_all(connection).await? {
        variables.insert(row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?);
    }
    let value = |name: &str| variables.get(name).map_or("(none)", |value| value);
    let is_snapshot = value(SNAPSHOT) == "ON";
    let backend = if is_snapshot { Backend::MariaDbSnapshot } else { Backend::MariaDb };
    // What is not there is named, too: MySQL has no such thing as a snapshot's isolation.
    let settings = ["tx_isolation", SNAPSHOT, "innodb_flush_log_at_trx_commit", "sync_binlog"];
    let settings = settings.map(|name| format!("{name}={}", value(name)));
    let version = value("version");
    let name = if version.contains("MariaDB") { "MariaDB" } else { "MySQL" };
    let settings = settings.join(" ");
    Ok((backend, format!("{name} {version} at {}: {settings}", shown(url))))
}

impl Statements for MySqlConnection {
    async fn begin(&mut self, how: Begin) -> Result<(), Fault> {
        let begin = match how {
            Begin::At(Isolation::ReadCommitted) | Begin::Locking => {
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION"
            }
            Begin::At(Isolation::RepeatableRead) => {
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION"
            }
            Begin::At(Isolation::Serializable) => {
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION"
            }
        };
        execute(self, begin).await
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        execute(self, "COMMIT").await
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        execute(self, "ROLLBACK").await
    }

    async fn select(&mut self, id: &Id, lock: bool) -> Result<Option<Document>, Fault> {
        let select = if lock {
            "SELECT version, content FROM documents WHERE id = ? FOR UPDATE"
        } else {
            "SELECT version, content FROM documents WHERE id = ?"
        };
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
        // An UPDATE returns nothing but this number.
        let update = "UPDATE documents SET version = LAST_INSERT_ID(version + 1), content = ?
            WHERE id = ? AND (? IS NULL OR version = ?)";
        let expected = expected.map(|version| version.0);
        let query = sqlx::query(update)
            .bind(content.to_json())
            .bind(id.as_str())
            .bind(expected)
            .bind(expected);
        let updated = query.execute(self).await.map_err(fault)?;
        let is_done = updated.rows_affected() > 0;
        Ok(is_done.then(|| Version(updated.last_insert_id().cast_signed())))
    }

    async fn delete(&mut self, id: &Id, expected: Option<Version>) -> Result<bool, Fault> {
        let expected = expected.map(|version| version.0);
        sqlx::query("DELETE FROM documents WHERE id = ? AND (? IS NULL OR version = ?)")
            .bind(id.as_str())
            .bind(expected)
            .bind(expected)
            .execute(self)
            .await
            .map(|deleted| deleted.rows_affected() > 0)
            .map_err(fault)
    }

    async fn add(&mut self, id: &Id, field: &Field, amount: i64) -> Result<Option<i64>, Fault> {
        // What JSON_VALUE finds is text, and a sum with a text is a fraction. LAST_INSERT_ID is unsigned.
        let add = "UPDATE documents SET version = version + 1, content = JSON_SET(content, ?, CAST(
                LAST_INSERT_ID(CAST(JSON_VALUE(content, ?) AS SIGNED) + ?) AS SIGNED))
            WHERE id = ? AND JSON_TYPE(JSON_EXTRACT(content, ?)) = 'INTEGER'
                AND CAST(JSON_VALUE(content, ?) AS SIGNED) BETWEEN ? AND ?";
        let path = format!("$.{field}");
        let [least, most] = summands(amount);
        let query = sqlx::query(add)
            .bind(&path)
            .bind(&path)
            .bind(amount)
            .bind(id.as_str())
            .bind(&path)
            .bind(&path)
            .bind(least)
            .bind(most);
        let added = query.execute(self).await.map_err(fault)?;
        Ok((added.rows_affected() > 0).then(|| added.last_insert_id().cast_signed()))
    }

    async fn page(&mut self, after: Option<&Id>, limit: i64) -> Result<Vec<Document>, Fault> {
        let select = "SELECT version, content, CONVERT(id USING utf8mb4) FROM documents
            WHERE ? IS NULL OR id > ? ORDER BY documents.id LIMIT ?";
        let after = after.map(Id::as_str);
        let query = sqlx::query(select).bind(after).bind(after).bind(limit);
        let rows = query.fetch_all(self).await.map_err(fault)?;
        rows.iter().map(|row| sql::listed(row.try_get(2), row.try_get(0), row.try_get(1))).collect()
    }

    async fn total(&mut self, field: &Field) -> Result<Total, Fault> {
        let select =
            "SELECT CAST(COALESCE(SUM(CAST(JSON_VALUE(content, ?) AS SIGNED)), 0) AS SIGNED),
                COUNT(*)
            FROM documents WHERE JSON_TYPE(JSON_EXTRACT(content, ?)) = 'INTEGER'";
        let path = format!("$.{field}");
        let query = sqlx::query(select).bind(&path).bind(&path);
        let row = query.fetch_one(self).await.map_err(fault)?;
        sql::total(row.try_get(0), row.try_get(1))
    }
}

async fn execute(connection: &mut MySqlConnection, statements: &'static str) -> Result<(), Fault> {
    sqlx::raw_sql(statements).execute(connection).await.map(drop).map_err(fault)
}

// Its errors, by number.
const CHECK_READ: u16 = 1020;
const TOO_MANY_CONNECTIONS: u16 = 1040;
const SHUTDOWN: u16 = 1053;
const DUPLICATE: u16 = 1062;
const UNKNOWN_VARIABLE: u16 = 1193;
const ABORTED: u16 = 1152;
const ERROR_DURING_COMMIT: u16 = 1180;
const LOCK_WAIT_TIMEOUT: u16 = 1205;
const DEADLOCK: u16 = 1213;
const CONNECTION_KILLED: u16 = 1927;

/// Why there is no connection: one that has no room may have some later.
fn unconnected(error: sqlx::Error) -> Error {
    let is_full = number(&error) == Some(TOO_MANY_CONNECTIONS);
    match fault(error) {
        Fault::Lost(why) | Fault::Conflict(why) => Error::Gone(why),
        Fault::Other(why) if is_full => Error::Gone(why),
        Fault::Other(why) => Error::Other(why),
        Fault::Exists => Error::Other("a key is taken".to_owned()),
    }
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let said = error.as_database_error()?;
    said.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// What a failure is, as the database says it.
#[expect(clippy::needless_pass_by_value, reason = "it goes into map_err")]
fn fault(error: sqlx::Error) -> Fault {
    let Some(number) = number(&error) else { return sql::fault(&error) };
    let said = error.to_string();
    match number {
        CHECK_READ | LOCK_WAIT_TIMEOUT | DEADLOCK => Fault::Conflict(said),
        DUPLICATE => Fault::Exists,
        SHUTDOWN | ABORTED | ERROR_DURING_COMMIT | CONNECTION_KILLED => Fault::Lost(said),
        _ => Fault::Other(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_that_is_ours_is_taken_out() {
        for (text, expected) in [
            (
                "mariadb://u:p@h/d?innodb_snapshot_isolation=on&socket=/x",
                "mysql://u:p@h/d?socket=%2Fx",
            ),
            ("mysql://h/d?innodb_snapshot_isolation=OFF", "mysql://h/d"),
            ("mysql://h/d", "mysql://h/d"),
        ] {
            assert_eq!(without_ours(&text.parse().unwrap()).as_str(), expected);
        }
    }
}
