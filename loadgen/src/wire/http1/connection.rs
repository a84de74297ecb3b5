//! One request and its answer over one connection.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::task::{Poll, ready};

use nix::sys::socket::{MsgFlags, recv};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::body::Body;
use super::chunked::Advance;
use super::head::{Head, MAX_HEAD_BYTES};
use super::message::Message;
use super::recall;
use super::sending::Sending;
use crate::wire::failure::{Failure, Illegal};
use crate::wire::{Answer, Listener, Progress};

/// A connection that carries one request at a time, with a buffer that is reused for each answer.
///
/// The buffer holds a head at most: bodies of any size pass through it.
pub(crate) struct Connection<S> {
    stream: S,
    /// Where it goes, as far as that is known.
    address: Option<SocketAddr>,
    buffer: Vec<u8>,
    /// Whether it is to be used again.
    is_kept: bool,
    /// Whether a byte of the answer that is awaited has come.
    is_answering: bool,
    /// Where in the buffer something is illegal, once it is.
    illegal: Range<usize>,
}

/// Large enough for most heads; small enough for ten thousand connections.
const INITIAL_BUFFER_BYTES: usize = 8 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that is used as often as the service allows.
    pub(crate) fn new(stream: S) -> Self {
        let buffer = vec![0; INITIAL_BUFFER_BYTES];
        Self { stream, address: None, buffer, is_kept: true, is_answering: false, illegal: 0..0 }
    }

    /// The same, which goes to this address.
    pub(super) fn to(self, address: SocketAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Where it goes, as far as that is known.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The same, which is used once unless it `is_kept`.
    pub(crate) fn keeping(self, is_kept: bool) -> Self {
        Self { is_kept, ..self }
    }

    /// Sends `message` and reads the answer to its end.
    ///
    /// `progress` is how much of the message the connection has taken, so that whoever drops this
    /// future knows whether the service may have seen it. After a failure the connection must not be
    /// used again.
    pub(crate) async fn exchange(
        &mut self,
        message: &Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure> {
        self.is_answering = false;
        let mut sending = Sending::new(message.bytes(), progress);
        match self.receive(&mut sending, message.is_head(), listener).await {
            Ok(mut answer) => {
                answer.keep_alive &= self.is_kept && sending.is_whole();
                Ok(answer)
            }
            // An answer in breach of HTTP is worth its name; any other failure is due to the cut.
            Err(failure @ Failure::Illegal(_)) => {
                listener.illegal(&self.buffer[self.illegal.clone()]);
                Err(failure)
            }
            Err(failure) => Err(sending.cut().map_or(failure, Failure::Send)),
        }
    }

    /// Reads the answer to its end, and sends meanwhile.
    async fn receive(
        &mut self,
        sending: &mut Sending<'_>,
        to_head_request: bool,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure> {
        let mut first_byte = None;
        let mut arrived = Arrived::default();
        let (head, first_byte, mut finished) = loop {
            let count = self.read(arrived.end, sending).await?;
            let now = Instant::now();
            let first_byte = *first_byte.get_or_insert(now);
            if let Some(head) = self.find_head(&mut arrived, count, to_head_request)? {
                break (head, first_byte, now);
            }
        };
        let Arrived { start, end, mut bytes } = arrived;
        let body_start = start + head.len;
        listener.head(head.status, &self.buffer[start..body_start]);
        let mut body = Body::new(head.framing);
        let mut fresh = body_start..end;
        loop {
            let taken = &self.buffer[fresh.clone()];
            let Advance { consumed, done } = match body.take(taken, |piece| listener.content(piece))
            {
                Ok(advance) => advance,
                Err(illegal) => return Err(self.breach(illegal, fresh)),
            };
            let surplus = taken.len() - consumed;
            if surplus > 0 {
                // What follows the last answer of a connection may be discarded (RFC 9112, section
                // 6.3). On one that is kept nobody asked for it.
                if head.keep_alive && self.is_kept {
                    return Err(self.breach(Illegal::Surplus, fresh.end - surplus..fresh.end));
                }
                bytes -= surplus as u64;
            }
            if done {
                break;
            }
            let count = self.read(0, sending).await?;
            finished = Instant::now();
            if count == 0 {
                body.end()?;
                break;
            }
            bytes += count as u64;
            fresh = 0..count;
        }
        let (status, keep_alive, body_bytes) = (head.status, head.keep_alive, body.content());
        Ok(Answer { status, first_byte, finished, bytes, body_bytes, keep_alive })
    }

    /// The final head, past any interim ones, once `count` more bytes have completed it.
    fn find_head(
        &mut self,
        arrived: &mut Arrived,
        count: usize,
        to_head_request: bool,
    ) -> Result<Option<Head>, Failure> {
        let Arrived { start, end, bytes } = arrived;
        let fresh = *end..*end + count;
        *end += count;
        *bytes += count as u64;
        // Only a line's end can complete a head: one that dribbles in is not parsed per byte.
        // One that cannot go on is parsed as well, for what is illegal in its last line.
        let cannot_go_on = count == 0 || *end == MAX_HEAD_BYTES;
        let worth_parsing = cannot_go_on || self.buffer[fresh].contains(&b'\n');
        while worth_parsing && *start < *end {
            let head = match recall::parse(&self.buffer[*start..*end], to_head_request) {
                Ok(Some(head)) => head,
                Ok(None) => break,
                Err(illegal) => return Err(self.breach(illegal, *start..*end)),
            };
            if !head.is_interim() {
                return Ok(Some(head));
            }
            *start += head.len;
        }
        if count == 0 {
            let (before, within) = (Failure::ClosedBeforeAnswer, Failure::ClosedWithinAnswer);
            return Err(if *bytes == 0 { before } else { within });
        }
        self.make_room(start, end)?;
        Ok(None)
    }

    /// Makes room to read on behind `end`: drops what lies before `start`, or grows.
    fn make_room(&mut self, start: &mut usize, end: &mut usize) -> Result<(), Failure> {
        if *end < self.buffer.len() {
            return Ok(());
        }
        if *start > 0 {
            self.buffer.copy_within(*start..*end, 0);
            *end -= std::mem::take(start);
        } else if *end >= MAX_HEAD_BYTES {
            return Err(self.breach(Illegal::HeadTooLong, *start..*end));
        } else {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        Ok(())
    }

    /// What came is `illegal`, and stands here in the buffer.
    fn breach(&mut self, illegal: Illegal, at: Range<usize>) -> Failure {
        self.illegal = at;
        illegal.into()
    }

    /// Reads what comes next into the buffer from `at` on; 0 where the connection was closed.
    ///
    /// Meanwhile it sends what is left of the request: a service may answer before it has read
    /// all of a large one, and then read no further, or only as its answer is read.
    async fn read(&mut self, at: usize, sending: &mut Sending<'_>) -> Result<usize, Failure> {
        let Self { stream, buffer, is_answering, illegal, .. } = self;
        let mut stream = Pin::new(stream);
        poll_fn(|context| {
            let mut into = ReadBuf::new(&mut buffer[at..]);
            if !sending.has_begun() {
                // What comes before a byte is sent is no answer. Asking costs no system call:
                // the runtime knows that nothing came, and wakes this task when something does.
                if let Poll::Ready(read) = stream.as_mut().poll_read(context, &mut into) {
                    *illegal = at..at + into.filled().len();
                    return Poll::Ready(Err(unusable(read, into.filled())));
                }
                sending.poll(stream.as_mut(), context);
                if !sending.has_begun()
                    && let Some(error) = sending.cut()
                {
                    return Poll::Ready(Err(Failure::NotSent(error)));
                }
                return Poll::Pending;
            }
            sending.poll(stream.as_mut(), context);
            let read = ready!(stream.as_mut().poll_read(context, &mut into));
            Poll::Ready(match read {
                Ok(()) => {
                    *is_answering = true;
                    Ok(into.filled().len())
                }
                Err(error) if *is_answering => Err(Failure::ReceiveWithinAnswer(error)),
                Err(error) => Err(Failure::Receive(error)),
            })
        })
        .await
    }
}

impl<S: AsRawFd> Connection<S> {
    /// Whether bytes have come that no request has asked for.
    pub(super) fn has_unasked(&self) -> bool {
        // The kernel is asked: the runtime learns of what came only as it waits.
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        recv(self.stream.as_raw_fd(), &mut [0], flags).is_ok_and(|count| count > 0)
    }
}

#[cfg(test)]
impl<S: AsyncWrite + Unpin> Connection<S> {
    /// Sends bytes that are no request.
    pub(super) async fn say(&mut self, bytes: &[u8]) {
        tokio::io::AsyncWriteExt::write_all(&mut self.stream, bytes).await.unwrap();
    }
}

/// Why a connection that had something to `read` before a request was sent cannot carry it.
fn unusable(read: io::Result<()>, bytes: &[u8]) -> Failure {
    match read {
        Err(error) => Failure::NotSent(error),
        Ok(()) if bytes.is_empty() => Failure::NotSent(io::ErrorKind::BrokenPipe.into()),
        Ok(()) => Illegal::Unasked.into(),
    }
}

/// What has come of an answer whose head is awaited.
#[derive(Default)]
struct Arrived {
    /// Where the head begins in the buffer, and where what was read ends.
    start: usize,
    end: usize,
    /// How many bytes came so far, interim heads included.
    bytes: u64,
}
