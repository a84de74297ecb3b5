//! The head of an answer, and how its body is delimited (RFC 9112, section 6.3).

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Response, Status};

use crate::wire::illegal::Illegal;

/// The longest status line and headers taken.
pub(crate) const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What the head of an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its length in bytes, the empty line included.
    pub(crate) len: usize,
    /// The status code, 100 to 999.
    pub(crate) status: u16,
    pub(crate) framing: Framing,
    /// Whether the connection may carry another request afterwards.
    pub(crate) keep_alive: bool,
}

/// Where the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Head {
    /// Whether another head follows for the same request.
    pub(crate) fn is_interim(&self) -> bool {
        self.status < 200
    }

    /// Parses a head at the start of `bytes`; `None` while it is incomplete.
    ///
    /// `to_head_request` says that the request was HEAD, whose answers have no body.
    pub(crate) fn parse(bytes: &[u8], to_head_request: bool) -> Result<Option<Self>, Illegal> {
        const USUAL_HEADERS: usize = 64;
        /// No head within the limit has more: a header takes at least `a:` and LF.
        const MOST_HEADERS: usize = MAX_HEAD_BYTES / 3;

        // The parser skips empty lines, which only a request may have before it.
        if matches!(bytes.first(), Some(b'\r' | b'\n')) {
            return Err(Illegal::Head(httparse::Error::Version));
        }
        match Self::parse_with(&mut [MaybeUninit::uninit(); USUAL_HEADERS], bytes, to_head_request)
        {
            Err(Illegal::Head(httparse::Error::TooManyHeaders)) => {
                Self::parse_with(&mut Box::new_uninit_slice(MOST_HEADERS), bytes, to_head_request)
            }
            parsed => parsed,
        }
    }

    fn parse_with<'b>(
        headers: &mut [MaybeUninit<Header<'b>>],
        bytes: &'b [u8],
        to_head_request: bool,
    ) -> Result<Option<Self>, Illegal> {
        let mut response = Response::new(&mut []);
        // A field may go on in the next line (RFC 9112, section 5.2): a user agent takes that for
        // spaces. Those that decide about the body are held to the same grammar as ever, with the
        // spaces in them.
        let mut config = ParserConfig::default();
        config.allow_obsolete_multiline_headers_in_responses(true);
        let parsed = config.parse_response_with_uninit_headers(&mut response, bytes, headers);
        let Status::Complete(len) = parsed.map_err(Illegal::Head)? else {
            return Ok(None);
        };
        let status = response.code.expect("a complete head has a status");
        let http_1_1 = response.version == Some(1);
        if status < 100 || status == 101 {
            return Err(Illegal::Status(status));
        }
        let fields = Fields::read(response.headers)?;
        let bodiless = to_head_request || status < 200 || status == 204 || status == 304;
        let framing = if bodiless { Framing::Length(0) } else { fields.framing(http_1_1)? };
        let keep_alive =
            framing != Framing::UntilClose && !fields.close && (http_1_1 || fields.keep_alive);
        Ok(Some(Self { len, status, framing, keep_alive }))
    }
}

/// The header fields that decide about the body and the connection.
#[derive(Default)]
struct Fields {
    content_length: Option<u64>,
    /// Whether `chunked` is the last transfer coding; `None` without transfer codings.
    chunked: Option<bool>,
    /// Whether `chunked` is any of them.
    chunked_before: bool,
    close: bool,
    keep_alive: bool,
}

impl Fields {
    fn read(headers: &[Header<'_>]) -> Result<Self, Illegal> {
        let mut fields = Self::default();
        for Header { name, value } in headers {
            if name.eq_ignore_ascii_case("content-length") {
                fields.content_length(value)?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                fields.transfer_encoding(value)?;
            } else if name.eq_ignore_ascii_case("connection") {
                for token in list(value) {
                    fields.close |= token.eq_ignore_ascii_case(b"close");
                    fields.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                }
            }
        }
        Ok(fields)
    }

    /// Repeated lengths are legal as long as they agree.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Illegal> {
        for number in value.split(|byte| *byte == b',') {
            let number = decimal(number.trim_ascii()).ok_or(Illegal::ContentLength)?;
            if self.content_length.replace(number).is_some_and(|before| before != number) {
                return Err(Illegal::ContentLengthsDiffer);
            }
        }
        Ok(())
    }

    /// Chunks may hold another coding, or be held by one; they hold no chunks themselves.
    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Illegal> {
        self.chunked.get_or_insert(false);
        for coding in list(value) {
            let name = coding.split(|byte| *byte == b';').next().unwrap_or_default();
            let chunked = name.trim_ascii().eq_ignore_ascii_case(b"chunked");
            if chunked && (self.chunked_before || name != coding) {
                return Err(Illegal::TransferEncoding);
            }
            self.chunked_before |= chunked;
            self.chunked = Some(chunked);
        }
        Ok(())
    }

    fn framing(&self, http_1_1: bool) -> Result<Framing, Illegal> {
        match (self.chunked, self.content_length) {
            (Some(_), _) if !http_1_1 => Err(Illegal::TransferEncodingInHttp10),
            (Some(_), Some(_)) => Err(Illegal::ContentLengthWithTransferEncoding),
            (Some(true), None) => Ok(Framing::Chunked),
            (None, Some(length)) => Ok(Framing::Length(length)),
            (Some(false) | None, None) => Ok(Framing::UntilClose),
        }
    }
}

/// The elements of a comma-separated header value; empty ones are legal and mean nothing.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())
}

/// A number of digits only: no sign, no space.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
