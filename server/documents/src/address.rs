//! Where a database is, as a command line says it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use crate::mode::{Backend, Mode, NoSuchMode};

/// A database's address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(pub(crate) Place);

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `sqlite:FILE`
    File(PathBuf),
    /// Whatever has a server.
    Server(Kind, Url),
}

/// What speaks at a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
    MongoDb,
    Redis,
}

/// The parameter of a `MariaDB`'s URL that is ours.
pub(crate) const SNAPSHOT: &str = "innodb_snapshot_isolation";

/// What the parameter says; `None` where it is not there, and the value where that is none.
pub(crate) fn snapshot(url: &Url) -> Result<Option<bool>, String> {
    let Some((_, value)) = url.query_pairs().find(|(name, _)| name == SNAPSHOT) else {
        return Ok(None);
    };
    match &*value.to_ascii_uppercase() {
        "ON" | "1" => Ok(Some(true)),
        "OFF" | "0" => Ok(Some(false)),
        _ => Err(value.into_owned()),
    }
}

const EXPECTED: &str = "expected sqlite:FILE, postgres://…, mysql://…, mongodb://… or redis://…";

impl Address {
    /// `SQLite` in this file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Place::File(path.into()))
    }

    /// What it is, as far as that is known before it is asked: of `MariaDB`, what the address
    /// [settles](Self::settled).
    #[must_use]
    pub fn backend(&self) -> Backend {
        match &self.0 {
            Place::File(_) => Backend::Sqlite,
            Place::Server(Kind::Postgres, _) => Backend::Postgres,
            Place::Server(Kind::MySql, url) if snapshot(url) == Ok(Some(true)) => {
                Backend::MariaDbSnapshot
            }
            Place::Server(Kind::MySql, _) => Backend::MariaDb,
            Place::Server(Kind::MongoDb, _) => Backend::MongoDb,
            Place::Server(Kind::Redis, _) => Backend::Redis,
        }
    }

    /// The same, where whatever decides what is expected of a mode is said and not left to the server.
    #[must_use]
    pub fn settled(mut self) -> Self {
        if let Place::Server(Kind::MySql, url) = &mut self.0
            && !url.query_pairs().any(|(name, _)| name == SNAPSHOT)
        {
            url.query_pairs_mut().append_pair(SNAPSHOT, "OFF");
        }
        self
    }

    /// As another process takes it: with the password, which [`Display`](fmt::Display) leaves out.
    #[must_use]
    pub fn in_full(&self) -> OsString {
        match &self.0 {
            Place::File(path) => {
                let mut address = OsString::from("sqlite:");
                address.push(path);
                address
            }
            Place::Server(_, url) => url.as_str().into(),
        }
    }

    /// Refuses a mode that this database cannot have.
    ///
    /// # Errors
    /// When it cannot; the error lists those that it can.
    pub fn check(&self, mode: &Mode) -> Result<(), NoSuchMode> {
        self.backend().check(mode)
    }
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It is none.
    #[error("{0}; {EXPECTED}")]
    Unknown(String),
    /// It says something else of the isolation of snapshots than that it is on or off.
    #[error("{SNAPSHOT}={0}: expected ON or OFF")]
    Snapshot(String),
    /// It is one, of a database that was left out when this program was built.
    #[error("{name} is not built in: cargo build --features {feature}")]
    NotBuiltIn {
        /// The database.
        name: &'static str,
        /// What builds it in.
        feature: &'static str,
    },
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let unknown = |why: &str| InvalidAddress::Unknown(why.to_owned());
        if let Some(file) = text.strip_prefix("sqlite:") {
            if file.is_empty() || file.starts_with(':') {
                return Err(unknown("a database in memory has only one connection, and no file"));
            }
            built_in("SQLite", "sqlite", cfg!(feature = "sqlite"))?;
            let path = file.strip_prefix("//").unwrap_or(file);
            return Ok(Self::file(path));
        }
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        let kind = match scheme {
            "postgres" | "postgresql" => {
                built_in("PostgreSQL", "postgres", cfg!(feature = "postgres"))?;
                Kind::Postgres
            }
            "mysql" | "mariadb" => {
                built_in("MariaDB", "mysql", cfg!(feature = "mysql"))?;
                Kind::MySql
            }
            "mongodb" => {
                built_in("MongoDB", "mongodb", cfg!(feature = "mongodb"))?;
                Kind::MongoDb
            }
            "redis" | "redis+unix" | "unix" => {
                built_in("Redis", "redis", cfg!(feature = "redis"))?;
                Kind::Redis
            }
            _ => return Err(unknown("a database of an unknown kind")),
        };
        // PostgreSQL's own tools write a socket's URL without any host.
        let text = text.replacen("@/", "@localhost/", 1);
        let url = text.parse().map_err(|error: url::ParseError| unknown(&error.to_string()))?;
        if kind == Kind::MySql {
            snapshot(&url).map_err(InvalidAddress::Snapshot)?;
        }
        Ok(Self(Place::Server(kind, url)))
    }
}

