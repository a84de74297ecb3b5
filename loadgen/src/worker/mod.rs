//! The request loop: a thread with a runtime of its own, and its share of the connections.
//!
//! Nothing is shared between threads on the way of a request; each worker keeps its own record,
//! and publishes how far it is in counters that only it writes.

mod deadline;
mod operation;
mod pulse;
mod timers;

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::Failure;
use crate::pacer::{Pace, Pacer};
use crate::record::Record;
use crate::signal::Signal;
use crate::workload::{STEPS, Workload};
use deadline::{Deadlines, TimeIsUp};
use operation::{Operation, Own};
pub(crate) use pulse::{Pulse, Reading};
pub(crate) use timers::Timers;

/// What every worker of a run does.
#[derive(Debug)]
pub(crate) struct Job {
    /// Where to connect: the first that accepts is used.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) workload: Workload,
    pub(crate) keep_alive: bool,
    pub(crate) timeout: Duration,
    /// After so long without an answer a target has stalled.
    pub(crate) stall: Duration,
    pub(crate) survive_receive_errors: bool,
    pub(crate) survive_death: bool,
    /// When the run began; every worker counts from the same instant.
    pub(crate) started: Instant,
    pub(crate) stop: Signal<Stop>,
    pub(crate) timers: Timers,
    /// Whether any connection was ever made.
    pub(crate) reached: AtomicBool,
}

/// That a run is to end before its pacer says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) reason: StopReason,
    /// When it was said, since the start.
    pub(crate) at: Duration,
}

/// Why a run ended before its pacer said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// The user asked for it.
    Interrupted,
    /// The server under test ended.
    ServerEnded,
    /// The target stopped doing anything, and there is nothing to be learnt from going on.
    Stalled,
    /// No connection was ever made.
    Unreachable(String),
    /// Every connection was refused for [`DEAD_AFTER`].
    Dead(String),
    /// A connection failed while an answer was awaited, and the run is not to survive that.
    ReceiveError(String),
}

/// One worker's share of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) connections: usize,
    pub(crate) pacer: Pacer,
    /// The number of the first client among those of all workers.
    pub(crate) first_client: u32,
    /// The value of its first request that has one, and from each to the next.
    pub(crate) first_value: u64,
    pub(crate) value_step: u64,
    /// How much of a read it is ahead of its operations: what each worker rounds down, the others
    /// make up for.
    pub(crate) reads_ahead: f64,
    /// How many operations are kept one by one.
    pub(crate) history_limit: Option<u64>,
}

impl Job {
    /// Tells the run to end, unless it was told before.
    pub(crate) fn end(&self, reason: StopReason) {
        self.stop.raise(Stop { reason, at: self.started.elapsed() });
    }

    /// Waits until the run is ended for a stall: for ever where it ends otherwise.
    async fn stalled(&self) {
        if self.stop.wait().await.reason != StopReason::Stalled {
            std::future::pending::<()>().await;
        }
    }

    /// The time on the history's clock.
    fn nanoseconds(&self, at: Instant) -> u64 {
        let elapsed = at.saturating_duration_since(self.started);
        u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// How long requests in flight are waited for when a run ends before their answers came.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);
/// After this long of refusals, with no connection and no answer among them, a target is dead.
const DEAD_AFTER: Duration = Duration::from_secs(1);
/// The pause after a refused connection; it doubles with each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Runs one worker to its end on the calling thread.
///
/// `pulse` is how far it is, for whoever watches.
pub(crate) fn work(job: Arc<Job>, share: Share, pulse: Arc<Pulse>) -> io::Result<Record> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        // Every ready connection is served before the poller is asked again.
        .event_interval(1024)
        .build_local(tokio::runtime::LocalOptions::default())?;
    let worker = Worker {
        deadlines: Deadlines::new(share.connections, job.timeout),
        stopping: Cell::new(false),
        refused_since: Cell::new(None),
        address: Cell::new(0),
        record: RefCell::new(Record::new(STEPS, share.history_limit, job.started.into())),
        share,
        value: Cell::new(share.first_value),
        pulse,
        job,
    };
    Ok(runtime.block_on(worker.run()))
}

struct Worker {
    job: Arc<Job>,
    share: Share,
    deadlines: Deadlines,
    /// The value of the next request that has one.
    value: Cell<u64>,
    /// Whether the run is to end before the pacer says so.
    stopping: Cell<bool>,
    /// The first of the refusals since the target last answered or took a connection.
    refused_since: Cell<Option<Instant>>,
    /// The address that accepted last.
    address: Cell<usize>,
    record: RefCell<Record>,
    /// Operations begun and ended.
    pulse: Arc<Pulse>,
}

impl Worker {
    async fn run(self) -> Record {
        let worker = Rc::new(self);
        let mut clients = JoinSet::new();
        for index in 0..worker.share.connections {
            clients.spawn_local(client(Rc::clone(&worker), index));
        }
        tokio::select! {
            () = worker.serve(&mut clients) => {}
            never = worker.deadlines.watch(&worker.job.timers) => match never {},
        }
        clients.shutdown().await;
        let worker = Rc::into_inner(worker).expect("every client has ended");
        let record = worker.record.into_inner();
        assert_eq!(record.sent(), worker.pulse.begun(), "every request has one outcome");
        record.assert_sums();
        record
    }

