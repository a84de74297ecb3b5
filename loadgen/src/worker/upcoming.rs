//! The next request: who takes it, and when.

use std::rc::Rc;

use tokio::time::Instant;

use super::Worker;
use super::client::client;
use super::turns::Turn;
use crate::schedule::{Due, Joining, Ticket};
use crate::wire::Driver;

/// A request that a client is to make.
pub(super) struct Request {
    pub(super) ticket: Ticket,
    /// When it was due.
    pub(super) due: Instant,
    /// When it begins.
    pub(super) call: Instant,
}

impl<D: Driver> Worker<D> {
    /// Lets another client join.
    pub(super) fn join_one(self: &Rc<Self>) {
        let index = self.joined.get();
        if self.job.schedule.joining() == Joining::AsNeeded {
            self.pulse.join();
        }
        self.joined.set(index + 1);
        self.clients.borrow_mut().spawn_local(client(Rc::clone(self), index));
    }

    /// The next request, once it is due and the turn of the client with this index, which is free
    /// since `now`; `None` where there are no more.
    pub(super) async fn next(self: &Rc<Self>, client: usize, now: Instant) -> Option<Request> {
        let turn = self.turns.take(client).await?;
        let request = match self.upcoming(turn, now) {
            Some((ticket, due)) => self.awaited(client, ticket, due).await,
            None => None,
        };
        if request.is_some() {
            self.hand_on();
        } else {
            self.turns.end();
        }
        request
    }

    /// The next of the requests to come, and when it is due: to whoever is free since `now`, or at its
    /// time. What was due at a time at which nobody was free is dropped.
    fn upcoming(&self, turn: Turn, now: Instant) -> Option<(Ticket, Instant)> {
        while !self.job.halt.is_stopped() {
            let ticket = self.tickets.borrow_mut().next(self.job.elapsed(now))?;
            let due = match ticket.due {
                Due::Now => now,
                Due::At(time) => self.job.started + time,
            };
            if self.last_within.is_some_and(|end| due >= end) {
                return None;
            }
            let is_missed = || turn == Turn::Vacant && due <= Instant::now();
            if ticket.due == Due::Now || !is_missed() {
                return Some((ticket, due));
            }
            if !ticket.is_warm_up {
                self.record.borrow_mut().drop_one();
            }
        }
        None
    }

    /// The request of `ticket`, once it is due; `None` where the run ends before.
    async fn awaited(&self, client: usize, ticket: Ticket, due: Instant) -> Option<Request> {
        if ticket.due == Due::Now {
            return Some(Request { ticket, due, call: due });
        }
        let now = Instant::now();
        if due <= now {
            return Some(Request { ticket, due, call: now });
        }
        self.alarms.until(client, due).await;
        let is_over = self.job.halt.is_stopped();
        (!is_over).then(|| Request { ticket, due, call: Instant::now() })
    }

    /// Hands the turn on: to a client that is free, or to a new one where there may be more.
    fn hand_on(self: &Rc<Self>) {
        if !self.turns.hand_on() && self.joined.get() < self.share.clients {
            self.turns.hand_to(self.joined.get());
            self.join_one();
        }
    }
}
