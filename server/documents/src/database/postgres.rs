//! `PostgreSQL`. A content is `jsonb`, a transaction has the level that it is begun at.

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use url::Url;

use super::pool::Connect;
use super::sql::{self, Begin, Fault, Sql, Statements};
use super::{Error, Limits, Opened, Total, summands};
use crate::address::shown;
use crate::document::{Content, Document, Field, Id, Version};
use crate::mode::{Backend, Isolation};

pub(crate) struct Connector(PgConnectOptions);

impl Connect for Connector {
    type Connection = PgConnection;

    async fn connect(&self) -> Result<PgConnection, Error> {
        self.0.connect().await.map_err(unconnected)
    }
}

/// Opens the database at `url`.
pub(crate) async fn open(url: &Url, limits: Limits) -> Result<Opened<Sql<Connector>>, Error> {
    let options = PgConnectOptions::from_url(url);
    let wrong = |error: sqlx::Error| Error::Other(format!("{}: {error}", shown(url)));
    let options = options.map_err(wrong)?.disable_statement_logging();
    let database = Sql::new(Connector(options.application_name("documents")), limits);
    let mut connection = database.connect().await?;
    let description = prepare(&mut connection, url).await.map_err(unconnected)?;
    Ok(Opened { database, backend: Backend::Postgres, description })
}

async fn prepare(connection: &mut PgConnection, url: &Url) -> Result<String, sqlx::Error> {
    // Two that make the table at once would trip over each other, in spite of IF NOT EXISTS.
    const TABLE: &str = "BEGIN;
        SELECT pg_advisory_xact_lock(7130316);
        CREATE TABLE IF NOT EXISTS documents (
            id text COLLATE \"C\" PRIMARY KEY, version bigint NOT NULL, content jsonb NOT NULL
        );
        COMMIT";
    sqlx::raw_sql(TABLE).execute(&mut *connection).await?;
    let settings = "SELECT current_setting('server_version'), current_setting('default_transaction_isolation'),
        current_setting('synchronous_commit'), current_setting('fsync')";
    let row = sqlx::query(settings).fetch_one(connection).await?;
    let [version, isolation, commit, fsync] =
        [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get::<String, _>(3)?];
    Ok(format!(
        "PostgreSQL {version} at {}: default_transaction_isolation={isolation} \
         synchronous_commit={commit} fsync={fsync}",
        shown(url)
    ))
}

impl Statements for PgConnection {
    async fn begin(&mut self, how: Begin) -> Result<(), Fault> {
        let begin = match how {
            Begin::At(Isolation::ReadCommitted) | Begin::Locking => {
                "BEGIN ISOLATION LEVEL READ COMMITTED"
            }
            Begin::At(Isolation::RepeatableRead) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Begin::At(Isolation::Serializable) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
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
            "SELECT version, content::text FROM documents WHERE id = $1 FOR UPDATE"
        } else {
            "SELECT version, content::text FROM documents WHERE id = $1"
        };
        let row =
            sqlx::query(select).bind(id.as_str()).fetch_optional(self).await.map_err(fault)?;
        row.map(|row| sql::document(id.clone(), row.try_get(0), row.try_get(1))).transpose()
    }

    async fn insert(&mut self, id: &Id, version: Version, content: &Content) -> Result<(), Fault> {
        sqlx::query("INSERT INTO documents (id, version, content) VALUES ($1, $2, $3::jsonb)")
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
        let update = "UPDATE documents SET version = version + 1, content = $2::jsonb
            WHERE id = $1 AND ($3::bigint IS NULL OR version = $3) RETURNING version";
        let query = sqlx::query(update)
            .bind(id.as_str())
            .bind(content.to_json())
            .bind(expected.map(|version| version.0));
        Ok(only(query.fetch_all(self).await)?.map(Version))
    }

