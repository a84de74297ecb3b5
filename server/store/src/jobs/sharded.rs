//! `sharded`: several maps, each with a lock of its own, so that jobs seldom wait for each other.

use std::collections::BTreeSet;

use super::{JobError, Jobs, id_or};
use crate::settings::Settings;
use crate::sync::{AtomicI64, Mutex, MutexGuard, Ordering::SeqCst};

pub(crate) struct Sharded {
    shards: [Mutex<BTreeSet<i64>>; SHARDS],
    /// Above every id there ever was.
    next: AtomicI64,
    /// How many more jobs there is room for.
    room: AtomicI64,
}

/// Few enough that a model checker can take all their locks.
const SHARDS: usize = 4;

impl Sharded {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(BTreeSet::new())),
            next: AtomicI64::new(0),
            room: AtomicI64::new(i64::try_from(settings.capacity).unwrap_or(i64::MAX)),
        }
    }

    fn index(id: i64) -> usize {
        usize::try_from(id.unsigned_abs() % SHARDS as u64).expect("there are few shards")
    }

    fn shard(&self, id: i64) -> &Mutex<BTreeSet<i64>> {
        &self.shards[Self::index(id)]
    }

    /// Every shard at once, taken in their order.
    fn lock_all(&self) -> Vec<MutexGuard<'_, BTreeSet<i64>>> {
        self.shards.iter().map(Mutex::lock).collect()
    }

    /// Under all locks: while this waited for the one that its id belongs to, another thread could
    /// add a job of that id and remove it again.
    fn add_chosen(&self) -> Result<i64, JobError> {
        let mut shards = self.lock_all();
        let id = id_or(None, self.next.load(SeqCst))?;
        self.take_room()?;
        self.choose_above(id);
        shards[Self::index(id)].insert(id);
        Ok(id)
    }

    fn add_given(&self, id: i64) -> Result<i64, JobError> {
        let mut shard = self.shard(id).lock();
        if !shard.contains(&id) {
            self.take_room()?;
            self.choose_above(id);
            shard.insert(id);
        }
        Ok(id)
    }

    fn take_room(&self) -> Result<(), JobError> {
        let less = |room| if room > 0 { Some(room - 1) } else { None };
        self.room.fetch_update(SeqCst, SeqCst, less).map(drop).map_err(|_| JobError::Full)
    }

    /// From now on larger ids are chosen.
    fn choose_above(&self, id: i64) {
        let above = |next: i64| Some(next.max(id.saturating_add(1)));
        self.next.fetch_update(SeqCst, SeqCst, above).expect("the update always gives a value");
    }
}

impl Jobs for Sharded {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        id.map_or_else(|| self.add_chosen(), |id| self.add_given(id))
    }

    fn contains(&self, id: i64) -> bool {
        self.shard(id).lock().contains(&id)
    }

    /// Under all locks: shard by shard, a list could hold a job and lack one that was there before.
    fn list(&self) -> Vec<i64> {
        let shards = self.lock_all();
        let mut ids: Vec<_> = shards.iter().flat_map(|shard| shard.iter().copied()).collect();
        ids.sort_unstable();
        ids
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        let mut shard = self.shard(id).lock();
        if !shard.remove(&id) {
            return Err(JobError::UnknownId);
        }
        self.room.fetch_add(1, SeqCst);
        Ok(())
    }
}
