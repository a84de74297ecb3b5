//! One run, from the plan to the report.

mod aftermath;
mod begin;
mod control;
mod dry;
mod first;
mod load;
mod lookups;
mod observed;
mod opening;
mod probe;
mod seconds;
#[cfg(test)]
mod tests;
mod watched;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use check::Model;
use thiserror::Error;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use url::Url;

use crate::exit::Exit;
use crate::extract::Decimal;
use crate::invariant::All;
use crate::judge::{self, Early, Facts, Judgement};
use crate::plan::{Client, Connecting, Load, Plan};
use crate::record::{Record, Span};
use crate::report::Report;
use crate::resources::{Meter, TooManyFiles, allow_open_files};
use crate::signal::Signal;
use crate::state::{ReadError, Readers, State};
use crate::subject::{self, Fate, Ready, SubjectError, host};
use crate::timers::Timers;
use crate::watch::StopReason;
use crate::wire::http1::Http1;
use crate::wire::http2::Http2;
use crate::wire::reqwest::Reqwest;
use crate::wire::{Address, Dialer, Driver, Endpoint, Failure, OpenError, Shortage};
use crate::worker::Job;
use aftermath::{Aftermath, Ending};
use begin::{Begun, begin};
use control::Loaded;
pub use dry::dry_run;
use first::First;
use load::{Company, Workers, load};
use lookups::Counted;
pub use observed::{Moment, Observed};
use probe::Probe;

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
    /// Not one connection was made, for want of something on this machine.
    #[error("cannot begin: {0}")]
    Short(Shortage),
    /// The state could not be read before the load, which was then not begun.
    #[error("cannot read the state at {url}: {error}")]
    Read {
        /// What was asked.
        url: Box<Url>,
        /// What went wrong.
        error: ReadError,
    },
    /// The state is no whole number, and the model knows no others.
    #[error(
        "the state at {url} is {number}: the elements and values of a {model} are whole numbers"
    )]
    Fraction {
        /// What was asked.
        url: Box<Url>,
        /// The state.
        number: Decimal,
        /// The model.
        model: Model,
    },
    /// The state says nothing, and nothing else says what there is at first.
    #[error(
        "the state at {url} says nothing, and a {model} has to begin with a number: expected one there, \
         or {model}:N"
    )]
    NoStart {
        /// What was asked.
        url: Box<Url>,
        /// The model.
        model: Model,
    },
    /// The state has a number with more decimals than are counted.
    #[error(
        "the state at {url} has {number}: expected at most {decimals} decimals, as decimals in judge says"
    )]
    Decimals {
        /// What was asked.
        url: Box<Url>,
        /// The number.
        number: Decimal,
        /// How many are counted.
        decimals: u8,
    },
    /// The process may not open as many connections as asked for.
    #[error(transparent)]
    OpenFiles(#[from] TooManyFiles),
    /// A worker's runtime could not be made.
    #[error("cannot start a worker: {0}")]
    Worker(io::Error),
    /// The service did not begin anew.
    #[error("the service could not be reset: {why}")]
    Reset {
        /// Why.
        why: String,
    },
    /// A client could not open its session.
    #[error("no session for client {client}: {step}: {why}")]
    Session {
        /// Which one.
        client: u32,
        /// The step that came to nothing.
        step: String,
        /// Why.
        why: String,
    },
    /// The user ended it before the load began.
    #[error("interrupted before the first request")]
    Interrupted,
}

impl RunError {
    /// Lines to be shown before what went wrong: what a server said before it ended, or which rules
    /// would have found a number. Empty where there are none.
    #[must_use]
    pub fn details(&self) -> String {
        match self {
            Self::Subject(
                SubjectError::Ended { output, .. } | SubjectError::NotListening { output, .. },
            ) => output.clone(),
            Self::Read { error, .. } => error.offers(),
            _ => String::new(),
        }
    }

    /// The code that the program exits with. An answer in which the number that counts is not named
    /// is a fault of the command line.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Read { error: ReadError::NotFound(_) | ReadError::Unseen(_), .. }
            | Self::Fraction { .. }
            | Self::Decimals { .. }
            | Self::NoStart { .. } => Exit::Usage,
            _ => Exit::Incomplete,
        }
    }
}

