//! How an answer breaks its protocol.

use thiserror::Error;

use super::http2_error::Breach;

/// How an answer breaks HTTP/1.1 (RFC 9112), or HTTP/2; each has a name that reports count under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Illegal {
    /// The status line or a header field does not parse.
    #[error("{0} in the head")]
    Head(httparse::Error),
    /// The status line and headers exceed [`MAX_HEAD_BYTES`](super::http1::MAX_HEAD_BYTES).
    #[error("head longer than 64 KiB")]
    HeadTooLong,
    /// A status below 100, or 101 where no upgrade was asked for.
    #[error("status {0}")]
    Status(u16),
    /// Content-Length is not a decimal number, or too large for one.
    #[error("malformed content-length")]
    ContentLength,
    /// Content-Length is given more than once, differently.
    #[error("contradictory content-lengths")]
    ContentLengthsDiffer,
    /// Both framings at once: the way to smuggle one message inside another.
    #[error("content-length together with transfer-encoding")]
    ContentLengthWithTransferEncoding,
    /// `chunked` is applied twice, or has parameters.
    #[error("misused chunked coding")]
    TransferEncoding,
    /// HTTP/1.0 has no transfer codings.
    #[error("transfer-encoding in HTTP/1.0")]
    TransferEncodingInHttp10,
    /// A chunk does not begin with a hexadecimal size.
    #[error("malformed chunk size")]
    ChunkSize,
    /// A chunk's extension is too long or not text, or its line does not end in CR LF.
    #[error("malformed chunk extension")]
    ChunkExtension,
    /// A chunk's data is not followed by CR LF.
    #[error("chunk longer than its size")]
    ChunkEnd,
    /// A trailer field does not parse.
    #[error("malformed trailer")]
    Trailer,
    /// The trailers exceed 64 KiB.
    #[error("trailers longer than 64 KiB")]
    TrailersTooLong,
    /// It breaks HTTP/2.
    #[error("HTTP/2: {0}")]
    Http2(Breach),
    /// What came is of TLS.
    #[error("a TLS record (expected https://) in the head")]
    SpeaksTls,
    /// Bytes follow the answer to the only request in flight.
    #[error("bytes after the answer")]
    Surplus,
    /// Bytes came before any of the request was sent; nothing was.
    #[error("bytes before the request")]
    Unasked,
}
