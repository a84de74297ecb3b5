//! The ways of updating a document, and what is expected of each on each database. The one list that help
//! texts, the service, and whoever checks a table of results read.

use std::fmt;
use std::time::Duration;

use store::RaceWindow;

/// The name of the workload on a command line and in a report.
pub const WORKLOAD: &str = "documents";
/// What it is, in a few words.
pub const SUMMARY: &str = "documents in a database, which are read, changed and written back";

/// A way of updating documents.
#[derive(Debug)]
pub struct Mode {
    /// What the mode is called on a command line and in a report.
    pub name: &'static str,
    /// How it protects an update, in a few words.
    pub summary: &'static str,
    pub(crate) way: Way,
    /// In the order of [`BACKENDS`].
    expected: [Cell; BACKENDS.len()],
}

/// What a mode does where a document is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Read, race window, write, by these means of the database.
    By(Means),
    /// The same by no means, behind one lock of the process.
    ProcessMutex,
    /// One statement that adds. What no statement can do is compared at the write.
    Atomic,
    /// The client reads and writes: only what it sends is compared. `must_compare` where it has to send
    /// something.
    ClientSide { must_compare: bool },
    /// The answer comes before the write.
    AcknowledgeFirst,
}

/// By which of the database's means a read and a write belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// None.
    Nothing,
    /// A transaction at this level.
    Transaction(Isolation),
    /// A transaction that locks what it reads.
    ForUpdate,
    /// The version that was read is compared at the write.
    Compare,
}

/// A level of isolation, as SQL names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// The transaction sees what was committed before it began.
    RepeatableRead,
    /// As if transactions came one after the other.
    Serializable,
}

/// A database, as far as it matters to what is expected of a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MariaDB` with `innodb_snapshot_isolation=OFF`, or a server that has no such variable.
    MariaDb,
    /// `MariaDB` with `innodb_snapshot_isolation=ON`.
    MariaDbSnapshot,
    /// `MongoDB`.
    MongoDb,
    /// Redis.
    Redis,
}

/// Every database, in the order of a table.
pub const BACKENDS: [Backend; 6] = [
    Backend::Sqlite,
    Backend::Postgres,
    Backend::MariaDb,
    Backend::MariaDbSnapshot,
    Backend::MongoDb,
    Backend::Redis,
];

/// What becomes of a mode on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// The database has no such means.
    Absent,
    Holds,
    Loses,
    /// It holds with one server, and loses with two on one database.
    HoldsAlone,
    /// It holds until something dies.
    LosesInCrash,
}

/// What becomes of updates that were acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Every one is there.
    Correct,
    /// Some are missing.
    LosesUpdates,
    /// Some are missing after the server or the database was killed, and none before.
    LosesInCrash,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Correct => "correct",
            Self::LosesUpdates => "loses updates",
            Self::LosesInCrash => "loses updates in a crash",
        })
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MariaDbSnapshot => "MariaDB with innodb_snapshot_isolation",
            Self::MongoDb => "MongoDB",
            Self::Redis => "Redis",
        })
    }
}

const fn mode(
    name: &'static str,
    way: Way,
    expected: [Cell; BACKENDS.len()],
    summary: &'static str,
) -> Mode {
    Mode { name, summary, way, expected }
}