fn built_in(
    name: &'static str,
    feature: &'static str,
    is_there: bool,
) -> Result<(), InvalidAddress> {
    if is_there { Ok(()) } else { Err(InvalidAddress::NotBuiltIn { name, feature }) }
}

/// Without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::File(path) => write!(f, "sqlite:{}", path.display()),
            Place::Server(_, url) => f.write_str(&shown(url)),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// A URL without its password.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    if shown.password().is_some() {
        let _ = shown.set_password(Some("***"));
    }
    if url.query().is_some() {
        let masked = url.query_pairs().map(|(name, value)| {
            let is_secret = name.to_ascii_lowercase().contains("pass");
            (name.into_owned(), if is_secret { "***".to_owned() } else { value.into_owned() })
        });
        shown.query_pairs_mut().clear().extend_pairs(masked);
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "sqlite")]
    fn a_file_is_sqlites() {
        for (text, path) in [
            ("sqlite:/tmp/a.db", "/tmp/a.db"),
            ("sqlite:a.db", "a.db"),
            ("sqlite:///tmp/a.db", "/tmp/a.db"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address, Address::file(path), "{text}");
            assert_eq!(address.to_string(), format!("sqlite:{path}"));
        }
        for text in ["sqlite:", "sqlite::memory:"] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("memory") && error.contains("expected sqlite:FILE"), "{error}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_would_be_one() {
        for text in ["", "a.db", "http://localhost/", "oracle://localhost/"] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("expected sqlite:FILE, postgres://"), "{text}: {error}");
        }
    }

    #[test]
    fn a_database_that_is_not_built_in_is_refused_with_what_would_build_it() {
        for (text, name, feature, is_there) in [
            ("sqlite:x", "SQLite", "sqlite", cfg!(feature = "sqlite")),
            ("postgres://h/d", "PostgreSQL", "postgres", cfg!(feature = "postgres")),
            ("mariadb://h/d", "MariaDB", "mysql", cfg!(feature = "mysql")),
            ("mongodb://h/d", "MongoDB", "mongodb", cfg!(feature = "mongodb")),
            ("redis://h/", "Redis", "redis", cfg!(feature = "redis")),
        ] {
            match text.parse::<Address>() {
                Ok(_) => assert!(is_there, "{text}"),
                Err(error) => {
                    assert!(!is_there, "{text}: {error}");
                    let expected =
                        format!("{name} is not built in: cargo build --features {feature}");
                    assert_eq!(error.to_string(), expected);
                }
            }
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, expected) in [
            ("postgres://u:secret@h:5432/d", "postgres://u:***@h:5432/d"),
            ("mysql://u@h/d?password=secret&a=b", "mysql://u@h/d?password=***&a=b"),
            ("redis://:secret@h/1", "redis://:***@h/1"),
            ("mongodb://h/d", "mongodb://h/d"),
        ] {
            assert_eq!(shown(&text.parse().unwrap()), expected);
        }
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn the_url_of_a_socket_is_read_as_postgresqls_tools_write_it() {
        let address: Address = "postgresql://postgres@/postgres?host=/run/pg".parse().unwrap();
        let Place::Server(Kind::Postgres, url) = address.0 else { panic!("{address}") };
        assert_eq!(url.host_str(), Some("localhost"));
    }

    #[test]
    #[cfg(feature = "mysql")]
    fn what_is_expected_of_mariadb_its_url_says() {
        for (text, full, backend) in [
            ("mysql://u:p@h/d", "mysql://u:p@h/d?innodb_snapshot_isolation=OFF", Backend::MariaDb),
            ("mysql://h/d?a=b", "mysql://h/d?a=b&innodb_snapshot_isolation=OFF", Backend::MariaDb),
            (
                "mysql://h/d?innodb_snapshot_isolation=on",
                "mysql://h/d?innodb_snapshot_isolation=on",
                Backend::MariaDbSnapshot,
            ),
        ] {
            let address = text.parse::<Address>().unwrap().settled();
            assert_eq!((address.in_full(), address.backend()), (full.into(), backend));
        }
        let error = "mysql://h/d?innodb_snapshot_isolation=yes".parse::<Address>().unwrap_err();
        assert_eq!(error.to_string(), "innodb_snapshot_isolation=yes: expected ON or OFF");
    }

    #[test]
    fn a_mode_that_the_database_cannot_have_is_refused_with_those_it_can() {
        let sqlite = Address::file("x");
        for mode in &crate::mode::MODES {
            let refused = sqlite.check(mode);
            let is_absent = ["read-committed", "repeatable-read"].contains(&mode.name);
            assert_eq!(refused.is_err(), is_absent, "{}", mode.name);
        }
        let error = sqlite.check(Mode::named("repeatable-read").unwrap()).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("SQLite has no repeatable-read: expected one of racy, "));
    }
}
