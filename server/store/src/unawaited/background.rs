//! A thread that saves results, one slow call after the other, while nobody waits; or somebody.

use std::sync::Arc as StdArc;

use crate::journal::Journal;
use crate::mailbox::{Closed, Mailbox};
use crate::results::{Results, ResultsFull};
use crate::settings::Settings;
use crate::sync::{Arc, AtomicUsize, Mutex, Ordering::SeqCst, thread, wait};

/// `unawaited`: the end of the process is the end of the task.
pub(crate) struct Unawaited(Background);

/// `awaited`: the end of the task comes before that of the process.
pub(crate) struct Awaited(Background);

struct Background {
    /// How many were saved or are going to be.
    acknowledged: AtomicUsize,
    capacity: usize,
    /// What is acknowledged and not saved yet.
    pending: Arc<Mailbox<i64>>,
    journal: StdArc<Journal>,
    task: Mutex<Option<thread::JoinHandle<()>>>,
}

impl Unawaited {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(Background::new(settings))
    }
}

impl Awaited {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self(Background::new(settings))
    }
}

impl Background {
    fn new(settings: &Settings) -> Self {
        let in_memory = || StdArc::new(Journal::in_memory());
        let journal = settings.journal.clone().unwrap_or_else(in_memory);
        let pending = Arc::new(Mailbox::unbounded());
        let task = thread::spawn({
            let (pending, journal) = (Arc::clone(&pending), StdArc::clone(&journal));
            let service_time = settings.service_time;
            move || {
                while let Some(id) = pending.receive() {
                    wait(service_time);
                    journal.append(id);
                }
            }
        });
        Self {
            acknowledged: AtomicUsize::new(journal.numbers().len()),
            capacity: settings.capacity,
            pending,
            journal,
            task: Mutex::new(Some(task)),
        }
    }

    fn acknowledge(&self, id: i64) -> Result<(), ResultsFull> {
        let one_more = |acknowledged| (acknowledged < self.capacity).then_some(acknowledged + 1);
        self.acknowledged.fetch_update(SeqCst, SeqCst, one_more).map_err(|_| ResultsFull)?;
        self.pending.send(id, "save").map_err(|Closed| ResultsFull)
    }
}

/// The task ends once it has saved what is pending; it is not waited for.
impl Drop for Background {
    fn drop(&mut self) {
        self.pending.close();
    }
}

impl Results for Unawaited {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        self.0.acknowledge(id)
    }

    fn list(&self) -> Vec<i64> {
        self.0.journal.numbers()
    }

    fn acknowledges_early(&self) -> bool {
        true
    }
}

impl Results for Awaited {
    fn save(&self, id: i64) -> Result<(), ResultsFull> {
        self.0.acknowledge(id)
    }

    fn list(&self) -> Vec<i64> {
        self.0.journal.numbers()
    }

    fn acknowledges_early(&self) -> bool {
        true
    }

    fn finish(&self) {
        self.0.pending.close();
        let task = self.0.task.lock().take();
        if let Some(task) = task {
            // A task that panicked has already said so; there is nobody left to tell.
            let _ = task.join();
        }
    }
}
