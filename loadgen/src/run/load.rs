//! The load: the workers at work, and the one place that ends them.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use server::locks::Fact;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::probe::{Probe, Told};
use super::{Observed, RunError};
use crate::plan::Plan;
use crate::record::Record;
use crate::scenario::Stripe;
use crate::signal::Signal;
use crate::subject::ServerProcess;
use crate::watch::{Asked, Event, Proof, Stall, Stalled, StopReason, Survives, Watch};
use crate::wire::Driver;
use crate::worker::{self, Job, Pulse, Reading, Share, Waits};

/// What the workers brought back.
pub(super) struct Loaded {
    pub(super) record: Record,
    /// Why the load ended before its schedule said so, and when, since the start.
    pub(super) stop: Option<(StopReason, Duration)>,
    /// When the server was seen to have ended by itself, since the start.
    pub(super) server_ended_after: Option<Duration>,
    pub(super) stalled: Option<Stalled>,
}

/// The workers of a run.
pub(super) struct Workers {
    pub(super) working: JoinSet<io::Result<Record>>,
    pub(super) pulses: Vec<Arc<Pulse>>,
}

/// How a load is accompanied.
pub(super) struct Company<'c> {
    pub(super) interrupt: &'c Signal<()>,
    pub(super) server: Option<&'c mut ServerProcess>,
    pub(super) observe: &'c mut dyn FnMut(Observed),
}