/// Every mode, the broken ones first.
#[rustfmt::skip] // a mode is a line
pub static MODES: [Mode; 11] = {
    use Cell::{Absent, Holds, HoldsAlone, Loses, LosesInCrash};
    use Isolation::{ReadCommitted, RepeatableRead, Serializable};
    use Means::{Compare, ForUpdate, Nothing, Transaction};
    use Way::{AcknowledgeFirst, Atomic, By, ClientSide, ProcessMutex};
    [
        //                                                                SQLite        PostgreSQL    MariaDB       snapshot      MongoDB       Redis
        mode("racy",                 By(Nothing),                        [Loses,        Loses,        Loses,        Loses,        Loses,        Loses],         "read, race window, write back whole: no transaction"),
        mode("process-mutex",        ProcessMutex,                       [HoldsAlone,   HoldsAlone,   HoldsAlone,   HoldsAlone,   HoldsAlone,   HoldsAlone],    "the same behind a lock in the server: another server has another lock"),
        mode("read-committed",       By(Transaction(ReadCommitted)),     [Absent,       Loses,        Loses,        Loses,        Absent,       Absent],        "read, race window, write in a transaction at READ COMMITTED"),
        mode("repeatable-read",      By(Transaction(RepeatableRead)),    [Absent,       Holds,        Loses,        Holds,        Absent,       Absent],        "the same at REPEATABLE READ, tried again if the database aborts it"),
        mode("client-side",          ClientSide { must_compare: false }, [Loses,        Loses,        Loses,        Loses,        Loses,        Loses],         "the client does GET and PUT: nothing else is offered"),
        mode("acknowledge-first",    AcknowledgeFirst,                   [LosesInCrash, LosesInCrash, LosesInCrash, LosesInCrash, LosesInCrash, LosesInCrash],  "answers 202 and writes afterwards"),
        mode("client-side-if-match", ClientSide { must_compare: true },  [Holds,        Holds,        Holds,        Holds,        Holds,        Holds],         "the client does GET and PUT with If-Match; a write without it is refused"),
        mode("serializable",         By(Transaction(Serializable)),      [Holds,        Holds,        Holds,        Holds,        Absent,       Absent],        "read, race window, write in a transaction at SERIALIZABLE, tried again if the database aborts it"),
        mode("for-update",           By(ForUpdate),                      [Holds,        Holds,        Holds,        Holds,        Absent,       Absent],        "SELECT ... FOR UPDATE locks what is read; SQLite: BEGIN IMMEDIATE locks everything"),
        mode("optimistic",           By(Compare),                        [Holds,        Holds,        Holds,        Holds,        Holds,        Holds],         "the version that was read is compared at the write, and all of it is done again if it has changed"),
        mode("atomic",               Atomic,                             [Holds,        Holds,        Holds,        Holds,        Holds,        Holds],         "one statement that adds (SET n = n + 1, $inc, HINCRBY); everything else is as in optimistic"),
    ]
};

impl Mode {
    /// The mode of this name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn named(name: &str) -> Result<&'static Self, UnknownMode> {
        let found = MODES.iter().find(|mode| mode.name == name);
        found.ok_or_else(|| UnknownMode { name: name.to_owned() })
    }

    /// Whether only the client reads and writes.
    #[must_use]
    pub fn is_client_side(&self) -> bool {
        matches!(self.way, Way::ClientSide { .. })
    }

    /// Whether an update is acknowledged before it is in the database.
    #[must_use]
    pub fn acknowledges_first(&self) -> bool {
        self.way == Way::AcknowledgeFirst
    }

    /// What passes between reading and writing, or between acknowledging and writing, where nobody says otherwise.
    #[must_use]
    pub fn race_window(&self) -> RaceWindow {
        // A timer keeps no less than a millisecond. What is acknowledged first is to be seen missing.
        let millis = if self.acknowledges_first() { 50 } else { 1 };
        RaceWindow::Wait(Duration::from_millis(millis))
    }

    /// Whether it moves an amount between two documents. `MongoDB` changes two at once in a transaction
    /// alone, which takes a replica set.
    #[must_use]
    pub fn has_transfers(&self, backend: Backend) -> bool {
        let is_careless = matches!(self.way, Way::By(Means::Nothing) | Way::ProcessMutex);
        !self.is_client_side() && (backend != Backend::MongoDb || is_careless)
    }

    /// Whether a write has to say which version it is about.
    #[must_use]
    pub fn must_compare(&self) -> bool {
        self.way == Way::ClientSide { must_compare: true }
    }

    /// What becomes of it on `backend`, with so many servers; `None` where the database cannot have it.
    #[must_use]
    pub fn expectation(&self, backend: Backend, servers: usize) -> Option<Expectation> {
        let column = BACKENDS.iter().position(|other| *other == backend)?;
        match self.expected[column] {
            Cell::Absent => None,
            Cell::Holds => Some(Expectation::Correct),
            Cell::HoldsAlone if servers <= 1 => Some(Expectation::Correct),
            Cell::Loses | Cell::HoldsAlone => Some(Expectation::LosesUpdates),
            Cell::LosesInCrash => Some(Expectation::LosesInCrash),
        }
    }

    /// What is said of it in a help text.
    #[must_use]
    pub fn expected_in_words(&self) -> &'static str {
        let is = |cell| self.expected.contains(&cell);
        match (is(Cell::Loses), is(Cell::Holds)) {
            (true, true) => "loses updates on some databases",
            (true, false) => "loses updates",
            _ if is(Cell::HoldsAlone) => "loses updates with two servers",
            _ if is(Cell::LosesInCrash) => "loses updates in a crash",
            _ => "correct",
        }
    }
}