    /// Waits for the clients to end; where the run ends first, for a while only.
    async fn serve(&self, clients: &mut JoinSet<()>) {
        let mut all_ended = pin!(async {
            while let Some(ended) = clients.join_next().await {
                ended.expect("no client panics");
            }
        });
        let drain_limit = tokio::select! {
            () = &mut all_ended => return,
            _ = self.job.stop.wait() => DRAIN_LIMIT,
            // Long enough for a target that has stopped answering to be seen to have stalled.
            () = self.time_is_up() => DRAIN_LIMIT.max(self.job.stall * 5 / 4),
        };
        self.stopping.set(true);
        // Whoever is still unanswered then ends as such when its client is dropped.
        tokio::select! {
            () = all_ended => {}
            () = self.job.timers.after(drain_limit) => {}
            // They have been waited for already.
            () = self.job.stalled() => {}
        }
    }

    async fn time_is_up(&self) {
        match self.share.pacer.duration {
            Some(duration) => self.job.timers.at(self.job.started + duration).await,
            None => std::future::pending().await,
        }
    }

    /// Whether another operation begins at `now`.
    fn may_begin(&self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.job.started);
        !self.stopping.get() && self.share.pacer.pace(elapsed, self.pulse.begun()) == Pace::Go
    }

    /// Whether what ended at `end` did so while the run lasted, and not in the drain after it.
    fn is_within(&self, end: Instant) -> bool {
        let is_late = |duration| end > self.job.started + duration;
        !self.stopping.get() && !self.share.pacer.duration.is_some_and(is_late)
    }

    fn next_value(&self) -> u64 {
        let value = self.value.get();
        self.value.set(value + self.share.value_step);
        value
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let addresses = &self.job.addresses;
        let mut error = io::ErrorKind::AddrNotAvailable.into();
        for offset in 0..addresses.len() {
            let index = (self.address.get() + offset) % addresses.len();
            match TcpStream::connect(addresses[index]).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    self.address.set(index);
                    self.refused_since.set(None);
                    self.job.reached.store(true, Ordering::Relaxed);
                    return Ok(stream);
                }
                Err(refusal) => error = refusal,
            }
        }
        Err(error)
    }

    /// Ends the run where `failure` means that going on is pointless or not wanted.
    fn consider(&self, failure: &Failure, now: Instant) {
        let never_reached = !self.job.reached.load(Ordering::Relaxed);
        let reason = match failure {
            Failure::Connect(_) | Failure::ConnectTimeout if never_reached => {
                StopReason::Unreachable(failure.to_string())
            }
            Failure::Connect(_) if self.is_dead(now) => StopReason::Dead(failure.to_string()),
            Failure::Receive(_) if !self.job.survive_receive_errors => {
                StopReason::ReceiveError(failure.to_string())
            }
            _ => return,
        };
        self.stopping.set(true);
        self.job.end(reason);
    }

    /// Whether the target, which has just refused a connection, has done nothing else for long.
    fn is_dead(&self, now: Instant) -> bool {
        let since = self.refused_since.get().unwrap_or(now);
        self.refused_since.set(Some(since));
        !self.job.survive_death && now - since >= DEAD_AFTER
    }
}

/// One connection's requests, one after the other, until the run ends.
async fn client(worker: Rc<Worker>, index: usize) {
    let mut connection = None;
    let mut own = Own::new(&worker.job.workload.update().request);
    let client = worker.share.first_client + u32::try_from(index).expect("connections are few");
    let mut refusals = 0;
    let mut now = Instant::now();
    while worker.may_begin(now) {
        let operation = Operation::begin(&worker, client, now);
        let request = operation.perform(&mut connection, &mut own);
        let result = worker.deadlines.within(index, now, request).await;
        match result.unwrap_or_else(|TimeIsUp| Err(Failure::timeout(operation.written.get()))) {
            Ok(answer) => {
                now = answer.finished;
                refusals = 0;
                operation.answered(&answer, &own.reply);
            }
            Err(failure) => {
                now = Instant::now();
                connection = None;
                operation.failed(now, &failure);
                if matches!(failure, Failure::Connect(_)) {
                    pause(&worker, refusals).await;
                    refusals += 1;
                    now = Instant::now();
                }
            }
        }
    }
}

/// Leaves a target that refuses connections alone for a while, unless the run ends meanwhile.
async fn pause(worker: &Worker, refusals: u32) {
    let pause = (FIRST_PAUSE * 2_u32.pow(refusals.min(8))).min(LONGEST_PAUSE);
    tokio::select! {
        () = worker.job.timers.after(pause) => {}
        _ = worker.job.stop.wait() => {}
    }
}
