//! Where every primitive comes from: std; loom under `--cfg store_loom`, shuttle under
//! `--cfg store_shuttle`.
//!
//! This is the only file of the crate that chooses. The locks are thin wrappers that pass through
//! poisoning: no operation of this crate panics while it holds one.

#[cfg(not(any(store_loom, store_shuttle)))]
mod books;
#[cfg(not(store_loom))]
mod cell;
#[cfg(store_loom)]
mod loom;
#[cfg(not(any(store_loom, store_shuttle)))]
mod native;
#[cfg(any(store_loom, store_shuttle))]
mod no_books;
#[cfg(store_shuttle)]
mod shuttle;

#[cfg(store_loom)]
use self::loom as primitives;
#[cfg(not(any(store_loom, store_shuttle)))]
use self::native as primitives;
#[cfg(store_shuttle)]
use self::shuttle as primitives;

use std::sync::PoisonError;

pub use primitives::blockages;
pub(crate) use primitives::{
    Arc, AtomicI64, AtomicUsize, Book, MutexGuard, Ordering, UnsafeCell, fatal, spin_loop, thread,
    wait,
};

/// A lock without poisoning.
pub(crate) struct Mutex<T>(primitives::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(primitives::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition variable for [`Mutex`].
pub(crate) struct Condvar(primitives::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(primitives::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}

/// A readers-writer lock without poisoning.
pub(crate) struct RwLock<T>(primitives::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(primitives::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> primitives::RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> primitives::RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
