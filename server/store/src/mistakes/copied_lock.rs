//! `copied-lock`: a handle that was passed by value took its lock along, and left the jobs shared.

use crate::jobs::{JobError, Jobs, id_or};
use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;
use crate::racy_list::RacyList;
use crate::settings::Settings;
use crate::sync::{Arc, Mutex};

pub(crate) struct CopiedLock(Handle);

/// What a caller works with: a lock, and jobs that other handles work with as well.
struct Handle {
    lock: Mutex<()>,
    shared: Arc<Shared>,
}

struct Shared {
    jobs: RacyList,
    next: RacyCell,
    race_window: RaceWindow,
}

impl CopiedLock {
    pub(crate) fn new(settings: &Settings) -> Self {
        let jobs = RacyList::new(settings.capacity);
        let shared = Shared { jobs, next: RacyCell::new(0), race_window: settings.race_window };
        Self(Handle { lock: Mutex::new(()), shared: Arc::new(shared) })
    }

    /// What a call by value hands over.
    fn copy(&self) -> Handle {
        Handle { lock: Mutex::new(()), shared: Arc::clone(&self.0.shared) }
    }
}

impl Handle {
    fn locked<R>(&self, action: impl FnOnce(&Shared) -> R) -> R {
        let _lock = self.lock.lock();
        action(&self.shared)
    }
}

impl Jobs for CopiedLock {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        self.copy().locked(|Shared { jobs, next, race_window }| {
            let id = id_or(id, next.get())?;
            jobs.append(id, *race_window).map_err(|_| JobError::Full)?;
            next.set(next.get().max(id.saturating_add(1)));
            Ok(id)
        })
    }

    fn contains(&self, id: i64) -> bool {
        self.copy().locked(|shared| shared.jobs.contains(id))
    }

    fn list(&self) -> Vec<i64> {
        self.copy().locked(|shared| shared.jobs.ids())
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        let found = self.copy().locked(|shared| shared.jobs.clear(id));
        if found { Ok(()) } else { Err(JobError::UnknownId) }
    }
}
