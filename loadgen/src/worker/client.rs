//! One client: a request after the other.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use super::alarms::TimeIsUp;
use super::operation::{Operation, Session};
use super::upcoming::{Next, Request};
use crate::schedule::Joining;
use crate::wire::{Driver, Failure};

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
    let mut session = Session::new(&worker.job, worker.client(index));
    let mut slot = None;
    let mut failures = 0;
    let mut now = Instant::now();
    loop {
        let request = match worker.try_next(index, now) {
            Some(Next::Begins(request)) => request,
            next => match worker.awaited(index, next).await {
                Some(request) => request,
                None => break,
            },
        };
        let mut step = worker.job.order.first(request.ticket.number, worker.share.stripe);
        let mut request = request;
        loop {
            let together = worker.job.tasks[step].step.together;
            if together > 1 {
                request = gathered(&worker, index, step, together, &request).await;
            }
            let operation = Operation::begin(&worker, index, step, &request);
            let deadline = request.call + operation.timeout();
            let result = {
                // In place: it is large, and would be moved for every request.
                let exchange = pin!(operation.perform(&mut slot, &mut session));
                worker.alarms.within(index, deadline, exchange).await
            };
            let timed = |_| Err(Failure::timeout(operation.is_written()));
            let goes_on = match result.unwrap_or_else(|TimeIsUp| timed(())) {
                Ok(answer) => {
                    now = answer.finished;
                    failures = 0;
                    operation.answered(&answer, &mut session)
                }
                Err(failure) => {
                    now = Instant::now();
                    slot = None;
                    if failure.is_unasked() {
                        worker.doubt(index, &session.carried);
                    }
                    let is_new = operation.failed(now, &failure, session.reply.illegal());
                    if waits_after(&worker, &failure, is_new) {
                        pause(&worker, index, failures).await;
                        failures += 1;
                        now = Instant::now();
                    }
                    false
                }
            };
            let Some((next, (least, most))) = worker.job.order.next(step) else { break };
            let is_cut = !goes_on || !worker.is_within(now);
            if is_cut {
                break;
            }
            if !most.is_zero() {
                wait(&worker, index, now + session.values.within(least, most)).await;
                now = Instant::now();
            }
            (step, request) = (next, request.behind(now));
        }
    }
    if let Some(mut held) = slot {
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
