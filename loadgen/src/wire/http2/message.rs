//! A request as HTTP/2 has it, built once and sent many times.

use http::Method;
use url::Url;

use super::{frame, hpack};
use crate::scenario::{Call, Escape, Template, Values, Variables, in_url};
use crate::wire::{Sizes, USER_AGENT};

/// A request without the heads of its frames.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    block: Vec<u8>,
    body: Vec<u8>,
    is_head: bool,
    /// What they are made from, where they differ from one request to the next.
    varying: Option<Box<Parts>>,
}

/// A request with its variables.
#[derive(Debug, Clone)]
struct Parts {
    fields: Vec<Field>,
    content: Template,
    /// A field's value, while it is encoded.
    value: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Field {
    /// As it is encoded.
    Ready(Vec<u8>),
    /// Its name as it is encoded, and its value.
    Open(Vec<u8>, Template),
    /// How long the content is.
    Length,
}

/// Header fields that HTTP/2 says in frames, or in other fields.
const NOT_SENT: [&str; 6] =
    ["Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"];

const LENGTH: &str = "content-length";

impl Message {
    /// `call` to `url`.
    pub(super) fn new(url: &Url, call: &Call) -> Self {
        let parts = Parts::new(url, call);
        let varies = !parts.is_constant();
        let is_head = call.method == Method::HEAD;
        let mut message =
            Self { block: Vec::new(), body: Vec::new(), is_head, varying: Some(Box::new(parts)) };
        message.fill(&mut Values::example(&call.variables));
        message.varying = message.varying.filter(|_| varies);
        message
    }

    /// Makes it what it is in the request that `values` are of.
    pub(super) fn fill(&mut self, values: &mut Values) {
        let Some(parts) = &mut self.varying else { return };
        let Parts { fields, content, value } = &mut **parts;
        self.body.clear();
        content.fill(&mut self.body, values);
        self.block.clear();
        for field in fields {
            match field {
                Field::Ready(bytes) => self.block.extend_from_slice(bytes),
                Field::Open(name, template) => {
                    self.block.extend_from_slice(name);
                    value.clear();
                    template.fill(value, values);
                    hpack::encode_string(&mut self.block, value);
                }
                Field::Length => {
                    hpack::encode(&mut self.block, LENGTH, self.body.len().to_string().as_bytes());
                }
            }
        }
    }

    /// Whether it differs from one request to the next.
    pub(super) fn varies(&self) -> bool {
        self.varying.is_some()
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

impl Parts {
    fn new(url: &Url, call: &Call) -> Self {
        let path = in_url(&url[url::Position::BeforePath..url::Position::AfterQuery]);
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let given = call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Host"));
        let authority = given.map_or(host.as_bytes(), |(_, value)| value.as_bytes());
        let field = |name: &str, value: &[u8]| Field::new(name, value, &call.variables);
        let mut fields = vec![
            field(":method", call.method.as_str().as_bytes()),
            field(":scheme", url.scheme().as_bytes()),
            field(":authority", authority),
            field(":path", path.as_bytes()),
        ];
        for (name, value) in [("user-agent", USER_AGENT), ("accept", "*/*")] {
            if !call.gives(name) {
                fields.push(field(name, value.as_bytes()));
            }
        }
        if !call.gives(LENGTH) && call.says_length() {
            fields.push(Field::Length);
        }
        let is_sent = |name: &str| !NOT_SENT.iter().any(|not| name.eq_ignore_ascii_case(not));
        for (name, value) in call.headers.iter().filter(|(name, _)| is_sent(name)) {
            fields.push(field(&name.to_ascii_lowercase(), value.as_bytes()));
        }
        Self { fields, content: call.content(), value: Vec::new() }
    }

    fn is_constant(&self) -> bool {
        let is_open = |field: &Field| matches!(field, Field::Open(..));
        self.content.is_constant() && !self.fields.iter().any(is_open)
    }
}

impl Field {
    /// A field whose name is in lower case; its value has variables.
    fn new(name: &str, value: &[u8], variables: &Variables) -> Self {
        let escape = if name == ":path" { Escape::Url } else { Escape::Header };
        let template = Template::of(value, variables, escape);
        let mut bytes = Vec::new();
        if template.is_constant() {
            // What stands for two braces, too.
            let mut text = Vec::new();
            template.fill(&mut text, &mut Values::example(variables));
            hpack::encode(&mut bytes, name, &text);
            return Self::Ready(bytes);
        }
        hpack::encode_name(&mut bytes, name);
        Self::Open(bytes, template)
    }
}
