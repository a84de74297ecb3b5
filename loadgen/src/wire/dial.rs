//! Making a TCP connection to a host that may have several addresses.
//!
//! An address that does not answer must not hide the others: the next one is tried as well when
//! the one before has failed, or has not answered for a while, and the first connection counts.
//! This is RFC 8305 ("Happy Eyeballs") as far as a load generator needs it; which address comes first
//! the [`Endpoint`] says.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::failure::OpenError;
use super::tls::Tls;
use super::transport::Transport;
use super::{Address, Endpoint, Opened};
use crate::reactor::Stream;
use crate::timers::Timers;

/// How long an address is waited for before the next one is tried beside it (RFC 8305, section 8).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How long is waited before a socket in the file system is tried again whose listener has no room.
const UNIX_PAUSE: Duration = Duration::from_millis(1);

/// How long an objection to a handshake is waited for, once in a run.
const OBJECTS_WITHIN: Duration = Duration::from_millis(50);

/// Makes connections.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    timers: Timers,
    /// How long making one may take, the lookup of its name and the handshake included.
    limit: Option<Duration>,
    /// How TLS is spoken, wherever it is.
    tls: Option<Tls>,
    from: Arc<Sources>,
}

/// The addresses of this machine that connections are made from, in turn; the kernel chooses where there
/// are none.
#[derive(Debug, Default)]
struct Sources {
    addresses: Vec<IpAddr>,
    made: AtomicUsize,
}

/// A connection, and where it goes.
struct Dialled {
    stream: Stream,
    address: Address,
}

impl Dialer {
    /// Waits by `timers`, and for no connection longer than `limit`, where there is one.
    pub(crate) fn new(timers: Timers, limit: Option<Duration>) -> Self {
        Self { timers, limit, tls: None, from: Arc::default() }
    }

    /// The same, which speaks TLS like this to whoever wants it.
    pub(crate) fn with_tls(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// The same, whose connections are made from these addresses of this machine in turn.
    pub(crate) fn from(self, addresses: Vec<IpAddr>) -> Self {
        Self { from: Arc::new(Sources { addresses, made: AtomicUsize::new(0) }), ..self }
    }

    /// The same, whose handshakes go on with no earlier session and leave none behind.
    pub(super) fn without_sessions(&self) -> Self {
        let tls = self.tls.as_ref().map(Tls::without_sessions);
        self.clone().with_tls(tls)
    }

    /// A connection to the first address of `to` that takes one.
    pub(super) async fn dial(&self, to: &Endpoint) -> Result<(Transport, Opened), OpenError> {
        self.within(self.connect(to)).await
    }

    /// What `connected` comes to, within the time that a connection may take.
    pub(super) async fn within<T>(
        &self,
        connected: impl Future<Output = Result<T, OpenError>>,
    ) -> Result<T, OpenError> {
        let Some(limit) = self.limit else { return connected.await };
        tokio::select! {
            // One that is there is not late, whatever the time is by now.
            biased;
            connected = connected => connected,
            () = self.timers.after(limit) => Err(OpenError::Late),
        }
    }

    /// Finds out whether both sides agree on TLS. What came of it is forgotten: the load's first
    /// handshakes are whole ones.
    ///
    /// With TLS 1.3, the other side may object to who we are when the handshake is over for us.
    pub(super) async fn greet(&self, to: &Endpoint) -> Result<(), OpenError> {
        let (transport, _) = self.without_sessions().dial(to).await?;
        let Transport::Tls(mut stream) = transport else { return Ok(()) };
        tokio::select! {
            error = stream.objection() => Err(error.into()),
            () = self.timers.after(OBJECTS_WITHIN) => Ok(()),
        }
    }

    /// The same as [`Self::dial`], however long it takes.
    pub(super) async fn connect(&self, to: &Endpoint) -> Result<(Transport, Opened), OpenError> {
        let Dialled { stream, address } = self.dial_any(to).await?;
        let opened = Opened { address: Some(address), handshake: None };
        let (Some(tls), Some(name)) = (&self.tls, to.server_name()) else {
            return Ok((Transport::Plain(stream), opened));
        };
        // On the heap: it is large, and every client has room for it in its own future otherwise.
        let (stream, handshake) = Box::pin(tls.connect(name.clone(), stream)).await?;
        Ok((Transport::Tls(stream), Opened { handshake: Some(Box::new(handshake)), ..opened }))
    }

    async fn dial_any(&self, to: &Endpoint) -> Result<Dialled, OpenError> {
        let addresses = to.in_order(&self.timers).await;
        let dialled = match &addresses[..] {
            // The usual case needs no timer.
            [address] => self.connect_to(address).await.inspect_err(|_| to.refused(address)),
            _ => self.race(to, &addresses).await,
        };
        match dialled {
            Ok(dialled) => {
                dialled.stream.set_nodelay(true)?;
                Ok(dialled)
            }
            Err(error) => Err(unopened(error, addresses.first())),
        }
    }

    async fn connect_to(&self, address: &Address) -> io::Result<Dialled> {
        let stream = match address {
            Address::Tcp(address) => Stream::connect(*address, self.from.next(*address)).await,
            Address::Unix(path) => self.connect_unix(path).await,
        };
        Ok(Dialled { stream: stream?, address: address.clone() })
    }

    /// The kernel makes one wait for a listener that has no room, and does not say when it has.
    async fn connect_unix(&self, path: &Path) -> io::Result<Stream> {
        loop {
            match Stream::connect_unix(path).await {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.timers.after(UNIX_PAUSE).await;
                }
                connected => return connected,
            }
        }
    }

