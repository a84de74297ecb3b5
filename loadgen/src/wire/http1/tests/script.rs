//! A connection that does what a test tells it to, and a way to see what an exchange over it gives.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::sleep;
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::{Connection, Message};
use crate::scenario::Call;
use crate::wire::{Answer, Failure, Listener, Progress};

/// What a read finds.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// These bytes, in one read where the buffer is large enough.
    Bytes(Vec<u8>),
    /// These bytes over and over, until so many are left: a multiple of their length at first.
    Repeated(&'static [u8], u64),
    /// Nothing yet, once.
    Pause,
    /// What follows, after so long a time.
    Late(Duration),
    /// Nothing until so many bytes were written.
    AfterWritten(usize),
    /// Nothing, ever.
    Hang,
    Fail(io::ErrorKind),
}

/// What becomes of a write.
#[derive(Debug, Clone)]
pub(super) enum Write {
    /// So many bytes are taken, or all there are.
    Take(usize),
    /// Nothing is taken yet, once.
    Pause,
    /// Nothing is taken until so many bytes were read.
    AfterRead(usize),
    /// Nothing is taken, ever.
    Hang,
    Fail(io::ErrorKind),
}

/// A connection whose reads and writes go by a script.
///
/// Once the reads are used up it is closed; once the writes are, it takes whatever comes.
#[derive(Debug, Default)]
pub(super) struct Script {
    reads: VecDeque<Read>,
    writes: VecDeque<Write>,
    /// Who waits for a read or a write that the other one brings about.
    waiting: Option<Waker>,
    bytes_read: usize,
    /// Every byte written.
    pub(super) written: Vec<u8>,
    /// Reads and writes that had a result.
    pub(super) calls: (u64, u64),
    /// The most room a read was offered.
    pub(super) widest: usize,
}

impl Script {
    pub(super) fn new(
        reads: impl IntoIterator<Item = Read>,
        writes: impl IntoIterator<Item = Write>,
    ) -> Self {
        let (reads, writes) = (reads.into_iter().collect(), writes.into_iter().collect());
        Self { reads, writes, ..Self::default() }
    }

    /// Takes a request, then answers in `pieces` and closes.
    pub(super) fn answering<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let pieces = pieces.into_iter().map(|piece| Read::Bytes(piece.to_vec()));
        Self::new([Read::AfterWritten(1)].into_iter().chain(pieces), [])
    }

    fn wait(&mut self, context: &Context<'_>) {
        self.waiting = Some(context.waker().clone());
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// Moves bytes from the first read to `into`.
    fn fill(&mut self, into: &mut ReadBuf<'_>) {
        match self.reads.front_mut() {
            Some(Read::Bytes(bytes)) => {
                let count = bytes.len().min(into.remaining());
                into.put_slice(&bytes[..count]);
                bytes.drain(..count);
                if bytes.is_empty() {
                    self.reads.pop_front();
                }
            }
            Some(Read::Repeated(bytes, left)) => {
                while *left > 0 && into.remaining() > 0 {
                    let rest = usize::try_from(*left % bytes.len() as u64).unwrap();
                    let next = &bytes[(bytes.len() - rest) % bytes.len()..];
                    let count = next.len().min(into.remaining());
                    into.put_slice(&next[..count]);
                    *left -= count as u64;
                }
                if *left == 0 {
                    self.reads.pop_front();
                }
            }
            _ => {}
        }
    }
}

impl AsyncRead for Script {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let script = self.get_mut();
        assert!(into.remaining() > 0, "a read without room looks like a closed connection");
        script.widest = script.widest.max(into.remaining());
        let written = script.written.len();
        while let Some(Read::AfterWritten(count)) = script.reads.front()
            && written >= *count
        {
            script.reads.pop_front();
        }
        if let Some(Read::Late(time)) = script.reads.front() {
            sleep(*time);
            script.reads.pop_front();
        }
        match script.reads.front() {
            Some(Read::Pause) => {
                script.reads.pop_front();
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Read::AfterWritten(_) | Read::Hang) => {
                script.wait(context);
                return Poll::Pending;
            }
            Some(Read::Fail(kind)) => return Poll::Ready(Err((*kind).into())),
            _ => script.fill(into),
        }
        script.calls.0 += 1;
        script.bytes_read += into.filled().len();
        script.wake();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let script = self.get_mut();
        while let Some(Write::AfterRead(count)) = script.writes.front()
            && script.bytes_read >= *count
        {
            script.writes.pop_front();
        }
        let count = match script.writes.front() {
            None => bytes.len(),
            Some(Write::Take(count)) => bytes.len().min(*count),
            Some(Write::Pause) => {
                script.writes.pop_front();
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Write::AfterRead(_) | Write::Hang) => {
                script.wait(context);
                return Poll::Pending;
            }
            Some(Write::Fail(kind)) => return Poll::Ready(Err((*kind).into())),
        };
        script.writes.pop_front();
        script.calls.1 += 1;
        script.written.extend_from_slice(&bytes[..count]);
        script.wake();
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unreachable!("connections are dropped")
    }
}

