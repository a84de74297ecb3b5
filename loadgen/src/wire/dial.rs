//! Making a TCP connection to a host that may have several addresses.
//!
//! An address that does not answer must not hide the others: the next one is tried as well when
//! the one before has failed, or has not answered for a while, and the first connection counts.
//! This is RFC 8305 ("Happy Eyeballs") as far as a load generator needs it: names are resolved
//! once, before the load, and the address that worked is tried first from then on.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpStream;

use super::Endpoint;
use super::failure::OpenError;
use crate::timers::Timers;

/// How long an address is waited for before the next one is tried beside it (RFC 8305, section 8).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// A connection to the first address of `to` that takes one.
pub(super) async fn dial(to: &Endpoint, timers: &Timers) -> Result<TcpStream, OpenError> {
    let stream = match to.addresses() {
        // The usual case needs no timer.
        [address] => TcpStream::connect(address).await,
        _ => race(to, timers).await,
    };
    match stream {
        Ok(stream) => {
            stream.set_nodelay(true)?;
            Ok(stream)
        }
        Err(error) => Err(unopened(error, to)),
    }
}

/// Whose fault `error` is, which the address of `to` that is tried first gave rise to.
fn unopened(error: io::Error, to: &Endpoint) -> OpenError {
    let lacks_address_or_port = error.kind() == io::ErrorKind::AddrNotAvailable;
    let first = to.in_order().next();
    if lacks_address_or_port && !first.is_some_and(|(_, address)| has_source(address)) {
        return OpenError::Theirs(error);
    }
    error.into()
}

/// Whether this machine has an address to connect to `to` from: without IPv6, say, it has none to
/// connect to an IPv6 address from. A datagram socket needs one, too, but none of TCP's ports.
fn has_source(to: SocketAddr) -> bool {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(to)).is_ok()
}

/// An attempt to connect to the address with this index.
type Attempt = (usize, Pin<Box<dyn Future<Output = io::Result<TcpStream>>>>);

async fn race(to: &Endpoint, timers: &Timers) -> io::Result<TcpStream> {
    let mut waiting = to.in_order();
    let mut attempts: Vec<Attempt> = Vec::new();
    // The first one counts: it is of the address that worked before.
    let mut error = None;
    loop {
        if let Some((index, address)) = waiting.next() {
            attempts.push((index, Box::pin(TcpStream::connect(address))));
        } else if attempts.is_empty() {
            return Err(error.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()));
        }
        let is_last = waiting.len() == 0;
        let ended = tokio::select! {
            ended = poll_fn(|context| poll_first(&mut attempts, context)) => ended,
            () = timers.after(ATTEMPT_DELAY), if !is_last => continue,
        };
        match ended {
            (index, Ok(stream)) => {
                to.prefer(index);
                return Ok(stream);
            }
            (_, Err(refusal)) => error = error.or(Some(refusal)),
        }
    }
}

/// The first of `attempts` that has ended, which is then none of them any more.
fn poll_first(
    attempts: &mut Vec<Attempt>,
    context: &mut Context<'_>,
) -> Poll<(usize, io::Result<TcpStream>)> {
    for place in 0..attempts.len() {
        let (index, attempt) = &mut attempts[place];
        if let Poll::Ready(ended) = attempt.as_mut().poll(context) {
            let index = *index;
            drop(attempts.swap_remove(place));
            return Poll::Ready((index, ended));
        }
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use nix::sys::socket::{Backlog, listen};

    use super::*;
    use crate::wire::Shortage;

    /// Takes no connection and refuses none: its queue is full.
    struct Silent {
        address: SocketAddr,
        _listener: std::net::TcpListener,
        _queued: Vec<std::net::TcpStream>,
    }

    impl Silent {
        fn new() -> Self {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listen(&listener, Backlog::new(0).unwrap()).unwrap();
            let address = listener.local_addr().unwrap();
            let patience = Duration::from_millis(200);
            let fill = || std::net::TcpStream::connect_timeout(&address, patience).ok();
            let queued: Vec<_> = std::iter::from_fn(fill).take(16).collect();
            assert!(queued.len() < 16, "the queue took all of them");
            Self { address, _listener: listener, _queued: queued }
        }
    }

    /// Nobody listens there.
    fn refusing() -> (SocketAddr, tokio::net::TcpSocket) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        (socket.local_addr().unwrap(), socket)
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_does_not_hide_the_others() {
        let silent = Silent::new();
        let (refusing, _socket) = refusing();
        let accepting = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let accepts_at = accepting.local_addr().unwrap();
        let to = Endpoint::new(vec![silent.address, refusing, accepts_at]);
        let timers = Timers::current();
        let stream = dial(&to, &timers).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), accepts_at);
        // What worked is tried first from then on, without a delay.
        assert_eq!(to.in_order().next(), Some((2, accepts_at)));
        let begun = Instant::now();
        for _ in 0..10 {
            dial(&to, &timers).await.unwrap();
        }
        assert!(begun.elapsed() < 10 * ATTEMPT_DELAY, "{:?}", begun.elapsed());
    }

    #[test]
    fn an_address_that_this_machine_cannot_connect_from_is_no_port_that_it_lacks() {
        // Nor may a datagram socket connect to a broadcast address without asking for that.
        let lack = || io::Error::from_raw_os_error(nix::libc::EADDRNOTAVAIL);
        let loopback = Endpoint::new(vec!["127.0.0.1:80".parse().unwrap()]);
        assert!(matches!(unopened(lack(), &loopback), OpenError::Ours(Shortage::Ports)));
        let broadcast = Endpoint::new(vec!["255.255.255.255:80".parse().unwrap()]);
        assert!(matches!(unopened(lack(), &broadcast), OpenError::Theirs(_)));
        let refusal = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(matches!(unopened(refusal, &loopback), OpenError::Theirs(_)));
    }

    #[tokio::test]
    async fn a_refusal_is_told_where_every_address_refuses() {
        let ((one, _one), (two, _two)) = (refusing(), refusing());
        let to = Endpoint::new(vec![one, two]);
        let error = dial(&to, &Timers::current()).await.unwrap_err();
        assert!(matches!(
            error,
            OpenError::Theirs(error) if error.kind() == io::ErrorKind::ConnectionRefused
        ));
    }
}
