//! What goes wrong with HTTP/2, by name. The protocol itself is in [`super::http2`].

use std::fmt;

use thiserror::Error;

/// How the other side breaks HTTP/2 (RFC 9113).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Breach {
    /// A frame is longer than we take.
    #[error("a frame longer than 16384 bytes")]
    FrameTooLong,
    /// A frame of a kind that has one length has another.
    #[error("a frame of a wrong length")]
    FrameLength,
    /// A frame about the connection is on a stream, or one about a stream is on none.
    #[error("a frame on a wrong stream")]
    FrameStream,
    /// A frame's padding takes more than the frame.
    #[error("padding longer than its frame")]
    Padding,
    /// The first frame is not SETTINGS.
    #[error("no SETTINGS at first")]
    NoSettings,
    /// A setting has a value that it may not have.
    #[error("a setting out of its range")]
    Setting,
    /// A window is widened by nothing.
    #[error("WINDOW_UPDATE by 0")]
    NoIncrement,
    /// A window is wider than a window may be.
    #[error("a window beyond 2^31-1")]
    WindowTooWide,
    /// More content comes than a window has room for.
    #[error("content beyond the window")]
    BeyondWindow,
    /// A header block is interrupted, or goes on though none has begun.
    #[error("CONTINUATION out of place")]
    Continuation,
    /// A header block, or what it stands for, is too long, or in too many pieces.
    #[error("header block longer than 64 KiB, or in more than 1024 frames")]
    BlockTooLong,
    /// A header block is none.
    #[error("malformed header block")]
    Compression,
    /// What we switched off was used.
    #[error("PUSH_PROMISE, which is switched off")]
    Push,
    /// A stream is spoken of that does not exist.
    #[error("a frame on a stream that was never opened")]
    IdleStream,
    /// A stream goes on behind its end.
    #[error("a frame on a stream that has ended")]
    ClosedStream,
    /// The other side wants so many answers that they are not to be had.
    #[error("a flood of PING or SETTINGS")]
    Flood,
    /// An answer's head is none.
    #[error("malformed head")]
    Head,
    /// An answer's content comes before its head, or a second head where none may.
    #[error("DATA or HEADERS out of place")]
    OutOfPlace,
    /// An answer's content is not as long as its head says.
    #[error("content of another length than content-length says")]
    ContentLength,
}

impl Breach {
    /// What the other side is told.
    pub(super) fn code(self) -> ErrorCode {
        ErrorCode(match self {
            Self::FrameTooLong | Self::FrameLength => 0x6,
            Self::WindowTooWide | Self::BeyondWindow => 0x3,
            Self::ClosedStream => 0x5,
            Self::Compression => 0x9,
            Self::BlockTooLong | Self::Flood => 0xb,
            Self::FrameStream
            | Self::Padding
            | Self::NoSettings
            | Self::Setting
            | Self::NoIncrement
            | Self::Continuation
            | Self::Push
            | Self::IdleStream
            | Self::Head
            | Self::OutOfPlace
            | Self::ContentLength => 0x1,
        })
    }
}

/// Why a side ends a stream or a connection (RFC 9113, section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(super) u32);

impl ErrorCode {
    pub(super) const NO_ERROR: Self = Self(0x0);
    pub(super) const REFUSED_STREAM: Self = Self(0x7);
    pub(super) const CANCEL: Self = Self(0x8);
    pub(super) const HTTP_1_1_REQUIRED: Self = Self(0xd);
}

const NAMES: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

impl ErrorCode {
    /// What would help.
    pub(crate) fn hint(self) -> Option<&'static str> {
        (self == Self::HTTP_1_1_REQUIRED).then_some("without --http2, requests go over HTTP/1.1")
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match usize::try_from(self.0).ok().and_then(|code| NAMES.get(code)) {
            Some(name) => f.write_str(name),
            None => write!(f, "error {:#x}", self.0),
        }
    }
}

/// Why a connection does not carry HTTP/2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NotHttp2 {
    /// TLS was agreed on, and HTTP/2 was not.
    #[error("HTTP/2: the target did not agree to it over TLS (ALPN)")]
    NotAgreed,
    /// The other side answered in HTTP/1.1.
    #[error("HTTP/2: the target answered in HTTP/1")]
    Http1,
    /// The other side breaks it from the start.
    #[error("HTTP/2: {0}")]
    Breach(Breach),
    /// The other side ends the connection at once.
    #[error("HTTP/2: the target ended the connection (GOAWAY {0})")]
    GoneAway(ErrorCode),
    /// The other side closed the connection, where its settings were awaited.
    #[error("HTTP/2: the target closed the connection at once")]
    Closed,
    /// The other side takes no requests.
    #[error("HTTP/2: the target takes no request at a time (SETTINGS_MAX_CONCURRENT_STREAMS is 0)")]
    NoStreams,
}

impl NotHttp2 {
    /// What would help.
    pub(crate) fn hint(self) -> Option<&'static str> {
        match self {
            Self::NotAgreed | Self::Http1 | Self::Breach(_) => {
                Some("without --http2, requests go over HTTP/1.1")
            }
            Self::Closed => Some(
                "it may speak only HTTP/1.1, or HTTP/2 only with TLS: leave --http2 out, or use https://",
            ),
            Self::GoneAway(_) | Self::NoStreams => None,
        }
    }
}
