//! One request and its answer, as far as they have come.

use std::ops::Range;
use std::rc::Rc;

use tokio::time::Instant;

use super::head::Head;
use crate::wire::http2_error::Breach;
use crate::wire::{Failure, Listener};

/// One request and its answer, as far as they have come.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) id: u32,
    /// Where in what is sent its request stands; what is sent of it later lengthens that.
    pub(super) place: Range<u64>,
    /// How much of its content has not been put there.
    pub(super) unsent: usize,
    /// How much content the other side takes of it.
    pub(super) window: i64,
    /// Whether it asks for a head alone.
    pub(super) is_head: bool,
    head: Option<Rc<Head>>,
    /// Whether whoever listens has been told of the head.
    is_head_told: bool,
    /// Content that nobody has been told of.
    content: Vec<u8>,
    /// How much of our window has been used, and not given back.
    used: u32,
    pub(super) bytes: u64,
    pub(super) body_bytes: u64,
    /// When its first byte was read.
    pub(super) first_byte: Option<Instant>,
    /// What it came to, and when.
    pub(super) end: Option<(Result<(), Failure>, Instant)>,
}

/// How much content we take of a stream before it was listened to.
pub(super) const WINDOW: u32 = 1 << 20;

impl Stream {
    /// A request with so much content, before any of it is sent.
    pub(super) fn new(id: u32, begins: u64, content: usize, window: u32, is_head: bool) -> Self {
        Self {
            id,
            place: begins..begins,
            unsent: content,
            window: i64::from(window),
            is_head,
            head: None,
            is_head_told: false,
            content: Vec::new(),
            used: 0,
            bytes: 0,
            body_bytes: 0,
            first_byte: None,
            end: None,
        }
    }

    /// So many bytes of its answer were read.
    pub(super) fn read(&mut self, bytes: usize, now: Instant) {
        self.bytes += bytes as u64;
        self.first_byte.get_or_insert(now);
    }

    /// Its final status, once it is there.
    pub(super) fn status(&self) -> Option<u16> {
        self.head.as_ref()?.status
    }

    /// A header block: a head, or trailers where that `is_last`. Whether the answer ends with it.
    pub(super) fn head(&mut self, head: Rc<Head>, is_last: bool) -> Result<bool, Breach> {
        match (&self.head, head.status) {
            // An interim head, behind which another one comes.
            (None, Some(..200)) if !is_last => Ok(false),
            (None, Some(200..)) => {
                self.head = Some(head);
                if is_last { self.is_as_long_as_said().map(|()| true) } else { Ok(false) }
            }
            (Some(_), None) if is_last => self.is_as_long_as_said().map(|()| true),
            _ => Err(Breach::OutOfPlace),
        }
    }

    /// A piece of its content, which `counts` for so much of the window. Whether the answer ends with it.
    pub(super) fn data(
        &mut self,
        piece: &[u8],
        counts: u32,
        is_last: bool,
    ) -> Result<bool, Breach> {
        if self.head.is_none() {
            return Err(Breach::OutOfPlace);
        }
        self.used += counts;
        if self.used > WINDOW {
            return Err(Breach::BeyondWindow);
        }
        self.content.extend_from_slice(piece);
        self.body_bytes += piece.len() as u64;
        if is_last {
            self.is_as_long_as_said()?;
        }
        Ok(is_last)
    }

    /// How much content nobody has been told of.
    #[cfg(any(test, fuzzing))]
    pub(super) fn kept_bytes(&self) -> usize {
        self.content.len()
    }

    fn is_as_long_as_said(&self) -> Result<(), Breach> {
        let has_none = self.is_head || matches!(self.status(), Some(204 | 304));
        let said = self.head.as_ref().and_then(|head| head.content_length);
        match said {
            Some(said) if said != self.body_bytes && !(has_none && self.body_bytes == 0) => {
                Err(Breach::ContentLength)
            }
            _ => Ok(()),
        }
    }

    /// Tells `listener` what has come since it was told last, and how much of the window is to be given
    /// back therefore: nothing while it is little.
    pub(super) fn listen(&mut self, listener: &mut impl Listener) -> u32 {
        if let (false, Some(head)) = (self.is_head_told, &self.head) {
            listener.head(head.status.unwrap_or_default(), &head.text);
            self.is_head_told = true;
        }
        if !self.content.is_empty() {
            listener.content(&self.content);
            self.content.clear();
        }
        if self.used < WINDOW / 2 { 0 } else { std::mem::take(&mut self.used) }
    }
}
