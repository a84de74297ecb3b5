//! One client: a request after the other.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use super::alarms::TimeIsUp;
use super::links::Held;
use super::operation::Operation;
use super::session::Session;
use super::upcoming::{Next, Request};
use crate::schedule::Joining;
use crate::wire::{Answer, Driver, Failure};

/// The pause after a connection that could not be made; it doubles with each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// One client's requests, one after the other, until there are no more.
pub(super) async fn client<D: Driver>(worker: Rc<Worker<D>>, index: usize) {
    if let Joining::Within(ramp_up) = worker.job.schedule.joining()
        && !ramp_up.is_zero()
    {
        let place = f64::from(worker.client(index)) / f64::from(worker.share.of_clients);
        wait(&worker, index, worker.job.started + ramp_up.mul_f64(place)).await;
    }
    let session = Session::new(&worker.job, worker.client(index));
    let mut client = Client { index, session, slot: None, failures: 0, now: Instant::now() };
    loop {
        let request = match worker.try_next(index, client.now) {
            Some(Next::Begins(request)) => request,
            next => match worker.awaited(index, next).await {
                Some(request) => request,
                None => break,
            },
        };
        let first = worker.job.order.first(request.ticket.number, worker.share.stripe);
        let (mut step, mut request) = (first, request);
        loop {
            let together = worker.job.tasks[step].step.together;
            if together > 1 {
                request = gathered(&worker, index, step, together, &request).await;
            }
            let operation = Operation::begin(&worker, index, step, &request);
            let mut deadline = request.call + operation.timeout();
            let result = loop {
                let result = {
                    // In place: it is large, and would be moved for every request.
                    let exchange = pin!(operation.perform(&mut client.slot, &mut client.session));
                    worker.alarms.within(index, deadline, exchange).await
                };
                match operation.follow(&result, &mut client.session) {
                    None => break result,
                    Some(hop) => deadline = hop + operation.timeout(),
                }
            };
            let goes_on = match client.ended(&worker, &operation, result) {
                Ended::Well { goes_on } => goes_on,
                Ended::Badly { pauses } => {
                    if pauses {
                        client.pause(&worker).await;
                    }
                    false
                }
            };
            let Some((next, pause)) = worker.job.order.next(step).filter(|_| goes_on) else {
                break;
            };
            if !pause.1.is_zero() {
                client.wait_between(&worker, pause).await;
            }
            if !worker.is_within(client.now) {
                break;
            }
            (step, request) = (next, request.behind(client.now));
        }
    }
    client.end(&worker).await;
}

/// A client between two requests.
struct Client<D: Driver> {
    /// Its index, among the worker's.
    index: usize,
    session: Session<D::Message>,
    slot: Option<Held<D::Slot>>,
    /// How many connections in a row could not be made.
    failures: u32,
    /// When its last request ended.
    now: Instant,
}

/// How a request ended.
enum Ended {
    /// It was answered.
    Well {
        /// Whether a round goes on behind it.
        goes_on: bool,
    },
    /// It was not.
    Badly {
        /// Whether the target is left alone for a while.
        pauses: bool,
    },
}

impl<D: Driver> Client<D> {
    /// Takes down how an operation ended.
    fn ended(
        &mut self,
        worker: &Worker<D>,
        operation: &Operation<'_, D>,
        result: Result<Result<Answer, Failure>, TimeIsUp>,
    ) -> Ended {
        let ended =
            match result.unwrap_or_else(|TimeIsUp| Err(Failure::timeout(operation.is_written()))) {
                Ok(answer) => {
                    self.now = answer.finished;
                    self.failures = 0;
                    Ended::Well { goes_on: operation.answered(&answer, &mut self.session) }
                }
                Err(failure) => {
                    self.now = Instant::now();
                    self.slot = None;
                    if failure.is_unasked() {
                        worker.doubt(self.index, &self.session.carried);
                    }
                    let is_new = operation.failed(self.now, &failure, self.session.reply.illegal());
                    Ended::Badly { pauses: waits_after(worker, &failure, is_new) }
                }
            };
        self.session.hop = None;
        ended
    }

    /// Leaves the target alone for a while.
    async fn pause(&mut self, worker: &Worker<D>) {
        pause(worker, self.index, self.failures).await;
        self.failures += 1;
        self.now = Instant::now();
    }

    /// Waits between two steps of a round, at least and at most for so long.
    async fn wait_between(&mut self, worker: &Worker<D>, (least, most): (Duration, Duration)) {
        let pause = self.session.values.within(least, most);
        wait(worker, self.index, self.now + pause).await;
        self.now = Instant::now();
    }

    /// Leaves its connection, once nothing comes over it any more that nobody asked for.
    async fn end(self, worker: &Worker<D>) {
        let Self { index, session, slot, now, .. } = self;
        let Some(mut held) = slot else { return };
        if let (Some(least), true) = (worker.job.awaits_unasked, D::IS_ORDERED) {
            let longest = worker.record.borrow().longest();
            let patience = session.carried.patience(now, longest, least);
            worker.alarms.until(index, now + patience).await;
        }
        if worker.job.driver.has_unasked(&mut held.slot) {
            worker.doubt(index, &session.carried);
        }
    }
}

/// `request` once as many clients are there to send the same, whose number is then that of all.
async fn gathered<D: Driver>(
    worker: &Worker<D>,
    index: usize,
    step: usize,
    together: usize,
    request: &Request,
) -> Request {
    let mut joining = pin!(worker.together[step].join(together, index, request.ticket.number));
    let number = poll_fn(|context| match joining.as_mut().poll(context) {
        Poll::Ready(number) => Poll::Ready(number),
        Poll::Pending => {
            worker.let_go();
            joining.as_mut().poll(context)
        }
    })
    .await;
    request.gathered(number)
}

/// Waits until `instant`, or until no further request begins.
async fn wait<D: Driver>(worker: &Worker<D>, index: usize, instant: Instant) {
    tokio::select! {
        biased;
        () = worker.job.halt.stopped() => {}
        () = worker.alarms.until(index, instant) => {}
    }
}

/// Whether a client leaves the target alone for a while after `failure`: no connection can be made,
/// or one failed when it was new and the watch is about to say what follows from that.
fn waits_after<D: Driver>(worker: &Worker<D>, failure: &Failure, is_new: bool) -> bool {
    let is_broken = is_new && failure.ended_unanswered();
    failure.is_unopened() || is_broken && !worker.job.survives_broken
}

async fn pause<D: Driver>(worker: &Worker<D>, index: usize, failures: u32) {
    let pause = (FIRST_PAUSE * 2_u32.pow(failures.min(8))).min(LONGEST_PAUSE);
    wait(worker, index, Instant::now() + pause).await;
}
