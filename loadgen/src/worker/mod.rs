//! The request loop: a thread with a runtime of its own, and its share of the clients.
//!
//! ticket → step → exchange → record. How an exchange is made is the driver's affair, when a request
//! begins the schedule's, and whether the run ends the watch's. Nothing is shared between threads on
//! the way of a request; each worker keeps its own record, and publishes how far it is in counters
//! that only it writes.

mod alarms;
mod busy;
mod carried;
mod client;
mod halt;
mod incidents;
mod links;
mod operation;
mod published;
mod pulse;
mod session;
mod telling;
mod together;
mod turns;
mod upcoming;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use std::{io, iter};

use tokio::time::Instant;
use url::Url;

use crate::extract::Steps;
use crate::plan::Plan;
use crate::reactor::{self, KernelTimer, Tasks};
use crate::record::{Feed, Record, Room};
use crate::scenario::{Order, Place, Scenario, Step, Values, Variables};
use crate::schedule::{Joining, Schedule, Stripe, Tickets};
use crate::timers::{Timer, Timers};
use crate::wire::{Driver, Endpoint};
use alarms::Alarms;
use busy::Busy;
use carried::Carried;
pub(crate) use halt::Halt;
pub(crate) use incidents::{Incidents, Seen};
use links::Links;
pub(crate) use pulse::{Pulse, Reading, Waits};
use together::Together;
use turns::Turns;

/// What every worker of a run does.
pub(crate) struct Job<D: Driver> {
    pub(crate) driver: D,
    /// Where to connect.
    pub(crate) endpoint: Endpoint,
    pub(crate) tasks: Vec<Task<D::Message>>,
    /// How many kinds of requests are counted.
    pub(crate) kinds: usize,
    /// Which of them those are whose answers were followed, where any are.
    redirects: Option<usize>,
    pub(crate) order: Order,
    /// Which steps update what is judged.
    pub(crate) updates: Vec<usize>,
    /// How many kinds of it there are; at least 1.
    pub(crate) judged: usize,
    /// What has a value in each client.
    pub(crate) variables: Variables,
    /// The value of the first request that has one.
    pub(crate) first_value: u64,
    /// What variables at random are made from.
    pub(crate) seed: u64,
    pub(crate) schedule: Box<dyn Schedule>,
    /// When the run began; every worker counts from the same instant.
    pub(crate) started: Instant,
    pub(crate) halt: Halt,
    pub(crate) incidents: Incidents,
    /// Whether the run goes on after connections that fail when they are new.
    pub(crate) survives_broken: bool,
    /// What each client has of its session; empty where none are opened.
    pub(crate) opened: Vec<Values>,
    /// How long an answer that nobody asked for is waited for at a connection's end, at least, where
    /// it is: it matters to whom an answer belongs, and the service may be behind a proxy.
    awaits_unasked: Option<Duration>,
}

/// A machine that is busy with other work lets a short answer wait for longer than it takes.
const UNASKED_WITHIN: Duration = Duration::from_millis(200);

/// A server that is ended to see what it has saved is given little time in which to save it.
const UNASKED_BEFORE_RESTART: Duration = Duration::from_millis(50);

/// A step, ready to be sent.
pub(crate) struct Task<M> {
    pub(crate) step: Step,
    /// Where the first of them goes, its variables as they are.
    pub(crate) url: Url,
    /// What is sent, in turn; there is at least one.
    pub(crate) messages: Vec<M>,
    /// What the numbers of its answers count.
    pub(crate) counted: Steps,
}

/// One worker's share of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// How many clients it may have, each with one request in flight.
    pub(crate) clients: usize,
    /// The number of the first among those of all workers.
    pub(crate) first_client: u32,
    /// How many all workers may have.
    pub(crate) of_clients: u32,
    /// Which tickets it takes.
    pub(crate) stripe: Stripe,
    /// How many operations are kept one by one, where any are.
    pub(crate) room: Option<Room>,
    /// The times of how many requests are kept one by one, where any are.
    pub(crate) timings: Option<u64>,
}

impl<M> Task<M> {
    /// Whose turn it is in the request with `number`.
    fn turn(&self, number: u64) -> usize {
        match self.messages.len() {
            1 => 0,
            count => usize::try_from(number % count as u64).expect("it is below a usize"),
        }
    }

    /// `step` of a subject at `base`.
    pub(crate) fn new<D: Driver<Message = M>>(driver: &D, step: Step, base: &Url) -> Self {
        let encode = |place: &Place, call| driver.encode(&place.on(base), call);
        let url = step.place.on(base);
        let own = encode(&step.place, &step.call);
        let others = step.others.iter().map(|(place, call)| encode(place, call));
        let messages = iter::once(own).chain(others).collect();
        Self { step, url, messages, counted: Steps::default() }
    }
}

