//! The connections of a worker, and the room on them.

use std::cell::RefCell;

use crate::wire::{Driver, Endpoint, OpenError};

/// The connections that are open, from which clients take slots.
pub(super) struct Links<D: Driver> {
    open: RefCell<Vec<D::Connection>>,
}

/// A slot, and whether a connection was opened for it.
pub(super) struct Taken<S> {
    pub(super) slot: S,
    pub(super) is_new: bool,
}

impl<D: Driver> Links<D> {
    pub(super) fn new() -> Self {
        Self { open: RefCell::new(Vec::new()) }
    }

    /// A slot on a connection that has room, or else on a new one to `to`.
    pub(super) async fn take(
        &self,
        driver: &D,
        to: &Endpoint,
    ) -> Result<Taken<D::Slot>, OpenError> {
        loop {
            if let Some(slot) = self.free_slot(driver) {
                return Ok(Taken { slot, is_new: false });
            }
            let connection = driver.connect(to).await?;
            let slot = driver.slot(&connection);
            if driver.is_open(&connection) {
                self.open.borrow_mut().push(connection);
            }
            // One that was closed while it was opened has none: another one may.
            if let Some(slot) = slot {
                return Ok(Taken { slot, is_new: true });
            }
        }
    }

    fn free_slot(&self, driver: &D) -> Option<D::Slot> {
        let mut open = self.open.borrow_mut();
        open.retain(|connection| driver.is_open(connection));
        open.iter().find_map(|connection| driver.slot(connection))
    }
}
