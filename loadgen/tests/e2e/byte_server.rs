//! A server that does with each request exactly what a test wants it to.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt};

/// What becomes of a request.
pub(crate) enum Reaction {
    /// It is answered with these bytes, and the connection is kept.
    Answer(Vec<u8>),
    /// It is answered with these bytes, then the stream ends. What comes later is read, and counted.
    AnswerAndEnd(Vec<u8>),
    /// It is answered with these bytes, then the connection is closed in both directions.
    AnswerAndClose(Vec<u8>),
    /// It is answered with these bytes, then the connection is reset.
    AnswerAndReset(Vec<u8>),
    /// The connection is reset.
    Reset,
    /// It is never answered, and the connection stays open.
    Stall,
    /// The server stops listening and ends every connection.
    Die,
}

pub(crate) struct ByteServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    react: Box<React>,
    requests: Mutex<Vec<Vec<u8>>>,
    accepted: AtomicUsize,
    /// Only the thread that serves a connection owns it, so that it alone decides when it closes.
    open: Mutex<Vec<Weak<TcpStream>>>,
    over: AtomicBool,
    address: SocketAddr,
}

type React = dyn Fn(usize, &[u8]) -> Reaction + Send + Sync;

impl ByteServer {
    /// Serves until it is dropped; `react` is given the number of a request, from 1, and its bytes.
    pub(crate) fn start(react: impl Fn(usize, &[u8]) -> Reaction + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", react)
    }

    /// The same, at this address.
    pub(crate) fn start_at(
        address: impl ToSocketAddrs,
        react: impl Fn(usize, &[u8]) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let (server, listener) = Self::bind(address, react);
        let shared = Arc::clone(&server.shared);
        thread::spawn(move || shared.accept(&listener));
        server
    }

    /// Takes so many connections, then listens no longer, and only then serves those.
    pub(crate) fn taking(
        connections: usize,
        react: impl Fn(usize, &[u8]) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let (server, listener) = Self::bind("127.0.0.1:0", react);
        let shared = Arc::clone(&server.shared);
        thread::spawn(move || {
            let taken: Vec<_> = listener.incoming().take(connections).collect();
            drop(listener);
            for stream in taken {
                shared.open(stream.unwrap());
            }
        });
        server
    }

    fn bind(
        address: impl ToSocketAddrs,
        react: impl Fn(usize, &[u8]) -> Reaction + Send + Sync + 'static,
    ) -> (Self, TcpListener) {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            react: Box::new(react),
            requests: Mutex::default(),
            accepted: AtomicUsize::new(0),
            open: Mutex::default(),
            over: AtomicBool::new(false),
            address,
        });
        (Self { address, shared }, listener)
    }

    /// Answers every request alike.
    pub(crate) fn answering(bytes: Vec<u8>) -> Self {
        Self::start(move |_, _| Reaction::Answer(bytes.clone()))
    }

    /// Answers `ok` after so long.
    pub(crate) fn slow(takes: Duration) -> Self {
        Self::start(move |_, _| {
            thread::sleep(takes);
            Reaction::Answer(answer(200, "ok"))
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Vec<u8>> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(crate) fn request_count(&self) -> usize {
        self.shared.requests.lock().unwrap().len()
    }

    /// How many connections were made so far.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for ByteServer {
    fn drop(&mut self) {
        self.shared.die();
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            self.open(stream.unwrap());
        }
    }

    /// Serves a connection on a thread of its own.
    fn open(self: &Arc<Self>, stream: TcpStream) {
        let stream = Arc::new(stream);
        self.accepted.fetch_add(1, Ordering::SeqCst);
        self.open.lock().unwrap().push(Arc::downgrade(&stream));
        let server = Arc::clone(self);
        thread::spawn(move || {
            // A client that is gone is the client's affair.
            let _ = server.serve(&stream);
        });
    }

    /// Takes down a request; its number, from 1.
    fn count(&self, request: Vec<u8>) -> usize {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        requests.len()
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream;
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader)? {
            let number = self.count(request.clone());
            match (self.react)(number, &request) {
                Reaction::Answer(bytes) => writer.write_all(&bytes)?,
                Reaction::AnswerAndEnd(bytes) => {
                    writer.write_all(&bytes)?;
                    // Closing with a request unread would reset the connection instead.
                    stream.shutdown(Shutdown::Write)?;
                    while let Some(late) = read_request(&mut reader)? {
                        self.count(late);
                    }
                    return Ok(());
                }
                Reaction::AnswerAndClose(bytes) => return writer.write_all(&bytes),
                Reaction::AnswerAndReset(bytes) => {
                    writer.write_all(&bytes)?;
                    return reset(stream);
                }
                Reaction::Reset => return reset(stream),
                Reaction::Stall => {}
                Reaction::Die => self.die(),
            }
        }
        Ok(())
    }

    fn die(&self) {
        if self.over.swap(true, Ordering::SeqCst) {
            // The port may be another's by now.
            return;
        }
        // Wakes up the thread that accepts, which sees that it is over and drops the listener.
        let _ = TcpStream::connect(self.address);
        for stream in self.open.lock().unwrap().iter().filter_map(Weak::upgrade) {
            // One that the client has closed cannot be shut down, nor need it be.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Makes the end of `stream` a reset.
fn reset(stream: &TcpStream) -> io::Result<()> {
    Ok(setsockopt(&stream, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 })?)
}

/// The next request, or `None` at the end of the stream.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut request)? == 0 {
            return Ok(None);
        }
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    reader.take(length).read_to_end(&mut request)?;
    Ok(Some(request))
}

/// An answer that keeps the connection.
pub(crate) fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}
