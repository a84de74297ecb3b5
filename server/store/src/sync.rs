//! Where every primitive comes from: std, or loom under `--cfg store_loom`.
//!
//! This is the only file of the crate that names either. The locks are thin wrappers that pass
//! through poisoning: no operation of this crate panics while it holds one.

use std::sync::PoisonError;

#[cfg(not(store_loom))]
mod primitives {
    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
    pub(crate) use std::sync::{
        Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    };
    pub(crate) use std::thread;

    use std::io::Write as _;
    use std::time::{Duration, Instant};

    /// `std`'s cell with loom's way in, which tells a reader from a writer.
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

    /// Waits at least `duration`: asleep where that is precise enough, yielding where it is not.
    pub(crate) fn wait(duration: Duration) {
        const SLEEP_IS_PRECISE: Duration = Duration::from_millis(1);
        if duration >= SLEEP_IS_PRECISE {
            return thread::sleep(duration);
        }
        let start = Instant::now();
        while start.elapsed() < duration {
            thread::yield_now();
        }
    }

    /// Ends the process as Go's runtime does: one line to stderr, exit status 2.
    pub(crate) fn fatal(message: &str) -> ! {
        // Never released: the message is written once, whoever else gets here meanwhile.
        let mut stderr = std::io::stderr().lock();
        // Nothing can be done about a closed stderr on the way out.
        let _ = writeln!(stderr, "fatal error: {message}");
        std::process::exit(2)
    }
}

#[cfg(store_loom)]
mod primitives {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
    pub(crate) use loom::sync::{
        Arc, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    };
    pub(crate) use loom::thread;

    /// Loom has no clock: any wait is a point where another thread may run.
    pub(crate) fn wait(_: std::time::Duration) {
        thread::yield_now();
    }

    /// A model survives its threads: the process's end becomes the thread's.
    pub(crate) fn fatal(message: &str) -> ! {
        panic!("fatal error: {message}")
    }
}

pub(crate) use primitives::{
    Arc, AtomicI64, AtomicUsize, Ordering, UnsafeCell, fatal, spin_loop, thread, wait,
};

/// A lock without poisoning.
pub(crate) struct Mutex<T>(primitives::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(primitives::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> primitives::MutexGuard<'_, T> {
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

    pub(crate) fn wait<'a, T>(
        &self,
        guard: primitives::MutexGuard<'a, T>,
    ) -> primitives::MutexGuard<'a, T> {
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
