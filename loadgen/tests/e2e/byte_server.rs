//! A server that does with each request exactly what a test wants it to.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt};

/// What becomes of a request.
pub(crate) enum Reaction {
    /// It is answered with these bytes, and the connection is kept.
    Answer(Vec<u8>),
    /// It is answered with these bytes, then the stream ends.
    AnswerAndEnd(Vec<u8>),
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
        Self::start_at(0, react)
    }

    /// The same, on this port.
    pub(crate) fn start_at(
        port: u16,
        react: impl Fn(usize, &[u8]) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            react: Box::new(react),
            requests: Mutex::default(),
            accepted: AtomicUsize::new(0),
            open: Mutex::default(),
            over: AtomicBool::new(false),
            address,
        });
        let server = Arc::clone(&shared);
        thread::spawn(move || server.accept(&listener));
        Self { address, shared }
    }

    /// Answers every request alike.
    pub(crate) fn answering(bytes: Vec<u8>) -> Self {
        Self::start(move |_, _| Reaction::Answer(bytes.clone()))
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
            let stream = Arc::new(stream.unwrap());
            self.accepted.fetch_add(1, Ordering::SeqCst);
            self.open.lock().unwrap().push(Arc::downgrade(&stream));
            let server = Arc::clone(&self);
            thread::spawn(move || {
                // A client that is gone is the client's affair.
                let _ = server.serve(&stream);
            });
        }
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream;
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader)? {
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                requests.len()
            };
            match (self.react)(number, &request) {
                Reaction::Answer(bytes) => writer.write_all(&bytes)?,
                Reaction::AnswerAndEnd(bytes) => {
                    writer.write_all(&bytes)?;
                    // Closing with a request unread would reset the connection instead.
                    stream.shutdown(Shutdown::Write)?;
                    io::copy(&mut reader, &mut io::sink())?;
                    return Ok(());
                }
                Reaction::Reset => {
                    setsockopt(&stream, sockopt::Linger, &linger { l_onoff: 1, l_linger: 0 })?;
                    return Ok(());
                }
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
