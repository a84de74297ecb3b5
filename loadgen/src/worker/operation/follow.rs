//! A request that leads to another.

use tokio::time::Instant;

use super::super::alarms::TimeIsUp;
use super::super::nanoseconds;
use super::{Operation, Session};
use crate::record::{Begin, Kind};
use crate::redirect::{First, follow, is_redirect};
use crate::wire::{Answer, Driver, Failure, Progress};

impl<D: Driver> Operation<'_, D> {
    /// Goes on with the request that its answer leads to, where that is followed: when that begins. The
    /// operation ends with the last of them.
    pub(in crate::worker) fn follow(
        &self,
        result: &Result<Result<Answer, Failure>, TimeIsUp>,
        session: &mut Session<D::Message>,
    ) -> Option<Instant> {
        match result {
            Ok(Ok(answer)) if self.task.step.follow > 0 && is_redirect(answer.status) => {
                self.go_on(answer, session)
            }
            _ => None,
        }
    }

    #[cold]
    fn go_on(&self, answer: &Answer, session: &mut Session<D::Message>) -> Option<Instant> {
        let Session { values, reply, carried, hop, .. } = session;
        let (worker, task) = (self.worker, self.task);
        let job = &worker.job;
        let redirects = Kind { step: job.redirects?, ..self.kind() };
        let first = First { step: &task.step, turn: self.turn, base: &task.url };
        let next = follow(&job.driver, first, hop.as_deref(), &reply.heard(), values).ok()?;
        let at = job.elapsed(answer.finished);
        let within = worker.is_within(answer.finished);
        worker.pulse.answered(nanoseconds(at));
        let mut record = worker.record.borrow_mut();
        if let Some(content) = reply.take_sampled() {
            record.sampled(self.kind(), answer.status, content);
        }
        let begun = Begin { kind: redirects, ..self.how_begun() };
        record.followed(&begun, answer, within, at);
        drop(record);
        carried.followed(redirects, self.called());
        worker.pulse.follow(self.client);
        self.is_new.set(false);
        self.connected.set(None);
        self.progress.set(Progress::Nothing);
        self.sent.set(job.driver.sizes(&next.message));
        self.hop.set(Some(answer.finished));
        *hop = Some(Box::new(next));
        Some(answer.finished)
    }
}
