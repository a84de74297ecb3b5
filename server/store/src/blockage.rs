//! Who holds which lock, and who waits for it: what a store that hangs can still say.

use std::fmt;
use std::time::Duration;

#[cfg(not(any(store_loom, store_shuttle)))]
pub(crate) use books::{Book, all};

/// A lock, or the like, that somebody holds or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockage {
    /// What the lock is called.
    pub lock: &'static str,
    /// Who holds it; `None` where nobody does.
    pub holder: Option<Party>,
    /// Who waits for it, the longest first.
    pub waiting: Vec<Party>,
}

/// A thread that holds a lock or waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// A number that no other thread of the process has.
    pub thread: u64,
    /// The operation that it is in.
    pub operation: &'static str,
    /// For how long it has held the lock, or waited for it.
    pub since: Duration,
}

/// Every lock of the named kind that is held or waited for at the moment, in all stores of the
/// process. It answers also when every one of those locks is stuck.
#[must_use]
pub fn blockages() -> Vec<Blockage> {
    #[cfg(not(any(store_loom, store_shuttle)))]
    return all();
    #[cfg(any(store_loom, store_shuttle))]
    return Vec::new();
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} in {}", self.thread, self.operation)
    }
}

/// A line about the holder and one about each that waits.
impl fmt::Display for Blockage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lock, holder, waiting } = self;
        match holder {
            Some(holder) => {
                write!(
                    f,
                    "lock `{lock}`: held by {holder}, for {:.1} s",
                    holder.since.as_secs_f64()
                )?;
            }
            None => write!(f, "lock `{lock}`: held by nobody")?,
        }
        for party in waiting {
            write!(f, "\nlock `{lock}`: {party} waits, for {:.1} s", party.since.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Where there are no books: under a model checker, which finds out by itself.
#[cfg(any(store_loom, store_shuttle))]
pub(crate) struct NoBook;

#[cfg(any(store_loom, store_shuttle))]
#[expect(clippy::unused_self, reason = "it stands in for a book, which does use it")]
impl NoBook {
    pub(crate) fn new(_: &'static str) -> Self {
        Self
    }

    pub(crate) fn waits(&self, _: &'static str) {}

    pub(crate) fn holds(&self, _: &'static str) {}

    pub(crate) fn no_longer_waits(&self) {}

    pub(crate) fn released(&self) {}
}

#[cfg(not(any(store_loom, store_shuttle)))]
mod books {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
    use std::time::Instant;

    use super::{Blockage, Party};

    /// The book of one lock. Keeping it never blocks for longer than another entry takes.
    pub(crate) struct Book(Arc<Page>);

    struct Page {
        lock: &'static str,
        entries: Mutex<Entries>,
    }

    #[derive(Default)]
    struct Entries {
        holder: Option<Entry>,
        waiting: Vec<Entry>,
    }

    #[derive(Clone, Copy)]
    struct Entry {
        thread: u64,
        operation: &'static str,
        since: Instant,
    }

    static PAGES: Mutex<Vec<Weak<Page>>> = Mutex::new(Vec::new());

    pub(crate) fn all() -> Vec<Blockage> {
        let pages: Vec<_> = locked(&PAGES).iter().filter_map(Weak::upgrade).collect();
        pages.iter().filter_map(|page| page.blockage()).collect()
    }

    impl Book {
        pub(crate) fn new(lock: &'static str) -> Self {
            let page = Arc::new(Page { lock, entries: Mutex::default() });
            let mut pages = locked(&PAGES);
            pages.retain(|page| page.strong_count() > 0);
            pages.push(Arc::downgrade(&page));
            Self(page)
        }

        /// The calling thread begins to wait.
        pub(crate) fn waits(&self, operation: &'static str) {
            locked(&self.0.entries).waiting.push(Entry::now(operation));
        }

        /// The calling thread, which waited, holds the lock.
        pub(crate) fn holds(&self, operation: &'static str) {
            let mut entries = locked(&self.0.entries);
            entries.no_longer_waits();
            entries.holder = Some(Entry::now(operation));
        }

        /// The calling thread, which waited, has no more need to.
        pub(crate) fn no_longer_waits(&self) {
            locked(&self.0.entries).no_longer_waits();
        }

        /// Nobody holds the lock any more.
        pub(crate) fn released(&self) {
            locked(&self.0.entries).holder = None;
        }
    }

    impl Page {
        fn blockage(&self) -> Option<Blockage> {
            let entries = locked(&self.entries);
            let holder = entries.holder.map(Entry::party);
            let waiting: Vec<_> = entries.waiting.iter().copied().map(Entry::party).collect();
            let is_free = holder.is_none() && waiting.is_empty();
            (!is_free).then_some(Blockage { lock: self.lock, holder, waiting })
        }
    }

    impl Entries {
        fn no_longer_waits(&mut self) {
            let own = thread_number();
            if let Some(index) = self.waiting.iter().position(|entry| entry.thread == own) {
                self.waiting.remove(index);
            }
        }
    }

    impl Entry {
        fn now(operation: &'static str) -> Self {
            Self { thread: thread_number(), operation, since: Instant::now() }
        }

        fn party(self) -> Party {
            let Self { thread, operation, since } = self;
            Party { thread, operation, since: since.elapsed() }
        }
    }

    /// std's own numbers are not to be had as such.
    fn thread_number() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        thread_local! {
            static OWN: u64 = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        OWN.with(|number| *number)
    }

    fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
