//! The lines of a file, in bounded memory.

use std::io::Read;

use super::error::ReadError;

/// The longest line taken: a set's list may be long.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;
const BLOCK_BYTES: usize = 1024 * 1024;

/// Reads lines; none is copied, but for the one that a block ends in.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer is read and not yet handed out.
    start: usize,
    end: usize,
    ended: bool,
    /// The number of the line handed out last, from 1.
    pub(super) number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; BLOCK_BYTES], start: 0, end: 0, ended: false, number: 0 }
    }

    /// The next line, without its end; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let mut searched = self.start;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
                let line = self.start..searched + length;
                self.start = line.end + 1;
                self.number += 1;
                return Ok(Some(&self.buffer[line]));
            }
            if self.ended {
                let line = self.start..self.end;
                self.start = self.end;
                self.number += u64::from(!line.is_empty());
                return Ok((!line.is_empty()).then(|| &self.buffer[line]));
            }
            searched = self.end - self.start;
            self.fill()?;
        }
    }

    /// Reads on behind what is left, which moves to the front.
    fn fill(&mut self) -> Result<(), ReadError> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end > MAX_LINE_BYTES {
            let problem = format!("longer than {MAX_LINE_BYTES} bytes: expected one operation");
            return Err(ReadError::at(self.number + 1, problem));
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let count = self.input.read(&mut self.buffer[self.end..])?;
        self.end += count;
        self.ended = count == 0;
        Ok(())
    }
}
