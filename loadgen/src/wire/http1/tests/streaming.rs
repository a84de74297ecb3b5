//! Bodies of any size in bounded memory, and answers without end.

use std::cell::Cell;

use super::super::Connection;
use super::super::head::MAX_HEAD_BYTES;
use super::script::{End, Heard, Read, Script, drive, exchange, failed, request};
use crate::wire::Progress;

const BODY_BYTES: u64 = 100_000_000;
/// Far more than any limit.
const ENDLESS_BYTES: u64 = 1_000_000_000;

/// The end of an answer, and the most room that it took.
fn run(start: &str, repeated: (&'static [u8], u64), last: &str) -> (End, usize) {
    let (bytes, count) = repeated;
    let reads = [
        Read::AfterWritten(1),
        Read::Bytes(start.into()),
        Read::Repeated(bytes, count / bytes.len() as u64 * bytes.len() as u64),
        Read::Bytes(last.into()),
    ];
    let reads = reads.into_iter().filter(|read| !matches!(read, Read::Bytes(b) if b.is_empty()));
    let mut script = Script::new(reads, []);
    let (end, _) = exchange(&mut Connection::new(&mut script), &request(false));
    (end, script.widest)
}

#[test]
fn bodies_of_any_size_pass_through_a_small_buffer() {
    let long_field = "x".repeat(60_000);
    for (fields, last, framing_bytes, keep_alive) in [
        ("Content-Length: 100000000\r\n\r\n".to_owned(), "", 0, true),
        (format!("X: {long_field}\r\nContent-Length: 100000000\r\n\r\n"), "", 0, true),
        ("Transfer-Encoding: chunked\r\n\r\n5f5e100\r\n".to_owned(), "\r\n0\r\n\r\n", 7, true),
        ("\r\n".to_owned(), "", 0, false),
    ] {
        let start = format!("HTTP/1.1 200 OK\r\n{fields}");
        let (end, widest) = run(&start, (b"0123456789", BODY_BYTES), last);
        let bytes = start.len() as u64 + BODY_BYTES + framing_bytes;
        let body_bytes = BODY_BYTES;
        assert_eq!(end, End::Answered { status: 200, bytes, body_bytes, keep_alive });
        assert!(widest <= MAX_HEAD_BYTES, "{widest}");
    }
}

#[test]
fn small_chunks_without_number() {
    let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (end, widest) = run(start, (b"3;x\r\nabc\r\n", 1_000_000), "0\r\n\r\n");
    let bytes = start.len() as u64 + 1_000_000 + 5;
    let expected = End::Answered { status: 200, bytes, body_bytes: 300_000, keep_alive: true };
    assert_eq!(end, expected);
    assert!(widest <= MAX_HEAD_BYTES, "{widest}");
}

/// Each is called by its name after a limited number of bytes.
#[test]
fn answers_without_end() {
    let head = "HTTP/1.1 200 OK\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for (start, repeated, name) in [
        (head.to_owned(), b"X: y\r\n".as_slice(), "head longer than 64 KiB"),
        (format!("{head}X: "), b"y", "head longer than 64 KiB"),
        (head.trim_end().to_owned(), b"y", "head longer than 64 KiB"),
        (chunked.clone(), b"f", "malformed chunk size"),
        (format!("{chunked}5;"), b"x", "malformed chunk extension"),
        (format!("{chunked}5"), b" ", "malformed chunk extension"),
        (format!("{chunked}0\r\n"), b"X: y\r\n", "trailers longer than 64 KiB"),
        (format!("{chunked}0\r\nX: "), b"y", "trailers longer than 64 KiB"),
        (format!("{chunked}0\r\n"), b"y", "trailers longer than 64 KiB"),
    ] {
        let (end, widest) = run(&start, (repeated, ENDLESS_BYTES), "");
        assert_eq!(end, failed(&format!("illegal answer: {name}")), "{start}");
        assert!(widest <= MAX_HEAD_BYTES, "{widest}");
    }
}

/// Framing is no content, wherever the pieces are cut.
#[test]
fn content_is_handed_on_without_its_framing() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        4\r\nx: 1\r\n3;q=1\r\n999\r\n0\r\nT: 2\r\n\r\n";
    let plain = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nx: 1999";
    let until_close = "HTTP/1.1 200 OK\r\n\r\nx: 1999";
    for answer in [chunked, plain, until_close] {
        for place in 1..answer.len() {
            let (one, two) = answer.as_bytes().split_at(place);
            let mut connection = Connection::new(Script::answering([one, two]));
            let (request, written, mut heard) =
                (request(false), Cell::new(Progress::Nothing), Heard::default());
            drive(connection.exchange(&request, &written, &mut heard)).unwrap().unwrap();
            assert_eq!(heard.content, b"x: 1999", "cut at {place}");
        }
    }
}
