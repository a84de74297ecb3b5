//! Requests that a connection takes slowly, in part, or not at all.

use std::cell::Cell;
use std::future::Future as _;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWrite;

use super::super::sending::Sending;
use super::super::{Connection, Message};
use super::script::{End, Read, Script, Write, exchange, failed, request, upload};
use crate::wire::Progress;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const TOO_LARGE: &[u8] = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

const UPLOAD_BYTES: usize = 5000;

fn answered(status: u16, bytes: usize, body_bytes: u64, keep_alive: bool) -> End {
    End::Answered { status, bytes: bytes as u64, body_bytes, keep_alive }
}

fn ok() -> End {
    answered(200, OK.len(), 2, true)
}

/// One exchange, whether any of the request was written, and what of it.
fn run(
    request: &Message,
    reads: impl IntoIterator<Item = Read>,
    writes: impl IntoIterator<Item = Write>,
) -> (End, bool, Vec<u8>) {
    let mut script = Script::new(reads, writes);
    let (end, written) = exchange(&mut Connection::new(&mut script), request);
    assert_eq!(written, !script.written.is_empty());
    (end, written, script.written)
}

/// As [`run`], with a request for which only the end and how much was written matter.
fn upload_ends(
    reads: impl IntoIterator<Item = Read>,
    writes: impl IntoIterator<Item = Write>,
) -> (End, usize) {
    let (end, _, written) = run(&upload(UPLOAD_BYTES), reads, writes);
    (end, written.len())
}

#[test]
fn in_pieces() {
    let request = upload(300);
    let whole = request.bytes().len();
    for piece in [1, 2, 7, 100, whole - 1, whole] {
        for paused in [false, true] {
            let reads = [Read::AfterWritten(whole), Read::Bytes(OK.to_vec())];
            let writes = (0..whole).flat_map(|_| {
                [paused.then_some(Write::Pause), Some(Write::Take(piece))].into_iter().flatten()
            });
            let (end, _, written) = run(&request, reads, writes);
            assert_eq!(end, ok(), "pieces of {piece}");
            assert_eq!(written, request.bytes(), "pieces of {piece}");
        }
    }
}

/// The hot path: nothing is asked of the connection that has no result.
#[test]
fn one_write_and_one_read() {
    let mut script = Script::answering([OK]);
    assert_eq!(exchange(&mut Connection::new(&mut script), &request(false)).0, ok());
    assert_eq!(script.calls, (1, 1));
}

#[test]
fn an_answer_that_comes_before_the_request_is_whole() {
    let early = || [Read::AfterWritten(1000), Read::Bytes(TOO_LARGE.to_vec())];
    let closing = answered(413, TOO_LARGE.len(), 0, false);
    // The connection takes no more, for as long as it is open.
    let reads = early().into_iter().chain([Read::Hang]);
    assert_eq!(upload_ends(reads, [Write::Take(1000), Write::Hang]), (closing.clone(), 1000));
    // It comes in pieces.
    let (one, two) = TOO_LARGE.split_at(20);
    let reads = [Read::AfterWritten(7), Read::Bytes(one.to_vec()), Read::Pause];
    let reads = reads.into_iter().chain([Read::Bytes(two.to_vec()), Read::Hang]);
    assert_eq!(upload_ends(reads, [Write::Take(7), Write::Hang]), (closing, 7));
    // It is illegal.
    let garbage = [Read::AfterWritten(7), Read::Bytes(b"garbage".to_vec())];
    let name = failed("illegal answer: invalid HTTP version in the head");
    assert_eq!(upload_ends(garbage, [Write::Take(7), Write::Hang]), (name, 7));
}

#[test]
fn a_request_is_sent_on_after_an_interim_answer() {
    let whole = upload(UPLOAD_BYTES).bytes().len();
    let reads = [
        Read::AfterWritten(100),
        Read::Bytes(CONTINUE.to_vec()),
        Read::AfterWritten(whole),
        Read::Bytes(OK.to_vec()),
    ];
    let writes = [Write::Take(100), Write::AfterRead(CONTINUE.len())];
    let bytes = CONTINUE.len() + OK.len();
    assert_eq!(upload_ends(reads, writes), (answered(200, bytes, 2, true), whole));
}

/// An echo, which neither reads nor writes before the other side does.
#[test]
fn a_request_is_sent_on_while_its_answer_is_read() {
    let whole = upload(UPLOAD_BYTES).bytes().len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {whole}\r\n\r\n").into_bytes();
    let (mut reads, mut writes) = (vec![], vec![]);
    let mut read = 0;
    for written in (0..whole).step_by(500) {
        let count = 500.min(whole - written);
        writes.extend([Write::AfterRead(read), Write::Take(count)]);
        let piece = [if written == 0 { &head } else { &[][..] }, &vec![b'.'; count]].concat();
        read += piece.len();
        reads.extend([Read::AfterWritten(written + count), Read::Bytes(piece)]);
    }
    let end = answered(200, head.len() + whole, whole as u64, true);
    assert_eq!(upload_ends(reads, writes), (end, whole));
}

