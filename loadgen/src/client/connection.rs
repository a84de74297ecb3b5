//! One request and its answer over one connection.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use super::chunked::{Advance, Chunked};
use super::failure::{Failure, Illegal};
use super::head::{Framing, Head, MAX_HEAD_BYTES};
use super::request::Request;

/// A connection that carries one request at a time, with a buffer that is reused for each answer.
///
/// The buffer holds a head at most: bodies of any size pass through it.
pub(crate) struct Connection<S> {
    stream: S,
    buffer: Vec<u8>,
}

/// A complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The final status, 200 to 999.
    pub(crate) status: u16,
    /// When its first byte had been read.
    pub(crate) first_byte: Instant,
    /// When its last byte had been read.
    pub(crate) finished: Instant,
    /// Its length in bytes, heads and framing included.
    pub(crate) bytes: u64,
    /// The length of its content in bytes.
    pub(crate) body_bytes: u64,
    /// Whether the connection may carry another request.
    pub(crate) keep_alive: bool,
}

/// Large enough for most heads; small enough for ten thousand connections.
const INITIAL_BUFFER_BYTES: usize = 8 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, buffer: vec![0; INITIAL_BUFFER_BYTES] }
    }

    /// Sends `request` and reads the answer to its end.
    ///
    /// `written` becomes true with the first byte that the connection takes, so that whoever
    /// drops this future knows whether the service may have seen the request. `on_head` is shown
    /// the status and bytes of the final head. After an error the connection must not be used again.
    pub(crate) async fn exchange(
        &mut self,
        request: &Request,
        written: &Cell<bool>,
        on_head: impl FnOnce(u16, &[u8]),
    ) -> Result<Answer, Failure> {
        let sent = self.send(request.bytes(), written).await?;
        let sent_whole = matches!(sent, Sent::Whole);
        let received = match sent {
            Sent::Whole => self.receive_head(0, request.is_head()).await?,
            Sent::Answered(early) => self.receive_head(early, request.is_head()).await?,
            Sent::Cut(error) => match self.receive_head(0, request.is_head()).await {
                Ok(received) => received,
                Err(_) => return Err(Failure::Send(error)),
            },
        };
        let Received { head, first_byte, last_read, mut bytes, start, end } = received;
        let body_start = start + head.len;
        on_head(head.status, &self.buffer[start..body_start]);
        let mut body = Body::new(head.framing);
        let mut finished = last_read;
        let mut fresh = body_start..end;
        while !body.take(&self.buffer[fresh])? {
            let count = self.stream.read(&mut self.buffer).await.map_err(Failure::Receive)?;
            finished = Instant::now();
            if count == 0 {
                body.end()?;
                break;
            }
            bytes += count as u64;
            fresh = 0..count;
        }
        let body_bytes = body.content;
        let keep_alive = head.keep_alive && sent_whole;
        Ok(Answer { status: head.status, first_byte, finished, bytes, body_bytes, keep_alive })
    }

    /// Writes the request, unless the answer comes first or the connection takes no more.
    ///
    /// A service may answer before it has read all of a large request, and then read no further.
    async fn send(&mut self, bytes: &[u8], written: &Cell<bool>) -> Result<Sent, Failure> {
        let Self { stream, buffer } = self;
        let mut count = 0;
        poll_fn(|context| {
            while count < bytes.len() {
                match Pin::new(&mut *stream).poll_write(context, &bytes[count..]) {
                    Poll::Ready(Ok(taken)) => {
                        written.set(true);
                        count += taken;
                    }
                    Poll::Ready(Err(error)) if count == 0 => {
                        return Poll::Ready(Err(Failure::NotSent(error)));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Ok(Sent::Cut(error))),
                    Poll::Pending => {
                        let mut early = ReadBuf::new(buffer);
                        ready!(Pin::new(&mut *stream).poll_read(context, &mut early))
                            .map_err(Failure::Receive)?;
                        return Poll::Ready(match early.filled().len() {
                            0 => Err(Failure::ClosedBeforeAnswer),
                            early => Ok(Sent::Answered(early)),
                        });
                    }
                }
            }
            Poll::Ready(Ok(Sent::Whole))
        })
        .await
    }

    /// Reads up to the end of the final head, past any interim ones. The buffer holds `early`
    /// bytes of the answer already.
    async fn receive_head(
        &mut self,
        early: usize,
        to_head_request: bool,
    ) -> Result<Received, Failure> {
        let mut first_byte = (early > 0).then(Instant::now);
        let (mut start, mut end, mut bytes) = (0, 0, 0);
        let mut count = early;
        loop {
            if count == 0 {
                count =
                    self.stream.read(&mut self.buffer[end..]).await.map_err(Failure::Receive)?;
            }
            let last_read = Instant::now();
            let first_byte = *first_byte.get_or_insert(last_read);
            if count == 0 {
                let nothing_came = bytes == 0;
                let before = Failure::ClosedBeforeAnswer;
                return Err(if nothing_came { before } else { Failure::ClosedWithinAnswer });
            }
            // Only a line's end can complete a head: one that dribbles in is not parsed per byte.
            let may_be_complete = self.buffer[end..end + count].contains(&b'\n');
            end += count;
            bytes += std::mem::take(&mut count) as u64;
            while may_be_complete && start < end {
                let Some(head) = Head::parse(&self.buffer[start..end], to_head_request)? else {
                    break;
                };
                if head.len > MAX_HEAD_BYTES {
                    return Err(Illegal::HeadTooLong.into());
                }
                if !head.is_interim() {
                    return Ok(Received { head, first_byte, last_read, bytes, start, end });
                }
                start += head.len;
            }
            self.make_room(&mut start, &mut end)?;
        }
    }

    /// Makes room to read on behind `end`: drops what lies before `start`, or grows.
    fn make_room(&mut self, start: &mut usize, end: &mut usize) -> Result<(), Illegal> {
        if *end < self.buffer.len() {
            return Ok(());
        }
        if *start > 0 {
            self.buffer.copy_within(*start..*end, 0);
            *end -= std::mem::take(start);
        } else if *end >= MAX_HEAD_BYTES {
            return Err(Illegal::HeadTooLong);
        } else {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        Ok(())
    }
}

