//! What answers are read into: a buffer for all connections of a thread.
//!
//! Most answers come with one read, and are done with before anything else is read. Buffers of the
//! connections' own would be many, and out of the processor's caches whenever one is needed.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

/// How much a buffer holds.
pub(super) const BYTES: usize = 64 * 1024;

thread_local! {
    /// The one that is in no connection's hands; empty while it is.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Puts the thread's buffer in place of one that is empty, or a new one where that is lent already.
pub(super) fn lend(buffer: &mut Vec<u8>) {
    if buffer.is_empty() {
        *buffer = SPARE.take();
        buffer.resize(BYTES, 0);
    }
}

/// Takes a buffer back, of whose content nobody has a use any more.
pub(super) fn take_back(buffer: &mut Vec<u8>) {
    SPARE.set(std::mem::take(buffer));
}

/// The thread's buffer, as long as this lives.
pub(super) struct Lent(Vec<u8>);

impl Lent {
    pub(super) fn new() -> Self {
        let mut buffer = Vec::new();
        lend(&mut buffer);
        Self(buffer)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        take_back(&mut self.0);
    }
}

impl Deref for Lent {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
