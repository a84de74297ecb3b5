//! A server whose delays are known.
//!
//! It answers each request after a delay that it chooses, and takes down when the request arrived and
//! when its answer was written. It never sleeps: it asks epoll, and looks at the clock, over and over, so
//! that it is late by the few microseconds that this takes as long as its processor is its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{Backlog, listen};
use nix::unistd::Pid;

use crate::delays::{Delays, Draw, Stops};
use crate::log::{Answer, Log};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/// What an event of the listener is marked with, rather than a connection's index.
const LISTENER: u64 = u64::MAX;

/// A server on a thread of its own.
pub(crate) struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Log>>,
}

impl Server {
    /// Starts one on a free port of the loopback address; its thread gets the processor with this number.
    pub(crate) fn start(
        delays: Delays,
        stops: Option<Stops>,
        core: Option<usize>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        // A generator may open hundreds of connections during a stop.
        listen(&listener, Backlog::new(4096)?)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            if let Some(core) = core {
                let mut cores = CpuSet::new();
                cores.set(core)?;
                sched_setaffinity(Pid::from_raw(0), &cores)?;
            }
            Serving::new(listener, delays.draw(), stops)?.serve(&until)
        });
        Ok(Self { address, is_over, thread })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Ends it, and says what it did.
    pub(crate) fn finish(self) -> io::Result<Log> {
        self.is_over.store(true, Relaxed);
        self.thread.join().map_err(|_| io::Error::other("the server panicked"))?
    }
}

struct Serving {
    epoll: Epoll,
    listener: TcpListener,
    /// A connection keeps its index for good; `None` once it is closed.
    connections: Vec<Option<Connection>>,
    /// The answers that are due, the earliest first, and the indices of their connections.
    due: BinaryHeap<Reverse<(Instant, usize)>>,
    delays: Draw,
    stops: Option<Stops>,
    /// When the first request arrived: stops are counted from then.
    first: Option<Instant>,
    log: Log,
}

struct Connection {
    stream: TcpStream,
    /// What has come of a request.
    request: Vec<u8>,
    /// When the request that is not answered yet arrived, and how long it was to take.
    arrived: Option<(Instant, Duration)>,
}

impl Serving {
    fn new(listener: TcpListener, delays: Draw, stops: Option<Stops>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        Ok(Self {
            epoll,
            listener,
            connections: Vec::new(),
            due: BinaryHeap::new(),
            delays,
            stops,
            first: None,
            log: Log::new(),
        })
    }

    fn serve(mut self, is_over: &AtomicBool) -> io::Result<Log> {
        let mut events = [EpollEvent::empty(); 256];
        while !is_over.load(Relaxed) {
            let count = self.epoll.wait(&mut events, EpollTimeout::ZERO)?;
            for event in &events[..count] {
                if event.data() == LISTENER {
                    self.accept()?;
                } else {
                    let index = usize::try_from(event.data()).expect("it was made from an index");
                    self.read(index);
                }
                self.answer_due();
            }
            self.answer_due();
            self.stop_if_it_is_time();
        }
        Ok(self.log)
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let index = self.connections.len() as u64;
            self.epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, index))?;
            let connection = Connection { stream, request: Vec::new(), arrived: None };
            self.connections.push(Some(connection));
        }
    }

    fn read(&mut self, index: usize) {
        let Some(connection) = &mut self.connections[index] else { return };
        let mut buffer = [0; 4096];
        let count = match connection.stream.read(&mut buffer) {
            Ok(count @ 1..) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // Closed, or reset: generators end as they like.
            Ok(0) | Err(_) => return self.connections[index] = None,
        };
        connection.request.extend_from_slice(&buffer[..count]);
        // One request at a time, without a body.
        if !connection.request.ends_with(b"\r\n\r\n") {
            return;
        }
        connection.request.clear();
        let (now, delay) = (Instant::now(), self.delays.next());
        self.first.get_or_insert(now);
        connection.arrived = Some((now, delay));
        self.due.push(Reverse((now + delay, index)));
    }

    /// Writes the answers whose time has come.
    fn answer_due(&mut self) {
        while let Some(Reverse((due, index))) = self.due.peek().copied() {
            if due > Instant::now() {
                return;
            }
            self.due.pop();
            let Some(connection) = &mut self.connections[index] else { continue };
            let Some((arrived, meant)) = connection.arrived.take() else { continue };
            if connection.stream.write_all(ANSWER).is_ok() {
                self.log.answers.push(Answer { arrived, meant, answered: Instant::now() });
            }
        }
    }

    /// Where it is time for a stop, does nothing at all until it is over.
    fn stop_if_it_is_time(&mut self) {
        /// A sleep may last longer than asked for; the rest is spent looking at the clock.
        const REST: Duration = Duration::from_millis(2);
        let (Some(stops), Some(first)) = (self.stops, self.first) else { return };
        let begun = Instant::now();
        let Some(end) = stops.end_of_one(begun - first).map(|end| first + end) else { return };
        thread::sleep((end - begun).saturating_sub(REST));
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        self.log.stops.push((begun, Instant::now()));
    }
}
