//! The clients that wait for something on a connection.

use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

/// Whoever waits, by slot.
///
/// What the connection itself waits for wakes any one of them: whoever is polled attends to all that has
/// come, and wakes the others. So a connection needs no task of its own, and none that ends takes the
/// connection's events with it.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Vec<Client>>);

#[derive(Debug, Clone, Default)]
struct Client {
    /// It stays: most often the same waits again.
    waker: Option<Waker>,
    waits: bool,
}

impl Waiting {
    /// Nobody, of so many.
    pub(super) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(vec![Client::default(); slots])))
    }

    /// The client of `slot` waits.
    pub(super) fn wait(&self, slot: usize, waker: &Waker) {
        self.with(|clients| {
            let client = &mut clients[slot];
            client.waits = true;
            match &client.waker {
                Some(known) if known.will_wake(waker) => {}
                _ => client.waker = Some(waker.clone()),
            }
        });
    }

    /// The client of `slot` waits no longer.
    pub(super) fn leave(&self, slot: usize) {
        self.with(|clients| clients[slot].waits = false);
    }

    /// Wakes the client of `slot`, if it waits.
    pub(super) fn wake(&self, slot: usize) {
        self.with(|clients| clients[slot].wake());
    }

    /// Wakes one of those that wait; whether there was one.
    pub(super) fn wake_one(&self) -> bool {
        self.with(|clients| {
            let first = clients.iter().find(|client| client.waits);
            first.inspect(|client| client.wake()).is_some()
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Client>) -> T) -> T {
        act(&mut self.0.lock().expect("nobody panics who holds it"))
    }
}

impl Client {
    fn wake(&self) {
        if let (true, Some(waker)) = (self.waits, &self.waker) {
            waker.wake_by_ref();
        }
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_one();
    }
}
