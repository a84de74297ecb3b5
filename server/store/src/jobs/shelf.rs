//! The jobs themselves: the sequential core of the modes that keep them in one map.

use std::collections::BTreeSet;

use super::{JobError, id_or};
use crate::settings::Settings;

/// Jobs for one thread at a time: what [`Jobs`](super::Jobs) means, without the sharing.
pub(crate) struct Shelf {
    ids: BTreeSet<i64>,
    /// Above every id there ever was.
    next: i64,
    capacity: usize,
}

impl Shelf {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { ids: BTreeSet::new(), next: 0, capacity: settings.capacity }
    }

    pub(crate) fn add(&mut self, id: Option<i64>) -> Result<i64, JobError> {
        let id = id_or(id, self.next)?;
        if self.ids.len() >= self.capacity && !self.ids.contains(&id) {
            return Err(JobError::Full);
        }
        self.ids.insert(id);
        self.next = self.next.max(id.saturating_add(1));
        Ok(id)
    }

    pub(crate) fn contains(&self, id: i64) -> bool {
        self.ids.contains(&id)
    }

    pub(crate) fn list(&self) -> Vec<i64> {
        self.ids.iter().copied().collect()
    }

    pub(crate) fn remove(&mut self, id: i64) -> Result<(), JobError> {
        if self.ids.remove(&id) { Ok(()) } else { Err(JobError::UnknownId) }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}
