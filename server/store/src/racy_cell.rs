//! A number that every thread reads and writes as if it were alone.

use crate::sync::UnsafeCell;

/// A number without any synchronisation: what every data race here is about.
pub(crate) struct RacyCell(UnsafeCell<i64>);

#[expect(unsafe_code, reason = "the specimen: a cell shared without synchronisation")]
// SAFETY: deliberately broken. `Sync` promises that shared use is free of data races, and this
// cell's is not. The damage stays inside one aligned i64: no reference to it is ever made, no
// pointer depends on its value, a length that is made of it is checked against the slots (see
// `RacyList`), and the accesses are volatile, so the compiler may neither fold them together nor
// reason from what it read before.
unsafe impl Sync for RacyCell {}

#[expect(unsafe_code, reason = "the specimen: unsynchronised access to the cell")]
impl RacyCell {
    pub(crate) fn new(value: i64) -> Self {
        Self(UnsafeCell::new(value))
    }

    pub(crate) fn get(&self) -> i64 {
        // SAFETY: the pointer is valid and aligned as long as `self` lives. Broken on purpose:
        // a write may happen at the same time (see `Sync` above for what contains it).
        self.0.with(|value| unsafe { value.read_volatile() })
    }

    pub(crate) fn set(&self, value: i64) {
        // SAFETY: as in `get`; broken on purpose: reads and writes may happen at the same time.
        self.0.with_mut(|place| unsafe { place.write_volatile(value) });
    }
}
