//! The connections of a worker, and the room on them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use tokio::sync::Notify;

use crate::record::Reached;
use crate::wire::{Address, Driver, Endpoint, OpenError, Opened};

/// The connections that are open, from which clients take slots.
pub(super) struct Links<D: Driver> {
    open: RefCell<Vec<D::Connection>>,
    /// How many connections are being opened, and how many clients wait for one that is.
    opening: Cell<usize>,
    waiting: Cell<usize>,
    /// Whoever waits is told when there is one, or will be none.
    opened: Notify,
    /// Where they went.
    reached: Rc<RefCell<Reached>>,
}

/// A slot that a client has, and what goes over it.
pub(super) struct Held<S> {
    pub(super) slot: S,
    address: Option<Address>,
    /// How many requests were begun over it. They are added to those of its address at its end, so
    /// that a request costs no more than this.
    requests: u64,
    reached: Rc<RefCell<Reached>>,
}

/// A slot, and whether a connection was opened for it.
pub(super) struct Taken<S> {
    pub(super) held: Held<S>,
    pub(super) is_new: bool,
}

impl<D: Driver> Links<D> {
    pub(super) fn new() -> Self {
        Self {
            open: RefCell::new(Vec::new()),
            opening: Cell::new(0),
            waiting: Cell::new(0),
            opened: Notify::new(),
            reached: Rc::default(),
        }
    }

    /// A slot on a connection that has room, or else on a new one to `to`.
    pub(super) async fn take(
        &self,
        driver: &D,
        to: &Endpoint,
    ) -> Result<Taken<D::Slot>, OpenError> {
        loop {
            if let Some(slot) = self.free_slot(driver) {
                return Ok(Taken { held: self.hold(&driver.opened(&slot), slot), is_new: false });
            }
            if self.waiting.get() < self.opening.get() * (driver.slots() - 1) {
                // One that is being opened will have room.
                let _waiting = Waiting::among(&self.waiting);
                self.opened.notified().await;
                continue;
            }
            let connection = {
                let _opening = Opening::of(self);
                driver.connect(to).await?
            };
            let slot = driver.slot(&connection);
            if driver.is_open(&connection) {
                self.open.borrow_mut().push(connection);
            }
            // One that was closed while it was opened has none: another one may.
            if let Some(slot) = slot {
                let opened = driver.opened(&slot);
                self.reached.borrow_mut().connected(&opened);
                let held = self.hold(&opened, slot);
                return Ok(Taken { held, is_new: true });
            }
        }
    }

    fn hold(&self, opened: &Opened, slot: D::Slot) -> Held<D::Slot> {
        Held {
            slot,
            address: opened.address.clone(),
            requests: 0,
            reached: Rc::clone(&self.reached),
        }
    }

    fn free_slot(&self, driver: &D) -> Option<D::Slot> {
        let mut open = self.open.borrow_mut();
        open.retain(|connection| driver.is_open(connection));
        open.iter().find_map(|connection| driver.slot(connection))
    }

    /// Where all of them went, whose slots are held by nobody any more.
    pub(super) fn reached(self) -> Reached {
        self.reached.take()
    }
}

/// A connection that is being opened.
struct Opening<'l, D: Driver>(&'l Links<D>);

impl<'l, D: Driver> Opening<'l, D> {
    fn of(links: &'l Links<D>) -> Self {
        links.opening.update(|count| count + 1);
        Self(links)
    }
}

impl<D: Driver> Drop for Opening<'_, D> {
    fn drop(&mut self) {
        self.0.opening.update(|count| count - 1);
        self.0.opened.notify_waiters();
    }
}

/// A client that waits for such a connection.
struct Waiting<'c>(&'c Cell<usize>);

impl<'c> Waiting<'c> {
    fn among(count: &'c Cell<usize>) -> Self {
        count.update(|count| count + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.update(|count| count - 1);
    }
}

impl<S> Held<S> {
    /// A request begins over it.
    pub(super) fn begin(&mut self) {
        self.requests += 1;
    }

    /// The request that began last did not: not a byte of it was taken.
    pub(super) fn never_began(&mut self) {
        self.requests -= 1;
    }
}

impl<S> Drop for Held<S> {
    fn drop(&mut self) {
        if let Some(address) = &self.address {
            self.reached.borrow_mut().requested(address, self.requests);
        }
    }
}
