//! The head of an answer (RFC 9113, section 8).

use std::rc::Rc;

use super::hpack::Decoder;
use crate::wire::http2_error::Breach;

/// What a header block says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// 100 to 999; `None` for trailers, which have none.
    pub(super) status: Option<u16>,
    /// How long the content is, where that is said.
    pub(super) content_length: Option<u64>,
    /// The status and the fields, a line for each as HTTP/1.1 has them, and an empty one.
    pub(super) text: Vec<u8>,
}

/// Reads the heads of a connection's answers.
#[derive(Debug)]
pub(super) struct Heads {
    decoder: Decoder,
    /// The last one that referred to what was kept before, and changed nothing of that: the same bytes
    /// say the same, as long as nothing else changes it.
    last: Option<Known>,
}

#[derive(Debug)]
struct Known {
    block: Vec<u8>,
    generation: u64,
    head: Rc<Head>,
}

impl Heads {
    pub(super) fn new() -> Self {
        Self { decoder: Decoder::new(), last: None }
    }

    /// What `block` says. The connection goes on where the error is within: only the head is malformed.
    ///
    /// # Errors
    /// As [`Decoder::decode`]'s.
    pub(super) fn read(&mut self, block: &[u8]) -> Result<Result<Rc<Head>, Breach>, Breach> {
        let generation = self.decoder.generation();
        if let Some(known) = &self.last
            && known.generation == generation
            && known.block == block
        {
            return Ok(Ok(Rc::clone(&known.head)));
        }
        let mut reading = Reading::default();
        let read = self.decoder.decode(block, |name, value| reading.field(name, value))?;
        let head = match read.map(|()| reading.end()) {
            Ok(head) => Rc::new(head),
            Err(breach) => return Ok(Err(breach)),
        };
        if self.decoder.generation() == generation {
            let mut kept = self.last.take().map(|known| known.block).unwrap_or_default();
            kept.clear();
            kept.extend_from_slice(block);
            self.last = Some(Known { block: kept, generation, head: Rc::clone(&head) });
        }
        Ok(Ok(head))
    }
}

/// A head, field by field.
#[derive(Default)]
struct Reading {
    status: Option<u16>,
    content_length: Option<u64>,
    text: Vec<u8>,
}

/// Fields that are about a connection, which HTTP/2 says in frames (section 8.2.2).
const OF_CONNECTIONS: [&[u8]; 5] =
    [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];

impl Reading {
    fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), Breach> {
        if name.first() == Some(&b':') {
            return self.status(name, value);
        }
        if !is_name(name) || !is_value(value) || OF_CONNECTIONS.contains(&name) {
            return Err(Breach::Head);
        }
        if name == b"content-length" {
            let length = decimal(value).ok_or(Breach::Head)?;
            if self.content_length.is_some_and(|known| known != length) {
                return Err(Breach::Head);
            }
            self.content_length = Some(length);
        }
        if self.text.is_empty() {
            self.text.extend_from_slice(b"HTTP/2\r\n");
        }
        for part in [name, b": ", value, b"\r\n"] {
            self.text.extend_from_slice(part);
        }
        Ok(())
    }

    /// The only field of its kind, which is the first of all.
    fn status(&mut self, name: &[u8], value: &[u8]) -> Result<(), Breach> {
        let is_first = self.status.is_none() && self.text.is_empty();
        let digits = decimal(value).filter(|_| value.len() == 3);
        let status = digits.and_then(|digits| u16::try_from(digits).ok());
        // A protocol is not switched to another in HTTP/2.
        let status = status.filter(|status| *status >= 100 && *status != 101);
        self.status = Some(status.filter(|_| is_first && name == b":status").ok_or(Breach::Head)?);
        self.text.extend_from_slice(b"HTTP/2 ");
        self.text.extend_from_slice(value);
        self.text.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn end(mut self) -> Head {
        self.text.extend_from_slice(b"\r\n");
        let Self { status, content_length, text } = self;
        Head { status, content_length, text }
    }
}

