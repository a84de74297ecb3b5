//! The server under test as a child process.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{Mode, RaceWindow};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

use crate::progress::tell;

/// The counter server, started for one run.
///
/// It ends when its standard input does, and that is a pipe from this process: it cannot outlive
/// us, whichever way we end. In a process group of its own it is spared the Ctrl-C that is for us.
pub(crate) struct EmbeddedServer {
    child: Child,
    /// Held apart, since waiting for a child closes the one it has.
    stdin: Option<ChildStdin>,
    command: String,
    pid: Option<u32>,
    url: Url,
    findings: Arc<Mutex<Vec<String>>>,
    log: JoinHandle<()>,
}

/// The counter server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The program could not be started.
    #[error("cannot start {command}: {error}")]
    Spawn {
        /// What was to be run.
        command: String,
        /// Why it was not.
        error: io::Error,
    },
    /// It ran and did not say where it listens.
    #[error("{command} did not say where it listens within {} s", START_LIMIT.as_secs())]
    NotListening {
        /// What was run.
        command: String,
    },
}

/// How a server ended, and what it said that matters.
#[derive(Debug, Clone)]
pub(crate) struct ServerEnd {
    /// The command line it was started with.
    pub(crate) command: String,
    pub(crate) pid: Option<u32>,
    /// How it ended by itself; `None` where it ran until it was told to end.
    pub(crate) status: Option<ExitStatus>,
    /// Lines of its standard error that say that something went wrong.
    pub(crate) findings: Vec<String>,
}

const START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(2);

impl EmbeddedServer {
    /// Starts `program`, which has the counter server as its subcommand, on a free port.
    pub(crate) async fn start(
        program: &Path,
        mode: &Mode,
        race_window: RaceWindow,
    ) -> Result<Self, StartError> {
        let race_window = race_window.to_string();
        let arguments = [
            "server",
            "--mode",
            mode.name,
            "--race-window",
            &race_window,
            "--listen",
            "127.0.0.1:0",
        ];
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
        let command = format!("{name} {}", arguments.join(" "));
        let mut child = Command::new(program)
            .args(arguments)
            .arg("--exit-with-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| StartError::Spawn { command: command.clone(), error })?;
        let findings = Arc::default();
        let log = tokio::spawn(forward_log(
            child.stderr.take().expect("stderr is piped"),
            Arc::clone(&findings),
        ));
        match timeout(START_LIMIT, listening(&mut child)).await.ok().flatten() {
            Some(url) => Ok(Self {
                pid: child.id(),
                stdin: child.stdin.take(),
                child,
                command,
                url,
                findings,
                log,
            }),
            None => Err(StartError::NotListening { command }),
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(&mut self) {
        // An error means that the child cannot be waited for, which it can until it was.
        let _ = self.child.wait().await;
    }

    /// Ends it, if it has not ended by itself, and says how it was.
    pub(crate) async fn stop(mut self) -> ServerEnd {
        let status = self.child.try_wait().ok().flatten();
        if status.is_none() {
            self.stdin = None;
            if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
                // It cannot fail for a child that has not been waited for.
                let _ = self.child.kill().await;
            }
        }
        // Its standard error ends with it, so that nothing it said is missed.
        let _ = timeout(STOP_LIMIT, self.log).await;
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ServerEnd { command: self.command, pid: self.pid, status, findings }
    }
}

/// The address that the server prints first.
async fn listening(child: &mut Child) -> Option<Url> {
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let line = lines.next_line().await.ok().flatten()?;
    line.strip_prefix("listening on ")?.parse().ok()
}

/// Passes the server's standard error on to ours, and keeps what matters.
async fn forward_log(stderr: ChildStderr, findings: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tell(format_args!("server: {line}"));
        if line.starts_with("fatal error: ") {
            findings.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}
