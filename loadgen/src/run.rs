//! One run, from the plan to the report.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};
use url::Url;

use crate::client::Request;
use crate::extract::Extract;
use crate::pacer::Pacer;
use crate::plan::{Load, Plan, Read, Target};
use crate::record::Record;
use crate::report::{Measurement, Report, State};
use crate::signal::Signal;
use crate::state::{ReadError, Reader};
use crate::target::{EmbeddedServer, StartError};
use crate::usage::{Meter, Usage};
use crate::worker::{self, Job, Share, StopReason};

/// Why a run has no report.
#[derive(Debug, Error)]
pub enum RunError {
    /// The counter server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The host has no address.
    #[error("cannot resolve {host}: {error}")]
    Resolve {
        /// The host and port of the URL.
        host: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// Not one connection was made.
    #[error("cannot reach {host}: {error}")]
    Unreachable {
        /// The host and port of the URL.
        host: String,
        /// Why the first connection failed.
        error: String,
    },
    /// The state could not be read before the load, which was then not begun.
    #[error("cannot read the state at {url}: {error}")]
    Read {
        /// What was asked.
        url: Box<Url>,
        /// What went wrong.
        error: ReadError,
    },
    /// The process may not open as many connections as asked for.
    #[error(
        "{needed} open files are needed, and this process may open {allowed}: raise the limit (ulimit -n) or lower -c"
    )]
    OpenFiles {
        /// Connections and what else is open.
        needed: u64,
        /// The hard limit.
        allowed: u64,
    },
    /// A worker's runtime could not be made.
    #[error("cannot start a worker: {0}")]
    Worker(io::Error),
    /// The user ended it before the load began.
    #[error("interrupted before the first request")]
    Interrupted,
}

/// How often whoever watches is told how far the run is.
const OBSERVE_EVERY: Duration = Duration::from_millis(100);

/// Does what `plan` says.
///
/// `interrupt` ends the load early; what was measured is then reported all the same. `observe` is
/// told from time to time how many requests have ended; it changes nothing of what is measured.
///
/// # Errors
/// When the load could not begin, or not one connection was made.
///
/// # Panics
/// When a worker does, or loses count of its requests: both are defects of this program.
pub async fn run(
    plan: &Plan,
    interrupt: &Signal<()>,
    observe: &mut dyn FnMut(u64),
) -> Result<Report, RunError> {
    // Before a server is started, which inherits the limit and has as many connections.
    raise_open_files_limit(plan.load.concurrency)?;
    let mut server = match &plan.target {
        Target::Url { .. } => None,
        Target::Embedded { program, mode, race_window } => {
            Some(EmbeddedServer::start(program, mode, *race_window).await?)
        }
    };
    let (url, read) = endpoints(&plan.target, server.as_ref());
    let reader = Reader::new(plan.load.timeout);

    let before = match &read {
        Some(read) => Some(
            unless(interrupt, reader.read(read))
                .await?
                .map_err(|error| RunError::Read { url: Box::new(read.url.clone()), error })?,
        ),
        None => None,
    };
    let addresses = unless(interrupt, resolve(&url)).await??;
    let job = Arc::new(Job {
        addresses,
        request: Request::new(&url, &plan.request),
        keep_alive: plan.request.keep_alive,
        timeout: plan.load.timeout,
        survive_receive_errors: plan.load.survive_receive_errors,
        started: Instant::now(),
        stop: Signal::new(),
        reached: AtomicBool::new(false),
    });
    let loaded = load(&plan.load, &job, interrupt, server.as_mut(), observe).await?;
    let stop = job.stop.raised();
    if let Some(StopReason::Unreachable(error)) = stop {
        return Err(RunError::Unreachable { host: host(&url), error });
    }
    let state = match (before, &read) {
        (Some(before), Some(read)) => Some(State { before, after: reader.read(read).await }),
        _ => None,
    };
    let server = match server {
        Some(server) => Some((server.stop().await, loaded.server_ended_after)),
        None => None,
    };
    let Loaded { record, elapsed, usage, .. } = loaded;
    let measurement = Measurement { url, record, elapsed, usage, stop, state, server };
    Ok(Report::new(plan, &job.request, measurement))
}

/// `future`, unless the user interrupts it.
async fn unless<F: Future>(interrupt: &Signal<()>, future: F) -> Result<F::Output, RunError> {
    tokio::select! {
        output = future => Ok(output),
        () = interrupt.wait() => Err(RunError::Interrupted),
    }
}

