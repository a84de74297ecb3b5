//! A value that notices when it is used by two at once, and takes the process with it.
//!
//! Go's maps have no lock. A writer marks the map as being written, every other access looks
//! for that mark, and the runtime ends the process when it meets one. Here readers mark
//! themselves too, so that a conflict is noticed before the value is touched, whichever side
//! comes second.

use crate::race_window::RaceWindow;
use crate::sync::{AtomicUsize, Ordering, UnsafeCell, fatal};

/// What `go-map` keeps its map in.
pub(crate) struct Marked<T> {
    marks: AtomicUsize,
    map: UnsafeCell<T>,
    race_window: RaceWindow,
}

/// One writer at most: a bit.
const WRITING: usize = 1;
/// Readers are counted, in the bits above the writer's.
const READING: usize = 1 << 1;
/// Iterations are counted in the upper half; there are never as many threads as would carry over.
const ITERATING: usize = 1 << (usize::BITS / 2);

#[expect(unsafe_code, reason = "the map is shared by what the marks allow, not by a lock")]
// SAFETY: the map is reached only through `read`, `iterate` and `write`, whose marks admit either
// any number of readers or one writer; whoever would break that rule ends the process instead.
// Values move between threads (`Send`) and are read by several at once (`Sync`).
unsafe impl<T: Send + Sync> Sync for Marked<T> {}

impl<T> Marked<T> {
    /// A writer lets `race_window` pass between its mark and its write.
    pub(crate) fn new(map: T, race_window: RaceWindow) -> Self {
        Self { marks: AtomicUsize::new(0), map: UnsafeCell::new(map), race_window }
    }

    pub(crate) fn read<R>(&self, action: impl FnOnce(&T) -> R) -> R {
        self.share(READING, "concurrent map read and map write", action)
    }

    pub(crate) fn iterate<R>(&self, action: impl FnOnce(&T) -> R) -> R {
        self.share(ITERATING, "concurrent map iteration and map write", action)
    }

    #[expect(unsafe_code, reason = "shared access is what the mark stands for")]
    fn share<R>(&self, mark: usize, conflict: &str, action: impl FnOnce(&T) -> R) -> R {
        if self.marks.fetch_add(mark, Ordering::Acquire) & WRITING != 0 {
            fatal(conflict);
        }
        // SAFETY: no writer was marked when this mark was set, and a writer that comes later
        // sees the mark and does not touch the map. The pointer lives as long as `self`.
        let result = self.map.with(|map| action(unsafe { &*map }));
        self.marks.fetch_sub(mark, Ordering::Release);
        result
    }

    #[expect(unsafe_code, reason = "exclusive access is what the mark stands for")]
    pub(crate) fn write<R>(&self, action: impl FnOnce(&mut T) -> R) -> R {
        match self.marks.fetch_or(WRITING, Ordering::Acquire) {
            0 => {}
            others if others & WRITING != 0 => fatal("concurrent map writes"),
            others if others >= ITERATING => fatal("concurrent map iteration and map write"),
            _ => fatal("concurrent map read and map write"),
        }
        self.race_window.pass();
        // SAFETY: nobody was marked when this mark was set, and whoever comes later sees it and
        // does not touch the map. The pointer lives as long as `self`.
        let result = self.map.with_mut(|map| action(unsafe { &mut *map }));
        self.marks.fetch_and(!WRITING, Ordering::Release);
        result
    }
}
