//! Books of who holds which lock and who waits for it, kept beside the locks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crate::blockage::{Blockage, Party};

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

/// Every lock of the named kind that is held or waited for at the moment, in all stores of the
/// process. It answers also when every one of those locks is stuck.
#[must_use]
pub fn blockages() -> Vec<Blockage> {
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
