//! Why a request has no usable answer.

use std::io;

use check::history::Outcome;
use nix::errno::Errno;
use thiserror::Error;

use super::http2_error::{ErrorCode, NotHttp2};
use super::illegal::Illegal;
use super::proxy::ProxyError;
use super::tls::TlsError;

/// Why no connection was made.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// This machine has no means for another one. It says nothing about the target.
    Ours(Shortage),
    /// The target did not take it, or could not be reached.
    Theirs(io::Error),
    /// TLS was not agreed on over it.
    Tls(Box<TlsError>),
    /// HTTP/2 is not spoken over it.
    Http2(NotHttp2),
    /// The proxy made no way to the target.
    Proxy(ProxyError),
    /// It was not there within the time that a connection may take.
    Late,
}

/// What this machine lacks for another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Shortage {
    /// Every local port is taken, by connections that are open or were closed a short time ago.
    #[error("no free local port: keep connections, or widen net.ipv4.ip_local_port_range")]
    Ports,
    /// This process may not open another file.
    #[error("no free file descriptor: raise the limit (ulimit -n) or lower -c")]
    Files,
    /// The whole system may not open another file.
    #[error("the system has no free file descriptor: close other programs, or raise fs.file-max")]
    SystemFiles,
    /// The kernel has no memory for another socket.
    #[error("no memory for another socket: lower -c, or close other programs")]
    Memory,
}

impl Shortage {
    /// The shortage that `error` tells of, if it tells of one.
    fn of(error: &io::Error) -> Option<Self> {
        match Errno::from_raw(error.raw_os_error()?) {
            Errno::EADDRNOTAVAIL => Some(Self::Ports),
            Errno::EMFILE => Some(Self::Files),
            Errno::ENFILE => Some(Self::SystemFiles),
            Errno::ENOBUFS | Errno::ENOMEM => Some(Self::Memory),
            _ => None,
        }
    }
}

impl From<TlsError> for OpenError {
    fn from(error: TlsError) -> Self {
        Self::Tls(Box::new(error))
    }
}

impl From<NotHttp2> for OpenError {
    fn from(error: NotHttp2) -> Self {
        Self::Http2(error)
    }
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Shortage::of(&error).map_or(Self::Theirs(error), Self::Ours)
    }
}

/// Why a request ended without a complete, legal answer.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// This machine had no means for a connection; nothing was sent.
    #[error(transparent)]
    Short(Shortage),
    /// No connection was made; nothing was sent.
    #[error("connect: {}", .0.kind())]
    Connect(io::Error),
    /// TLS was not agreed on; nothing was sent.
    #[error("{0}")]
    Handshake(Box<TlsError>),
    /// HTTP/2 is not spoken; nothing was sent.
    #[error("{0}")]
    NotHttp2(NotHttp2),
    /// The proxy made no way to the target; nothing was sent.
    #[error("{0}")]
    Proxy(ProxyError),
    /// TLS ended what was agreed on before.
    #[error("{0}")]
    Tls(Box<TlsError>),
    /// The connection took no byte of the request; nothing was sent.
    #[error("send: {}", .0.kind())]
    NotSent(io::Error),
    /// The connection failed with part of the request written.
    #[error("send: {}", .0.kind())]
    Send(io::Error),
    /// The connection failed before the first byte of an answer.
    #[error("receive: {}", .0.kind())]
    Receive(io::Error),
    /// The connection failed before the answer was complete.
    #[error("receive: {}", .0.kind())]
    ReceiveWithinAnswer(io::Error),
    /// The connection was closed before the first byte of an answer.
    #[error("closed before the answer")]
    ClosedBeforeAnswer,
    /// The connection was closed before the answer was complete.
    #[error("closed within the answer")]
    ClosedWithinAnswer,
    /// Time was up while the connection was being made; nothing was sent.
    #[error("connect: timeout")]
    ConnectTimeout,
    /// The connection was not there within the time that one may take; nothing was sent.
    #[error("connect: timeout (--connect-timeout)")]
    ConnectLate,
    /// Time was up after a byte of the request was written.
    #[error("timeout")]
    Timeout,
    /// The run ended before a byte of the request was written.
    #[error("not sent: the run ended")]
    EndedBeforeSend,
    /// The run ended before the answer was complete.
    #[error("unanswered when the run ended")]
    EndedBeforeAnswer,
    /// The service says that it has not looked at the request.
    #[error("refused by the target: REFUSED_STREAM")]
    Refused,
    /// The service says that it has not looked at the request, nor will at later ones.
    #[error("refused by the target: GOAWAY")]
    GoneAway,
    /// The service ended the stream before the answer was complete.
    #[error("stream reset: {0}")]
    Reset(ErrorCode),
    /// The service said why it ends the connection, and ended it before the answer was complete.
    #[error("connection ended: GOAWAY {0}")]
    Ended(ErrorCode),
    /// The answer breaks its protocol.
    #[error("illegal answer: {0}")]
    Illegal(#[from] Illegal),
    /// A client that is not ours gave up, for a reason of its own.
    #[error("client: {0}")]
    Client(io::Error),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Ours(shortage) => Self::Short(shortage),
            OpenError::Theirs(error) => Self::Connect(error),
            OpenError::Tls(error) => Self::Handshake(error),
            OpenError::Http2(error) => Self::NotHttp2(error),
            OpenError::Proxy(error) => Self::Proxy(error),
            OpenError::Late => Self::ConnectLate,
        }
    }
}

