//! One run, from the plan to the report.

mod stalling;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use check::History;
use thiserror::Error;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

use crate::history::{self, LastRead};
use crate::judged::Judged;
use crate::pacer::Pacer;
use crate::plan::{Judging, Load, Plan, Read, StateRead};
use crate::record::Record;
use crate::report::{Measurement, Report};
use crate::resources::{Meter, TooManyFiles, Usage, allow_open_files};
use crate::signal::Signal;
use crate::stall::Stalled;
use crate::state::{ReadError, Reader, State};
use crate::subject::{self, Fate, Ready, ServerEnd, ServerProcess, Stop, SubjectError, host};
use crate::worker::{self, Job, Pulse, Reading, Share, StopReason, Timers};
use crate::workload::Workload;
use stalling::{Stalling, read_last};

/// Why a run has no report.
#[derive(Debug, Error)]
pub enum RunError {
    /// There is nothing to load.
    #[error(transparent)]
    Subject(#[from] SubjectError),
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
    let ready = unless(interrupt, subject::prepare(&plan.subject)).await??;
    let Ready { base, addresses, mut server } = ready;
    let url = plan.update.on(&base);
    let read = plan.read.as_ref().map(|read| read.on(&base));
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
    let Loaded { mut record, elapsed, usage, server_ended_after, mut stalled } = loaded;
    // From a target that hangs nothing is waited for any longer than it takes to say that it does.
    let patience = (stop == Some(StopReason::Stalled)).then_some(plan.load.stall);
    let amiss = patience.is_none() && !record.failures.is_empty();
    let mut end = None;
    if plan.subject.restarts()
        && let Some(server) = server.take()
    {
        end = Some(server.stop(Stop { saves: true, amiss, patience: None }).await);
    }
    let after = match &plan.read {
        Some(read) => {
            let reader =
                patience.map_or(reader, |patience| Reader::new(plan.load.timeout.min(patience)));
            let called = job.started.elapsed();
            let state = if let Some(end) = &mut end {
                read_restarted(plan, read, &reader, end).await
            } else {
                let read = read.on(&base);
                let read = reader.read(&read, model);
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
        let amiss = amiss || unread && patience.is_none();
        end = Some(server.stop(Stop { saves: false, amiss, patience }).await);
    }
    let server = end.map(|end| (end, server_ended_after.unwrap_or(elapsed)));
    let died = server.as_ref().is_some_and(|(server, _)| matches!(server.fate, Fate::Died(_)));
    if let (Some(StopReason::Unreachable(error)), false) = (&stop, died) {
        return Err(RunError::Unreachable { host: host(&url), error: error.clone() });
    }
    let judged = match &plan.judging {
        Some(judging) => {
            history::of(record.take_recorder(), plan.key.clone(), before.as_ref(), after.as_ref())
                .map(|history| judge(history, judging))
        }
        None => None,
    };
    let judged = match judged {
        Some(judging) => Some(judging.await),
        None => None,
    };
    let state = before.zip(after.map(|after| after.state));
    let measurement =
        Measurement { url, record, elapsed, usage, stop, state, judged, server, stalled };
    Ok(Report::new(plan, &job.workload.update().request, measurement))
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
    read: &StateRead,
    reader: &Reader,
    end: &mut ServerEnd,
) -> Result<State, ReadError> {
    let model = plan.judging.as_ref().map(|judging| judging.model);
    // It may listen elsewhere than before.
    let Ready { base, server, .. } = subject::prepare(&plan.subject).await?;
    let state = reader.read(&read.on(&base), model).await;
    if let Some(server) = server {
        let stop = Stop { saves: false, amiss: state.is_err(), patience: None };
        end.go_on(server.stop(stop).await);
    }
    if end.fate == Fate::Killed { Err(ReadError::Killed) } else { state }
}

/// Judges `history` on a thread of its own: the one this is called on listens for interrupts.
async fn judge(history: History, judging: &Judging) -> Judged {
    let Judging { model, effort, .. } = *judging;
    let judged = spawn_blocking(move || Judged::new(history, model, effort)).await;
    judged.expect("no checker panics")
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
    let mut record = Record::new(None);
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
                        job.stop.raise(StopReason::Interrupted);
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
    observe(Observed::Ended(record.outcomes.sum()));
    let usage = meter.read();
    let elapsed = record.last_end.map_or(Duration::ZERO, |end| end - job.started);
    let stalled = stalling.into_stalled(elapsed, Reading::of(&pulses), observe);
    Ok(Loaded { record, elapsed, usage, server_ended_after, stalled })
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

/// Divides connections, requests and what is kept of them over the threads, as evenly as they go.
#[expect(clippy::cast_precision_loss, reason = "threads are few")]
fn shares(plan: &Plan) -> impl Iterator<Item = Share> + '_ {
    let Load { threads, concurrency, requests, duration, .. } = plan.load;
    let threads = threads as u64;
    let part = move |whole: u64, index: u64| whole / threads + u64::from(index < whole % threads);
    let limit = plan.judging.as_ref().map(|judging| judging.history_limit);
    let history_limit = limit.filter(|limit| *limit > 0);
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
