//! The body of an answer, followed to its end without keeping any of it.

use super::chunked::{Advance, Chunked};
use super::head::Framing;
use crate::wire::failure::{Failure, Illegal};

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

    /// Takes the next bytes, and gives the content among them to `see`; true once the body is
    /// complete.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut see: impl FnMut(&[u8]),
    ) -> Result<bool, Illegal> {
        let Self { rest, content } = self;
        let mut see = |piece: &[u8]| {
            *content += piece.len() as u64;
            see(piece);
        };
        match rest {
            Rest::Length(left) => {
                *left = left.checked_sub(bytes.len() as u64).ok_or(Illegal::Surplus)?;
                see(bytes);
                Ok(*left == 0)
            }
            Rest::Chunked(chunked) => {
                let Advance { consumed, done } = chunked.advance(bytes, see)?;
                if consumed < bytes.len() { Err(Illegal::Surplus) } else { Ok(done) }
            }
            Rest::UntilClose => {
                see(bytes);
                Ok(false)
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