impl Plan {
    /// Does what it says, to its end.
    ///
    /// # Errors
    /// When the load could not begin, or not one connection was made.
    ///
    /// # Panics
    /// As [`run()`] does.
    pub async fn run(&self) -> Result<Report, RunError> {
        run(self, &Signal::new(), &mut |_| {}).await
    }
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
    observe: &mut dyn FnMut(Observed<'_>),
) -> Result<Report, RunError> {
    // Before a server is started, which inherits the limit and has as many connections.
    allow_open_files(plan.load.concurrency, plan.load.threads)?;
    let ready =
        unless(interrupt, subject::prepare(&plan.subject, &plan.load.connecting.naming)).await??;
    let Load { keep_alive, ref connecting, .. } = plan.load;
    match plan.load.client {
        Client::Http1 => {
            let driver = Http1::new(keep_alive, dialer(connecting));
            Box::pin(run_with(plan, driver, ready, interrupt, observe)).await
        }
        Client::Http2 { streams } => {
            let driver = Http2::new(streams, keep_alive, dialer(connecting));
            Box::pin(run_with(plan, driver, ready, interrupt, observe)).await
        }
        Client::Reqwest => {
            let driver = Reqwest::new(keep_alive, &ready.base, connecting);
            Box::pin(run_with(plan, driver, ready, interrupt, observe)).await
        }
    }
}

/// What makes connections as they are to be made.
fn dialer(connecting: &Connecting) -> Dialer {
    let Connecting { timeout, tls, from, .. } = connecting.clone();
    Dialer::new(Timers::current(), timeout).with_tls(tls).from(from)
}

/// The run of a target that is ready, over `driver`.
async fn run_with<D: Driver>(
    plan: &Plan,
    driver: D,
    ready: Ready,
    interrupt: &Signal<()>,
    observe: &mut dyn FnMut(Observed<'_>),
) -> Result<Report, RunError> {
    let Ready { base, addresses, resolved_in, mut server } = ready;
    if base.scheme() == "https" || matches!(plan.load.client, Client::Http2 { .. }) {
        unless(interrupt, greet(&driver, &base, &addresses, plan.load.timeout)).await??;
    }
    let url = plan.scenario.first().place.on(&base);
    let begun = begin(&driver, plan, (&base, &addresses), interrupt).await?;
    let Begun { opened, readers, before, took_to_read, watch, watched } = begun;
    let readers = readers.as_ref();
    let sources = readers.map(Readers::sources).unwrap_or_default();
    let steps = plan.steps(before.as_ref());
    let meter = Meter::start();
    let lookups = Counted::beginning(resolved_in);
    let endpoint = lookups.endpoint(plan, &base, addresses);
    let job = Job::new(plan, &base, driver, endpoint).counting(&steps).opened(opened);
    let job = Arc::new(job);
    let first =
        Early::new(plan, before.as_ref()).map(|early| First::watch(early, plan.load.threads));
    let proved = first.as_ref().map(|first| first.proved.clone());
    let workers = Workers::start(plan, &job, first);
    // A state that takes long to read does so without a load.
    let patience = plan.load.stall.max(2 * took_to_read);
    let probe = Probe::new(plan, &job, readers.map(Readers::first), patience);
    let company = Company { interrupt, server: server.as_mut(), observe, proved: proved.as_ref() };
    let loaded = load(plan, &job, workers, probe.as_ref(), company).await?;
    let usage = meter.read();
    let Loaded { mut record, stop, server_ended_after, stalled } = loaded;
    lookups.put_into(&mut record, &job.endpoint);
    let (stop, stopped_after) = stop.unzip();
    let last_end = record.last_end.unwrap_or_default();
    let span = span(plan, &record, job.schedule.end(), stopped_after);
    let patience = (stop == Some(StopReason::Stalled)).then_some(plan.load.stall);
    let accuses = |after: &State| {
        // A state that moves by itself never settles.
        let before = before.as_ref().filter(|before| !before.moves());
        before.is_some_and(|before| judge::accuse(plan, &record, &before.state, after))
    };
    let holds = |after: &All| judge::all_hold(plan, &record, &watched, after);
    let ending = Ending {
        accuses: &accuses,
        watch: (!plan.invariants.is_empty()).then_some((&watch, &holds)),
        interrupt: (stop != Some(StopReason::Interrupted)).then_some(interrupt),
        plan,
        job: &job,
        readers,
        patience,
        amiss: patience.is_none() && !record.failures().is_empty(),
    };
    let Aftermath { after, watched: seen, server, stalled: at_last } = ending.come(server).await;
    let died = server.as_ref().is_some_and(|server| matches!(server.fate, Fate::Died(_)));
    if let (Some(stop), false) = (&stop, died) {
        reached(stop, &record, plan, &url)?;
    }
    let server = server.map(|end| (end, server_ended_after.unwrap_or(last_end)));
    let facts = Facts {
        url,
        request: job.driver.show(&job.tasks[0].messages[0]),
        record,
        span,
        usage,
        stop,
        before,
        sources,
        after,
        watched: seen.map(|after| (watched, after)),
        server,
        stalled: stalled.or(at_last),
    };
    let (facts, judgement) = judge(plan, facts).await;
    Ok(Report::new(plan, facts, judgement))
}

/// Ends what would go wrong with every request: nobody agrees on TLS, or on HTTP/2. All else the load
/// itself tells.
async fn greet<D: Driver>(
    driver: &D,
    base: &Url,
    addresses: &[Address],
    limit: Duration,
) -> Result<(), RunError> {
    let endpoint = Endpoint::new(addresses.to_vec()).of(base);
    match timeout(limit, driver.greet(&endpoint)).await {
        Ok(Err(error @ (OpenError::Tls(_) | OpenError::Http2(_)))) => {
            let error = Failure::from(error).explained();
            Err(RunError::Unreachable { host: host(base), error })
        }
        Ok(_) => Ok(()),
        Err(_) => {
            let error = format!("no handshake within {} s", limit.as_secs_f64());
            Err(RunError::Unreachable { host: host(base), error })
        }
    }
}

/// How long a run of `plan` lasted that was to end at `end`, and was told to stop at `stopped`.
fn span(plan: &Plan, record: &Record, end: Option<Duration>, stopped: Option<Duration>) -> Span {
    let come = record.come_to(plan.load.warm_up, plan.scenario.begins());
    let last_end = record.last_end.unwrap_or_default();
    Span::new((plan.load.requests, end), come, last_end, stopped)
}

/// A run of which not a byte was sent has no report, where that is why it ended: whatever was sent
/// may have been applied.
fn reached(stop: &StopReason, record: &Record, plan: &Plan, url: &Url) -> Result<(), RunError> {
    match stop {
        _ if !record.never_reached() => Ok(()),
        StopReason::Unreachable(error) => {
            Err(RunError::Unreachable { host: by_way(plan, url), error: error.clone() })
        }
        StopReason::Short(shortage) => Err(RunError::Short(*shortage)),
        _ => Ok(()),
    }
}

/// The host of `url`, and the proxy that it is reached through.
fn by_way(plan: &Plan, url: &Url) -> String {
    match &plan.load.connecting.naming.proxy {
        Some(proxy) => format!("{} through the proxy {}", host(url), host(proxy)),
        None => host(url),
    }
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
