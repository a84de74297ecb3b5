//! The times that a worker's clients wait for, on one heap and with one timer.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use crate::timers::Timer;

/// An alarm for each client of a worker.
///
/// Setting a timer for every request would cost more than the rest of the loop. A client has at most
/// one entry on the heap, which may be too early, but never too late: when it comes up and the client
/// waits for a later time, it is put back for that. As deadlines are long and requests short, the
/// heap is touched once in many requests.
pub(super) struct Alarms {
    clients: Vec<Client>,
    /// The entries, the earliest first.
    heap: RefCell<BinaryHeap<Reverse<(Instant, usize)>>>,
    /// Whoever sleeps until the earliest entry.
    watcher: Cell<Option<Waker>>,
}

/// The deadline passed first.
pub(super) struct TimeIsUp;

#[derive(Default)]
struct Client {
    /// What it waits for; `None` where it waits for no time, or that has come.
    at: Cell<Option<Instant>>,
    /// Its entry on the heap.
    entry: Cell<Option<Instant>>,
    waker: RefCell<Option<Waker>>,
}

impl Alarms {
    /// Alarms for this many clients.
    pub(super) fn new(clients: usize) -> Self {
        Self {
            clients: (0..clients).map(|_| Client::default()).collect(),
            heap: RefCell::default(),
            watcher: Cell::new(None),
        }
    }

    /// Waits for `future`, but no longer than until `deadline`, while [`Self::watch`] is polled. The
    /// client with index `client` waits for nothing else meanwhile.
    pub(super) async fn within<F: Future>(
        &self,
        client: usize,
        deadline: Instant,
        future: F,
    ) -> Result<F::Output, TimeIsUp> {
        self.set(client, deadline);
        let Client { at, waker, .. } = &self.clients[client];
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                at.set(None);
                return Poll::Ready(Ok(output));
            }
            if at.get().is_none() {
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

    /// Waits until `instant`.
    pub(super) async fn until(&self, client: usize, instant: Instant) {
        let _ = self.within(client, instant, std::future::pending::<Infallible>()).await;
    }

    fn set(&self, client: usize, at: Instant) {
        let state = &self.clients[client];
        state.at.set(Some(at));
        if state.entry.get().is_none_or(|entry| at < entry) {
            self.put(client, at);
            if let Some(watcher) = self.watcher.take() {
                watcher.wake();
            }
        }
    }

    fn put(&self, client: usize, at: Instant) {
        self.clients[client].entry.set(Some(at));
        self.heap.borrow_mut().push(Reverse((at, client)));
    }

    /// Rings the alarms whose time has come, for ever.
    pub(super) async fn watch(&self, timer: &Timer) -> Infallible {
        loop {
            let next = poll_fn(|context| self.poll_earliest(context)).await;
            tokio::select! {
                () = timer.until(next) => self.ring(Instant::now()),
                () = poll_fn(|context| self.poll_earlier_than(next, context)) => {}
            }
        }
    }

    /// Lets the client with this index wait no longer.
    pub(super) fn wake(&self, client: usize) {
        let Client { at, waker, .. } = &self.clients[client];
        at.set(None);
        waker.borrow().as_ref().inspect(|waker| waker.wake_by_ref());
    }

    fn earliest(&self) -> Option<Instant> {
        self.heap.borrow().peek().map(|Reverse((at, _))| *at)
    }

    fn poll_earliest(&self, context: &mut Context<'_>) -> Poll<Instant> {
        self.watcher.set(Some(context.waker().clone()));
        self.earliest().map_or(Poll::Pending, Poll::Ready)
    }

    fn poll_earlier_than(&self, next: Instant, context: &mut Context<'_>) -> Poll<()> {
        self.watcher.set(Some(context.waker().clone()));
        let is_earlier = self.earliest().is_some_and(|earliest| earliest < next);
        if is_earlier { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Wakes those whose time has come by `now`, and puts the others of the entries back.
    fn ring(&self, now: Instant) {
        while self.earliest().is_some_and(|earliest| earliest <= now) {
            let entry = self.heap.borrow_mut().pop();
            let Some(Reverse((entry, client))) = entry else { return };
            let Client { at, entry: current, .. } = &self.clients[client];
            // An entry that was overtaken by an earlier one of the same client counts for nothing.
            if current.get() != Some(entry) {
                continue;
            }
            current.set(None);
            match at.get() {
                Some(due) if due <= now => self.wake(client),
                Some(later) => self.put(client, later),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::timers::Timers;

    const MS: Duration = Duration::from_millis(1);

    /// Runs `test` on paused time beside the watch of `clients` alarms.
    fn with_alarms<F: Future>(clients: usize, test: impl FnOnce(std::rc::Rc<Alarms>) -> F) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let alarms = std::rc::Rc::new(Alarms::new(clients));
            let timer = Timer::Runtime(Timers::current());
            tokio::select! {
                _ = test(std::rc::Rc::clone(&alarms)) => {}
                never = alarms.watch(&timer) => match never {},
            }
        });
    }

    #[test]
    fn what_takes_too_long_is_cut_off_at_its_deadline() {
        with_alarms(1, async |alarms| {
            let begun = Instant::now();
            let slow = alarms.within(0, begun + 50 * MS, sleep(80 * MS)).await;
            assert!(slow.is_err());
            let took = begun.elapsed();
            assert!((50 * MS..=52 * MS).contains(&took), "{took:?}");
        });
    }

    #[test]
    fn a_deadline_that_is_met_rings_for_nobody() {
        with_alarms(1, async |alarms| {
            for _ in 0..100 {
                let deadline = Instant::now() + 50 * MS;
                assert!(alarms.within(0, deadline, sleep(40 * MS)).await.is_ok());
            }
            // One entry stands for all of them.
            assert!(alarms.heap.borrow().len() <= 1);
        });
    }

    #[test]
    fn clients_have_deadlines_of_their_own_whatever_their_order() {
        with_alarms(3, async |alarms| {
            let begun = Instant::now();
            let waits = [(0, 90), (1, 20), (2, 50)].map(|(client, ms)| {
                let alarms = &alarms;
                async move {
                    alarms.until(client, begun + ms * MS).await;
                    begun.elapsed()
                }
            });
            let [first, second, third] = waits;
            let took = tokio::join!(first, second, third);
            for (took, ms) in [(took.0, 90), (took.1, 20), (took.2, 50)] {
                assert!((ms * MS..=(ms + 2) * MS).contains(&took), "{took:?}, not {ms} ms");
            }
        });
    }

    #[test]
    fn a_shorter_wait_after_a_longer_one_is_not_late() {
        with_alarms(1, async |alarms| {
            let begun = Instant::now();
            assert!(alarms.within(0, begun + 1000 * MS, sleep(MS)).await.is_ok());
            alarms.until(0, begun + 20 * MS).await;
            assert!(begun.elapsed() <= 22 * MS, "{:?}", begun.elapsed());
            // And the other way round.
            alarms.until(0, begun + 900 * MS).await;
            assert!(begun.elapsed() >= 900 * MS, "{:?}", begun.elapsed());
        });
    }
}
