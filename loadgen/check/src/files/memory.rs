//! How much memory a history may need.

use super::error::ReadError;

/// A bound on the bytes that operations, lists and keys hold while a history is read.
#[derive(Debug)]
pub(super) struct Memory {
    limit_bytes: usize,
}

impl Memory {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes }
    }

    /// Refuses what needs more than that, up to `line`. One line may be too much, and no more.
    pub(super) fn check(&self, line: u64, bytes: usize) -> Result<(), ReadError> {
        let limit_bytes = self.limit_bytes;
        if bytes <= limit_bytes { Ok(()) } else { Err(ReadError::Memory { line, limit_bytes }) }
    }
}
