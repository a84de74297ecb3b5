//! What is kept of an answer on its way in, to tell what it means.

use crate::scenario::{Heard, Step, Wanted};
use crate::wire::{Listener, header};

/// What was kept of the last answer; its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    content: Vec<u8>,
    /// Whether `content` is all of it.
    is_whole: bool,
    /// The value of the header field that holds the result.
    field: Option<String>,
}

/// Longer content has no result.
const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024;

impl Reply {
    /// Keeps what the meaning of `step` needs of the answer that comes; `sample` is shown its status and head.
    pub(crate) fn listen<'r, S>(&'r mut self, step: &'r Step, sample: S) -> Listening<'r, S> {
        let wanted = step.meaning.wants();
        let keeps_content = wanted == Wanted::Content || step.answers.read_content();
        Listening { reply: self, wanted, keeps_content, sample }
    }

    /// The same, and the content in any case: for whoever is to be shown what came.
    pub(crate) fn listen_to_all<'r>(
        &'r mut self,
        step: &'r Step,
    ) -> Listening<'r, impl FnMut(u16, &[u8])> {
        Listening { keeps_content: true, ..self.listen(step, |_, _: &[u8]| {}) }
    }

    /// What was kept.
    pub(crate) fn heard(&self) -> Heard<'_> {
        let content = if self.is_whole { str::from_utf8(&self.content).ok() } else { None };
        Heard { status: self.status, content, field: self.field.as_deref() }
    }

    /// The content as far as it was kept, with a mark for whatever is no legal text.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// Takes from an answer what is wanted.
pub(crate) struct Listening<'r, S> {
    reply: &'r mut Reply,
    wanted: Wanted<'r>,
    keeps_content: bool,
    sample: S,
}

impl<S: FnMut(u16, &[u8])> Listener for Listening<'_, S> {
    fn head(&mut self, status: u16, head: &[u8]) {
        (self.sample)(status, head);
        self.reply.status = status;
        self.reply.content.clear();
        self.reply.is_whole = true;
        if let Wanted::Field(name) = self.wanted {
            self.reply.field = header(head, name.as_str());
        }
    }

    fn content(&mut self, piece: &[u8]) {
        if !self.keeps_content {
            return;
        }
        let Reply { content, is_whole, .. } = self.reply;
        *is_whole &= content.len() + piece.len() <= MAX_CONTENT_BYTES;
        if *is_whole {
            content.extend_from_slice(piece);
        }
    }
}