#[test]
fn a_connection_that_fails_after_any_byte() {
    let request = upload(10);
    let whole = request.bytes().len();
    for count in 0..whole {
        let cut = |reads: &[Read]| {
            let writes = [Write::Take(count), Write::Fail(ErrorKind::BrokenPipe)];
            let writes = writes.into_iter().skip(usize::from(count == 0));
            let (end, written, _) = run(&request, reads.to_vec(), writes);
            assert_eq!(written, count > 0);
            end
        };
        let after = Read::AfterWritten(1);
        // Without an answer, whatever becomes of the reads.
        for reads in [
            vec![after.clone()],
            vec![after.clone(), Read::Fail(ErrorKind::ConnectionReset)],
            vec![after.clone(), Read::Bytes(OK[..20].to_vec())],
            vec![after.clone(), Read::Bytes(OK[..OK.len() - 1].to_vec())],
        ] {
            assert_eq!(cut(&reads), failed("send: broken pipe"), "after {count}");
        }
        if count > 0 {
            let end = answered(200, OK.len(), 2, false);
            assert_eq!(cut(&[after.clone(), Read::Bytes(OK.to_vec())]), end, "after {count}");
            let name = failed("illegal answer: invalid HTTP version in the head");
            assert_eq!(cut(&[after, Read::Bytes(b"garbage".to_vec())]), name);
        }
    }
}

#[test]
fn a_connection_that_takes_nothing_for_a_write_has_failed() {
    let none = [Write::Take(0)];
    assert_eq!(upload_ends([Read::Hang], none), (failed("send: write zero"), 0));
    let some = [Write::Take(5), Write::Take(0)];
    assert_eq!(upload_ends([Read::AfterWritten(1)], some), (failed("send: write zero"), 5));
}

#[test]
fn a_connection_that_ends_while_the_request_is_written() {
    let stuck = || [Write::Take(5), Write::Hang];
    let closed = failed("closed before the answer");
    assert_eq!(upload_ends([Read::AfterWritten(5)], stuck()), (closed, 5));
    let reads = [Read::AfterWritten(5), Read::Fail(ErrorKind::ConnectionReset)];
    assert_eq!(upload_ends(reads, stuck()), (failed("receive: connection reset"), 5));
}

/// What is there before the request cannot be its answer: nothing is sent after it.
#[test]
fn a_connection_that_cannot_be_used() {
    let unasked = failed("illegal answer: bytes before the request");
    let closed = failed("send: broken pipe");
    let reset = failed("send: connection reset");
    let reads = [
        (vec![Read::Bytes(OK.to_vec())], unasked),
        (vec![], closed),
        (vec![Read::Fail(ErrorKind::ConnectionReset)], reset),
    ];
    for (reads, end) in reads {
        assert_eq!(upload_ends(reads.clone(), []), (end.clone(), 0));
        // Nor where it comes while the connection takes no byte yet.
        let reads = [Read::Pause].into_iter().chain(reads);
        assert_eq!(upload_ends(reads, [Write::Hang]), (end, 0));
    }
}

/// Whoever gives up on a request knows whether any of it was sent.
#[test]
fn given_up() {
    for (writes, expected) in
        [(vec![Write::Hang], false), (vec![Write::Take(1), Write::Hang], true), (vec![], true)]
    {
        let mut connection = Connection::new(Script::new([Read::Hang], writes));
        let (request, written) = (upload(10), Cell::new(Progress::Nothing));
        {
            let mut look = || {};
            let exchange = pin!(connection.exchange(&request, &written, &mut look));
            let polled = exchange.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Pending));
        }
        assert_eq!(written.get() != Progress::Nothing, expected);
    }
}

/// Takes all at once, and lets it go when it is asked for the third time.
struct Holding(u8);

impl AsyncWrite for Holding {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0 += 1;
        if self.0 < 3 { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unreachable!("connections are dropped")
    }
}

/// What is taken and held back, by TLS say, has not left as a whole.
#[test]
fn a_request_is_whole_when_nothing_of_it_is_held_back() {
    let progress = Cell::new(Progress::Nothing);
    let mut sending = Sending::new(b"request", &progress);
    let (mut stream, mut context) = (Holding(0), Context::from_waker(Waker::noop()));
    for (is_whole, left) in
        [(false, Progress::Some), (false, Progress::Some), (true, Progress::Whole)]
    {
        sending.poll(Pin::new(&mut stream), &mut context);
        assert!(sending.has_begun());
        assert_eq!((sending.is_whole(), progress.get()), (is_whole, left));
    }
}
