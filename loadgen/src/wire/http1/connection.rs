//! One request and its answer over one connection.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::body::Body;
use super::chunked::Advance;
use super::head::{Head, MAX_HEAD_BYTES};
use super::message::Message;
use super::recall;
use super::sending::Sending;
use crate::wire::buffers;
use crate::wire::failure::Failure;
use crate::wire::illegal::Illegal;
use crate::wire::transport::Transport;
use crate::wire::{Answer, Listener, Opened, Progress};

/// A connection that carries one request at a time.
pub(crate) struct Connection<S> {
    stream: S,
    /// What is known of how it was made.
    opened: Opened,
    /// What is read into. It is the thread's, and here only while some of an answer is. It holds a head
    /// at most: bodies of any size pass through it.
    buffer: Vec<u8>,
    /// Whether it is to be used again.
    is_kept: bool,
    /// Whether a byte of the answer that is awaited has come.
    is_answering: bool,
    /// Where in the buffer something is illegal, once it is.
    illegal: Range<usize>,
}

/// How TLS says that it was not spoken to: the kind of its record, and the first half of its version.
const TLS_ALERT: &[u8] = &[21, 3];

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection that is used as often as the service allows.
    pub(crate) fn new(stream: S) -> Self {
        let buffer = Vec::new();
        let opened = Opened::default();
        Self { stream, opened, buffer, is_kept: true, is_answering: false, illegal: 0..0 }
    }

    /// The same, of which this is known.
    pub(super) fn opened_as(self, opened: Opened) -> Self {
        Self { opened, ..self }
    }

    /// What is known of how it was made.
    pub(super) fn opened(&self) -> &Opened {
        &self.opened
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
        let result = match self.receive(&mut sending, message.is_head(), listener).await {
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
        };
        buffers::take_back(&mut self.buffer);
        result
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
                Err(_) if self.buffer[*start..*end].starts_with(TLS_ALERT) => {
                    return Err(self.breach(Illegal::SpeaksTls, *start..*end));
                }
                Err(illegal) => return Err(self.breach(illegal, *start..*end)),
            };
            if !head.is_interim() {
                return Ok(Some(head));
            }
            *start += head.len;
        }
        if count == 0 {
            return Err(Failure::closed(*bytes > 0));
        }
        self.make_room(start, end)?;
        Ok(None)
    }

    /// Makes room to read on behind `end`: drops what lies before `start`.
    fn make_room(&mut self, start: &mut usize, end: &mut usize) -> Result<(), Failure> {
        if *end < self.buffer.len() {
            return Ok(());
        }
        if *start == 0 {
            return Err(self.breach(Illegal::HeadTooLong, *start..*end));
        }
        self.buffer.copy_within(*start..*end, 0);
        *end -= std::mem::take(start);
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
            let is_new = !sending.has_begun();
            if !is_new {
                sending.poll(stream.as_mut(), context);
            }
            buffers::lend(buffer);
            let mut into = ReadBuf::new(&mut buffer[at..]);
            let Poll::Ready(read) = stream.as_mut().poll_read(context, &mut into) else {
                if at == 0 {
                    buffers::take_back(buffer);
                }
                if is_new {
                    sending.poll(stream.as_mut(), context);
                    if !sending.has_begun()
                        && let Some(error) = sending.cut()
                    {
                        return Poll::Ready(Err(Failure::NotSent(error)));
                    }
                }
                return Poll::Pending;
            };
            let count = into.filled().len();
            if is_new {
                // What comes before a byte is sent is no answer. Asking costs no system call: the
                // runtime knows that nothing came, and wakes this task when something does.
                *illegal = at..at + count;
                return Poll::Ready(Err(unusable(read, count)));
            }
            Poll::Ready(match read {
                Ok(()) => {
                    *is_answering = true;
                    Ok(count)
                }
                Err(error) => Err(Failure::received(error, *is_answering)),
            })
        })
        .await
    }
}

impl Connection<Transport> {
    /// Whether bytes have come that no request has asked for.
    pub(super) fn has_unasked(&mut self) -> bool {
        self.stream.has_content()
    }
}

#[cfg(test)]
impl<S: AsyncWrite + Unpin> Connection<S> {
    /// Sends bytes that are no request.
    pub(super) async fn say(&mut self, bytes: &[u8]) {
        tokio::io::AsyncWriteExt::write_all(&mut self.stream, bytes).await.unwrap();
    }
}

/// Why a connection that had so many bytes to `read` before a request was sent cannot carry it.
fn unusable(read: io::Result<()>, count: usize) -> Failure {
    match read {
        Err(error) => Failure::not_sent(error),
        Ok(()) if count == 0 => Failure::NotSent(io::ErrorKind::BrokenPipe.into()),
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
