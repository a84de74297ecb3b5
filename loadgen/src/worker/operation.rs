//! One request, from its start to its one outcome.

mod follow;

use std::cell::Cell;
use std::time::Duration;

use check::history::{NEVER, NIL, Outcome};
use tokio::time::Instant;

use super::links::Held;
use super::session::Session;
use super::upcoming::Request;
use super::{Task, Worker, nanoseconds};
use crate::record::{Begin, End, Event, Kind};
use crate::redirect::Trail;
use crate::scenario::{Argued, Step, Transfer, Values};
use crate::schedule::{Due, Ticket};
use crate::wire::{Answer, Driver, Failure, Progress, Sizes};

/// One request, from its start to its one outcome.
///
/// Dropped without one, because its client was, it records that the run ended before it did.
pub(super) struct Operation<'w, D: Driver> {
    worker: &'w Worker<D>,
    /// The index of its step.
    step: usize,
    task: &'w Task<D::Message>,
    /// The index of its message, among those of the step.
    turn: usize,
    /// The index of its client, among the worker's.
    client: usize,
    /// Which request it is, among all.
    number: u64,
    /// What it says beside what it is.
    arg: Cell<i64>,
    /// Between which accounts it moves something.
    between: Cell<i64>,
    /// How long it is.
    sent: Cell<Sizes>,
    due: Instant,
    call: Instant,
    /// Whether it was due at a time.
    is_paced: bool,
    is_warm_up: bool,
    /// Whether its connection was made for it.
    is_new: Cell<bool>,
    /// When it was, as far as the driver tells.
    connected: Cell<Option<Instant>>,
    /// Which of many objects it is about, as the record numbers them; before it is made, none.
    object: Cell<Option<u32>>,
    progress: Cell<Progress>,
    /// When the request began that a redirect led to, the last of them; `None` before any did.
    hop: Cell<Option<Instant>>,
    ended: Cell<bool>,
}

impl<'w, D: Driver> Operation<'w, D> {
    /// The operation of `request`, which takes the step with the index `step`, by the client with this
    /// index.
    pub(super) fn begin(
        worker: &'w Worker<D>,
        client: usize,
        step: usize,
        request: &Request,
    ) -> Self {
        let Request { ticket: Ticket { number, due: is_due, is_warm_up }, due, call } = *request;
        let task = &worker.job.tasks[step];
        let value = task.step.call.variables.has_value.then(|| worker.job.first_value + number);
        let arg = Cell::new(task.step.meaning.arg(task.step.op, value));
        let is_paced = is_due != Due::Now;
        worker.pulse.begin();
        worker.happened(|| {
            let (client, call_ns) = (worker.client(client), worker.job.nanoseconds(call));
            let begun = Event::Begun { client, op: task.step.op, call_ns };
            task.step.judged.map(|_| begun)
        });
        let turn = task.turn(number);
        let sent = Cell::new(worker.job.driver.sizes(&task.messages[turn]));
        let (is_new, connected, object) = (Cell::new(false), Cell::new(None), Cell::new(None));
        let between = Cell::new(NIL);
        let (progress, ended) = (Cell::new(Progress::Nothing), Cell::new(false));
        Self {
            worker,
            step,
            task,
            turn,
            client,
            number,
            arg,
            between,
            sent,
            due,
            call,
            is_paced,
            is_warm_up,
            is_new,
            connected,
            object,
            progress,
            hop: Cell::new(None),
            ended,
        }
    }

    /// How long it may take, its connection included.
    pub(super) fn timeout(&self) -> Duration {
        self.task.step.timeout
    }

    /// Whether the service may have seen any of it.
    pub(super) fn is_written(&self) -> bool {
        self.progress.get() != Progress::Nothing
    }

