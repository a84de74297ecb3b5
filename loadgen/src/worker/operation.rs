//! One request, from its start to its one outcome.

use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::net::TcpStream;

use super::Worker;
use crate::client::{Answer, Connection, Failure};
use crate::record::Begin;

/// One request, from its start to its one outcome.
///
/// Dropped without one, because its client was, it records that the run ended before it did.
pub(super) struct Operation<'w> {
    worker: &'w Worker,
    begun: Instant,
    connected: Cell<Option<Instant>>,
    /// Whether the service may have seen any of it.
    pub(super) written: Cell<bool>,
    ended: Cell<bool>,
}

impl<'w> Operation<'w> {
    pub(super) fn begin(worker: &'w Worker, begun: Instant) -> Self {
        worker.sent.set(worker.sent.get() + 1);
        let (connected, written, ended) = (Cell::new(None), Cell::new(false), Cell::new(false));
        Self { worker, begun, connected, written, ended }
    }

    /// Sends the request over `connection`, which is made first where there is none.
    pub(super) async fn perform(
        &self,
        connection: &mut Option<Connection<TcpStream>>,
    ) -> Result<Answer, Failure> {
        let Worker { job, record, .. } = self.worker;
        let open = if let Some(open) = connection {
            open
        } else {
            let stream = self.worker.connect().await.map_err(Failure::Connect)?;
            self.connected.set(Some(Instant::now()));
            connection.insert(Connection::new(stream))
        };
        let sample = |status, head: &[u8]| record.borrow_mut().sample(status, head);
        let answer = open.exchange(&job.request, &self.written, sample).await?;
        if !(answer.keep_alive && job.keep_alive) {
            *connection = None;
        }
        Ok(answer)
    }

    pub(super) fn answered(&self, answer: &Answer) {
        self.worker.refused_since.set(None);
        self.worker.record.borrow_mut().answered(self.times(), answer);
        self.end();
    }

    pub(super) fn failed(&self, now: Instant, failure: &Failure) {
        self.worker.record.borrow_mut().failed(self.times(), now, failure);
        self.worker.consider(failure, now);
        self.end();
    }

    fn times(&self) -> Begin {
        Begin { begun: self.begun, connected: self.connected.get() }
    }

    fn end(&self) {
        self.ended.set(true);
        // Only this thread writes it: a load and a store are an increment.
        let completed = self.worker.completed.load(Ordering::Relaxed) + 1;
        self.worker.completed.store(completed, Ordering::Relaxed);
    }
}

impl Drop for Operation<'_> {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.failed(Instant::now(), &Failure::ended(self.written.get()));
        }
    }
}
