//! What a choice may still cost.

use super::blocks::Blocks;

/// How many steps are taken between two questions whether time is up.
const STEPS_BETWEEN_QUESTIONS: u64 = 1_024;

/// A number of steps, each some tenths of a microsecond.
pub(super) struct Steps<'l> {
    most: u64,
    asked: u64,
    expired: &'l (dyn Fn() -> bool + Sync),
}

impl<'l> Steps<'l> {
    pub(super) fn new(most: u64, expired: &'l (dyn Fn() -> bool + Sync)) -> Self {
        Self { most, asked: 0, expired }
    }

    /// Takes one more; false where there are no more, or time is up.
    pub(super) fn take(&mut self, blocks: &mut Blocks<'_>) -> bool {
        blocks.steps += 1;
        let to_ask = blocks.steps / STEPS_BETWEEN_QUESTIONS;
        if to_ask == self.asked {
            return true;
        }
        self.asked = to_ask;
        blocks.steps <= self.most && !(self.expired)()
    }
}