impl Workers {
    /// Starts the workers of `plan`, each on a thread of its own.
    pub(super) fn start<D: Driver>(plan: &Plan, job: &Arc<Job<D>>) -> Self {
        let mut working = JoinSet::new();
        let mut pulses = Vec::new();
        for share in shares(plan) {
            let pulse = Arc::new(Pulse::new(share.clients));
            pulses.push(Arc::clone(&pulse));
            let job = Arc::clone(job);
            working.spawn_blocking(move || worker::work(job, share, pulse));
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
    let Company { interrupt, mut server, observe } = company;
    let mut record = Record::new(job.tasks.len(), history_limit(plan).map(|_| 0), job.started);
    let mut failed = None;
    let proof = proof(plan, probe.is_some());
    let mut control = Control::new(plan, job, proof, workers.pulses, observe);
    let mut asking = None;
    let mut ticks = interval(control.watch.interval());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            joined = workers.working.join_next() => match joined {
                Some(worked) => match worked.expect("no worker panics") {
                    Ok(worked) => record.merge(worked),
                    Err(error) => {
                        // The others end first: nobody else would end them.
                        control.end(StopReason::Interrupted);
                        failed = Some(error);
                    }
                },
                None => break,
            },
            _ = ticks.tick() => {
                control.tell_how_far();
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
            () = control.time_is_up() => control.pass_the_limit(),
            () = interrupt.wait(), if control.stop.is_none() => control.end(StopReason::Interrupted),
            () = ended(&mut server), if control.server_ended_after.is_none() => {
                control.server_ended();
            }
        }
    }
    match failed {
        Some(error) => Err(RunError::Worker(error)),
        None => Ok(control.into_loaded(record)),
    }
}

/// What it takes to say of the target of `plan` that it has stalled. The answers of the specimens
/// are known to be short.
fn proof(plan: &Plan, can_ask: bool) -> Proof {
    match plan.specimen {
        Some(_) => Proof::Silence,
        None if can_ask => Proof::Probe,
        None => Proof::Patience,
    }
}

/// Waits for what comes of `asking`: for ever where nothing was asked.
async fn told<F: Future<Output = Told> + Unpin>(asking: &mut Option<F>) -> Told {
    match asking {
        Some(asking) => asking.await,
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

/// How long requests in flight are waited for when a run ends before their answers came.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// What decides about the end of a load.
struct Control<'c, D: Driver> {
    job: &'c Job<D>,
    pulses: Vec<Arc<Pulse>>,
    watch: Watch,
    observe: &'c mut dyn FnMut(Observed),
    /// Whether a target that has stalled ends the load: nothing further can be learnt about a
    /// verdict.
    ends_at_stall: bool,
    survives_death: bool,
    /// The next instant at which something ends.
    limit: Limit,
    /// Why the load is being ended, and since when.
    stop: Option<(StopReason, Duration)>,
    server_ended_after: Option<Duration>,
    /// Whether the server was asked for its locks: once a run, in the first stall.
    asked: bool,
    /// What it said of them.
    locks: Option<Vec<Fact>>,
    /// What a silent target was asked, and whether it answered.
    told: Option<(Asked, bool)>,
}

/// What ends next by the clock.
#[derive(Debug, Clone, Copy)]
enum Limit {
    /// Nothing does.
    None,
    /// The load: from then on no request begins.
    Load(Instant),
    /// The wait for what is in flight.
    Drain(Instant),
}

impl<'c, D: Driver> Control<'c, D> {
    fn new(
        plan: &Plan,
        job: &'c Job<D>,
        proof: Proof,
        pulses: Vec<Arc<Pulse>>,
        observe: &'c mut dyn FnMut(Observed),
    ) -> Self {
        let load = &plan.load;
        let survives = Survives { broken: job.survives_broken, death: load.survives_death };
        Self {
            job,
            pulses,
            watch: Watch::new(load.concurrency, load.stall, survives, proof),
            observe,
            ends_at_stall: plan.is_judged(),
            survives_death: load.survives_death,
            limit: job.schedule.end().map_or(Limit::None, |end| Limit::Load(job.started + end)),
            stop: None,
            server_ended_after: None,
            asked: false,
            locks: None,
            told: None,
        }
    }

    /// Ends the load for `reason`, unless it is being ended for another.
    fn end(&mut self, reason: StopReason) {
        if self.stop.is_some() {
            return;
        }
        self.job.halt.stop();
        self.limit = Limit::Drain(Instant::now() + DRAIN_LIMIT);
        self.stop = Some((reason, self.job.started.elapsed()));
    }

    async fn time_is_up(&self) {
        match self.limit {
            Limit::None => std::future::pending().await,
            Limit::Load(at) | Limit::Drain(at) => sleep_until(at).await,
        }
    }

    fn pass_the_limit(&mut self) {
        self.limit = match self.limit {
            // The workers know by themselves, and each request in flight has its own time limit.
            Limit::Load(_) => Limit::None,
            Limit::Drain(_) | Limit::None => {
                self.job.halt.give_up();
                Limit::None
            }
        };
    }

    fn server_ended(&mut self) {
        self.server_ended_after = Some(self.job.started.elapsed());
        if !self.survives_death {
            self.end(StopReason::ServerEnded);
        }
    }

    fn reading(&self) -> Reading {
        Reading::of(&self.pulses)
    }

    fn tell_how_far(&mut self) {
        let ended = self.reading().ended;
        (self.observe)(Observed::Ended(ended));
    }

    fn waits(&self, now: Duration) -> Waits {
        let before = self.watch.hangs_before(now);
        Waits::of(&self.pulses, u64::try_from(before.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Whether a load that is ending, or whose server has ended, has its reason already.
    fn is_ending(&self) -> bool {
        self.stop.is_some() || self.server_ended_after.is_some()
    }

    /// Looks whether connections are a reason to end.
    fn look_at_connections(&mut self) {
        if self.is_ending() {
            return;
        }
        let (now, seen) = (self.job.started.elapsed(), self.job.incidents.seen());
        if let Some(reason) = self.watch.look_at_connections(now, self.reading(), &seen) {
            self.end(reason);
        }
    }

    /// Looks whether there is a reason to end, and what else there is to see; `server` is asked for
    /// its locks where the target has stalled.
    async fn look(&mut self, server: Option<&ServerProcess>) -> Option<Event> {
        self.look_at_connections();
        if self.is_ending() {
            return None;
        }
        let now = self.job.started.elapsed();
        let event = self.watch.look_for_stalls(now, self.reading(), self.waits(now))?;
        match event {
            Event::Suspected => {}
            Event::Stalled(Stall { lasted, in_flight, others_answered, .. }) => {
                let silent_for = lasted;
                (self.observe)(Observed::Stalled { silent_for, in_flight, others_answered });
                // Before anything is given up, which may release what the requests hold.
                if let (Some(server), false) = (server, self.asked) {
                    self.asked = true;
                    self.locks = server.locks().await;
                }
                if self.ends_at_stall {
                    self.end(StopReason::Stalled);
                }
                if self.ends_at_stall && !others_answered {
                    // What is in flight has been waited for already.
                    self.job.halt.give_up();
                    self.limit = Limit::None;
                }
            }
            Event::Recovered(silent_for) => (self.observe)(Observed::Recovered { silent_for }),
        }
        Some(event)
    }

    /// Takes down what came of a probe.
    fn told(&mut self, asked: Option<Asked>, told: Told) {
        self.watch.told(self.job.started.elapsed(), told == Told::Nothing);
        let answered = told == Told::Answered;
        self.told = asked.filter(|_| told != Told::Unclear).map(|asked| (asked, answered));
    }

    /// What became of the load, whose workers have all ended.
    fn into_loaded(mut self, record: Record) -> Loaded {
        (self.observe)(Observed::Ended(record.outcomes().sum()));
        let (now, reading) = (self.job.started.elapsed(), self.reading());
        // Something may have happened since the last look: a failure, or the end of a stall.
        self.look_at_connections();
        let event = self.watch.look_for_stalls(now, reading, Waits::default());
        if let Some(Event::Recovered(silent_for)) = event {
            (self.observe)(Observed::Recovered { silent_for });
        }
        let end = record.last_end.unwrap_or_default();
        let (locks, asked) = (self.locks, self.told);
        let stalls = self.watch.into_stalls(end);
        Loaded {
            record,
            stop: self.stop,
            server_ended_after: self.server_ended_after,
            stalled: stalls.map(|stalls| Stalled { stalls, locks, asked }),
        }
    }
}

/// How many operations are kept one by one, where any are.
fn history_limit(plan: &Plan) -> Option<u64> {
    let limit = plan.judging.as_ref().map(|judging| judging.history_limit);
    limit.filter(|limit| *limit > 0)
}

/// Divides clients, tickets and what is kept of them over the threads, as evenly as they go.
pub(super) fn shares(plan: &Plan) -> impl Iterator<Item = Share> + '_ {
    let threads = plan.load.threads as u64;
    let part = move |whole: u64, index: u64| whole / threads + u64::from(index < whole % threads);
    let history_limit = history_limit(plan);
    let mut first_client = 0;
    (0..threads).map(move |index| {
        let clients = usize::try_from(part(plan.load.concurrency as u64, index))
            .expect("a part is no larger than the whole");
        let share = Share {
            clients,
            first_client,
            stripe: Stripe { index, of: threads },
            history_limit: history_limit.map(|limit| part(limit, index)),
        };
        first_client += u32::try_from(clients).expect("clients are few");
        share
    })
}
