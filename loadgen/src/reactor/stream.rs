//! A connection of the reactor, or of tokio: of TCP, or over a socket in the file system.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use mio::Interest;
use mio::net::{TcpStream, UnixStream};
use nix::errno::Errno;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, setsockopt, socket,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Reactor;
use super::source::Source;

/// A connection, of TCP where it does not say so.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Of this thread's reactor.
    Own(Own<TcpStream>),
    OwnUnix(Own<UnixStream>),
    /// Of tokio's, where that runs.
    Tokio(tokio::net::TcpStream),
    TokioUnix(tokio::net::UnixStream),
}

/// A connection that the reactor watches.
pub(crate) struct Own<S> {
    stream: S,
    source: Rc<Source>,
    reactor: Rc<Reactor>,
}

impl Stream {
    /// Connects to `address`, from the address `from` of this machine where one is given.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) async fn connect(address: SocketAddr, from: Option<IpAddr>) -> io::Result<Self> {
        match (Reactor::current(), from) {
            (Some(reactor), from) => {
                let stream = match from {
                    None => TcpStream::connect(address),
                    Some(from) => connect_from(address, from),
                }?;
                let own = Own::watched(stream, reactor)?;
                own.connected(TcpStream::take_error).await.map(Self::Own)
            }
            (None, None) => tokio::net::TcpStream::connect(address).await.map(Self::Tokio),
            (None, Some(from)) => {
                let socket = match address {
                    SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4(),
                    SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6(),
                }?;
                setsockopt(&socket, IpBindAddressNoPort, &true)?;
                socket.bind(SocketAddr::new(from, 0))?;
                socket.connect(address).await.map(Self::Tokio)
            }
        }
    }

    /// Connects to the socket at `path`.
    ///
    /// # Errors
    /// When that fails.
    pub(crate) async fn connect_unix(path: &Path) -> io::Result<Self> {
        match Reactor::current() {
            Some(reactor) => {
                let own = Own::watched(UnixStream::connect(path)?, reactor)?;
                own.connected(UnixStream::take_error).await.map(Self::OwnUnix)
            }
            None => tokio::net::UnixStream::connect(path).await.map(Self::TokioUnix),
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
            Self::OwnUnix(_) | Self::TokioUnix(_) => Ok(()),
        }
    }

    /// The address of the other end.
    #[cfg(test)]
    pub(crate) fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Own(own) => own.stream.peer_addr(),
            Self::Tokio(stream) => stream.peer_addr(),
            Self::OwnUnix(_) | Self::TokioUnix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Begins to connect to `address` from an address of this machine. The kernel chooses the port when it
/// knows where to: ports are only short for each other end, and not for all of them together.
fn connect_from(address: SocketAddr, from: IpAddr) -> io::Result<TcpStream> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Stream, flags, None)?;
    setsockopt(&socket, IpBindAddressNoPort, &true)?;
    bind(socket.as_raw_fd(), &SockaddrStorage::from(SocketAddr::new(from, 0)))?;
    match connect(socket.as_raw_fd(), &SockaddrStorage::from(address)) {
        Ok(()) | Err(Errno::EINPROGRESS) => {
            Ok(TcpStream::from_std(std::net::TcpStream::from(socket)))
        }
        Err(error) => Err(error.into()),
    }
}

impl<S: mio::event::Source> Own<S> {
    fn watched(mut stream: S, reactor: Rc<Reactor>) -> io::Result<Self> {
        let source = reactor.register(&mut stream, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { stream, source, reactor })
    }

    /// The same once it is connected, or why it has failed: `error_of` says that.
    async fn connected(
        self,
        error_of: fn(&S) -> io::Result<Option<io::Error>>,
    ) -> io::Result<Self> {
        // It is or has when it can be written to.
        poll_fn(|context| self.source.poll_writable(context)).await;
        match error_of(&self.stream)? {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    fn poll_read(&mut self, context: &Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>>
    where
        S: io::Read,
    {
        let Self { stream, source, .. } = self;
        let room = into.initialize_unfilled();
        let count = ready!(source.poll_read(context, room.len(), || stream.read(room)))?;
        into.advance(count);
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, context: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>
    where
        S: io::Write,
    {
        let Self { stream, source, .. } = self;
        source.poll_write(context, bytes.len(), || stream.write(bytes))
    }
}

impl<S> Drop for Own<S> {
    fn drop(&mut self) {
        self.reactor.forget(&self.source);
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for Own<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.stream.fmt(f)
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Self::Own(own) => own.stream.as_raw_fd(),
            Self::OwnUnix(own) => own.stream.as_raw_fd(),
            Self::Tokio(stream) => stream.as_raw_fd(),
            Self::TokioUnix(stream) => stream.as_raw_fd(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Own(own) => own.poll_read(context, into),
            Self::OwnUnix(own) => own.poll_read(context, into),
            Self::Tokio(stream) => Pin::new(stream).poll_read(context, into),
            Self::TokioUnix(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Own(own) => own.poll_write(context, bytes),
            Self::OwnUnix(own) => own.poll_write(context, bytes),
            Self::Tokio(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::TokioUnix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Own(own) => Poll::Ready(own.stream.shutdown(Shutdown::Write)),
            Self::OwnUnix(own) => Poll::Ready(own.stream.shutdown(Shutdown::Write)),
            Self::Tokio(stream) => Pin::new(stream).poll_shutdown(context),
            Self::TokioUnix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
