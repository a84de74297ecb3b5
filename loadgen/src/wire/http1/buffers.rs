//! What answers are read into: a buffer for all connections of a thread.
//!
//! Most answers come with one read, and are done with before anything else is read. Buffers of the
//! connections' own would be many, and out of the processor's caches whenever one is needed.

use std::cell::Cell;

use super::head::MAX_HEAD_BYTES;

thread_local! {
    /// The one that is in no connection's hands; empty while it is.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Puts the thread's buffer in place of one that is empty, or a new one where that is lent already.
pub(super) fn lend(buffer: &mut Vec<u8>) {
    if buffer.is_empty() {
        *buffer = SPARE.take();
        buffer.resize(MAX_HEAD_BYTES, 0);
    }
}

/// Takes a buffer back, of whose content nobody has a use any more.
pub(super) fn take_back(buffer: &mut Vec<u8>) {
    SPARE.set(std::mem::take(buffer));
}