/// How an exchange ended, without its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Answered {
        status: u16,
        bytes: u64,
        body_bytes: u64,
        keep_alive: bool,
    },
    Failed(String),
    /// It waits for what never comes.
    Stuck,
}

/// The end by a failure of this name.
pub(super) fn failed(name: &str) -> End {
    End::Failed(name.to_owned())
}

/// Runs `future` for as long as something wakes it; `None` where nothing does any more.
pub(super) fn drive<T>(future: impl Future<Output = T>) -> Option<T> {
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut future = pin!(future);
    while woken.0.swap(false, Ordering::Relaxed) {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
    }
    None
}

/// One exchange over `connection`, and whether any of the request was written.
pub(super) fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    request: &Message,
) -> (End, bool) {
    let (end, written, _) = listen(connection, request);
    (end, written)
}

/// The same, and what was heard of the answer on the way.
pub(super) fn listen<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection<S>,
    request: &Message,
) -> (End, bool, Heard) {
    let progress = Cell::new(Progress::Nothing);
    let mut heard = Heard::default();
    let result = drive(connection.exchange(request, &progress, &mut heard));
    let written = progress.get() != Progress::Nothing;
    if let Some(Ok(answer)) = &result {
        assert_eq!(answer.body_bytes, heard.content.len() as u64);
    }
    (result.map_or(End::Stuck, |result| end(&result, written)), written, heard)
}

/// What an exchange says of an answer on the way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(super) heads: Vec<(u16, String)>,
    pub(super) content: Vec<u8>,
}

impl Listener for Heard {
    fn head(&mut self, status: u16, head: &[u8]) {
        self.heads.push((status, String::from_utf8_lossy(head).into_owned()));
    }

    fn content(&mut self, piece: &[u8]) {
        self.content.extend_from_slice(piece);
    }
}

/// Something that is done when the head comes.
impl<F: FnMut()> Listener for F {
    fn head(&mut self, _: u16, _: &[u8]) {
        self();
    }

    fn content(&mut self, _: &[u8]) {}
}

/// How an exchange ended; what holds for every result is checked on the way.
pub(super) fn end(result: &Result<Answer, Failure>, written: bool) -> End {
    match result {
        Ok(Answer { status, bytes, body_bytes, keep_alive, first_byte, finished }) => {
            assert!(first_byte <= finished);
            assert!(body_bytes < bytes);
            let (bytes, body_bytes) = (*bytes, *body_bytes);
            End::Answered { status: *status, bytes, body_bytes, keep_alive: *keep_alive }
        }
        Err(failure) => {
            assert_eq!(failure.never_sent(), !written, "{failure}");
            End::Failed(failure.to_string())
        }
    }
}

/// The end of one exchange over a new connection, answered in `pieces`.
pub(super) fn answered<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    to_head_request: bool,
) -> End {
    let mut connection = Connection::new(Script::answering(pieces));
    exchange(&mut connection, &request(to_head_request)).0
}

/// A small request.
pub(super) fn request(is_head: bool) -> Message {
    let method = if is_head { Method::HEAD } else { Method::GET };
    let call = Call::new(method, None);
    Message::new(&"http://localhost/".parse().unwrap(), &call, true)
}

/// A request of `body_bytes` and a few more.
pub(super) fn upload(body_bytes: usize) -> Message {
    let (method, body) = (Method::POST, Some(vec![b'.'; body_bytes]));
    let call = Call::new(method, body);
    Message::new(&"http://localhost/".parse().unwrap(), &call, true)
}

/// `start`, made `bytes` long.
pub(super) fn padded(start: &str, bytes: usize) -> String {
    let rest = "x".repeat(bytes - start.len());
    format!("{start}{rest}")
}
