//! An answer in its parts, to be spoilt.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

/// An answer of HTTP/1.1 whose content has a known length.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(super) status: u16,
    /// All header fields but the content's length.
    fields: Vec<String>,
    pub(super) content: Vec<u8>,
}

impl Answer {
    /// A `status` with this content and no header field.
    pub(super) fn new(status: u16, content: &str) -> Self {
        Self { status, fields: Vec::new(), content: content.into() }
    }

    /// The answer that these bytes are.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let is_length = |line: &&str| line.to_lowercase().starts_with("content-length:");
        let fields = lines.filter(|line| !is_length(line)).map(str::to_owned).collect();
        Self { status, fields, content: bytes[end + 4..].to_vec() }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn with_field(mut self, line: &str) -> Self {
        self.fields.push(line.to_owned());
        self
    }

    pub(super) fn with_content(self, content: impl Into<Vec<u8>>) -> Self {
        Self { content: content.into(), ..self }
    }

    /// The same with compressed content, as its header says.
    pub(super) fn compressed(self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&self.content).unwrap();
        let content = encoder.finish().unwrap();
        self.with_field("content-encoding: gzip").with_content(content)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let Self { status, fields, content } = self;
        let mut head = format!("HTTP/1.1 {status} Said\r\n");
        for field in fields {
            head.push_str(field);
            head.push_str("\r\n");
        }
        // The one status here that never has content.
        if *status != 204 {
            write!(head, "content-length: {}\r\n", content.len()).unwrap();
        }
        [head.as_bytes(), b"\r\n", content].concat()
    }
}
