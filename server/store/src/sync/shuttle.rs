//! Shuttle's primitives, for schedules drawn at random.

pub(crate) use shuttle::hint::spin_loop;
pub(crate) use shuttle::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
pub(crate) use shuttle::sync::{
    Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub(crate) use shuttle::thread;

// Shuttle schedules its own primitives alone: a cell of std's is as blind to it as to the store.
pub(crate) use super::cell::UnsafeCell;
pub(crate) use super::no_books::Book;
pub use super::no_books::blockages;

/// Shuttle has no clock: any wait is a point where another thread may run.
pub(crate) fn wait(_: std::time::Duration) {
    thread::yield_now();
}

/// A schedule survives its threads: the process's end becomes a panic.
pub(crate) fn fatal(message: &str) -> ! {
    panic!("fatal error: {message}")
}
