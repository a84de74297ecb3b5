//! The next request: who takes it, and when.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use super::client::client;
use super::turns::Turn;
use crate::schedule::{Due, Joining, Ticket};
use crate::wire::Driver;

/// A request that a client is to make.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) ticket: Ticket,
    /// When it was due.
    pub(super) due: Instant,
    /// When it begins.
    pub(super) call: Instant,
}

impl Request {
    /// The one that follows at `now` in the same round: no time but that is its own.
    pub(super) fn behind(&self, now: Instant) -> Self {
        Self { ticket: Ticket { due: Due::Now, ..self.ticket }, due: now, call: now }
    }
}

impl Request {
    /// The same as others are, under this number, sent now.
    pub(super) fn gathered(&self, number: u64) -> Self {
        let now = Instant::now();
        Self { ticket: Ticket { number, ..self.ticket }, due: now, call: now }
    }
}

/// What comes next for a client that has the turn.
pub(super) enum Next {
    /// A request, at once.
    Begins(Request),
    /// A request, at this instant.
    Due(Ticket, Instant),
    /// Nothing; at this time, which the load is to last for, it is over.
    Until(Instant),
    /// Nothing.
    Over,
}

/// A worker wakes no sooner for what is due than so long after it last has.
const WAKES_APART: Duration = Duration::from_micros(100);

/// More requests are never due to one worker in [`WAKES_APART`]. Where fewer clients are free, one that was
/// late would take the turn of another.
const AT_ONCE: usize = 32;

impl<D: Driver> Worker<D> {
    /// Lets another client join.
    pub(super) fn join_one(self: &Rc<Self>) {
        let index = self.joined.get();
        if self.job.schedule.joining() == Joining::AsNeeded {
            self.pulse.join();
        }
        self.joined.set(index + 1);
        self.at_work.set(self.at_work.get() + 1);
        let worker = Rc::clone(self);
        self.tasks.spawn(async move {
            client(Rc::clone(&worker), index).await;
            worker.at_work.set(worker.at_work.get() - 1);
            worker.let_go();
        });
    }

    /// The next request for the client with this index, which is free since `now`; `None` where that
    /// is not known at once.
    pub(super) fn try_next(self: &Rc<Self>, client: usize, now: Instant) -> Option<Next> {
        let turn = self.turns.try_take(client)?;
        let next = self.upcoming(turn, now);
        if matches!(next, Next::Begins(_)) {
            self.hand_on();
        }
        Some(next)
    }

    /// The same, once it is the client's turn and the request is due; `None` where there are no more.
    ///
    /// A closed loop has no use for this. What waits is a large future, which costs something even where
    /// it does not.
    pub(super) async fn awaited(
        self: &Rc<Self>,
        client: usize,
        next: Option<Next>,
    ) -> Option<Request> {
        let next = if let Some(next) = next {
            next
        } else {
            let turn = self.turns.take(client).await?;
            self.upcoming(turn, Instant::now())
        };
        let request = match next {
            Next::Over => None,
            Next::Until(end) => {
                self.alarms.until(client, end).await;
                None
            }
            Next::Begins(request) => Some(request),
            Next::Due(ticket, due) => {
                let others = self.turns.free() + (self.share.clients - self.joined.get());
                self.alarms.until(client, wakes_for(due, self.paced_at.get(), others)).await;
                let is_over = self.job.halt.is_stopped();
                let call = Instant::now();
                self.paced_at.set(call);
                (!is_over).then_some(Request { ticket, due, call })
            }
        };
        if request.is_some() {
            self.hand_on();
        } else {
            self.turns.end();
        }
        request
    }

    /// The next of the requests to come, for whoever has the turn and is free since `now`. What was due
    /// at a time at which nobody was free is dropped.
    fn upcoming(&self, turn: Turn, now: Instant) -> Next {
        while !self.job.halt.is_stopped() {
            let since_start = || self.job.elapsed(now);
            let Some(ticket) = self.tickets.borrow_mut().next(&since_start) else { break };
            let Due::At(time) = ticket.due else {
                let is_over = self.last_within.is_some_and(|end| now >= end);
                let begins = Next::Begins(Request { ticket, due: now, call: now });
                return if is_over { Next::Over } else { begins };
            };
            let (due, call) = (self.job.started + time, Instant::now());
            if let Some(end) = self.last_within.filter(|end| due >= *end) {
                return Next::Until(end);
            }
            if due > call {
                return Next::Due(ticket, due);
            }
            if turn == Turn::HandedOn {
                return Next::Begins(Request { ticket, due, call });
            }
            if !ticket.is_warm_up {
                self.record.borrow_mut().drop_one();
                *self.dropped.borrow_mut().entry(time.as_secs()).or_default() += 1;
            }
        }
        Next::Over
    }

    /// Hands the turn on: to a client that is free, or to a new one where there may be more.
    fn hand_on(self: &Rc<Self>) {
        if !self.turns.hand_on() && self.joined.get() < self.share.clients {
            self.turns.hand_to(self.joined.get());
            self.join_one();
        }
    }
}

/// When to wake for a request that is due at `due`, where the `last` that was waited for began then, and so
/// many `others` are free. Where many are due one after the other, several are sent at once, each late by no
/// more than [`WAKES_APART`]: a thread that wakes for each spends more on waking than on requests.
fn wakes_for(due: Instant, last: Instant, others: usize) -> Instant {
    if others < AT_ONCE { due } else { due.max(last + WAKES_APART) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_wakes_for_several_where_all_of_them_find_a_client() {
        let last = Instant::now();
        let due = |after_us| last + Duration::from_micros(after_us);
        assert_eq!(wakes_for(due(20), last, AT_ONCE), due(100));
        assert_eq!(wakes_for(due(20), last, AT_ONCE - 1), due(20));
        // At low rates each is sent when it is due.
        assert_eq!(wakes_for(due(1000), last, AT_ONCE), due(1000));
        assert_eq!(wakes_for(last, due(500), 1), last);
    }
}
