//! How much memory a history may need.

use super::error::ReadError;

/// A bound on the bytes that are held while a history is read: by operations, lists and keys, and by
/// long lines and what they are parsed to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    limit_bytes: usize,
}

/// What shorter lines need is not counted: it is a few times their length, and one line is held at a
/// time.
const SHORT_BYTES: usize = 64 * 1024;

impl Memory {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes }
    }

    /// Refuses what needs more than that, up to `line`. One short line may be too much, and no more.
    pub(super) fn check(self, line: u64, bytes: usize) -> Result<(), ReadError> {
        let limit_bytes = self.limit_bytes;
        if bytes <= limit_bytes { Ok(()) } else { Err(ReadError::Memory { line, limit_bytes }) }
    }

    /// Refuses a line whose `text` would need too much beside the bytes that are held already, where
    /// each of its values is parsed to so many.
    pub(super) fn check_line(
        self,
        line: u64,
        text: &[u8],
        held_bytes: usize,
        value_bytes: usize,
    ) -> Result<(), ReadError> {
        if text.len() <= SHORT_BYTES {
            return Ok(());
        }
        // What is between values, of which commas are space in EDN, and what some begin with.
        let values = text
            .iter()
            .filter(|byte| matches!(byte, b',' | b' ' | b'\t'..=b'\r' | b'[' | b'(' | b'{' | b'"'));
        self.check(line, held_bytes + 2 * text.len() + values.count() * value_bytes)
    }
}
