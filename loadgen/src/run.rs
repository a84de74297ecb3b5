//! One run, from the plan to the report.

mod stalling;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

use crate::judge::{self, Facts, Judgement, LastRead};
use crate::pacer::Pacer;
use crate::plan::{Load, Plan, Read};
use crate::record::{Record, Span};
use crate::report::Report;
use crate::resources::{Meter, TooManyFiles, Usage, allow_open_files};
use crate::signal::Signal;
use crate::stall::Stalled;
use crate::state::{ReadError, Reader, State};
use crate::target::{self, Ready, ServerEnd, ServerProcess, TargetError, host};
use crate::worker::{self, Job, Pulse, Reading, Share, StopReason, Timers};
use crate::workload::{STEPS, Workload};
use stalling::{Stalling, read_last};

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

/// What whoever watches a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// From time to time: so many requests have ended.
    Ended(u64),
    /// The target has stalled.
    Stalled {
        /// How long ago it last did something.
        silent_for: Duration,
        /// How many requests it leaves unanswered.
        in_flight: u64,
    },
    /// It goes on.
    Recovered {
        /// How long it did nothing.
        silent_for: Duration,
    },
}

/// Does what `plan` says.
///
/// `interrupt` ends the load early; what was measured is then reported all the same. `observe` is
/// told how the run goes; it changes nothing of what is measured.
///
/// # Errors
/// When the load could not begin, or not one connection was made.
///
/// # Panics
/// When a worker does, or loses count of its requests: both are defects of this program.
pub async fn run(
    plan: &Plan,
    interrupt: &Signal<()>,
    observe: &mut dyn FnMut(Observed),
) -> Result<Report, RunError> {
    // Before a server is started, which inherits the limit and has as many connections.
    allow_open_files(plan.load.concurrency, plan.load.threads)?;
    let ready = unless(interrupt, target::prepare(&plan.target)).await??;
    let Ready { url, addresses, read, mut server } = ready;
    let reader = Reader::new(plan.load.timeout);

    let model = plan.judging.as_ref().map(|judging| judging.model);
    let before = match &read {
        Some(read) => Some(
            unless(interrupt, reader.read(read, model))
                .await?
                .map_err(|error| RunError::Read { url: Box::new(read.url.clone()), error })?,
        ),
        None => None,
    };
    let job = Arc::new(job(plan, &url, addresses, read.as_ref()));
    let loaded = load(plan, &job, read.is_some(), interrupt, server.as_mut(), observe).await?;
    let stop = job.stop.raised();
    let Loaded { record, last_end, usage, server_ended_after, mut stalled } = loaded;
    let span = Span::new(&plan.load, record.sent(), last_end, stop.as_ref().map(|stop| stop.at));
    let stop = stop.map(|stop| stop.reason);
    // From a target that hangs nothing is waited for any longer than it takes to say that it does.
    let patience = (stop == Some(StopReason::Stalled)).then_some(plan.load.stall);
    let amiss = patience.is_none() && !record.counts().failures.is_empty();
    let mut end = None;
    if plan.target.restarts()
        && let Some(server) = server.take()
    {
        // It has to save what it acknowledged, and has its grace for it.
        end = Some(server.stop(amiss, None).await);
    }
    let after = match &read {
        Some(read) => {
            let reader =
                patience.map_or(reader, |patience| Reader::new(plan.load.timeout.min(patience)));
            let called = job.started.elapsed();
            let state = if let Some(end) = &mut end {
                read_restarted(plan, &reader, end).await
            } else {
                let read = reader.read(read, model);
                let (state, unanswered) = read_last(&job, server.as_ref(), read).await;
                stalled = stalled.or(unanswered);
                state
            };
            Some(LastRead { called, returned: job.started.elapsed(), state })
        }
        None => None,
    };
    if let Some(server) = server {
        let unread = after.as_ref().is_some_and(|after| after.state.is_err());
        end = Some(server.stop(amiss || unread && patience.is_none(), patience).await);
    }
    let server = end.map(|end| (end, server_ended_after.unwrap_or(last_end)));
    let died = server.as_ref().is_some_and(|(server, _)| server.ended.is_some());
    if let (Some(StopReason::Unreachable(error)), false) = (&stop, died) {
        return Err(RunError::Unreachable { host: host(&url), error: error.clone() });
    }
    let facts = Facts { url, record, span, usage, stop, before, after, server, stalled };
    let (facts, judgement) = judge(plan, facts).await;
    Ok(Report::new(plan, &job.workload.update().request, facts, judgement))
}

/// What the workers are to do, from now on.
fn job(plan: &Plan, url: &Url, addresses: Vec<SocketAddr>, read: Option<&Read>) -> Job {
    Job {
        addresses,
        workload: Workload::new(plan, url, read),
        keep_alive: plan.request.keep_alive,
        timeout: plan.load.timeout,
        stall: plan.load.stall,
        survive_receive_errors: plan.load.survive_receive_errors,
        survive_death: plan.load.survive_death,
        started: Instant::now(),
        stop: Signal::new(),
        timers: Timers::current(),
        reached: AtomicBool::new(false),
    }
}

