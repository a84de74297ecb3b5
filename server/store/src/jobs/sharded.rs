//! `sharded`: several maps, each with a lock of its own, so that jobs seldom wait for each other.

use std::collections::BTreeSet;

use super::{JobError, Jobs};
use crate::settings::Settings;
use crate::sync::{AtomicI64, Mutex, Ordering::SeqCst};

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

    fn shard(&self, id: i64) -> &Mutex<BTreeSet<i64>> {
        let index = id.unsigned_abs() % SHARDS as u64;
        &self.shards[usize::try_from(index).expect("there are few shards")]
    }

    fn choose(&self) -> i64 {
        let id = self.next.fetch_update(SeqCst, SeqCst, |next| Some(next.saturating_add(1)));
        id.expect("the update always gives a value")
    }
}

impl Jobs for Sharded {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let id = match id {
            Some(id) => {
                let above = |next: i64| Some(next.max(id.saturating_add(1)));
                self.next.fetch_update(SeqCst, SeqCst, above).expect("it always gives a value");
                id
            }
            None => self.choose(),
        };
        let mut shard = self.shard(id).lock();
        if !shard.contains(&id) {
            let less = |room| if room > 0 { Some(room - 1) } else { None };
            self.room.fetch_update(SeqCst, SeqCst, less).map_err(|_| JobError::Full)?;
            shard.insert(id);
        }
        Ok(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.shard(id).lock().contains(&id)
    }

    /// Under all locks at once, taken in their order: shard by shard, a list could hold a job and
    /// lack one that was there before it.
    fn list(&self) -> Vec<i64> {
        let shards: Vec<_> = self.shards.iter().map(Mutex::lock).collect();
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
