//! A queue between threads.
//!
//! Built from a lock and condition variables because loom's own channel reports a deadlock where
//! a receiver merely outlives the last sender.

use std::collections::VecDeque;

use crate::sync::{Book, Condvar, Mutex};

pub(crate) struct Mailbox<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
    taken: Condvar,
    /// Where there is a limit: how many messages may wait, and who waits to send one more.
    bound: Option<(usize, Book)>,
}

/// The mailbox is closed; nothing was sent.
#[derive(Debug)]
pub(crate) struct Closed;

struct State<T> {
    queue: VecDeque<T>,
    closed: bool,
}

impl<T> Mailbox<T> {
    /// A queue without limit: nobody waits to send.
    pub(crate) fn unbounded() -> Self {
        Self::new(None)
    }

    /// A queue that makes senders wait while `capacity` messages are in it.
    pub(crate) fn bounded(name: &'static str, capacity: usize) -> Self {
        Self::new(Some((capacity, Book::new(name))))
    }

    fn new(bound: Option<(usize, Book)>) -> Self {
        let state = State { queue: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), arrived: Condvar::new(), taken: Condvar::new(), bound }
    }

    /// Sends on behalf of `operation`, and waits where the queue is full.
    pub(crate) fn send(&self, message: T, operation: &'static str) -> Result<(), Closed> {
        let mut state = self.state.lock();
        if let Some((capacity, book)) = &self.bound {
            book.waits(operation);
            while state.queue.len() >= *capacity {
                state = self.taken.wait(state);
            }
            book.no_longer_waits();
        }
        if state.closed {
            return Err(Closed);
        }
        state.queue.push_back(message);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Nothing is taken after this.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_one();
    }

    /// The next message; `None` once the mailbox is closed and empty.
    pub(crate) fn receive(&self) -> Option<T> {
        let mut state = self.state.lock();
        loop {
            if let Some(message) = state.queue.pop_front() {
                if self.bound.is_some() {
                    self.taken.notify_one();
                }
                return Some(message);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state);
        }
    }
}
