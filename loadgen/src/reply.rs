//! What is kept of an answer on its way in, to tell what it means.

use http::HeaderName;

use crate::extract::{Body, Heard, Steps, header};
use crate::record::MAX_SAMPLE_BYTES;
use crate::redirect::is_redirect;
use crate::scenario::{Step, Wanted};
use crate::wire::Listener;

/// What was kept of the last answer; its memory is used again for the next.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    head: Head,
    content: Vec<u8>,
    /// Whether `content` is all of it.
    is_whole: bool,
    /// Content that is longer, as it comes or decoded, is not kept.
    limit: usize,
    steps: Steps,
    /// The first bytes of what was illegal, at last.
    illegal: Vec<u8>,
    /// The beginning of the content, where that is wanted as a sample.
    sampled: Option<Vec<u8>>,
}

/// What was taken from a head. One that is the same as the last, as most are, is not looked at again.
#[derive(Debug, Default)]
struct Head {
    /// As it came, where anything was taken from it or it is wanted itself.
    bytes: Vec<u8>,
    /// The values of Content-Type and Content-Encoding, and whether they were looked for.
    content_type: Option<String>,
    encoding: Option<String>,
    has_content: bool,
    /// The field that holds the result, and its value.
    name: Option<HeaderName>,
    field: Option<String>,
}

impl Head {
    /// Takes what describes the content out of `head`, if it is kept, and the value of the field
    /// called `name`.
    fn take(&mut self, head: &[u8], has_content: bool, name: Option<&HeaderName>) {
        if self.has_content == has_content && self.name.as_ref() == name && self.bytes == head {
            return;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(head);
        self.has_content = has_content;
        self.content_type = has_content.then(|| header(head, "content-type")).flatten();
        self.encoding = has_content.then(|| header(head, "content-encoding")).flatten();
        self.name = name.cloned();
        self.field = name.and_then(|name| header(head, name.as_str()));
    }
}

/// An answer of the load whose content is longer has no result: each client may hold one.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// A state that is longer is not read.
pub(crate) const MAX_STATE_BYTES: usize = 16 * 1024 * 1024;

/// So much is kept of an answer that is illegal: it is shown to a person.
const MAX_EXAMPLE_BYTES: usize = 1024;

/// More memory than this is not held for the next answer.
const KEPT_BYTES: usize = 256 * 1024;

impl Reply {
    /// For the answers of a load.
    pub(crate) fn of_load() -> Self {
        Self::new(MAX_ANSWER_BYTES)
    }

    /// For a state.
    pub(crate) fn of_state() -> Self {
        Self::new(MAX_STATE_BYTES)
    }

    fn new(limit: usize) -> Self {
        Self {
            status: 0,
            head: Head::default(),
            content: Vec::new(),
            is_whole: true,
            limit,
            steps: Steps::default(),
            illegal: Vec::new(),
            sampled: None,
        }
    }

    /// The same, where the numbers of what comes count these `steps`.
    pub(crate) fn counting(&mut self, steps: Steps) -> &mut Self {
        self.steps = steps;
        self
    }

    /// Keeps what the meaning of `step` needs of the answer that comes; `sample` is shown its status
    /// and head, and says whether it is to be kept as a sample.
    pub(crate) fn listen<'r, S>(&'r mut self, step: &'r Step, sample: S) -> Listening<'r, S> {
        let wanted = step.meaning.wants();
        let (of_content, of_head) = step.keeps_of();
        let keeps_content = wanted == Wanted::Content || step.answers.read_content() || of_content;
        // A list may say there that it goes on.
        let keeps_head = step.answers.read_head() || of_head || step.meaning.is_of_many();
        let follows = step.follow > 0;
        Listening { reply: self, wanted, keeps_head, keeps_content, follows, sample }
    }

    /// The same, and the head and content in any case: for whoever is to be shown what came.
    pub(crate) fn listen_to_all<'r>(
        &'r mut self,
        step: &'r Step,
    ) -> Listening<'r, impl FnMut(u16, &[u8]) -> bool> {
        Listening {
            keeps_content: true,
            keeps_head: true,
            ..self.listen(step, |_, _: &[u8]| false)
        }
    }

    /// What was kept.
    pub(crate) fn heard(&self) -> Heard<'_> {
        let body = Body {
            bytes: &self.content,
            is_whole: self.is_whole,
            limit: self.limit,
            content_type: self.head.content_type.as_deref().unwrap_or_default(),
            encoding: self.head.encoding.as_deref().unwrap_or_default(),
        };
        Heard {
            status: self.status,
            head: &self.head.bytes,
            body,
            field: self.head.field.as_deref(),
            steps: self.steps,
        }
    }

    /// The first bytes of the last one that was illegal.
    pub(crate) fn illegal(&self) -> &[u8] {
        &self.illegal
    }

    /// The beginning of the last answer's content, once, where it was wanted as a sample.
    pub(crate) fn take_sampled(&mut self) -> Option<Vec<u8>> {
        self.sampled.take()
    }

    /// Of the last answer.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }
}

/// Takes from an answer what is wanted.
pub(crate) struct Listening<'r, S> {
    reply: &'r mut Reply,
    wanted: Wanted<'r>,
    keeps_head: bool,
    keeps_content: bool,
    /// Whether a redirect's head is kept.
    follows: bool,
    sample: S,
}

impl<S> Listening<'_, S> {
    /// Whether all of the content was kept so far.
    pub(crate) fn is_whole(&self) -> bool {
        self.reply.is_whole
    }
}

impl<S: FnMut(u16, &[u8]) -> bool> Listener for Listening<'_, S> {
    fn head(&mut self, status: u16, head: &[u8]) {
        let is_sampled = (self.sample)(status, head);
        let reply = &mut *self.reply;
        reply.sampled = is_sampled.then(Vec::new);
        reply.status = status;
        reply.content.clear();
        reply.content.shrink_to(KEPT_BYTES);
        reply.is_whole = true;
        let name = if let Wanted::Field(name) = self.wanted { Some(name) } else { None };
        let leads_on = self.follows && is_redirect(status);
        if self.keeps_head || self.keeps_content || leads_on || name.is_some() {
            reply.head.take(head, self.keeps_content, name);
        }
    }

    fn content(&mut self, piece: &[u8]) {
        if let Some(sampled) = &mut self.reply.sampled {
            let room = MAX_SAMPLE_BYTES - sampled.len();
            sampled.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        if !self.keeps_content {
            return;
        }
        let Reply { content, is_whole, limit, .. } = self.reply;
        *is_whole &= content.len() + piece.len() <= *limit;
        if *is_whole {
            content.extend_from_slice(piece);
        }
    }

    fn illegal(&mut self, bytes: &[u8]) {
        let illegal = &mut self.reply.illegal;
        illegal.clear();
        illegal.extend_from_slice(&bytes[..bytes.len().min(MAX_EXAMPLE_BYTES)]);
    }
}
