//! Making a TCP connection to a host that may have several addresses.
//!
//! An address that does not answer must not hide the others: the next one is tried as well when
//! the one before has failed, or has not answered for a while, and the first connection counts.
//! This is RFC 8305 ("Happy Eyeballs") as far as a load generator needs it: names are resolved
//! once, before the load, and the address that worked is tried first from then on.

use std::future::poll_fn;
use std::io;
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
            to.reached();
            stream.set_nodelay(true)?;
            Ok(stream)
        }
        // Without IPv6, say, it is what connecting to an IPv6 address fails with.
        Err(error) if is_address_not_available(&error) && !to.was_reached() => {
            Err(OpenError::Theirs(error))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_address_not_available(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable
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
    use std::net::SocketAddr;
    use std::time::Instant;

    use nix::sys::socket::{Backlog, listen};

    use super::*;

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
