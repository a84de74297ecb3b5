//! What is loaded: a service that runs, or a server under test, which is started for the run.

mod findings;
mod locks;
mod output;
mod process;
pub mod supervise;

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use crate::extract::Extract;
use crate::plan::{Exec, GRACE_TO_SAVE, Read, Target};

pub use findings::Finding;
use process::Start;
pub(crate) use process::{HowEnded, ServerEnd, ServerProcess, signal_name};

/// A target that takes connections.
pub(crate) struct Ready {
    /// What is loaded.
    pub(crate) url: Url,
    pub(crate) addresses: Vec<SocketAddr>,
    /// Where the state is read.
    pub(crate) read: Option<Read>,
    /// The server, where it was started for the run.
    pub(crate) server: Option<ServerProcess>,
}

/// Why there is nothing to load.
#[derive(Debug, Error)]
pub enum TargetError {
    /// The host has no address.
    #[error("cannot resolve {host}: {error}")]
    Resolve {
        /// The host and port of the URL.
        host: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// It could not be run at all.
    #[error("cannot start `{command}`: {reason}")]
    NotStarted {
        /// What was to be run.
        command: String,
        /// Why it was not.
        reason: String,
    },
    /// Somebody answers where the server is to be.
    #[error(
        "something accepts connections at {address} already: end it, or let the server listen elsewhere"
    )]
    Occupied {
        /// Where it accepts.
        address: SocketAddr,
    },
    /// It ended before it took a connection.
    #[error("`{command}` ended before it accepted connections: {ended}{output}")]
    Ended {
        /// What was run.
        command: String,
        /// How it ended.
        ended: String,
        /// The last of what it said.
        output: String,
    },
    /// It ran and took no connection.
    #[error("`{command}` accepted no connection within {} s{output}", .limit.as_secs_f64())]
    NotListening {
        /// What was run.
        command: String,
        /// How long it was given.
        limit: Duration,
        /// The last of what it said.
        output: String,
    },
}

/// Starts what is to be started, and finds out where the target is.
pub(crate) async fn prepare(target: &Target) -> Result<Ready, TargetError> {
    match target {
        Target::Url { url, read, exec } => {
            let addresses = resolve(url).await?;
            let server = match exec {
                Some(exec) => Some(start(exec, &addresses).await?),
                None => None,
            };
            Ok(Ready { url: url.clone(), addresses, read: read.clone(), server })
        }
        Target::Embedded { update, read, .. } => {
            let (base, server) = start_embedded(target).await?;
            let at = |path: &str| base.join(path).expect("the path is a valid reference");
            let read = Read { url: at(read), extract: Extract::LastInteger };
            let addresses = resolve(&base).await?;
            Ok(Ready { url: at(update), addresses, read: Some(read), server: Some(server) })
        }
    }
}

/// Starts the server under test and waits until it accepts connections.
async fn start(exec: &Exec, addresses: &[SocketAddr]) -> Result<ServerProcess, TargetError> {
    let Exec { program, command, wait, grace, log, .. } = exec;
    if let Ok(Some(address)) = timeout(*wait, accepts(addresses)).await {
        return Err(TargetError::Occupied { address });
    }
    let start = Start { program, command, grace: *grace, log: log.clone(), echo: false };
    let (mut server, _) = ServerProcess::start(start).await?;
    server.accepting(addresses, *wait).await?;
    Ok(server)
}

/// Starts the server of specimens on a free port, and waits until it says which.
async fn start_embedded(target: &Target) -> Result<(Url, ServerProcess), TargetError> {
    const WAIT: Duration = Duration::from_secs(10);
    const GRACE: Duration = Duration::from_secs(2);
    let Target::Embedded { program, specimen, race_window, journal, .. } = target else {
        unreachable!("a service is not started so")
    };
    let mut command = vec![program.as_os_str().to_owned()];
    let arguments = ["server", "--workload", specimen.workload.name, "--mode", specimen.mode.name];
    command.extend(arguments.map(OsString::from));
    command.extend(["--listen", "127.0.0.1:0"].map(OsString::from));
    if let Some(race_window) = race_window {
        command.extend(["--race-window".into(), race_window.to_string().into()]);
    }
    if let Some(journal) = journal {
        command.extend(["--journal".into(), journal.as_os_str().to_owned()]);
    }
    let grace = if journal.is_some() { GRACE_TO_SAVE } else { GRACE };
    let start = Start { program, command: &command, grace, log: None, echo: true };
    let (mut server, listening) = ServerProcess::start(start).await?;
    let url = server.says_where(listening, WAIT).await?;
    Ok((url, server))
}

/// The host of a URL, and its port where that is given.
pub(crate) fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

/// The addresses of a URL's host.
pub(crate) async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, TargetError> {
    let failed = |error| TargetError::Resolve { host: host(url), error };
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    Ok(tokio::net::lookup_host((name, port)).await.map_err(failed)?.collect())
}

/// The first of `addresses` that takes a connection.
async fn accepts(addresses: &[SocketAddr]) -> Option<SocketAddr> {
    for address in addresses {
        if TcpStream::connect(address).await.is_ok() {
            return Some(*address);
        }
    }
    None
}
