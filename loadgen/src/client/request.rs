//! A request, built once and sent many times.

use http::{HeaderValue, Method};
use url::Url;

/// The bytes of a request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    body_bytes: usize,
    is_head: bool,
    /// Where its value stands, with [`VALUE_DIGITS`] digits each time.
    places: Vec<usize>,
}

/// What stands for a request's own value in a [`Template`].
pub const PLACEHOLDER: &str = "{value}";
/// The same in a path, which is encoded.
const ENCODED_PLACEHOLDER: &str = "%7Bvalue%7D";
/// As all values have as many digits, requests differ in nothing else.
const VALUE_DIGITS: usize = 16;

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
    /// The value of the first request, where each has one of its own in place of [`PLACEHOLDER`];
    /// it has 16 digits, and so have those that follow, each greater by one.
    pub first_value: Option<u64>,
}

impl Template {
    /// Methods that anticipate content say so when there is none. Where the headers say how the
    /// content is coded, a length would contradict them.
    fn content_length(&self, body: &[u8]) -> Option<usize> {
        if self.gives("Transfer-Encoding") {
            return None;
        }
        let anticipated = [Method::POST, Method::PUT, Method::PATCH].contains(&self.method);
        (self.body.is_some() || anticipated).then_some(body.len())
    }

    /// What asks for the state, beside requests made of this: the same headers, but for those of
    /// the content, and no value.
    pub(crate) fn for_reading(&self) -> Self {
        let mut template =
            Self { method: Method::GET, body: None, first_value: None, ..self.clone() };
        template.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        template
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
        let body = template.body.as_deref().unwrap_or_default();
        let (body, in_body) =
            if template.first_value.is_some() { open(body) } else { (body.to_vec(), Vec::new()) };
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
        let length = template.content_length(&body).map(|length| length.to_string());
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
        let (mut bytes, mut places) =
            if template.first_value.is_some() { open(&bytes) } else { (bytes, Vec::new()) };
        places.extend(in_body.iter().map(|place| bytes.len() + place));
        bytes.extend_from_slice(&body);
        let is_head = template.method == Method::HEAD;
        Self { bytes, body_bytes: body.len(), is_head, places }
    }

    /// Whether a value stands in it.
    pub(crate) fn has_value(&self) -> bool {
        !self.places.is_empty()
    }

    /// Writes `value`, which has 16 digits at most, wherever its value stands.
    pub(crate) fn set_value(&mut self, mut value: u64) {
        let mut digits = [b'0'; VALUE_DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(value % 10).expect("it is a digit");
            value /= 10;
        }
        for place in &self.places {
            self.bytes[*place..*place + VALUE_DIGITS].copy_from_slice(&digits);
        }
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

/// `text` with a value of zeros in place of each placeholder, and where they stand.
fn open(text: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (mut opened, mut places) = (Vec::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.first() {
        let placeholders = [PLACEHOLDER, ENCODED_PLACEHOLDER].map(str::as_bytes);
        if let Some(found) = placeholders.into_iter().find(|text| rest.starts_with(text)) {
            places.push(opened.len());
            opened.extend_from_slice(&[b'0'; VALUE_DIGITS]);
            rest = &rest[found.len()..];
        } else {
            opened.push(*first);
            rest = &rest[1..];
        }
    }
    (opened, places)
}
