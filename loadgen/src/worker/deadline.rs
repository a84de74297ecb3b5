//! A deadline for each request, at the cost of one timer for all of a worker's.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use super::timers::Timers;

/// The deadlines of a worker's clients, which all leave a request the same time.
///
/// Setting or asking a timer for every request would cost more than the rest of the loop. As a
/// request that begins later also ends later, it is enough to look at all of them when the
/// earliest comes.
pub(super) struct Deadlines {
    allowed: Duration,
    clients: Vec<Client>,
}

/// The deadline passed first.
pub(super) struct TimeIsUp;

#[derive(Default)]
struct Client {
    /// The deadline of the request under way; `None` where there is none, or it has passed.
    end: Cell<Option<Instant>>,
    waker: RefCell<Option<Waker>>,
}

impl Deadlines {
    /// Gives each request of `clients` clients the time `allowed`.
    pub(super) fn new(clients: usize, allowed: Duration) -> Self {
        Self { allowed, clients: (0..clients).map(|_| Client::default()).collect() }
    }

    /// Waits for `future`, the request of the client with index `client` that began at `begun`,
    /// while [`Self::watch`] is polled.
    pub(super) async fn within<F: Future>(
        &self,
        client: usize,
        begun: Instant,
        future: F,
    ) -> Result<F::Output, TimeIsUp> {
        let Client { end, waker } = &self.clients[client];
        end.set(Some(begun + self.allowed));
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                end.set(None);
                return Poll::Ready(Ok(output));
            }
            if end.get().is_none() {
                return Poll::Ready(Err(TimeIsUp));
            }
            match &mut *waker.borrow_mut() {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            Poll::Pending
        })
        .await
    }

    /// Tells the requests whose time is up, for ever.
    pub(super) async fn watch(&self, timers: &Timers) -> Infallible {
        let mut timer = pin!(timers.after(self.allowed));
        loop {
            timer.as_mut().await;
            let now = Instant::now();
            let next = self.expire(now).unwrap_or(now + self.allowed);
            timer.as_mut().reset(next.into());
        }
    }

    /// Ends what should have ended by `now`; the earliest deadline of the rest.
    fn expire(&self, now: Instant) -> Option<Instant> {
        for Client { end, waker } in &self.clients {
            if end.get().is_some_and(|end| end <= now) {
                end.set(None);
                waker.borrow().as_ref().inspect(|waker| waker.wake_by_ref());
            }
        }
        self.clients.iter().filter_map(|client| client.end.get()).min()
    }
}
