//! What a run does, validated: nothing behind it checks its values again.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use check::Model;
use store::{RaceWindow, Specimen};
use tempfile::TempPath;
use url::Url;

use crate::extract::Extract;
use crate::schedule::{Closed, Schedule};

pub use crate::scenario::{Call, PLACEHOLDER};

/// One run: a target, the request it is sent, how the load is shaped, and what is judged.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the requests go.
    pub target: Target,
    /// The request that updates; the same every time but for a value of its own.
    pub call: Call,
    /// The value of the first request, where requests have values of their own. It has 16 digits,
    /// and so have those that follow: the request with number n has this and n.
    pub first_value: u64,
    /// The share of the requests that read the state instead, from 0 to 1, exclusive.
    pub reads: f64,
    /// How many requests, for how long, how many at once.
    pub load: Load,
    /// What the object is called that the requests are about.
    pub key: String,
    /// How the history is judged; without it nothing is kept of single operations.
    pub judging: Option<Judging>,
}

/// What the operations mean, and how their history is judged.
#[derive(Debug, Clone)]
pub struct Judging {
    /// What they mean.
    pub model: Model,
    /// Where the answer to an update carries its result. Without it there is none; but whether
    /// something was taken the status says then: a 2xx did, a 409 and a 410 did not.
    pub result: Option<Extract>,
    /// With more operations than this, the totals alone are judged.
    pub history_limit: u64,
    /// How much is spent on the verdict.
    pub effort: Effort,
}

/// How much is spent on a verdict.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// For how long a search may go on.
    pub timeout: Duration,
    /// How much memory it may use for each object, in bytes.
    pub memory_bytes: usize,
    /// Whether a valid verdict is to come with the order that explains it.
    pub certify: bool,
}

/// Where the requests of a run go.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a plan is made once and not moved about")]
pub enum Target {
    /// A service.
    Url {
        /// Host and path; the scheme is `http`.
        url: Url,
        /// Where the state is read before and after. Without it the run is only measured.
        read: Option<Read>,
        /// How the service is started; `None` where it runs already.
        exec: Option<Exec>,
    },
    /// The server of specimens, started for this run as a child process.
    Embedded {
        /// This program's own file: it has that server as its subcommand `server`.
        program: PathBuf,
        /// What it serves, and how that is protected.
        specimen: Specimen,
        /// What the racy modes do between read and write; `None` for what the workload has.
        race_window: Option<RaceWindow>,
        /// The path and query of the request that updates.
        update: &'static str,
        /// Those of the one that reads.
        read: &'static str,
        /// Where it saves what is to outlive it. It is then ended and started again before the
        /// state is read the last time.
        journal: Option<Arc<TempPath>>,
    },
}

impl Plan {
    /// Whether the run is to end in a verdict.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        let reads_state = match &self.target {
            Target::Url { read, .. } => read.is_some(),
            Target::Embedded { .. } => true,
        };
        reads_state || self.judging.is_some()
    }

    /// When the requests of the load are due.
    pub(crate) fn schedule(&self) -> Box<dyn Schedule> {
        let Load { requests, duration, .. } = self.load;
        Box::new(Closed { requests, duration })
    }
}

impl Target {
    /// Whether the server is ended and started again before the state is read the last time.
    #[must_use]
    pub fn restarts(&self) -> bool {
        match self {
            Self::Url { exec, .. } => exec.as_ref().is_some_and(|exec| exec.restart),
            Self::Embedded { journal, .. } => journal.is_some(),
        }
    }
}

/// The grace of a server that is to save what it acknowledged, where nobody says otherwise: what is
/// not saved yet may take its time.
pub(crate) const GRACE_TO_SAVE: Duration = Duration::from_mins(1);

/// How a server under test is started and ended.
#[derive(Debug, Clone)]
pub struct Exec {
    /// This program's own file: it has the supervisor as its subcommand `supervise`.
    pub program: PathBuf,
    /// The server and its arguments.
    pub command: Vec<OsString>,
    /// How long it may take to accept connections.
    pub wait: Duration,
    /// How long it may take to end after SIGTERM, before SIGKILL.
    pub grace: Duration,
    /// Where its output goes; without it, the last of it is kept.
    pub log: Option<Arc<File>>,
    /// Whether it is ended and started again before the state is read the last time.
    pub restart: bool,
}

/// How the state of a service is read.
#[derive(Debug, Clone)]
pub struct Read {
    /// What is asked.
    pub url: Url,
    /// Where the number stands in the answer.
    pub extract: Extract,
}

/// The shape of a load: a closed loop over a number of connections.
#[derive(Debug, Clone)]
pub struct Load {
    /// How many requests are sent; `None` for as many as the duration allows.
    pub requests: Option<u64>,
    /// After which time no further request is sent.
    pub duration: Option<Duration>,
    /// How many requests are in flight at once, each on a connection of its own; at least 1.
    pub concurrency: usize,
    /// How many threads share the connections; from 1 to `concurrency`.
    pub threads: usize,
    /// Whether connections are kept for further requests.
    pub keep_alive: bool,
    /// Which client sends the requests.
    pub client: Client,
    /// How long a request may take, its connection included.
    pub timeout: Duration,
    /// After which time without a sign of life, with requests in flight, the target has stalled.
    pub stall: Duration,
    /// Whether the run goes on after a new connection ended before a byte of its first answer.
    pub survives_broken: bool,
    /// Whether the run goes on after the target has died.
    pub survives_death: bool,
}

impl Load {
    /// The same load, without keeping connections where `call` says that they are to be closed.
    #[must_use]
    pub(crate) fn kept_as(self, call: &Call) -> Self {
        let keep_alive = self.keep_alive && !call.says("Connection", "close");
        Self { keep_alive, ..self }
    }
}

/// Which client sends the requests of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Client {
    /// Our own, over HTTP/1.1.
    #[default]
    Http1,
    /// reqwest: what an ordinary client costs and does.
    Reqwest,
}

impl Client {
    /// Its name in a report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Reqwest => "reqwest",
        }
    }
}