/// The state as it is once the server has been started again; what it says then is added to how it
/// was when it ended.
async fn read_restarted(
    plan: &Plan,
    reader: &Reader,
    end: &mut ServerEnd,
) -> Result<State, ReadError> {
    let model = plan.judging.as_ref().map(|judging| judging.model);
    let Ready { read, server, .. } = target::prepare(&plan.target).await?;
    let state = match &read {
        Some(read) => reader.read(read, model).await,
        None => unreachable!("a state that was read before can be read"),
    };
    if let Some(server) = server {
        end.go_on(server.stop(state.is_err(), None).await);
    }
    if end.killed { Err(ReadError::Killed) } else { state }
}

/// Judges `facts` on a thread of its own: the one this is called on listens for interrupts.
async fn judge(plan: &Plan, mut facts: Facts) -> (Facts, Judgement) {
    let plan = plan.clone();
    let judged = spawn_blocking(move || {
        let begun = Instant::now();
        let judgement = judge::judge(&plan, &mut facts, &|| begun.elapsed());
        (facts, judgement)
    });
    judged.await.expect("no checker panics")
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
    /// When the last operation ended, since the start.
    last_end: Duration,
    usage: Usage,
    /// When the server was seen to have ended by itself, since the start.
    server_ended_after: Option<Duration>,
    stalled: Option<Stalled>,
}

async fn load(
    plan: &Plan,
    job: &Arc<Job>,
    reads_state: bool,
    interrupt: &Signal<()>,
    mut server: Option<&mut ServerProcess>,
    observe: &mut dyn FnMut(Observed),
) -> Result<Loaded, RunError> {
    let meter = Meter::start();
    let mut workers = JoinSet::new();
    let mut pulses = Vec::new();
    for share in shares(plan) {
        let pulse = Arc::new(Pulse::default());
        pulses.push(Arc::clone(&pulse));
        let job = Arc::clone(job);
        workers.spawn_blocking(move || worker::work(job, share, pulse));
    }
    let history_limit = history_limit(plan).map(|_| 0);
    let mut record = Record::new(STEPS, history_limit, job.started.into());
    let mut failed = None;
    let mut server_ended_after = None;
    let judged = plan.judging.is_some() || reads_state;
    let mut stalling = Stalling::new(job, plan.load.stall, judged);
    let mut ticks = interval(stalling.interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            joined = workers.join_next() => match joined {
                Some(worked) => match worked.expect("no worker panics") {
                    Ok(worked) => record.merge(worked),
                    Err(error) => {
                        // The others end first: nobody else would end them.
                        job.end(StopReason::Interrupted);
                        failed = Some(error);
                    }
                },
                None => break,
            },
            _ = ticks.tick() => {
                let reading = Reading::of(&pulses);
                observe(Observed::Ended(reading.ended));
                // A run that is ending, or whose server has ended, has its reason already.
                if job.stop.raised().is_none() && server_ended_after.is_none() {
                    stalling.look(reading, server.as_deref(), observe).await;
                }
            }
            () = interrupt.wait(), if job.stop.raised().is_none() => {
                job.end(StopReason::Interrupted);
            }
            () = ended(&mut server), if server_ended_after.is_none() => {
                server_ended_after = Some(job.started.elapsed());
                if !job.survive_death {
                    job.end(StopReason::ServerEnded);
                }
            }
        }
    }
    if let Some(error) = failed {
        return Err(RunError::Worker(error));
    }
    observe(Observed::Ended(record.sent()));
    let usage = meter.read();
    let last_end = record.last_end.unwrap_or_default();
    let stalled = stalling.into_stalled(last_end, Reading::of(&pulses), observe);
    Ok(Loaded { record, last_end, usage, server_ended_after, stalled })
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

/// How many operations are kept one by one, where any are.
fn history_limit(plan: &Plan) -> Option<u64> {
    let limit = plan.judging.as_ref().map(|judging| judging.history_limit);
    limit.filter(|limit| *limit > 0)
}

/// Divides connections, requests and what is kept of them over the threads, as evenly as they go.
#[expect(clippy::cast_precision_loss, reason = "threads are few")]
fn shares(plan: &Plan) -> impl Iterator<Item = Share> + '_ {
    let Load { threads, concurrency, requests, duration, .. } = plan.load;
    let threads = threads as u64;
    let part = move |whole: u64, index: u64| whole / threads + u64::from(index < whole % threads);
    let history_limit = history_limit(plan);
    let mut first_client = 0;
    (0..threads).map(move |index| {
        let connections = usize::try_from(part(concurrency as u64, index))
            .expect("a part is no larger than the whole");
        let share = Share {
            connections,
            pacer: Pacer { requests: requests.map(|requests| part(requests, index)), duration },
            first_client,
            first_value: plan.request.first_value.unwrap_or_default() + index,
            value_step: threads,
            reads_ahead: index as f64 / threads as f64,
            history_limit: history_limit.map(|limit| part(limit, index)),
        };
        first_client += u32::try_from(connections).expect("connections are few");
        share
    })
}
