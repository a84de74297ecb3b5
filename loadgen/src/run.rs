//! One run, from the plan to the report.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::interval;
use url::Url;

use crate::client::Request;
use crate::pacer::Pacer;
use crate::plan::{Load, Plan};
use crate::record::Record;
use crate::report::{Measurement, Report, State};
use crate::resources::{Meter, TooManyFiles, Usage, allow_open_files};
use crate::signal::Signal;
use crate::state::{ReadError, Reader};
use crate::target::{self, Ready, ServerProcess, TargetError, host};
use crate::worker::{self, Job, Share, StopReason, Timers};

/// Why a run has no report.
#[derive(Debug, Error)]
pub enum RunError {
    /// There is nothing to load.
    #[error(transparent)]
    Target(#[from] TargetError),
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
    #[error(transparent)]
    OpenFiles(#[from] TooManyFiles),
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
    allow_open_files(plan.load.concurrency, plan.load.threads)?;
    let ready = unless(interrupt, target::prepare(&plan.target)).await??;
    let Ready { url, addresses, read, mut server } = ready;
    let reader = Reader::new(plan.load.timeout);

    let before = match &read {
        Some(read) => Some(
            unless(interrupt, reader.read(read))
                .await?
                .map_err(|error| RunError::Read { url: Box::new(read.url.clone()), error })?,
        ),
        None => None,
    };
    let job = Arc::new(Job {
        addresses,
        request: Request::new(&url, &plan.request),
        keep_alive: plan.request.keep_alive,
        timeout: plan.load.timeout,
        survive_receive_errors: plan.load.survive_receive_errors,
        survive_death: plan.load.survive_death,
        started: Instant::now(),
        stop: Signal::new(),
        timers: Timers::current(),
        reached: AtomicBool::new(false),
    });
    let loaded = load(&plan.load, &job, interrupt, server.as_mut(), observe).await?;
    let stop = job.stop.raised();
    let state = match (before, &read) {
        (Some(before), Some(read)) => Some(State { before, after: reader.read(read).await }),
        _ => None,
    };
    let Loaded { record, elapsed, usage, server_ended_after } = loaded;
    let server = match server {
        Some(server) => {
            let unread = state.as_ref().is_some_and(|state| state.after.is_err());
            let end = server.stop(unread || !record.failures.is_empty()).await;
            Some((end, server_ended_after.unwrap_or(elapsed)))
        }
        None => None,
    };
    let died = server.as_ref().is_some_and(|(server, _)| server.ended.is_some());
    if let (Some(StopReason::Unreachable(error)), false) = (&stop, died) {
        return Err(RunError::Unreachable { host: host(&url), error: error.clone() });
    }
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

/// What the workers brought back.
struct Loaded {
    record: Record,
    /// From the start to the end of the last operation.
    elapsed: Duration,
    usage: Usage,
    /// When the server was seen to have ended by itself, since the start.
    server_ended_after: Option<Duration>,
}

async fn load(
    load: &Load,
    job: &Arc<Job>,
    interrupt: &Signal<()>,
    mut server: Option<&mut ServerProcess>,
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
    let mut failed = None;
    let mut server_ended_after = None;
    let mut ticks = interval(OBSERVE_EVERY);
    loop {
        tokio::select! {
            joined = workers.join_next() => match joined {
                Some(worked) => match worked.expect("no worker panics") {
                    Ok(worked) => record.merge(worked),
                    Err(error) => {
                        // The others end first: nobody else would end them.
                        job.stop.raise(StopReason::Interrupted);
                        failed = Some(error);
                    }
                },
                None => break,
            },
            _ = ticks.tick() => observe(progress.iter().map(|c| c.load(Ordering::Relaxed)).sum()),
            () = interrupt.wait(), if job.stop.raised().is_none() => {
                job.stop.raise(StopReason::Interrupted);
            }
            () = ended(&mut server), if server_ended_after.is_none() => {
                server_ended_after = Some(job.started.elapsed());
                if !job.survive_death {
                    job.stop.raise(StopReason::ServerEnded);
                }
            }
        }
    }
    if let Some(error) = failed {
        return Err(RunError::Worker(error));
    }
    observe(record.outcomes.sum());
    let usage = meter.read();
    let elapsed = record.last_end.map_or(Duration::ZERO, |end| end - job.started);
    Ok(Loaded { record, elapsed, usage, server_ended_after })
}

/// Waits until the server ends by itself: for ever where there is none.
async fn ended(server: &mut Option<&mut ServerProcess>) {
    match server {
        Some(server) => {
            server.ended().await;
        }
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
