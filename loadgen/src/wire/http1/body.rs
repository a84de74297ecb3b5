//! The body of an answer, followed to its end without keeping any of it.

use super::chunked::{Advance, Chunked};
use super::head::Framing;
use crate::wire::failure::Failure;
use crate::wire::illegal::Illegal;

/// Follows a body to its end.
pub(super) struct Body {
    rest: Rest,
    content: u64,
}

enum Rest {
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        let rest = match framing {
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::Chunked(Chunked::default()),
            Framing::UntilClose => Rest::UntilClose,
        };
        Self { rest, content: 0 }
    }

    /// Takes the next bytes as far as they belong to the body, and gives the content among them to
    /// `see`.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut see: impl FnMut(&[u8]),
    ) -> Result<Advance, Illegal> {
        let Self { rest, content } = self;
        let mut see = |piece: &[u8]| {
            *content += piece.len() as u64;
            see(piece);
        };
        match rest {
            Rest::Length(left) => {
                let available = bytes.len();
                let consumed = usize::try_from(*left).map_or(available, |left| left.min(available));
                *left -= consumed as u64;
                see(&bytes[..consumed]);
                Ok(Advance { consumed, done: *left == 0 })
            }
            Rest::Chunked(chunked) => chunked.advance(bytes, see),
            Rest::UntilClose => {
                see(bytes);
                Ok(Advance { consumed: bytes.len(), done: false })
            }
        }
    }

    /// The connection was closed: complete only where that is how the body ends.
    pub(super) fn end(&self) -> Result<(), Failure> {
        match self.rest {
            Rest::UntilClose => Ok(()),
            Rest::Length(_) | Rest::Chunked(_) => Err(Failure::ClosedWithinAnswer),
        }
    }

    /// Bytes of content taken so far.
    pub(super) fn content(&self) -> u64 {
        self.content
    }
}
