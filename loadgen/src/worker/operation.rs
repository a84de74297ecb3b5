//! One request, from its start to its one outcome.

use std::cell::Cell;
use std::time::Instant;

use check::history::{NEVER, NIL, Outcome};
use tokio::net::TcpStream;

use super::Worker;
use crate::client::{Answer, Connection, Failure, Request};
use crate::record::{Begin, Sizes};
use crate::workload::{Listening, Reply, Task, outcome};

/// One request, from its start to its one outcome.
///
/// Dropped without one, because its client was, it records that the run ended before it did.
pub(super) struct Operation<'w> {
    worker: &'w Worker,
    task: &'w Task,
    client: u32,
    /// Its own value, where it has one.
    value: Option<u64>,
    begun: Instant,
    connected: Cell<Option<Instant>>,
    /// Whether the service may have seen any of it.
    pub(super) written: Cell<bool>,
    ended: Cell<bool>,
}

impl<'w> Operation<'w> {
    /// The worker's next operation, by the client with this number among all of the run.
    pub(super) fn begin(worker: &'w Worker, client: u32, begun: Instant) -> Self {
        let task = worker.job.workload.task(worker.pulse.begin(), worker.share.reads_ahead);
        let value = if task.request.has_value() { Some(worker.next_value()) } else { None };
        let (connected, written, ended) = (Cell::new(None), Cell::new(false), Cell::new(false));
        Self { worker, task, client, value, begun, connected, written, ended }
    }

    /// Sends the request over `connection`, which is made first where there is none.
    pub(super) async fn perform(
        &self,
        connection: &mut Option<Connection<TcpStream>>,
        own: &mut Own,
    ) -> Result<Answer, Failure> {
        let Worker { job, record, .. } = self.worker;
        let open = if let Some(open) = connection {
            open
        } else {
            let stream = self.worker.connect().await.map_err(Failure::Connect)?;
            self.connected.set(Some(Instant::now()));
            connection.insert(Connection::new(stream))
        };
        let request = match (self.value, &mut own.request) {
            (Some(value), Some(request)) => {
                request.set_value(value);
                request
            }
            _ => &self.task.request,
        };
        let sample = |status, head: &[u8]| record.borrow_mut().sample(self.task.step, status, head);
        let mut listening = Listening { task: self.task, reply: &mut own.reply, sample };
        let answer = open.exchange(request, &self.written, &mut listening).await?;
        if !(answer.keep_alive && job.keep_alive) {
            *connection = None;
        }
        Ok(answer)
    }

    pub(super) fn answered(&self, answer: &Answer, reply: &Reply) {
        self.worker.refused_since.set(None);
        let return_ns = self.worker.job.nanoseconds(answer.finished);
        self.worker.pulse.answered(return_ns);
        let mut record = self.worker.record.borrow_mut();
        let within = self.worker.is_within(answer.finished);
        record.answered(&self.how_begun(), answer, outcome(answer.status), within);
        record.operations.record(|lists| {
            let (outcome, result) = self.task.interpret(reply, lists);
            let unanswered = self.unanswered();
            let arg = if self.task.is_named_by_its_answer() { result } else { unanswered.arg };
            check::Operation { return_ns, arg, outcome, result, ..unanswered }
        });
        self.end();
    }

    pub(super) fn failed(&self, now: Instant, failure: &Failure) {
        if !failure.is_given_up() {
            self.worker.pulse.broken(self.worker.job.nanoseconds(now));
        }
        let mut record = self.worker.record.borrow_mut();
        record.failed(&self.how_begun(), now.into(), failure);
        let outcome = failure.outcome();
        record.operations.record(|_| check::Operation { outcome, ..self.unanswered() });
        drop(record);
        self.worker.consider(failure, now);
        self.end();
    }

    fn how_begun(&self) -> Begin {
        let Task { step, request, .. } = self.task;
        let begun = self.begun.into();
        Begin {
            step: *step,
            due: begun,
            call: begun,
            connected: self.connected.get().map(Into::into),
            sent: Sizes {
                bytes: request.bytes().len() as u64,
                body_bytes: request.body_bytes() as u64,
            },
        }
    }

    /// The operation for the history, as far as it is known without an answer.
    fn unanswered(&self) -> check::Operation {
        check::Operation {
            call_ns: self.worker.job.nanoseconds(self.begun),
            return_ns: NEVER,
            arg: self.task.arg(self.value),
            new: NIL,
            result: NIL,
            client: self.client,
            op: self.task.op,
            outcome: Outcome::Unknown,
        }
    }

    fn end(&self) {
        self.ended.set(true);
        self.worker.pulse.end();
    }
}

impl Drop for Operation<'_> {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.failed(Instant::now(), &Failure::ended(self.written.get()));
        }
    }
}

/// What a client keeps from one request to the next.
pub(super) struct Own {
    /// The request that holds the client's values, where there are any.
    request: Option<Request>,
    pub(super) reply: Reply,
}

impl Own {
    pub(super) fn new(update: &Request) -> Self {
        let request = update.has_value().then(|| update.clone());
        Self { request, reply: Reply::default() }
    }
}
