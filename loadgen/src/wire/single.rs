//! A connection that has one slot, as all do whose protocol carries one exchange at a time.

use std::cell::Cell;

/// A connection until its only slot is taken, which takes the connection with it.
pub(crate) struct Single<S>(Cell<Option<S>>);

impl<S> Single<S> {
    pub(crate) fn new(slot: S) -> Self {
        Self(Cell::new(Some(slot)))
    }

    /// The slot, once.
    pub(crate) fn take(&self) -> Option<S> {
        self.0.take()
    }

    /// Whether the slot is there.
    pub(crate) fn is_open(&self) -> bool {
        let slot = self.0.take();
        let is_open = slot.is_some();
        self.0.set(slot);
        is_open
    }
}