    async fn delete(&mut self, id: &Id, expected: Option<Version>) -> Result<bool, Fault> {
        let delete = "DELETE FROM documents WHERE id = $1 AND ($2::bigint IS NULL OR version = $2)";
        sqlx::query(delete)
            .bind(id.as_str())
            .bind(expected.map(|version| version.0))
            .execute(self)
            .await
            .map(|deleted| deleted.rows_affected() > 0)
            .map_err(fault)
    }

    async fn add(&mut self, id: &Id, field: &Field, amount: i64) -> Result<Option<i64>, Fault> {
        // Numbers of jsonb have as many digits as they like, and so has the sum until it is compared.
        let add = "UPDATE documents SET version = version + 1,
                content = jsonb_set(content, ARRAY[$2], to_jsonb((content->>$2)::bigint + $3))
            WHERE id = $1 AND jsonb_typeof(content->$2) = 'number' AND content->>$2 ~ '^-?[0-9]+$'
                AND (content->>$2)::numeric BETWEEN $4 AND $5
            RETURNING (content->>$2)::bigint";
        let [least, most] = summands(amount);
        let query = sqlx::query(add)
            .bind(id.as_str())
            .bind(field.as_str())
            .bind(amount)
            .bind(least)
            .bind(most);
        only(query.fetch_all(self).await)
    }

    async fn page(&mut self, after: Option<&Id>, limit: i64) -> Result<Vec<Document>, Fault> {
        let select = "SELECT version, content::text, id FROM documents
            WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2";
        let query = sqlx::query(select).bind(after.map(Id::as_str)).bind(limit);
        let rows = query.fetch_all(self).await.map_err(fault)?;
        rows.iter().map(|row| sql::listed(row.try_get(2), row.try_get(0), row.try_get(1))).collect()
    }

    async fn total(&mut self, field: &Field) -> Result<Total, Fault> {
        let select =
            "SELECT coalesce(sum((content->>$1)::numeric), 0)::bigint, count(*) FROM documents
            WHERE jsonb_typeof(content->$1) = 'number' AND content->>$1 ~ '^-?[0-9]+$'";
        let query = sqlx::query(select).bind(field.as_str());
        let row = query.fetch_one(self).await.map_err(fault)?;
        sql::total(row.try_get(0), row.try_get(1))
    }
}

/// The number in the only row, if there is one.
fn only(rows: Result<Vec<PgRow>, sqlx::Error>) -> Result<Option<i64>, Fault> {
    let rows = rows.map_err(fault)?;
    rows.first().map(|row| row.try_get(0)).transpose().map_err(fault)
}

async fn execute(connection: &mut PgConnection, statement: &'static str) -> Result<(), Fault> {
    sqlx::raw_sql(statement).execute(connection).await.map(drop).map_err(fault)
}

/// Why there is no connection: one that is starting, or has no room, may have some later.
fn unconnected(error: sqlx::Error) -> Error {
    const TOO_MANY: &str = "53300";
    let code = error.as_database_error().and_then(|said| said.code().map(String::from));
    match fault(error) {
        Fault::Lost(why) | Fault::Conflict(why) => Error::Gone(why),
        Fault::Other(why) if code.as_deref() == Some(TOO_MANY) => Error::Gone(why),
        Fault::Other(why) => Error::Other(why),
        Fault::Exists => Error::Other("a key is taken".to_owned()),
    }
}

/// What a failure is, as the database says it.
#[expect(clippy::needless_pass_by_value, reason = "it goes into map_err")]
fn fault(error: sqlx::Error) -> Fault {
    let sqlx::Error::Database(said) = &error else { return sql::fault(&error) };
    let code = said.code().unwrap_or_default();
    match &*code {
        "40001" | "40P01" | "55P03" => Fault::Conflict(said.to_string()),
        "23505" => Fault::Exists,
        // The connection, the server's end, the system below it, and its own mistakes: whether it has done
        // what it was asked for is not said.
        code if ["08", "57P", "58", "XX"].iter().any(|class| code.starts_with(class)) => {
            Fault::Lost(said.to_string())
        }
        _ => Fault::Other(said.to_string()),
    }
}
