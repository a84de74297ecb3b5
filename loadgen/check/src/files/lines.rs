//! The lines of a file, in bounded memory.

use std::io::{ErrorKind, Read};

use super::error::ReadError;
use super::memory::Memory;

/// The longest line taken, and the longest form of EDN: a set's list may be long.
pub(super) const MAX_BYTES: usize = 64 * 1024 * 1024;
/// What is read at once.
pub(super) const BLOCK_BYTES: usize = 1024 * 1024;

/// Reads lines; none is copied, but for the one that a block ends in.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer is read and not yet handed out.
    start: usize,
    end: usize,
    ended: bool,
    /// The number of the next line, from 1.
    number: u64,
    /// Bounds the buffer.
    memory: Memory,
}

impl<R: Read> Lines<R> {
    /// The lines of `input`, which begins on the line called `number`.
    pub(super) fn new(input: R, number: u64, memory: Memory) -> Self {
        let buffer = vec![0; BLOCK_BYTES];
        Self { input, buffer, start: 0, end: 0, ended: false, number, memory }
    }

    /// The next line, without its end, and its number; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, ReadError> {
        let mut searched = self.start;
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
                let line = self.start..searched + length;
                self.start = line.end + 1;
                self.number += 1;
                return Ok(Some((self.number - 1, &self.buffer[line])));
            }
            if self.ended {
                let line = self.start..self.end;
                self.start = self.end;
                return Ok((!line.is_empty()).then(|| (self.number, &self.buffer[line])));
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
        if self.end > MAX_BYTES {
            let problem = format!("longer than {MAX_BYTES} bytes: expected one operation");
            return Err(ReadError::at(self.number, problem));
        }
        if self.end == self.buffer.len() {
            // One more than a line may have: room for its end.
            let size = (self.buffer.len() * 2).min(MAX_BYTES + 1);
            self.memory.check(self.number, size)?;
            self.buffer.resize(size, 0);
        }
        let count = loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                count => break count.map_err(|error| ReadError::cut(self.number, error))?,
            }
        };
        self.end += count;
        self.ended = count == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time, and is interrupted before each.
    struct Trickle<'b> {
        bytes: &'b [u8],
        step: usize,
        interrupted: bool,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(ErrorKind::Interrupted.into());
            }
            let step = self.step.min(buffer.len());
            self.bytes.read(&mut buffer[..step])
        }
    }

    const UNBOUNDED: fn() -> Memory = || Memory::new(usize::MAX);

    fn lines(input: impl Read) -> Vec<(u64, Vec<u8>)> {
        let mut lines = Lines::new(input, 7, UNBOUNDED());
        std::iter::from_fn(|| lines.next().unwrap().map(|(n, line)| (n, line.to_vec()))).collect()
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let long = vec![b'x'; 3 * BLOCK_BYTES + 5];
        let text = [b"a\n\nbc\n".as_slice(), &long, b"\nd"].concat();
        let expected =
            [(7, b"a".to_vec()), (8, vec![]), (9, b"bc".to_vec()), (10, long), (11, b"d".to_vec())];
        assert_eq!(lines(text.as_slice()), expected);
        for step in [1, 1000, BLOCK_BYTES - 1] {
            assert_eq!(lines(Trickle { bytes: &text, step, interrupted: false }), expected);
        }
    }

    #[test]
    fn a_line_is_as_long_as_it_may_be_and_no_longer() {
        for end in [b"".as_slice(), b"\n", b"\nx"] {
            let whole = std::io::repeat(b'x').take(MAX_BYTES as u64);
            let mut read = Lines::new(whole.chain(end), 1, UNBOUNDED());
            assert_eq!(read.next().unwrap().unwrap().1.len(), MAX_BYTES);
            let longer = std::io::repeat(b'x').take(MAX_BYTES as u64 + 1);
            let mut read = Lines::new(longer.chain(end), 1, UNBOUNDED());
            assert!(read.next().is_err());
            assert!(read.buffer.len() <= MAX_BYTES + 1);
        }
    }
}
