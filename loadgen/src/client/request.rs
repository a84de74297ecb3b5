//! A request, built once and sent many times.

use http::{HeaderValue, Method};
use url::Url;

/// The bytes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    body_bytes: usize,
    is_head: bool,
}

/// What a request consists of, apart from where it goes.
#[derive(Debug, Clone)]
pub struct Template {
    /// The method.
    pub method: Method,
    /// Header fields, spelt as they are to be sent; one given here replaces the default of that name.
    pub headers: Vec<(String, HeaderValue)>,
    /// The content; without one a length is sent only with the methods that anticipate content.
    pub body: Option<Vec<u8>>,
    /// Whether the connection is to be kept for further requests.
    pub keep_alive: bool,
}

impl Template {
    /// Methods that anticipate content say so when there is none. Where the headers say how the
    /// content is coded, a length would contradict them.
    fn content_length(&self) -> Option<usize> {
        if self.gives("Transfer-Encoding") {
            return None;
        }
        let anticipated = [Method::POST, Method::PUT, Method::PATCH].contains(&self.method);
        self.body.as_ref().map(Vec::len).or(anticipated.then_some(0))
    }

    /// Whether a header called `name` is given.
    fn gives(&self, name: &str) -> bool {
        self.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
    }
}

const USER_AGENT: &str = concat!("loadgen/", env!("CARGO_PKG_VERSION"));

impl Request {
    /// The request for `url`, which has a host and the scheme `http`.
    pub(crate) fn new(url: &Url, template: &Template) -> Self {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut bytes = format!("{} {path} HTTP/1.1\r\n", template.method).into_bytes();
        let mut field = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        };
        let connection = (!template.keep_alive).then_some("close");
        let length = template.content_length().map(|length| length.to_string());
        let defaults = [
            ("Host", Some(host)),
            ("User-Agent", Some(USER_AGENT)),
            ("Accept", Some("*/*")),
            ("Connection", connection),
            ("Content-Length", length.as_deref()),
        ];
        for (name, value) in defaults {
            if let (Some(value), false) = (value, template.gives(name)) {
                field(name, value.as_bytes());
            }
        }
        for (name, value) in &template.headers {
            field(name, value.as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        let body = template.body.as_deref().unwrap_or_default();
        bytes.extend_from_slice(body);
        Self { bytes, body_bytes: body.len(), is_head: template.method == Method::HEAD }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    pub(crate) fn is_head(&self) -> bool {
        self.is_head
    }
}
