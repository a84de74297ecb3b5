//! The load: the workers at work, and the one place that ends them.

use std::io;
use std::sync::Arc;

use check::Proof;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::control::{Control, Loaded};
use super::first::First;
use super::probe::{Probe, Told};
use super::{Observed, RunError};
use crate::plan::{Judging, Plan};
use crate::record::{Record, Room};
use crate::schedule::Stripe;
use crate::signal::Signal;
use crate::subject::ServerProcess;
use crate::watch::{Event, StopReason};
use crate::wire::Driver;
use crate::worker::{self, Job, Pulse, Share};

/// The workers of a run.
pub(super) struct Workers {
    pub(super) working: JoinSet<io::Result<Record>>,
    pub(super) pulses: Vec<Arc<Pulse>>,
}

/// How a load is accompanied.
pub(super) struct Company<'c> {
    pub(super) interrupt: &'c Signal<()>,
    pub(super) server: Option<&'c mut ServerProcess>,
    pub(super) observe: &'c mut dyn FnMut(Observed<'_>),
    /// Raised when the answers prove an anomaly, where the run is to end at the first.
    pub(super) proved: Option<&'c Signal<Proof>>,
}

impl Workers {
    /// Starts the workers of `plan`, each on a thread of its own. What happens is told to the
    /// judge of a run that ends at its `first` anomaly.
    pub(super) fn start<D: Driver>(plan: &Plan, job: &Arc<Job<D>>, first: Option<First>) -> Self {
        let mut working = JoinSet::new();
        let mut pulses = Vec::new();
        let mut feeds = first.into_iter().flat_map(First::feeds);
        for share in shares(plan) {
            let pulse = Arc::new(Pulse::new(share.clients, job.schedule.joining()));
            pulses.push(Arc::clone(&pulse));
            let job = Arc::clone(job);
            let feed = feeds.next();
            working.spawn_blocking(move || worker::work(job, share, pulse, feed));
        }
        Self { working, pulses }
    }
}

/// Waits until the workers have ended, and ends them where there is a reason to. A target that falls
/// silent is asked by `probe` whether it answers anybody.
pub(super) async fn load<D: Driver>(
    plan: &Plan,
    job: &Job<D>,
    mut workers: Workers,
    probe: Option<&Probe<'_, D>>,
    company: Company<'_>,
) -> Result<Loaded, RunError> {
    let Company { interrupt, mut server, observe, proved } = company;
    let none = room(plan).map(|_| Room { operations: 0, bytes: 0 });
    let mut record = Record::new(job.kinds, none, job.started)
        .of_kinds(job.judged)
        .with_timings(plan.timings.map(|_| 0));
    let mut failed = None;
    let mut control = Control::new(plan, job, probe.is_some(), workers.pulses, observe);
    let mut asking = None;
    let mut ticks = interval(control.interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            joined = workers.working.join_next() => match joined {
                Some(worked) => match worked.expect("no worker panics") {
                    Ok(worked) => record.merge(worked),
                    Err(error) => {
                        // The others end first: nobody else would end them.
                        control.end(StopReason::NoWorker(error.to_string()));
                        failed = Some(error);
                    }
                },
                None => break,
            },
            _ = ticks.tick() => {
                control.tell_how_far();
                control.look_at_seconds();
                control.look_at_output(server.as_deref());
                if control.look(server.as_deref()).await == Some(Event::Suspected) {
                    asking = probe.map(|probe| Box::pin(probe.ask()));
                }
            }
            told = told(&mut asking) => {
                asking = None;
                control.told(probe.map(Probe::asked), told);
            }
            () = job.incidents.news() => {
                control.look_at_connections();
            }
            () = control.drain_is_over() => control.give_up(),
            () = interrupt.wait(), if !control.is_stopped() => control.end(StopReason::Interrupted),
            proof = proof(proved), if !control.is_stopped() => {
                control.end(StopReason::Proved(proof));
            }
            () = ended(&mut server), if !control.has_server_ended() => {
                control.server_ended();
            }
        }
    }
    match failed {
        // What the others have sent may have been applied.
        Some(error) if record.never_reached() => Err(RunError::Worker(error)),
        _ => Ok(control.into_loaded(record)),
    }
}

/// Waits for what comes of `asking`: for ever where nothing was asked.
async fn told<F: Future<Output = Told> + Unpin>(asking: &mut Option<F>) -> Told {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}

/// Waits until an anomaly is proved: for ever where nobody looks for one.
async fn proof(proved: Option<&Signal<Proof>>) -> Proof {
    match proved {
        Some(proved) => proved.wait().await,
        None => std::future::pending().await,
    }
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

/// How much is kept of the operations one by one, where anything is.
fn room(plan: &Plan) -> Option<Room> {
    let Judging { history_limit, effort, .. } = plan.judging.as_ref()?;
    let room = Room { operations: *history_limit, bytes: effort.memory_bytes };
    (room.operations > 0).then_some(room)
}

/// Divides clients, tickets and what is kept of them over the threads, as evenly as they go.
pub(super) fn shares(plan: &Plan) -> impl Iterator<Item = Share> + '_ {
    let threads = plan.load.threads as u64;
    let part = move |whole: u64, index: u64| whole / threads + u64::from(index < whole % threads);
    let room = room(plan);
    let mut first_client = 0;
    (0..threads).map(move |index| {
        let clients = usize::try_from(part(plan.load.concurrency as u64, index))
            .expect("a part is no larger than the whole");
        let share = Share {
            clients,
            first_client,
            of_clients: u32::try_from(plan.load.concurrency).expect("clients are few"),
            stripe: Stripe { index, of: threads },
            room: room.map(|Room { operations, bytes }| Room {
                operations: part(operations, index),
                bytes: bytes / plan.load.threads,
            }),
            timings: plan.timings.map(|most| part(most, index)),
        };
        first_client += u32::try_from(clients).expect("clients are few");
        share
    })
}
