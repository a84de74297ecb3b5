//! A TCP connection of the reactor, or of tokio.

use std::future::poll_fn;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use mio::Interest;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Reactor;
use super::source::Source;

/// A TCP connection.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Of this thread's reactor.
    Own(Own),
    /// Of tokio's, where that runs.
    Tokio(tokio::net::TcpStream),
}

/// A connection that the reactor watches.
pub(crate) struct Own {
    stream: mio::net::TcpStream,
    source: Rc<Source>,
    reactor: Rc<Reactor>,
}

impl Stream {
    /// Connects to `address`.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        match Reactor::current() {
            Some(reactor) => Own::connect(address, reactor).await.map(Self::Own),
            None => tokio::net::TcpStream::connect(address).await.map(Self::Tokio),
        }
    }

    /// Whether small pieces are sent at once.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        match self {
            Self::Own(own) => own.stream.set_nodelay(nodelay),
            Self::Tokio(stream) => stream.set_nodelay(nodelay),
        }
    }

    /// The address of the other end.
    #[cfg(test)]
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Own(own) => own.stream.peer_addr(),
            Self::Tokio(stream) => stream.peer_addr(),
        }
    }
}

impl Own {
    async fn connect(address: SocketAddr, reactor: Rc<Reactor>) -> io::Result<Self> {
        let mut stream = mio::net::TcpStream::connect(address)?;
        let source = reactor.register(&mut stream, Interest::READABLE | Interest::WRITABLE)?;
        let own = Self { stream, source, reactor };
        // It is connected, or has failed, when it can be written to.
        poll_fn(|context| own.source.poll_writable(context)).await;
        match own.stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(own),
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.reactor.forget(&self.source);
    }
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.stream.fmt(f)
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Self::Own(own) => own.stream.as_raw_fd(),
            Self::Tokio(stream) => stream.as_raw_fd(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Own { stream, source, .. } = match self.get_mut() {
            Self::Own(own) => own,
            Self::Tokio(stream) => return Pin::new(stream).poll_read(context, into),
        };
        let room = into.initialize_unfilled();
        let count = ready!(source.poll_read(context, room.len(), || stream.read(room)))?;
        into.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Own(Own { stream, source, .. }) => {
                source.poll_write(context, bytes.len(), || stream.write(bytes))
            }
            Self::Tokio(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Own(own) => Poll::Ready(own.stream.shutdown(std::net::Shutdown::Write)),
            Self::Tokio(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
