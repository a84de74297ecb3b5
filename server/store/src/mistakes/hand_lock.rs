//! A lock that is taken and released by hand, as Go's and C's are.

use crate::sync::{Book, Condvar, Mutex, fatal};

/// A lock that knows nothing of what it guards, and takes the process with it when it is released
/// by somebody who cannot hold it.
pub(crate) struct HandLock {
    locked: Mutex<bool>,
    released: Condvar,
    book: Book,
}

impl HandLock {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { locked: Mutex::new(false), released: Condvar::new(), book: Book::new(name) }
    }

    /// Takes the lock on behalf of `operation`.
    pub(crate) fn lock(&self, operation: &'static str) {
        self.book.waits(operation);
        let mut locked = self.locked.lock();
        while *locked {
            locked = self.released.wait(locked);
        }
        *locked = true;
        self.book.holds(operation);
    }

    pub(crate) fn unlock(&self) {
        let mut locked = self.locked.lock();
        if !*locked {
            fatal("unlock of unlocked lock");
        }
        *locked = false;
        self.book.released();
        drop(locked);
        self.released.notify_one();
    }
}