/// What is loaded, and where the state is read.
fn endpoints(target: &Target, server: Option<&EmbeddedServer>) -> (Url, Option<Read>) {
    match (target, server) {
        (Target::Url { url, read }, _) => (url.clone(), read.clone()),
        (Target::Embedded { .. }, server) => {
            let base = server.expect("an embedded target has been started").url();
            let at = |path: &str| base.join(path).expect("the path is a valid reference");
            let read = Read { url: at("/get?name=i"), extract: Extract::LastInteger };
            (at("/inc?name=i"), Some(read))
        }
    }
}

fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, RunError> {
    let failed = |error| RunError::Resolve { host: host(url), error };
    let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    Ok(tokio::net::lookup_host((name, port)).await.map_err(failed)?.collect())
}

/// Makes room for a connection per client and for everything else that is open.
fn raise_open_files_limit(concurrency: usize) -> Result<(), RunError> {
    const EVERYTHING_ELSE: u64 = 64;
    let needed = concurrency as u64 + EVERYTHING_ELSE;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((needed, needed));
    if soft >= needed {
        return Ok(());
    }
    if hard < needed || setrlimit(Resource::RLIMIT_NOFILE, needed, hard).is_err() {
        return Err(RunError::OpenFiles { needed, allowed: hard });
    }
    Ok(())
}

/// What the workers brought back.
struct Loaded {
    record: Record,
    /// From the start to the end of the last operation.
    elapsed: Duration,
    usage: Usage,
    /// When the embedded server was seen to have ended, since the start.
    server_ended_after: Option<Duration>,
}

async fn load(
    load: &Load,
    job: &Arc<Job>,
    interrupt: &Signal<()>,
    mut server: Option<&mut EmbeddedServer>,
    observe: &mut dyn FnMut(u64),
) -> Result<Loaded, RunError> {
    let meter = Meter::start();
    let mut workers = JoinSet::new();
    let mut progress = Vec::new();
    for share in shares(load) {
        let completed = Arc::new(AtomicU64::new(0));
        progress.push(Arc::clone(&completed));
        let job = Arc::clone(job);
        workers.spawn_blocking(move || worker::work(job, share, completed));
    }
    let mut record = Record::new();
    let mut server_ended_after = None;
    let mut ticks = interval(OBSERVE_EVERY);
    loop {
        tokio::select! {
            joined = workers.join_next() => match joined {
                Some(worked) => record.merge(worked.expect("no worker panics").map_err(RunError::Worker)?),
                None => break,
            },
            _ = ticks.tick() => observe(progress.iter().map(|c| c.load(Ordering::Relaxed)).sum()),
            () = interrupt.wait(), if job.stop.raised().is_none() => {
                job.stop.raise(StopReason::Interrupted);
            }
            () = ended(&mut server), if server_ended_after.is_none() => {
                server_ended_after = Some(job.started.elapsed());
                job.stop.raise(StopReason::ServerEnded);
            }
        }
    }
    observe(record.outcomes.sum());
    let usage = meter.read();
    if server_ended_after.is_none() && record.outcomes.ok < record.outcomes.sum() {
        // A server that took its connections with it may be gone a moment before it is seen to be.
        let _ = timeout(OBSERVE_EVERY, ended(&mut server)).await;
        server_ended_after = Some(job.started.elapsed());
    }
    let elapsed = record.last_end.map_or(Duration::ZERO, |end| end - job.started);
    Ok(Loaded { record, elapsed, usage, server_ended_after })
}

/// Waits until the server ends by itself: for ever where there is none.
async fn ended(server: &mut Option<&mut EmbeddedServer>) {
    match server {
        Some(server) => server.ended().await,
        None => std::future::pending().await,
    }
}

/// Divides connections and requests over the threads, as evenly as they go.
fn shares(load: &Load) -> impl Iterator<Item = Share> + '_ {
    let part = |whole: u64, index: u64| {
        let threads = load.threads as u64;
        whole / threads + u64::from(index < whole % threads)
    };
    (0..load.threads as u64).map(move |index| Share {
        connections: usize::try_from(part(load.concurrency as u64, index))
            .expect("a part is no larger than the whole"),
        pacer: Pacer {
            requests: load.requests.map(|requests| part(requests, index)),
            duration: load.duration,
        },
    })
}