impl<D: Driver> Job<D> {
    /// What the workers of `plan` are to do from now on, to a subject at `base`.
    pub(crate) fn new(plan: &Plan, base: &Url, driver: D, endpoint: Endpoint) -> Self {
        let updates = plan.scenario.updates().collect();
        let (kinds, redirects) = (plan.scenario.kinds(), plan.scenario.redirects());
        let Scenario { steps, order, variables, first_value, seed, .. } = plan.scenario.clone();
        let tasks = steps.into_iter().map(|step| Task::new(&driver, step, base)).collect();
        let restarts = plan.subject.restarts();
        let least = if restarts { UNASKED_BEFORE_RESTART } else { UNASKED_WITHIN };
        Self {
            driver,
            endpoint,
            tasks,
            kinds,
            redirects,
            order,
            updates,
            judged: plan.kinds().len().max(1),
            variables,
            first_value,
            seed,
            schedule: plan.schedule(),
            started: Instant::now(),
            halt: Halt::default(),
            incidents: Incidents::default(),
            survives_broken: plan.load.survives_broken,
            opened: Vec::new(),
            awaits_unasked: (plan.is_judged() && plan.specimen.is_none()).then_some(least),
        }
    }

    /// The same, where the numbers of each kind of what is judged count these `steps`.
    pub(crate) fn counting(mut self, steps: &[Steps]) -> Self {
        for task in &mut self.tasks {
            let counted = task.step.judged.and_then(|judged| steps.get(judged));
            task.counted = counted.copied().unwrap_or_default();
        }
        self
    }

    /// The same, where the clients have opened these sessions.
    pub(crate) fn opened(self, opened: Vec<Values>) -> Self {
        Self { opened, ..self }
    }

    /// What the client with this number, among those of all workers, begins with.
    fn values(&self, client: u32) -> Values {
        let fresh = || Values::of_client(client, self.seed, &self.variables);
        self.opened.get(client as usize).cloned().unwrap_or_else(fresh)
    }

    /// The time on the history's clock.
    fn nanoseconds(&self, at: Instant) -> u64 {
        nanoseconds(self.elapsed(at))
    }

    fn elapsed(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started)
    }
}

/// A time in nanoseconds. No run is so long that it does not fit.
fn nanoseconds(time: Duration) -> u64 {
    time.as_secs() * 1_000_000_000 + u64::from(time.subsec_nanos())
}

/// Runs one worker to its end on the calling thread.
///
/// `pulse` is how far it is, for whoever watches; `feed` is told what happens, where there is one.
pub(crate) fn work<D: Driver>(
    job: Arc<Job<D>>,
    share: Share,
    pulse: Arc<Pulse>,
    feed: Option<Feed>,
) -> io::Result<Record> {
    if D::NEEDS_TOKIO {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return Ok(runtime.block_on(async {
            let timer = Timer::Runtime(Timers::current());
            work_here(job, share, pulse, feed, timer).await
        }));
    }
    reactor::run(|| async {
        let timer = Timer::Kernel(KernelTimer::new()?);
        Ok(work_here(job, share, pulse, feed, timer).await)
    })?
}

/// Runs one worker to its end in whatever runtime this is polled in.
pub(crate) async fn work_here<D: Driver>(
    job: Arc<Job<D>>,
    share: Share,
    pulse: Arc<Pulse>,
    feed: Option<Feed>,
    timer: Timer,
) -> Record {
    let worker = Worker {
        busy: Busy::begin(),
        alarms: Alarms::new(share.clients + 1),
        links: Links::new(),
        tickets: RefCell::new(job.schedule.tickets(share.stripe)),
        turns: Turns::new(),
        paced_at: Cell::new(job.started),
        together: job.tasks.iter().map(|_| Together::default()).collect(),
        tasks: Tasks::new(),
        joined: Cell::new(0),
        at_work: Cell::new(0),
        is_given_up: Cell::new(false),
        last_within: job.schedule.end().map(|end| job.started + end),
        dropped: RefCell::default(),
        published: Cell::default(),
        record: RefCell::new(
            Record::new(job.kinds, share.room, job.started)
                .of_kinds(job.judged)
                .with_timings(share.timings),
        ),
        share,
        pulse,
        feed,
        job,
    };
    worker.run(timer).await
}