impl Backend {
    /// The modes that this database can have.
    pub fn modes(self) -> impl Iterator<Item = &'static Mode> {
        MODES.iter().filter(move |mode| mode.expectation(self, 1).is_some())
    }

    /// Refuses a mode that it cannot have.
    ///
    /// # Errors
    /// When it cannot; the error lists those that it can.
    pub fn check(self, mode: &Mode) -> Result<(), NoSuchMode> {
        match mode.expectation(self, 1) {
            Some(_) => Ok(()),
            None => Err(NoSuchMode { mode: mode.name, backend: self }),
        }
    }
}

/// The database has no means for a mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{backend} has no {mode}: expected one of {}", names(backend.modes()))]
pub struct NoSuchMode {
    mode: &'static str,
    backend: Backend,
}

/// No mode has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a mode of {WORKLOAD}: expected one of {}", names(MODES.iter()))]
pub struct UnknownMode {
    name: String,
}

/// The names of modes, as a list in a sentence.
fn names(modes: impl Iterator<Item = &'static Mode>) -> String {
    modes.map(|mode| mode.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mode: &str, backend: Backend, servers: usize) -> Option<Expectation> {
        Mode::named(mode).unwrap().expectation(backend, servers)
    }

    #[test]
    fn what_databases_call_alike_is_not_alike() {
        use Expectation::{Correct, LosesUpdates};
        for servers in [1, 2] {
            let repeatable = |backend| of("repeatable-read", backend, servers);
            assert_eq!(repeatable(Backend::Postgres), Some(Correct));
            assert_eq!(repeatable(Backend::MariaDb), Some(LosesUpdates));
            assert_eq!(repeatable(Backend::MariaDbSnapshot), Some(Correct));
            assert_eq!(repeatable(Backend::Sqlite), None);
        }
    }

    #[test]
    fn a_lock_of_the_process_is_of_one_process() {
        for backend in BACKENDS {
            assert_eq!(of("process-mutex", backend, 1), Some(Expectation::Correct));
            assert_eq!(of("process-mutex", backend, 2), Some(Expectation::LosesUpdates));
            assert_eq!(of("atomic", backend, 2), Some(Expectation::Correct));
            assert_eq!(of("racy", backend, 1), Some(Expectation::LosesUpdates));
        }
    }

    #[test]
    fn names_are_unique_and_an_unknown_one_is_refused_with_all() {
        for mode in &MODES {
            assert!(std::ptr::eq(Mode::named(mode.name).unwrap(), mode));
        }
        let error = Mode::named("mutex").unwrap_err().to_string();
        assert!(error.starts_with("`mutex` is not a mode of documents: expected one of racy, "));
        assert!(error.ends_with("optimistic, atomic"), "{error}");
    }

    #[test]
    fn what_a_database_can_have_is_listed() {
        let redis = names(Backend::Redis.modes());
        assert_eq!(
            redis,
            "racy, process-mutex, client-side, acknowledge-first, client-side-if-match, optimistic, atomic"
        );
        assert_eq!(Backend::Postgres.modes().count(), MODES.len());
        let sqlite = names(Backend::Sqlite.modes());
        assert!(sqlite.contains("for-update") && !sqlite.contains("repeatable"), "{sqlite}");
    }

    #[test]
    fn a_few_words_say_what_is_expected() {
        for (name, words) in [
            ("racy", "loses updates"),
            ("process-mutex", "loses updates with two servers"),
            ("read-committed", "loses updates"),
            ("repeatable-read", "loses updates on some databases"),
            ("client-side", "loses updates"),
            ("client-side-if-match", "correct"),
            ("acknowledge-first", "loses updates in a crash"),
            ("optimistic", "correct"),
        ] {
            assert_eq!(Mode::named(name).unwrap().expected_in_words(), words, "{name}");
        }
    }
}