    /// Exchanges the request for its answer over the slot that is `held`; where none is, one is taken
    /// first.
    ///
    /// A connection that was kept and turns out to be closed, before a byte of this request has left,
    /// is replaced by a new one: the request is sent once, and the service sees it once.
    pub(super) async fn perform(
        &self,
        held: &mut Option<Held<D::Slot>>,
        session: &mut Session<D::Message>,
    ) -> Result<Answer, Failure> {
        let Worker { job, links, record, pulse, .. } = self.worker;
        let Session { messages, values, text, reply, carried, hop } = session;
        let message = match (hop, &mut messages[self.step]) {
            (Some(hop), _) => &hop.message,
            (None, Some(own)) => {
                let message = own.of(self.task, self.turn);
                values.next(self.number, job.first_value + self.number);
                let is_shared = self.task.step.together > 1;
                let own = is_shared.then(|| values.shared(job.seed, self.number));
                values.draw(&self.task.step.draws);
                if let Some(slot) = self.task.step.cookies {
                    values.set_cookies(slot, &self.task.url);
                }
                self.say(values, text);
                values.mark();
                job.driver.fill(message, values);
                if let Some(own) = own {
                    values.own(own);
                }
                self.sent.set(job.driver.sizes(message));
                message
            }
            (None, None) => &self.task.messages[self.turn],
        };
        let mut begun = self.called();
        loop {
            let open = if let Some(open) = held {
                open
            } else {
                pulse.connect(self.client);
                carried.clear();
                let taken = links.take(&job.driver, &job.endpoint).await?;
                self.is_new.set(taken.is_new);
                if taken.is_new && D::CONNECTS_FIRST {
                    begun = Instant::now();
                    self.connected.set(Some(begun));
                    self.opened(begun);
                }
                held.insert(taken.held)
            };
            open.begin();
            pulse.send(self.client, job.nanoseconds(begun));
            let sample =
                |status, head: &[u8]| record.borrow_mut().sample(self.kind(), status, head);
            let mut listening = reply.counting(self.task.counted).listen(&self.task.step, sample);
            let exchange =
                job.driver.exchange(&mut open.slot, message, &self.progress, &mut listening);
            let result = exchange.await;
            let is_open = !result.as_ref().is_err_and(Failure::is_unopened);
            if !D::CONNECTS_FIRST && self.is_new.get() && is_open {
                self.opened(Instant::now());
            }
            match result {
                Ok(answer) => {
                    if !answer.keep_alive {
                        *held = None;
                    }
                    return Ok(answer);
                }
                Err(Failure::NotSent(_) | Failure::Handshake(_)) if !self.is_new.get() => {
                    open.never_began();
                    *held = None;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Takes down what it is about, and what it says of its own.
    fn say(&self, values: &mut Values, text: &mut Vec<u8>) {
        let Some(judged) = self.task.step.judged else { return };
        let operations = &mut self.worker.record.borrow_mut().operations[judged];
        if let Some(key) = &self.task.step.key {
            key.fill(text, values);
            self.object.set(operations.object(text));
        }
        match &self.task.step.argued {
            Argued::Nothing => {}
            Argued::Amount(amount) => self.arg.set(amount.number(text, values)),
            Argued::Value(value) => {
                value.fill(text, values);
                self.arg.set(operations.token(text));
            }
            Argued::Transfer(transfer) => {
                let Transfer { amount, from, to } = &**transfer;
                let [from, to] = [from, to].map(|account| {
                    account.fill(text, values);
                    operations.token(text)
                });
                self.between.set(operations.pair(from, to));
                self.arg.set(amount.number(text, values));
            }
        }
    }

    fn opened(&self, now: Instant) {
        self.worker.pulse.opened(self.worker.job.nanoseconds(now));
    }

    /// Takes down its answer, of which the `session` keeps what its step does; whether a round goes on
    /// behind it.
    pub(super) fn answered(&self, answer: &Answer, session: &mut Session<D::Message>) -> bool {
        let Session { values, reply, carried, hop, .. } = session;
        let trail = hop.as_ref().map(|hop| &hop.trail);
        let worker = self.worker;
        let at = worker.job.elapsed(answer.finished);
        let return_ns = nanoseconds(at);
        worker.pulse.answered(return_ns);
        let mut record = worker.record.borrow_mut();
        if let Some(content) = reply.take_sampled() {
            record.sampled(self.kind(), answer.status, content);
        }
        let Step { op, answers, meaning, keeps, cookies, judged, .. } = &self.task.step;
        let told = answers.told(&reply.heard());
        let told = trail.map_or(told, |trail| trail.told(told));
        let end = End { told, within: worker.is_within(answer.finished), at };
        record.answered(&self.how_begun(), answer, end);
        carried.answered(self.kind(), self.called(), told.outcome());
        let kept = if let Some(judged) = *judged {
            let operation = || check::Operation { return_ns, ..self.unanswered() };
            let entry = |pool: &mut _| meaning.interpret(*op, told, reply.heard(), pool);
            record.operations[judged].answered(self.object.get(), operation, entry)
        } else {
            None
        };
        drop(record);
        worker.happened(|| kept.map(Event::Ended));
        self.end();
        if cookies.is_some() {
            values.keep_cookies(trail.map_or(&self.task.url, Trail::url), reply.heard().head);
        }
        let is_ok = told.outcome() == Outcome::Ok;
        is_ok && keeps.iter().all(|keep| keep.keep(&reply.heard(), values))
    }

    /// Takes down why it has no answer, with the first bytes of one that was `illegal`; whether its
    /// connection was made for it.
    pub(super) fn failed(&self, now: Instant, failure: &Failure, illegal: &[u8]) -> bool {
        let job = &self.worker.job;
        if !failure.is_ours() {
            self.worker.pulse.broken(job.nanoseconds(now));
        }
        let mut record = self.worker.record.borrow_mut();
        let bytes = if matches!(failure, Failure::Illegal(_)) { illegal } else { &[] };
        record.failed(&self.how_begun(), now, failure, bytes);
        // What came before it may have been applied, whatever becomes of what that led to.
        let outcome = self.hop.get().map_or(failure.outcome(), |_| Outcome::Unknown);
        // Of one that was never made nobody can say what it would have been about.
        let Step { key, judged, .. } = &self.task.step;
        let judged = judged.filter(|_| key.is_none() || self.object.get().is_some());
        let operation = check::Operation { outcome, ..self.unanswered() };
        let kept = judged.and_then(|one| record.operations[one].keep(self.object.get(), operation));
        drop(record);
        self.worker.happened(|| kept.map(Event::Ended));
        job.incidents.report(job.elapsed(now), failure, self.is_new.get());
        self.end();
        self.is_new.get()
    }

    fn how_begun(&self) -> Begin {
        let Self { due, call, is_paced, .. } = *self;
        let (kind, connected, sent) = (self.kind(), self.connected.get(), self.sent.get());
        match self.hop.get() {
            None => Begin { kind, due, call, is_paced, connected, sent, is_hop: false },
            Some(at) => {
                Begin { kind, due: at, call: at, is_paced: false, connected, sent, is_hop: true }
            }
        }
    }

    /// When the request began that is under way: the first, or the one that a redirect led to.
    fn called(&self) -> Instant {
        self.hop.get().unwrap_or(self.call)
    }

    fn kind(&self) -> Kind {
        Kind { step: self.step, is_warm_up: self.is_warm_up }
    }

    /// The operation for the history, as far as it is known without an answer.
    fn unanswered(&self) -> check::Operation {
        let step = &self.task.step;
        check::Operation {
            call_ns: self.worker.job.nanoseconds(self.call),
            return_ns: NEVER,
            arg: self.arg.get(),
            new: self.between.get(),
            result: NIL,
            client: self.worker.client(self.client),
            op: step.op,
            outcome: Outcome::Unknown,
        }
    }

    fn end(&self) {
        self.ended.set(true);
        self.worker.pulse.end(self.client);
    }
}

impl<D: Driver> Drop for Operation<'_, D> {
    fn drop(&mut self) {
        if !self.ended.get() {
            self.failed(Instant::now(), &Failure::ended(self.is_written()), &[]);
        }
    }
}
