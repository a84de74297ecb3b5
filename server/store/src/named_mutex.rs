//! A lock with a name, of which [`blockages`](crate::blockages) can tell who holds it.

use std::ops::{Deref, DerefMut};

use crate::sync::{Book, Mutex, MutexGuard};

pub(crate) struct NamedMutex<T> {
    mutex: Mutex<T>,
    book: Book,
}

/// The lock, for as long as it is held.
pub(crate) struct NamedGuard<'a, T> {
    guard: MutexGuard<'a, T>,
    book: &'a Book,
}

impl<T> NamedMutex<T> {
    pub(crate) fn new(name: &'static str, value: T) -> Self {
        Self { mutex: Mutex::new(value), book: Book::new(name) }
    }

    /// Takes the lock on behalf of `operation`.
    pub(crate) fn lock(&self, operation: &'static str) -> NamedGuard<'_, T> {
        self.book.waits(operation);
        let guard = self.mutex.lock();
        self.book.holds(operation);
        NamedGuard { guard, book: &self.book }
    }
}

impl<T> Deref for NamedGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for NamedGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// Before the lock itself is released: whoever takes it next writes after this.
impl<T> Drop for NamedGuard<'_, T> {
    fn drop(&mut self) {
        self.book.released();
    }
}
