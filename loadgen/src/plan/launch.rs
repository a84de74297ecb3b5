//! How a server under test is started, watched and ended.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::destination::Log;

/// How a server under test is started, watched and ended.
#[derive(Debug, Clone)]
pub struct Launch {
    /// This program's own file: it has the supervisor as its subcommand `supervise`.
    pub program: PathBuf,
    /// The server and its arguments.
    pub command: Vec<OsString>,
    /// Where the command line looks as if a shell were to run it.
    pub shell_hint: Option<ShellHint>,
    /// How it shows that it takes connections, and where.
    pub readiness: Readiness,
    /// How long it may take to show that.
    pub wait: Duration,
    /// How long it may take to end after SIGTERM, before SIGKILL.
    pub grace: Duration,
    /// Where its output goes; without it, the last of it is kept.
    pub log: Option<Arc<Log>>,
    /// Whether its output is passed on to our standard error.
    pub echo: bool,
    /// Whether it is ended and started again before the state is read the last time.
    pub restart: bool,
}

/// What to say of a command line that a shell would read differently from us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellHint {
    /// How it is to be written.
    pub text: String,
    /// Whether no program is given such words.
    pub is_certain: bool,
}

/// How a server that was started shows that it takes connections.
#[derive(Debug, Clone)]
pub enum Readiness {
    /// It accepts connections at the host and port of this URL, where nobody did before.
    Accepts(Url),
    /// It writes `listening on URL`.
    Says,
}
