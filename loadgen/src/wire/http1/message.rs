//! A request as HTTP/1.1 has it, built once and sent many times.

use http::Method;
use url::Url;

use crate::scenario::{Call, Escape, Template, Values, in_url};
use crate::wire::{Sizes, USER_AGENT};

/// The bytes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    body_bytes: usize,
    is_head: bool,
    /// What they are made from, where they differ from one request to the next.
    varying: Option<Box<Parts>>,
}

/// A request with its variables.
#[derive(Debug, Clone)]
struct Parts {
    /// What comes before the length of the content.
    start: Template,
    /// Whether that is said.
    has_length: bool,
    /// What comes behind it, to the end of the head.
    end: Template,
    content: Template,
    /// The content, while the rest waits for how long it is.
    filled: Vec<u8>,
}

impl Message {
    /// `call` to `url`, which has a host and the scheme `http`.
    pub(crate) fn new(url: &Url, call: &Call, keep_alive: bool) -> Self {
        let parts = Parts::new(url, call, keep_alive);
        let is_head = call.method == Method::HEAD;
        let mut message = Self { bytes: Vec::new(), body_bytes: 0, is_head, varying: None };
        let varies = !parts.is_constant();
        message.varying = Some(Box::new(parts));
        message.fill(&mut Values::example(&call.variables));
        message.varying = message.varying.filter(|_| varies);
        message
    }

    /// Makes it what it is in the request that `values` are of.
    pub(crate) fn fill(&mut self, values: &mut Values) {
        let Some(parts) = &mut self.varying else { return };
        let Parts { start, has_length, end, content, filled } = &mut **parts;
        filled.clear();
        content.fill(filled, values);
        self.bytes.clear();
        start.fill(&mut self.bytes, values);
        if *has_length {
            field(&mut self.bytes, "Content-Length", filled.len().to_string().as_bytes());
        }
        end.fill(&mut self.bytes, values);
        self.bytes.extend_from_slice(filled);
        self.body_bytes = filled.len();
    }

    /// Whether it differs from one request to the next.
    pub(crate) fn varies(&self) -> bool {
        self.varying.is_some()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn sizes(&self) -> Sizes {
        Sizes { bytes: self.bytes.len() as u64, body_bytes: self.body_bytes as u64 }
    }

    pub(crate) fn is_head(&self) -> bool {
        self.is_head
    }
}

impl Parts {
    fn new(url: &Url, call: &Call, keep_alive: bool) -> Self {
        let path = in_url(&url[url::Position::BeforePath..url::Position::AfterQuery]);
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut start = format!("{} {path} HTTP/1.1\r\n", call.method).into_bytes();
        let connection = (!keep_alive).then_some("close");
        let defaults = [
            ("Host", Some(host)),
            ("User-Agent", Some(USER_AGENT)),
            ("Accept", Some("*/*")),
            ("Connection", connection),
        ];
        for (name, value) in defaults {
            if let (Some(value), false) = (value, call.gives(name)) {
                field(&mut start, name, value.as_bytes());
            }
        }
        let mut end = Vec::new();
        for (name, value) in &call.headers {
            field(&mut end, name, value.as_bytes());
        }
        end.extend_from_slice(b"\r\n");
        Self {
            start: Template::of(&start, &call.variables, Escape::Url),
            has_length: has_length(call),
            end: Template::of(&end, &call.variables, Escape::Header),
            content: call.content(),
            filled: Vec::new(),
        }
    }

    fn is_constant(&self) -> bool {
        [&self.start, &self.end, &self.content].into_iter().all(Template::is_constant)
    }
}

fn field(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
}

/// Methods that anticipate content say so when there is none. Where the headers say how the content
/// is coded, a length would contradict them.
fn has_length(call: &Call) -> bool {
    let is_said_otherwise = call.gives("Transfer-Encoding") || call.gives("Content-Length");
    !is_said_otherwise && call.says_length()
}
