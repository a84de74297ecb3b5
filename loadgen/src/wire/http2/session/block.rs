//! A header block that comes in several frames.

use crate::wire::http2::hpack;
use crate::wire::http2_error::Breach;

/// A header block comes in so many frames at most.
const MOST_FRAGMENTS: u32 = 1024;

/// A header block, as far as it has come.
pub(super) struct Block {
    stream: u32,
    is_last: bool,
    bytes: Vec<u8>,
    /// How long its frames are together.
    length: usize,
    fragments: u32,
}

/// All of a header block.
pub(super) struct Whole<'b> {
    pub(super) stream: u32,
    /// Whether the answer ends with it.
    pub(super) is_last: bool,
    pub(super) bytes: &'b [u8],
    /// How long its frames are together.
    pub(super) length: usize,
}

impl Block {
    /// One that begins with `whole`, which is not all of it.
    pub(super) fn begin(whole: &Whole<'_>) -> Self {
        let Whole { stream, is_last, bytes, length } = *whole;
        Self { stream, is_last, bytes: bytes.to_vec(), length, fragments: 1 }
    }

    /// Whose it is.
    pub(super) fn stream(&self) -> u32 {
        self.stream
    }

    /// It goes on with `fragment`, in a frame of this length.
    pub(super) fn add(&mut self, fragment: &[u8], length: usize) -> Result<(), Breach> {
        self.fragments += 1;
        self.length += length;
        self.bytes.extend_from_slice(fragment);
        if self.bytes.len() > hpack::MOST_BYTES || self.fragments > MOST_FRAGMENTS {
            return Err(Breach::BlockTooLong);
        }
        Ok(())
    }

    /// All of it.
    pub(super) fn whole(&self) -> Whole<'_> {
        let Self { stream, is_last, ref bytes, length, .. } = *self;
        Whole { stream, is_last, bytes, length }
    }
}
