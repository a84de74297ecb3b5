//! One client: a request after the other.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use super::alarms::TimeIsUp;
use super::operation::{Operation, Session};
use super::upcoming::Next;
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
        let operation = Operation::begin(&worker, index, &request);
        let deadline = request.call + operation.timeout();
        let result = {
            // In place: it is large, and would be moved for every request.
            let exchange = pin!(operation.perform(&mut slot, &mut session));
            worker.alarms.within(index, deadline, exchange).await
        };
        match result.unwrap_or_else(|TimeIsUp| Err(Failure::timeout(operation.is_written()))) {
            Ok(answer) => {
                now = answer.finished;
                failures = 0;
                operation.answered(&answer, &mut session.reply, &mut session.carried);
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
            }
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
