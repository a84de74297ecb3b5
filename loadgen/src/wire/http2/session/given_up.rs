//! The streams that we gave up.

use std::collections::VecDeque;

/// The last streams that we gave up, of which more may be on its way.
#[derive(Default)]
pub(super) struct GivenUp {
    ids: VecDeque<u32>,
    /// The greatest of those that were forgotten.
    forgotten: u32,
}

impl GivenUp {
    const MOST: usize = 1024;

    /// Another one.
    pub(super) fn add(&mut self, id: u32) {
        if self.ids.len() == Self::MOST {
            let oldest = self.ids.pop_front().unwrap_or_default();
            self.forgotten = self.forgotten.max(oldest);
        }
        self.ids.push_back(id);
    }

    /// Whether this may be one of them.
    pub(super) fn may_have(&self, id: u32) -> bool {
        id <= self.forgotten || self.ids.contains(&id)
    }
}
