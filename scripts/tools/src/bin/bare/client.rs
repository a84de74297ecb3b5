//! Connections, and the two loops over them.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::options::Options;

/// What an event of the timer is marked with, rather than a connection's index.
const TIMER: u64 = u64::MAX;

pub(crate) struct Client {
    epoll: Epoll,
    connections: Vec<Connection>,
    request: Vec<u8>,
    /// How many bytes an answer has, its head included.
    answer: usize,
    buffer: Box<[u8]>,
}

struct Connection {
    stream: TcpStream,
    /// How many bytes of the answer are still to come.
    left: usize,
}

impl Client {
    /// Opens all connections. Asks once over one of its own, to learn how long an answer is.
    pub(crate) fn connect(options: &Options) -> io::Result<Self> {
        /// A listener's queue has room for so many that wait to be accepted.
        const AT_ONCE: usize = 256;
        let Options { authority, path, .. } = options;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").into_bytes();
        let answer = length(&mut TcpStream::connect(authority)?, &request)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let mut connections = Vec::with_capacity(options.connections);
        for index in 0..options.connections {
            if index % AT_ONCE == AT_ONCE - 1 {
                thread::sleep(Duration::from_millis(10));
            }
            let stream = TcpStream::connect(authority)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let events = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
            epoll.add(&stream, EpollEvent::new(events, index as u64))?;
            connections.push(Connection { stream, left: 0 });
        }
        let buffer = vec![0; 16 * 1024].into_boxed_slice();
        Ok(Self { epoll, connections, request, answer, buffer })
    }

    /// Sends so many requests, each when its connection's last is answered. None is dropped.
    pub(crate) fn closed(&mut self, requests: u64) -> io::Result<u64> {
        let (mut sent, mut answered) = (0, 0);
        for index in 0..self.connections.len() {
            if sent < requests {
                sent += 1;
                self.send(index)?;
            }
        }
        let mut events = [EpollEvent::empty(); 1024];
        while answered < requests {
            let count = self.epoll.wait(&mut events, EpollTimeout::NONE)?;
            for event in &events[..count] {
                let index = index(event.data());
                if !self.receive(index)? {
                    continue;
                }
                answered += 1;
                if sent < requests {
                    sent += 1;
                    self.send(index)?;
                }
            }
        }
        Ok(0)
    }

    /// Sends so many requests at a rate, whatever is in flight, and says how many were dropped as no
    /// connection was free. The kernel counts how many are due.
    pub(crate) fn paced(&mut self, requests: u64, rate: f64) -> io::Result<u64> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK)?;
        let interval = TimeSpec::from_duration(Duration::from_secs_f64(1.0 / rate));
        timer.set(Expiration::Interval(interval), TimerSetTimeFlags::empty())?;
        self.epoll.add(&timer, EpollEvent::new(EpollFlags::EPOLLIN, TIMER))?;
        let mut free: Vec<_> = (0..self.connections.len()).collect();
        let (mut come, mut dropped) = (0, 0);
        let mut events = [EpollEvent::empty(); 1024];
        while come < requests || free.len() < self.connections.len() {
            let count = self.epoll.wait(&mut events, EpollTimeout::NONE)?;
            for event in &events[..count] {
                if event.data() != TIMER {
                    let index = index(event.data());
                    if self.receive(index)? {
                        free.push(index);
                    }
                    continue;
                }
                let mut expirations = [0; 8];
                nix::unistd::read(&timer, &mut expirations)?;
                let due = u64::from_ne_bytes(expirations).min(requests - come);
                come += due;
                for _ in 0..due {
                    match free.pop() {
                        Some(index) => self.send(index)?,
                        None => dropped += 1,
                    }
                }
            }
        }
        Ok(dropped)
    }

    fn send(&mut self, index: usize) -> io::Result<()> {
        let Connection { stream, left } = &mut self.connections[index];
        *left = self.answer;
        // It is far shorter than the socket's buffer, which is empty.
        stream.write_all(&self.request)
    }

    /// Reads what has come, and says whether the answer is complete.
    fn receive(&mut self, index: usize) -> io::Result<bool> {
        let Connection { stream, left } = &mut self.connections[index];
        loop {
            let count = stream.read(&mut self.buffer)?;
            if count == 0 {
                return Err(io::Error::other("the target closed a connection"));
            }
            let longer = || io::Error::other("an answer is longer than the first one was");
            *left = left.checked_sub(count).ok_or_else(longer)?;
            // A short read has emptied the socket; epoll tells of what comes then.
            if *left == 0 || count < self.buffer.len() {
                return Ok(*left == 0);
            }
        }
    }
}

fn index(mark: u64) -> usize {
    usize::try_from(mark).expect("it was made from an index")
}

/// How many bytes the answer to `request` has, its head included.
fn length(stream: &mut TcpStream, request: &[u8]) -> io::Result<usize> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(request)?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer)?;
        answer.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let fields = head.lines().filter_map(|line| line.split_once(':'));
            let mut lengths =
                fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = lengths.next().and_then(|(_, value)| value.trim().parse::<usize>().ok());
            let length =
                length.ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
            return Ok(head.len() + 4 + length);
        }
        if count == 0 {
            return Err(io::Error::other("the target closed its connection before it answered"));
        }
    }
}
