//! How a connection ends, and what that means for its streams.

use std::io;

use tokio::time::Instant;

use super::Session;
use crate::wire::Failure;
use crate::wire::http2::frame::Append as _;
use crate::wire::http2::stream::Stream;
use crate::wire::http2_error::{Breach, ErrorCode, NotHttp2};
use crate::wire::illegal::Illegal;

/// Why a connection is of no use any more.
pub(super) enum End {
    Closed,
    /// It failed with this.
    Lost(io::Error),
    Breach(Breach),
    /// What came is HTTP/1.
    Http1,
}

impl Session {
    /// Whether the other side has said what it allows, or why it is of no use to wait for that.
    pub(in crate::wire::http2) fn greeted(&self) -> Option<Result<(), NotHttp2>> {
        match &self.end {
            Some(End::Http1) => Some(Err(NotHttp2::Http1)),
            Some(End::Breach(breach)) => Some(Err(NotHttp2::Breach(*breach))),
            Some(_) if self.goodbye.is_none() => Some(Err(NotHttp2::Closed)),
            _ => match self.goodbye {
                Some(code) => Some(Err(NotHttp2::GoneAway(code))),
                None if !self.has_settings => None,
                None if self.allowed.streams == 0 => Some(Err(NotHttp2::NoStreams)),
                None => Some(Ok(())),
            },
        }
    }

    /// The connection ended, as `error` says where it says anything.
    pub(in crate::wire::http2) fn lost(&mut self, error: Option<io::Error>, now: Instant) {
        self.end_with(error.map_or(End::Closed, End::Lost), now);
    }

    /// Why the connection failed, where it did, for whoever has sent nothing over it.
    pub(in crate::wire::http2) fn end_before_send(&self) -> Failure {
        match &self.end {
            Some(End::Lost(error)) => Failure::not_sent(again(error)),
            _ => Failure::NotSent(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The connection is of no use any more, and no stream goes on.
    pub(super) fn end_with(&mut self, end: End, now: Instant) {
        for slot in 0..self.streams.len() {
            if let Some(stream) = &self.streams[slot] {
                let failure = self.failure_of(stream, &end);
                self.end_stream(slot, Err(failure), now);
            }
        }
        self.wake_all();
        self.end.get_or_insert(end);
    }

    /// What the end of the connection means for a stream.
    fn failure_of(&self, stream: &Stream, end: &End) -> Failure {
        let is_begun = self.outgoing.has_taken(stream.place.start + 1);
        let is_within = stream.first_byte.is_some();
        match (end, self.goodbye) {
            (End::Lost(error), _) if !is_begun => Failure::not_sent(again(error)),
            _ if !is_begun => Failure::NotSent(io::ErrorKind::BrokenPipe.into()),
            (End::Breach(breach), _) => Failure::Illegal(Illegal::Http2(*breach)),
            (End::Http1, _) => Failure::Illegal(Illegal::Http2(Breach::NoSettings)),
            (_, Some(code)) if code != ErrorCode::NO_ERROR => Failure::Ended(code),
            (End::Lost(error), _) => Failure::received(again(error), is_within),
            (End::Closed, _) => Failure::closed(is_within),
        }
    }

    /// What the other side is told as the connection ends, where it is there to be told.
    pub(in crate::wire::http2) fn farewell(&self) -> Option<Vec<u8>> {
        let code = match &self.end {
            None => ErrorCode::NO_ERROR,
            Some(End::Breach(breach)) => breach.code(),
            Some(_) => return None,
        };
        // A frame that is half sent cannot be followed by another.
        self.outgoing.is_empty().then(|| {
            let mut bytes = Vec::new();
            bytes.go_away(code);
            bytes
        })
    }
}

/// The same error, for another stream: the system's number or what TLS says, and its kind.
fn again(error: &io::Error) -> io::Error {
    let of_tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (error.raw_os_error(), of_tls) {
        (Some(number), _) => io::Error::from_raw_os_error(number),
        (None, Some(of_tls)) => io::Error::new(error.kind(), of_tls.clone()),
        (None, None) => error.kind().into(),
    }
}