struct Worker<D: Driver> {
    job: Arc<Job<D>>,
    share: Share,
    /// How busy its thread is.
    busy: Busy,
    /// One for each client, and one more.
    alarms: Alarms,
    links: Links<D>,
    /// The requests to come.
    tickets: RefCell<Box<dyn Tickets>>,
    /// Which client takes the next of them.
    turns: Turns,
    /// When the last request began that was waited for.
    paced_at: Cell<Instant>,
    /// Of each step, who waits for others to send the same.
    together: Vec<Together>,
    /// The clients, and what attends to them.
    tasks: Tasks,
    /// How many clients have joined.
    joined: Cell<usize>,
    /// How many of them have not ended.
    at_work: Cell<usize>,
    /// Whether nothing is waited for any more.
    is_given_up: Cell<bool>,
    /// Answers that come later are no part of the load any more.
    last_within: Option<Instant>,
    /// What was dropped since the last second that was told, by the second in which it was due.
    dropped: RefCell<BTreeMap<u64, u64>>,
    /// How many requests had ended, were dropped and were in flight in the last second that was told.
    published: Cell<(u64, u64, u64)>,
    record: RefCell<Record>,
    pulse: Arc<Pulse>,
    /// Who is told what happens while it does.
    feed: Option<Feed>,
}

/// What a worker does beside its clients: it rings their alarms, tells how far it is, and listens for
/// the end of the run.
async fn attend<D: Driver>(worker: Rc<Worker<D>>, timer: Timer) {
    let mut is_halted = false;
    loop {
        tokio::select! {
            () = worker.job.halt.given_up() => break,
            () = worker.job.halt.stopped(), if !is_halted => {
                is_halted = true;
                // Whoever waits for its next request waits for none any more.
                worker.turns.holder().inspect(|client| worker.alarms.wake(*client));
                worker.together.iter().for_each(Together::let_go);
            }
            never = worker.alarms.watch(&timer) => match never {},
            never = worker.tell() => match never {},
            never = worker.publish_seconds() => match never {},
        }
    }
    worker.is_given_up.set(true);
}

impl<D: Driver> Worker<D> {
    async fn run(self, timer: Timer) -> Record {
        let worker = Rc::new(self);
        match worker.job.schedule.joining() {
            Joining::AsNeeded => worker.join_one(),
            Joining::Within(_) => (0..worker.share.clients).for_each(|_| worker.join_one()),
        }
        worker.tasks.spawn(attend(Rc::clone(&worker), timer));
        poll_fn(|context| {
            worker.tasks.poll(context);
            let is_over = worker.at_work.get() == 0 || worker.is_given_up.get();
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        // Whoever is still unanswered ends as such.
        worker.tasks.clear();
        worker.tell_the_rest();
        worker.publish_last();
        let worker = Rc::into_inner(worker).expect("every task has ended");
        let mut record = worker.record.into_inner();
        *record.reached = worker.links.reached();
        record.threads.push(worker.busy.end());
        assert_eq!(record.sent(), worker.pulse.begun(), "every request has one outcome");
        record.assert_sums();
        record
    }

    /// Takes down that something came that nobody had asked for over the connection of the client with
    /// this index, which has `carried` what is in doubt therefore.
    fn doubt(&self, client: usize, carried: &Carried) {
        self.revoke("answers may belong to other requests");
        let mut record = self.record.borrow_mut();
        record.doubt(carried.later());
        if let Some(first) = carried.first_call() {
            let since_ns = self.job.nanoseconds(first);
            for (index, operations) in record.operations.iter_mut().enumerate() {
                let steps = self.job.tasks.iter().map(|task| &task.step);
                let told = steps.filter(|step| step.judged == Some(index));
                let told = told.map(|step| step.meaning.tells()).max().unwrap_or_default();
                operations.doubt(self.client(client), since_ns, told);
            }
        }
    }

    /// Lets those go who wait for others, where nobody is left who could come.
    fn let_go(&self) {
        let waiting: usize = self.together.iter().map(Together::joined).sum();
        if waiting > 0 && waiting >= self.at_work.get() {
            self.together.iter().filter(|one| one.joined() > 0).for_each(Together::let_go);
        }
    }

    /// The number of the client with this index, among those of all workers.
    fn client(&self, index: usize) -> u32 {
        self.share.first_client + u32::try_from(index).expect("clients are few")
    }

    /// Whether an answer that was complete at `finished` came while the load lasted.
    fn is_within(&self, finished: Instant) -> bool {
        !self.job.halt.is_stopped() && self.last_within.is_none_or(|end| finished <= end)
    }
}
