//! Shuttle's primitives, for schedules drawn at random.

pub(crate) use shuttle::hint::spin_loop;
pub(crate) use shuttle::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
pub(crate) use shuttle::sync::{
    Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub(crate) use shuttle::thread;

pub(crate) use crate::blockage::NoBook as Book;

/// Shuttle schedules its own primitives alone: a cell of std's is as blind to it as to the store.
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}

/// Shuttle has no clock: any wait is a point where another thread may run.
pub(crate) fn wait(_: std::time::Duration) {
    thread::yield_now();
}

/// A schedule survives its threads: the process's end becomes a panic.
pub(crate) fn fatal(message: &str) -> ! {
    panic!("fatal error: {message}")
}