    async fn race(&self, to: &Endpoint, addresses: &[Address]) -> io::Result<Dialled> {
        let mut waiting = addresses.iter();
        let mut attempts: Vec<Attempt<'_>> = Vec::new();
        // The first one counts: it is of the address that worked before.
        let mut error = None;
        loop {
            if let Some(address) = waiting.next() {
                attempts.push((address.clone(), Box::pin(self.connect_to(address))));
            } else if attempts.is_empty() {
                return Err(error.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()));
            }
            let is_last = waiting.len() == 0;
            let (address, ended) = tokio::select! {
                ended = poll_fn(|context| poll_first(&mut attempts, context)) => ended,
                () = self.timers.after(ATTEMPT_DELAY), if !is_last => continue,
            };
            match ended {
                Ok(dialled) => {
                    to.took(&address);
                    // Those that were tried before and have not answered yet.
                    let slower = attempts.iter().map(|(address, _)| address);
                    let is_before =
                        |slow: &&Address| place(addresses, slow) < place(addresses, &address);
                    slower.filter(is_before).for_each(|slow| to.refused(slow));
                    return Ok(dialled);
                }
                Err(refusal) => {
                    to.refused(&address);
                    error = error.or(Some(refusal));
                }
            }
        }
    }
}

impl Sources {
    /// The next address that connects to such as `to`.
    fn next(&self, to: SocketAddr) -> Option<IpAddr> {
        let fits = |from: &&IpAddr| from.is_ipv4() == to.is_ipv4();
        let count = self.addresses.iter().filter(fits).count();
        let turn = self.made.fetch_add(1, Ordering::Relaxed).checked_rem(count)?;
        self.addresses.iter().filter(fits).nth(turn).copied()
    }
}

/// Whose fault `error` is, which the address that was tried `first` gave rise to.
fn unopened(error: io::Error, first: Option<&Address>) -> OpenError {
    let lacks_address_or_port = error.kind() == io::ErrorKind::AddrNotAvailable;
    if lacks_address_or_port && !first.and_then(Address::tcp).is_some_and(has_source) {
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

/// An attempt to connect to this address.
type Attempt<'d> = (Address, Pin<Box<dyn Future<Output = io::Result<Dialled>> + 'd>>);

fn place(addresses: &[Address], address: &Address) -> Option<usize> {
    addresses.iter().position(|known| known == address)
}

/// The first of `attempts` that has ended, which is then none of them any more.
fn poll_first(
    attempts: &mut Vec<Attempt<'_>>,
    context: &mut Context<'_>,
) -> Poll<(Address, io::Result<Dialled>)> {
    for place in 0..attempts.len() {
        let (address, attempt) = &mut attempts[place];
        if let Poll::Ready(ended) = attempt.as_mut().poll(context) {
            let address = address.clone();
            // In their order still.
            drop(attempts.remove(place));
            return Poll::Ready((address, ended));
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
        let dialer = Dialer::new(Timers::current(), None);
        let Dialled { stream, address } = dialer.dial_any(&to).await.unwrap();
        assert_eq!((stream.peer_addr().unwrap(), address), (accepts_at, accepts_at.into()));
        // What worked is tried first from then on, without a delay.
        assert_eq!(to.in_order(&dialer.timers).await[0], accepts_at.into());
        assert_eq!(to.failed(), [(silent.address.into(), 1), (refusing.into(), 1)].into());
        let begun = Instant::now();
        for _ in 0..10 {
            dialer.dial_any(&to).await.unwrap();
        }
        assert!(begun.elapsed() < 10 * ATTEMPT_DELAY, "{:?}", begun.elapsed());
    }

    #[test]
    fn an_address_that_this_machine_cannot_connect_from_is_no_port_that_it_lacks() {
        // Nor may a datagram socket connect to a broadcast address without asking for that.
        let lack = || io::Error::from_raw_os_error(nix::libc::EADDRNOTAVAIL);
        let [loopback, broadcast] =
            ["127.0.0.1:80", "255.255.255.255:80"].map(|text| Address::Tcp(text.parse().unwrap()));
        let unopened = |error, first| unopened(error, Some(first));
        assert!(matches!(unopened(lack(), &loopback), OpenError::Ours(Shortage::Ports)));
        assert!(matches!(unopened(lack(), &broadcast), OpenError::Theirs(_)));
        let refusal = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(matches!(unopened(refusal, &loopback), OpenError::Theirs(_)));
    }

    #[tokio::test]
    async fn a_refusal_is_told_where_every_address_refuses() {
        let ((one, _one), (two, _two)) = (refusing(), refusing());
        let to = Endpoint::new(vec![one, two]);
        let dialer = Dialer::new(Timers::current(), None);
        let error = dialer.dial_any(&to).await.err().unwrap();
        assert!(matches!(
            error,
            OpenError::Theirs(error) if error.kind() == io::ErrorKind::ConnectionRefused
        ));
    }

    #[tokio::test]
    async fn a_connection_that_is_not_there_in_its_time_is_late_and_the_others_are_not() {
        let silent = Silent::new();
        let (refusing, _socket) = refusing();
        let accepting = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let dialer =
            |limit_ms| Dialer::new(Timers::current(), Some(Duration::from_millis(limit_ms)));
        let to = Endpoint::new(vec![silent.address]);
        assert!(matches!(dialer(20).dial(&to).await, Err(OpenError::Late)));
        let to = Endpoint::new(vec![refusing]);
        assert!(matches!(dialer(60_000).dial(&to).await, Err(OpenError::Theirs(_))));
        let to = Endpoint::new(vec![accepting.local_addr().unwrap()]);
        assert!(dialer(60_000).dial(&to).await.is_ok());
    }
}
