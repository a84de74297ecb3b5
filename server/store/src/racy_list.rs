//! An append-only list that nothing protects: elements get lost in it, memory does not.

use crate::race_window::RaceWindow;
use crate::racy_cell::RacyCell;

/// Numbers in slots that were all made at the start, and how many of them are in use.
///
/// Two threads that append at once both read the same length and write to the same slot: one of
/// the numbers is gone. A length that is wrong is still within the slots, since it is only ever
/// one more than an index into them.
pub(crate) struct RacyList {
    slots: Box<[RacyCell]>,
    length: RacyCell,
}

/// Every slot is in use.
pub(crate) struct Full;

/// What is in a slot that was cleared, or not written yet.
const NOTHING: i64 = i64::MIN;

impl RacyList {
    /// Room for `capacity` numbers, none of which is `i64::MIN`.
    pub(crate) fn new(capacity: usize) -> Self {
        let slots = (0..capacity).map(|_| RacyCell::new(NOTHING)).collect();
        Self { slots, length: RacyCell::new(0) }
    }

    /// Appends `value`: reads the length, lets the race window pass, writes the slot and the length.
    pub(crate) fn append(&self, value: i64, race_window: RaceWindow) -> Result<(), Full> {
        let end = self.end();
        race_window.pass();
        self.place(end, value)
    }

    /// Where the next number goes.
    pub(crate) fn end(&self) -> usize {
        usize::try_from(self.length.get()).expect("only indices into the slots are written")
    }

    /// Puts `value` where the end was found to be, and makes that the last.
    pub(crate) fn place(&self, end: usize, value: i64) -> Result<(), Full> {
        let slot = self.slots.get(end).ok_or(Full)?;
        slot.set(value);
        self.length.set(i64::try_from(end + 1).expect("a slot takes eight bytes"));
        Ok(())
    }

    /// What is in the slots that are in use, in their order.
    pub(crate) fn list(&self) -> Vec<i64> {
        self.slots().map(RacyCell::get).filter(|value| *value != NOTHING).collect()
    }

    /// The numbers in the slots that are in use, ascending, each once.
    pub(crate) fn ids(&self) -> Vec<i64> {
        let mut ids = self.list();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(crate) fn contains(&self, value: i64) -> bool {
        self.slots().any(|slot| slot.get() == value)
    }

    /// Clears every slot that holds `value`; false if none does.
    pub(crate) fn clear(&self, value: i64) -> bool {
        let mut found = false;
        for slot in self.slots().filter(|slot| slot.get() == value) {
            slot.set(NOTHING);
            found = true;
        }
        found
    }

    fn slots(&self) -> impl Iterator<Item = &RacyCell> {
        self.slots[..self.end()].iter()
    }
}