/// Whether a field may be called this: a token in lower case.
fn is_name(name: &[u8]) -> bool {
    let is_allowed = |octet: &u8| {
        matches!(octet, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(octet)
    };
    !name.is_empty() && name.iter().all(is_allowed)
}

/// Whether a field may say this: nothing that would end a line, and no space around it.
fn is_value(value: &[u8]) -> bool {
    let is_space = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
    !value.iter().any(|octet| matches!(octet, b'\0' | b'\r' | b'\n'))
        && !is_space(value.first())
        && !is_space(value.last())
}

fn decimal(text: &[u8]) -> Option<u64> {
    let is_decimal = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_decimal)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::hpack;
    use super::*;

    fn block(fields: &[(&str, &str)]) -> Vec<u8> {
        let mut block = Vec::new();
        for (name, value) in fields {
            hpack::encode(&mut block, name, value.as_bytes());
        }
        block
    }

    fn read(fields: &[(&str, &str)]) -> Result<Rc<Head>, Breach> {
        Heads::new().read(&block(fields)).unwrap()
    }

    #[test]
    fn a_head_has_its_status_first_and_no_field_of_connections() {
        let head = read(&[(":status", "200"), ("a", "b"), ("content-length", "12")]).unwrap();
        assert_eq!((head.status, head.content_length), (Some(200), Some(12)));
        assert_eq!(head.text, b"HTTP/2 200\r\na: b\r\ncontent-length: 12\r\n\r\n");
        assert_eq!(crate::extract::header(&head.text, "A").as_deref(), Some("b"));
        assert_eq!(read(&[("a", "b")]).unwrap().status, None);
        for fields in [
            &[("a", "b"), (":status", "200")][..],
            &[(":status", "200"), (":status", "200")],
            &[(":status", "20")],
            &[(":status", "2000")],
            &[(":status", "+20")],
            &[(":status", "099")],
            &[(":status", "101")],
            &[(":status", "200"), (":path", "/")],
            &[(":path", "/")],
            &[(":status", "200"), ("A", "b")],
            &[(":status", "200"), ("", "b")],
            &[(":status", "200"), ("a b", "b")],
            &[(":status", "200"), ("a", "b\r\nc: d")],
            &[(":status", "200"), ("a", " b")],
            &[(":status", "200"), ("a", "b\0")],
            &[(":status", "200"), ("connection", "close")],
            &[(":status", "200"), ("transfer-encoding", "chunked")],
            &[(":status", "200"), ("content-length", "-1")],
            &[(":status", "200"), ("content-length", "")],
            &[(":status", "200"), ("content-length", "1"), ("content-length", "2")],
        ] {
            assert_eq!(read(fields), Err(Breach::Head), "{fields:?}");
        }
    }

    #[test]
    fn the_same_bytes_are_read_again_once_they_may_mean_something_else() {
        let mut heads = Heads::new();
        // `a: 1` is kept, and referred to; then `a: 2` is kept under the same number.
        heads.read(b"\x40\x01a\x011").unwrap().unwrap();
        let first = heads.read(b"\x88\xbe").unwrap().unwrap();
        assert!(Rc::ptr_eq(&first, &heads.read(b"\x88\xbe").unwrap().unwrap()));
        heads.read(b"\x40\x01a\x012").unwrap().unwrap();
        let second = heads.read(b"\x88\xbe").unwrap().unwrap();
        assert_eq!(first.text, b"HTTP/2 200\r\na: 1\r\n\r\n");
        assert_eq!(second.text, b"HTTP/2 200\r\na: 2\r\n\r\n");
    }

    const BLOCKS: &[&[u8]] = &[
        b"\x88",
        b"\x88\xbe",
        b"\x88\xbf",
        b"\x88\x40\x01a\x011",
        b"\x40\x01b\x012",
        b"\x20\x88",
        b"\x3f\xe1\x1f\x88",
        b"\x8d\x00\x01c\x01d",
        b"\x00\x01C\x01d",
    ];

    proptest! {
        /// Whatever came before, a block means what it means to a decoder that recalls nothing.
        #[test]
        fn what_is_recalled_is_what_would_be_read(
            blocks in prop::collection::vec(prop::sample::select(BLOCKS), 1..40)
        ) {
            let (mut heads, mut plain) = (Heads::new(), Heads::new());
            for block in blocks {
                plain.last = None;
                let (recalled, read) = (heads.read(block), plain.read(block));
                let failed = read.is_err();
                prop_assert_eq!(recalled, read);
                if failed {
                    break;
                }
            }
        }
    }
}
