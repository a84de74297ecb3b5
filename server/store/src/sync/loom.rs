//! Loom's primitives, for the models that it runs in every interleaving.

pub(crate) use loom::cell::UnsafeCell;
pub(crate) use loom::hint::spin_loop;
pub(crate) use loom::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
pub(crate) use loom::sync::{
    Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub(crate) use loom::thread;

pub(crate) use super::no_books::Book;
pub use super::no_books::blockages;

/// Loom has no clock. Its yield would hold the thread back until no other can go on, and so leave
/// out the interleavings in which the wait is short; locks and atomics are where threads switch.
pub(crate) fn wait(_: std::time::Duration) {}

/// A model survives its threads: the process's end becomes the thread's.
pub(crate) fn fatal(message: &str) -> ! {
    panic!("fatal error: {message}")
}
