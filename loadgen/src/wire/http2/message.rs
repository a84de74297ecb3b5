//! A request as HTTP/2 has it, built once and sent many times.

use http::Method;
use url::Url;

use super::{frame, hpack};
use crate::scenario::Call;
use crate::wire::{Sizes, filling};

/// A request without the heads of its frames.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    block: Vec<u8>,
    /// Where its value stands in the block.
    in_block: Vec<usize>,
    body: Vec<u8>,
    in_body: Vec<usize>,
    is_head: bool,
}

/// Header fields that HTTP/2 says in frames, or in other fields.
const NOT_SENT: [&str; 6] =
    ["Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"];

impl Message {
    /// `call` to `url`.
    pub(super) fn new(url: &Url, call: &Call) -> Self {
        let body = call.body.as_deref().unwrap_or_default();
        let (body, in_body) = filling::open(body, call.is_filled);
        let is_head = call.method == Method::HEAD;
        let mut message = Self { block: Vec::new(), in_block: Vec::new(), body, in_body, is_head };
        let has_length = call.body.is_some() || call.anticipates_content();
        let length = has_length.then(|| message.body.len().to_string());
        let mut field = |name: &str, value: &[u8]| {
            let (value, places) = filling::open(value, call.is_filled);
            hpack::encode(&mut message.block, name, &value);
            let begin = message.block.len() - if places.is_empty() { 0 } else { value.len() };
            message.in_block.extend(places.iter().map(|place| begin + place));
        };
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let given = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Host"));
        let authority = given.map_or(host.as_bytes(), |(_, value)| value.as_bytes());
        field(":method", call.method.as_str().as_bytes());
        field(":scheme", url.scheme().as_bytes());
        field(":authority", authority);
        field(":path", path.as_bytes());
        let defaults = [
            ("User-Agent", Some(filling::USER_AGENT)),
            ("Accept", Some("*/*")),
            ("Content-Length", length.as_deref()),
        ];
        for (name, value) in defaults {
            if let (Some(value), false) = (value, call.gives(name)) {
                field(&name.to_ascii_lowercase(), value.as_bytes());
            }
        }
        let is_sent = |name: &str| !NOT_SENT.iter().any(|not| name.eq_ignore_ascii_case(not));
        for (name, value) in call.headers.iter().filter(|(name, _)| is_sent(name)) {
            field(&name.to_ascii_lowercase(), value.as_bytes());
        }
        message
    }

    /// Writes `value`, which has 16 digits at most, wherever its value stands.
    pub(super) fn set_value(&mut self, value: u64) {
        filling::fill(&mut self.block, &self.in_block, value);
        filling::fill(&mut self.body, &self.in_body, value);
    }

    pub(super) fn block(&self) -> &[u8] {
        &self.block
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn is_head(&self) -> bool {
        self.is_head
    }

    /// As it is sent where nothing hinders it: a head for each frame, too.
    pub(super) fn sizes(&self) -> Sizes {
        let frames = |length: usize| length.div_ceil(frame::MOST_PAYLOAD_BYTES);
        let frames = frames(self.block.len()) + frames(self.body.len());
        let bytes = self.block.len() + self.body.len() + frames * frame::HEAD_BYTES;
        Sizes { bytes: bytes as u64, body_bytes: self.body.len() as u64 }
    }

    /// A line for each field, and the content.
    pub(super) fn show(&self) -> String {
        let mut text = String::new();
        let shown = hpack::Decoder::new().decode(&self.block, |name, value| {
            text.extend([&*String::from_utf8_lossy(name), ": "]);
            text.extend([&*String::from_utf8_lossy(value), "\r\n"]);
            Ok(())
        });
        debug_assert_eq!(shown, Ok(Ok(())), "we have made it");
        text + "\r\n" + &String::from_utf8_lossy(&self.body)
    }
}
