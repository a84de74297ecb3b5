//! A request as HTTP/1.1 has it, built once and sent many times.

use http::Method;
use url::Url;

use crate::scenario::Call;
use crate::wire::{Sizes, filling};

/// The bytes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    body_bytes: usize,
    is_head: bool,
    /// Where its value stands.
    places: Vec<usize>,
}

impl Message {
    /// `call` to `url`, which has a host and the scheme `http`.
    pub(crate) fn new(url: &Url, call: &Call, keep_alive: bool) -> Self {
        let body = call.body.as_deref().unwrap_or_default();
        let (body, in_body) = filling::open(body, call.is_filled);
        let head = head(url, call, keep_alive, body.len());
        let (mut bytes, mut places) = filling::open(&head, call.is_filled);
        places.extend(in_body.iter().map(|place| bytes.len() + place));
        bytes.extend_from_slice(&body);
        let is_head = call.method == Method::HEAD;
        Self { bytes, body_bytes: body.len(), is_head, places }
    }

    /// Writes `value`, which has 16 digits at most, wherever its value stands.
    pub(crate) fn set_value(&mut self, value: u64) {
        filling::fill(&mut self.bytes, &self.places, value);
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

/// The request line and the fields, and the empty line behind them.
fn head(url: &Url, call: &Call, keep_alive: bool, body_bytes: usize) -> Vec<u8> {
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut bytes = format!("{} {path} HTTP/1.1\r\n", call.method).into_bytes();
    let mut field = |name: &str, value: &[u8]| {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    };
    let connection = (!keep_alive).then_some("close");
    let length = content_length(call, body_bytes).map(|length| length.to_string());
    let defaults = [
        ("Host", Some(host)),
        ("User-Agent", Some(filling::USER_AGENT)),
        ("Accept", Some("*/*")),
        ("Connection", connection),
        ("Content-Length", length.as_deref()),
    ];
    for (name, value) in defaults {
        if let (Some(value), false) = (value, call.gives(name)) {
            field(name, value.as_bytes());
        }
    }
    for (name, value) in &call.headers {
        field(name, value.as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// Methods that anticipate content say so when there is none. Where the headers say how the content
/// is coded, a length would contradict them.
fn content_length(call: &Call, body_bytes: usize) -> Option<usize> {
    if call.gives("Transfer-Encoding") {
        return None;
    }
    (call.body.is_some() || call.anticipates_content()).then_some(body_bytes)
}
