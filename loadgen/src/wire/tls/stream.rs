//! A connection that speaks TLS.

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use nix::sys::socket::{MsgFlags, recv};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Inner;

use super::{Agreed, Handshake, TlsError, is_resumed};
use crate::reactor::Stream;

/// A connection that speaks TLS.
///
/// A write that fails has left nothing: the kernel took no byte of it.
#[derive(Debug)]
pub(crate) struct TlsStream {
    stream: Box<Inner<Counted>>,
    /// Why the kernel takes no more, where it took a part of what was written last.
    cut: Option<io::Error>,
}

impl TlsStream {
    pub(super) async fn connect(
        connector: &TlsConnector,
        name: ServerName<'static>,
        stream: Stream,
    ) -> Result<Self, TlsError> {
        let stream = Counted { stream, taken: 0 };
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Self { stream: Box::new(stream), cut: None }),
            Err(error) => Err(TlsError::of(&error).unwrap_or_else(|| TlsError::broken_off(&error))),
        }
    }

    /// What the handshake came to, which took so long.
    pub(super) fn handshake(&self, took: Duration) -> Handshake {
        let (_, session) = self.stream.get_ref();
        Handshake { agreed: Agreed::of(session), is_resumed: is_resumed(session), took }
    }

    /// Waits until the other side objects to what was agreed on: for ever where it does not.
    pub(crate) async fn objection(&mut self) -> TlsError {
        let mut byte = [0];
        match self.stream.read(&mut byte).await.map_err(|error| TlsError::of(&error)) {
            Err(Some(error)) => error,
            // That it closes, or begins to talk, is for a request to find out.
            Ok(_) | Err(None) => std::future::pending().await,
        }
    }

    /// Whether content has come that nobody has read. The kernel is asked; what TLS has to say for
    /// itself, such as a ticket for the next session, is none.
    pub(crate) fn has_content(&mut self) -> bool {
        let (connection, session) = self.stream.get_mut();
        let mut waiting = Waiting(connection.stream.as_raw_fd());
        loop {
            match session.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() > 0 => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
            if !matches!(session.read_tls(&mut waiting), Ok(1..)) {
                return false;
            }
        }
    }
}

/// What the kernel has for us, without waiting for more.
struct Waiting(RawFd);

impl io::Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(recv(self.0, buffer, MsgFlags::MSG_DONTWAIT)?)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, into)
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, cut } = self.get_mut();
        if let Some(error) = cut.take() {
            return Poll::Ready(Err(error));
        }
        let before = stream.get_ref().0.taken;
        let written = ready!(Pin::new(&mut *stream).poll_write(context, bytes));
        if written.is_err() && stream.get_ref().0.taken > before {
            *cut = written.err();
            // More than that may have left, and is told as taken.
            return Poll::Ready(Ok(bytes.len()));
        }
        Poll::Ready(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, cut } = self.get_mut();
        match cut.take() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// A connection that counts what the kernel takes.
#[derive(Debug)]
struct Counted {
    stream: Stream,
    /// How many bytes.
    taken: u64,
}

impl AsyncRead for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, into)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, taken } = self.get_mut();
        let count = ready!(Pin::new(stream).poll_write(context, bytes))?;
        *taken += count as u64;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
