//! The service under test: one that runs already, or one that is launched and supervised.

mod descendants;
mod fate;
mod findings;
mod locks;
mod output;
mod patterns;
mod process;
pub mod supervise;

use std::io;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use url::Url;

use crate::plan::{Launch, Readiness, Subject};
use crate::wire::{Address, Naming};

pub(crate) use fate::{Fate, HowEnded, signal_name};
#[cfg(test)]
pub(crate) use findings::Findings;
pub(crate) use findings::findings;
pub use findings::{Finding, Provoked};
pub(crate) use process::{ServerEnd, ServerProcess, Stop, left_behind};

/// A subject that takes connections.
pub(crate) struct Ready {
    /// What paths on the subject are relative to.
    pub(crate) base: Url,
    /// Where it takes connections.
    pub(crate) addresses: Vec<Address>,
    /// How long it took to look these up.
    pub(crate) resolved_in: Duration,
    /// The server, where it was started for the run.
    pub(crate) server: Option<ServerProcess>,
}

/// Why there is nothing to load.
#[derive(Debug, Error)]
pub enum SubjectError {
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
        address: Address,
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

/// Starts what is to be started, and finds out where the subject listens.
pub(crate) async fn prepare(subject: &Subject, naming: &Naming) -> Result<Ready, SubjectError> {
    match subject {
        Subject::Running(url) => {
            let begun = Instant::now();
            let (base, addresses) = (url.clone(), resolve(url, naming).await?);
            Ok(Ready { base, addresses, resolved_in: begun.elapsed(), server: None })
        }
        Subject::Launched(launch) => start(launch, naming).await,
    }
}

/// Starts a server under test and waits until it takes connections.
async fn start(launch: &Launch, naming: &Naming) -> Result<Ready, SubjectError> {
    match &launch.readiness {
        Readiness::Accepts(url) => {
            let begun = Instant::now();
            let addresses = resolve(url, naming).await?;
            let resolved_in = begun.elapsed();
            if let Ok(Some(address)) = timeout(launch.wait, accepts(&addresses)).await {
                return Err(SubjectError::Occupied { address });
            }
            let (mut server, _) = ServerProcess::start(launch).await?;
            server.accepting(&addresses, launch.wait).await?;
            Ok(Ready { base: url.clone(), addresses, resolved_in, server: Some(server) })
        }
        Readiness::Says => {
            let (mut server, listening) = ServerProcess::start(launch).await?;
            let base = server.says_where(listening, launch.wait).await?;
            let begun = Instant::now();
            let addresses = resolve(&base, naming).await?;
            Ok(Ready { base, addresses, resolved_in: begun.elapsed(), server: Some(server) })
        }
    }
}

/// The host of a URL, and its port where that is given.
pub(crate) fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

/// The addresses of a URL's host.
pub(crate) async fn resolve(url: &Url, naming: &Naming) -> Result<Vec<Address>, SubjectError> {
    let reached = naming.proxy.as_ref().unwrap_or(url);
    let failed = |error| SubjectError::Resolve { host: host(reached), error };
    naming.resolve(url).await.map_err(failed)
}

/// The first of `addresses` that takes a connection.
async fn accepts(addresses: &[Address]) -> Option<Address> {
    for address in addresses {
        let is_taken = match address {
            Address::Tcp(address) => TcpStream::connect(address).await.is_ok(),
            Address::Unix(path) => UnixStream::connect(path).await.is_ok(),
        };
        if is_taken {
            return Some(address.clone());
        }
    }
    None
}