impl Failure {
    /// Whether the service certainly saw nothing of the request.
    pub(crate) fn never_sent(&self) -> bool {
        self.is_unopened()
            || matches!(
                self,
                Self::NotSent(_)
                    | Self::ConnectTimeout
                    | Self::EndedBeforeSend
                    | Self::Illegal(Illegal::Unasked)
            )
    }

    /// Whether no connection was made, though the request had time left.
    pub(crate) fn is_unopened(&self) -> bool {
        matches!(
            self,
            Self::Short(_)
                | Self::Connect(_)
                | Self::Handshake(_)
                | Self::NotHttp2(_)
                | Self::Proxy(_)
                | Self::ConnectLate
        )
    }

    /// Whether it was we who gave up, and not the target that did something.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(
            self,
            Self::ConnectTimeout
                | Self::ConnectLate
                | Self::Timeout
                | Self::EndedBeforeSend
                | Self::EndedBeforeAnswer
        )
    }

    /// Whether the target had no part in it: we gave up, or could not even begin.
    pub(crate) fn is_ours(&self) -> bool {
        self.is_given_up() || matches!(self, Self::Short(_))
    }

    /// Whether the connection ended before a byte of the answer came. It is a matter of chance
    /// whether a close or a reset is seen first, and how much was sent by then: it must make no
    /// difference.
    pub(crate) fn ended_unanswered(&self) -> bool {
        matches!(
            self,
            Self::NotSent(_)
                | Self::Send(_)
                | Self::Receive(_)
                | Self::ClosedBeforeAnswer
                | Self::Ended(_)
        )
    }

    /// Whether something came that nobody had asked for.
    pub(crate) fn is_unasked(&self) -> bool {
        matches!(self, Self::Illegal(Illegal::Surplus | Illegal::Unasked))
    }

    /// What its name does not say: the system's own words, or what would help.
    pub(crate) fn detail(&self) -> Option<String> {
        if let Some(hint) = self.hint() {
            return Some(hint.to_owned());
        }
        let (Self::Connect(error)
        | Self::NotSent(error)
        | Self::Send(error)
        | Self::Receive(error)
        | Self::ReceiveWithinAnswer(error)
        | Self::Client(error)) = self
        else {
            return None;
        };
        let says_more = error.raw_os_error().is_some() || error.get_ref().is_some();
        says_more.then(|| error.to_string())
    }

    /// Its name, with what would help where anything is known to.
    pub(crate) fn explained(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}: {hint}"),
            None => self.to_string(),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Handshake(error) | Self::Tls(error) => error.hint(),
            Self::NotHttp2(error) => error.hint(),
            Self::Proxy(error) => Some(error.hint()),
            Self::Reset(code) => code.hint(),
            _ => None,
        }
    }

    /// Nothing certain unless the service saw nothing, or says that it has not looked.
    pub(crate) fn outcome(&self) -> Outcome {
        let is_refused = matches!(self, Self::Refused | Self::GoneAway);
        if self.never_sent() || is_refused { Outcome::Fail } else { Outcome::Unknown }
    }

    /// The connection failed with `error` before a byte of the request was sent.
    pub(super) fn not_sent(error: io::Error) -> Self {
        match TlsError::of(&error) {
            Some(error) => Self::Handshake(Box::new(error)),
            None => Self::NotSent(error),
        }
    }

    /// The connection failed with `error` behind the request, and `within` the answer if a byte of that
    /// had come.
    pub(super) fn received(error: io::Error, within: bool) -> Self {
        match TlsError::of(&error) {
            Some(error) => Self::Tls(Box::new(error)),
            // Nobody said over TLS that it was the end: somebody else may have cut it off.
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::closed(within),
            None if within => Self::ReceiveWithinAnswer(error),
            None => Self::Receive(error),
        }
    }

    /// The connection was closed, behind a byte of the answer if that was `within`.
    pub(super) fn closed(within: bool) -> Self {
        if within { Self::ClosedWithinAnswer } else { Self::ClosedBeforeAnswer }
    }

    /// Time was up, with or without a byte `written`.
    pub(crate) fn timeout(written: bool) -> Self {
        if written { Self::Timeout } else { Self::ConnectTimeout }
    }

    /// The run ended, with or without a byte `written`.
    pub(crate) fn ended(written: bool) -> Self {
        if written { Self::EndedBeforeAnswer } else { Self::EndedBeforeSend }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is moved about with every answer.
    #[test]
    fn a_failure_is_small() {
        assert_eq!(size_of::<Failure>(), 16);
    }

    /// What was certainly not sent has failed; of everything else nobody knows.
    #[test]
    fn only_what_was_never_sent_is_certain() {
        let reset = || io::ErrorKind::ConnectionReset.into();
        for (failure, name, never_sent) in [
            (OpenError::from(reset()).into(), "connect: connection reset", true),
            (Failure::NotSent(reset()), "send: connection reset", true),
            (Failure::Send(reset()), "send: connection reset", false),
            (Failure::Receive(reset()), "receive: connection reset", false),
            (Failure::ReceiveWithinAnswer(reset()), "receive: connection reset", false),
            (Failure::ClosedBeforeAnswer, "closed before the answer", false),
            (Failure::ClosedWithinAnswer, "closed within the answer", false),
            (Failure::timeout(false), "connect: timeout", true),
            (OpenError::Late.into(), "connect: timeout (--connect-timeout)", true),
            (Failure::timeout(true), "timeout", false),
            (Failure::ended(false), "not sent: the run ended", true),
            (Failure::ended(true), "unanswered when the run ended", false),
            (Illegal::Surplus.into(), "illegal answer: bytes after the answer", false),
            (Illegal::Unasked.into(), "illegal answer: bytes before the request", true),
        ] {
            assert_eq!(failure.to_string(), name);
            assert_eq!(failure.never_sent(), never_sent, "{failure:?}");
        }
    }

    #[test]
    fn what_this_machine_lacks_is_not_laid_at_the_targets_door() {
        for (errno, shortage) in [
            (Errno::EADDRNOTAVAIL, Shortage::Ports),
            (Errno::EMFILE, Shortage::Files),
            (Errno::ENFILE, Shortage::SystemFiles),
            (Errno::ENOBUFS, Shortage::Memory),
            (Errno::ENOMEM, Shortage::Memory),
        ] {
            let failure = Failure::from(OpenError::from(io::Error::from(errno)));
            assert!(matches!(failure, Failure::Short(found) if found == shortage));
            assert!(failure.is_ours() && failure.never_sent(), "{errno}");
            assert!(!failure.to_string().contains("target"), "{failure}");
        }
        for errno in [Errno::ECONNREFUSED, Errno::ENETUNREACH, Errno::ETIMEDOUT] {
            let failure = Failure::from(OpenError::from(io::Error::from(errno)));
            assert!(!failure.is_ours() && failure.never_sent(), "{errno}");
        }
    }
}
