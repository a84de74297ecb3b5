//! Exchanges in a row over one connection, and over real sockets.

use std::cell::Cell;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use super::super::{Connection, Message};
use super::legal::{self, Legal};
use super::script::{End, Read, Script, end, exchange, failed, request, upload};
use crate::reactor::Stream;
use crate::wire::Progress;
use crate::wire::transport::Transport;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn ok() -> End {
    End::Answered { status: 200, bytes: OK.len() as u64, body_bytes: 2, keep_alive: true }
}

/// The answers after which a connection is used again.
fn kept() -> Vec<Legal> {
    let answers = legal::answers().into_iter();
    answers.filter(|legal| matches!(legal.end, End::Answered { keep_alive: true, .. })).collect()
}

/// Nothing of an answer is left over for the next one, however much longer or shorter it is.
#[test]
fn every_answer_before_and_after_every_other() {
    let kept = kept();
    let short = || kept.iter().filter(|legal| legal.bytes.len() < 1000);
    let long = || kept.iter().filter(|legal| legal.bytes.len() >= 1000);
    let pairs = short().flat_map(|one| short().flat_map(move |two| [one, two]));
    let row: Vec<_> = pairs
        .chain(long().flat_map(|one| short().take(3).flat_map(move |two| [one, two])))
        .collect();
    let mut due = 1;
    let mut reads = vec![];
    for legal in &row {
        reads.extend([Read::AfterWritten(due), Read::Bytes(legal.bytes.clone())]);
        due += request(legal.to_head_request).bytes().len();
    }
    let mut connection = Connection::new(Script::new(reads, []));
    for legal in row {
        assert_eq!(exchange(&mut connection, &request(legal.to_head_request)).0, legal.end);
    }
}

/// A server for one connection.
fn serve(
    serve: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (SocketAddr, JoinHandle<TcpListener>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        serve(&mut stream);
        listener
    });
    (address, thread)
}

/// Reads a head to its end.
fn read_head(stream: &mut TcpStream) {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
}

/// Nobody has tried to connect again.
fn assert_no_other_connection(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

type Tcp = Connection<Transport>;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(20);
    runtime.block_on(async { tokio::time::timeout(limit, future).await.expect("it is stuck") })
}

async fn connect(address: SocketAddr) -> Tcp {
    Connection::new(Transport::Plain(Stream::connect(address, None).await.unwrap()))
}

async fn exchange_over(connection: &mut Tcp, request: &Message) -> (End, bool) {
    let progress = Cell::new(Progress::Nothing);
    let result = connection.exchange(request, &progress, &mut || {}).await;
    let written = progress.get() != Progress::Nothing;
    (end(&result, written), written)
}

#[test]
fn every_answer_over_a_socket() {
    let (address, server) = serve(|stream| {
        for legal in kept() {
            read_head(stream);
            stream.write_all(&legal.bytes).unwrap();
        }
    });
    block_on(async {
        let mut connection = connect(address).await;
        for legal in kept() {
            let request = request(legal.to_head_request);
            assert_eq!(exchange_over(&mut connection, &request).await, (legal.end, true));
        }
    });
    assert_no_other_connection(&server.join().unwrap());
}

/// The next request is not sent where the end is known, and nothing is tried again.
#[test]
fn a_server_that_closes_after_its_answer_without_saying_so() {
    let (address, server) = serve(|stream| {
        read_head(stream);
        stream.write_all(OK).unwrap();
    });
    block_on(async {
        let mut connection = connect(address).await;
        assert_eq!(exchange_over(&mut connection, &request(false)).await, (ok(), true));
        let listener = server.join().unwrap();
        // The runtime learns of the end as it waits for something.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let next = exchange_over(&mut connection, &request(false)).await;
        assert_eq!(next, (failed("send: broken pipe"), false));
        assert_no_other_connection(&listener);
    });
}

/// What comes behind an answer belongs to no request: it is seen without a read.
#[test]
fn a_server_that_answers_once_more() {
    for (more, expected) in [(OK, true), (b"".as_slice(), false)] {
        let (address, server) = serve(move |stream| {
            read_head(stream);
            stream.write_all(OK).unwrap();
            // Behind the answer, not with it.
            let mut said = [0];
            stream.read_exact(&mut said).unwrap();
            stream.write_all(more).unwrap();
        });
        block_on(async {
            let mut connection = connect(address).await;
            assert_eq!(exchange_over(&mut connection, &request(false)).await, (ok(), true));
            assert!(!connection.has_unasked());
            connection.say(b"x").await;
            // It also closes the connection, which is nothing to be read.
            server.join().unwrap();
            assert_eq!(connection.has_unasked(), expected);
        });
    }
}

#[test]
fn a_server_that_closes_instead_of_answering_again() {
    // A socket that is closed with bytes unread resets its connection.
    for (unread, expected) in [(0, "closed before the answer"), (5, "receive: connection reset")] {
        let length = request(false).bytes().len();
        let (address, server) = serve(move |stream| {
            read_head(stream);
            stream.write_all(OK).unwrap();
            stream.read_exact(&mut vec![0; length - unread]).unwrap();
        });
        block_on(async {
            let mut connection = connect(address).await;
            assert_eq!(exchange_over(&mut connection, &request(false)).await, (ok(), true));
            let next = exchange_over(&mut connection, &request(false)).await;
            assert_eq!(next, (failed(expected), true));
        });
        assert_no_other_connection(&server.join().unwrap());
    }
}

/// More than the sockets between the two can hold.
const UPLOAD_BYTES: usize = 20_000_000;

#[test]
fn a_server_that_answers_before_it_has_read_the_request() {
    let (address, server) = serve(|stream| {
        read_head(stream);
        stream.write_all(OK).unwrap();
        // It stays until the client has left.
        let _ = std::io::copy(stream, &mut std::io::sink());
    });
    block_on(async {
        let mut connection = connect(address).await;
        let (end, written) = exchange_over(&mut connection, &upload(UPLOAD_BYTES)).await;
        let End::Answered { status: 200, body_bytes: 2, .. } = end else { panic!("{end:?}") };
        assert!(written);
    });
    server.join().unwrap();
}

#[test]
fn a_server_that_reads_on_only_as_its_answer_is_read() {
    let (address, server) = serve(|stream| {
        read_head(stream);
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {UPLOAD_BYTES}\r\n\r\n").unwrap();
        let mut body = stream.try_clone().unwrap().take(UPLOAD_BYTES as u64);
        std::io::copy(&mut body, stream).unwrap();
        read_head(stream);
        stream.write_all(OK).unwrap();
    });
    block_on(async {
        let mut connection = connect(address).await;
        let (end, _) = exchange_over(&mut connection, &upload(UPLOAD_BYTES)).await;
        let End::Answered { body_bytes, keep_alive, .. } = end else { panic!("{end:?}") };
        assert_eq!((body_bytes, keep_alive), (UPLOAD_BYTES as u64, true));
        assert_eq!(exchange_over(&mut connection, &request(false)).await, (ok(), true));
    });
    server.join().unwrap();
}