/// How far a request was written.
enum Sent {
    Whole,
    /// The answer came first; so many bytes of it are in the buffer.
    Answered(usize),
    /// The connection failed after it had taken a part; an answer may have come before that.
    Cut(io::Error),
}

/// A head in the buffer, and what came with it.
struct Received {
    head: Head,
    first_byte: Instant,
    last_read: Instant,
    /// How many bytes came so far, interim heads included.
    bytes: u64,
    /// Where the head begins in the buffer, and where what was read ends.
    start: usize,
    end: usize,
}

/// Follows a body to its end.
struct Body {
    rest: Rest,
    content: u64,
}

enum Rest {
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl Body {
    fn new(framing: Framing) -> Self {
        let rest = match framing {
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::Chunked(Chunked::default()),
            Framing::UntilClose => Rest::UntilClose,
        };
        Self { rest, content: 0 }
    }

    /// Takes the next bytes; true once the body is complete.
    fn take(&mut self, bytes: &[u8]) -> Result<bool, Illegal> {
        let available = bytes.len() as u64;
        match &mut self.rest {
            Rest::Length(left) if available > *left => Err(Illegal::Surplus),
            Rest::Length(left) => {
                *left -= available;
                self.content += available;
                Ok(*left == 0)
            }
            Rest::Chunked(chunked) => {
                let Advance { consumed, content, done } = chunked.advance(bytes)?;
                self.content += content;
                if consumed < bytes.len() { Err(Illegal::Surplus) } else { Ok(done) }
            }
            Rest::UntilClose => {
                self.content += available;
                Ok(false)
            }
        }
    }

    /// The connection was closed: complete only where that is how the body ends.
    fn end(&self) -> Result<(), Failure> {
        match self.rest {
            Rest::UntilClose => Ok(()),
            Rest::Length(_) | Rest::Chunked(_) => Err(Failure::ClosedWithinAnswer),
        }
    }
}
