//! What is shown of an answer that is illegal.

use std::cell::Cell;

use super::super::Connection;
use super::script::{Read, Script, drive, request};
use crate::wire::{Failure, Listener, Progress};

/// Keeps what is illegal.
#[derive(Default)]
struct Shown(Vec<u8>);

impl Listener for Shown {
    fn head(&mut self, _: u16, _: &[u8]) {}

    fn content(&mut self, _: &[u8]) {}

    fn illegal(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// The failure of an exchange that is answered so, and what was shown of that.
fn shown(reads: impl IntoIterator<Item = Read>) -> (String, String) {
    let mut connection = Connection::new(Script::new(reads, []));
    let (progress, mut shown) = (Cell::new(Progress::Nothing), Shown::default());
    let request = request(false);
    let result = drive(connection.exchange(&request, &progress, &mut shown));
    let failure: Failure = result.unwrap().unwrap_err();
    (failure.to_string(), String::from_utf8(shown.0).unwrap())
}

#[test]
fn what_is_illegal_is_shown_from_where_it_is() {
    let bytes = |text: &str| Read::Bytes(text.as_bytes().to_vec());
    let sent = || Read::AfterWritten(1);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (reads, name, expected) in [
        (vec![sent(), bytes("hello\r\n")], "invalid HTTP version in the head", "hello\r\n"),
        // An interim head is none of it.
        (
            vec![sent(), bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 099 x\r\n\r\n")],
            "status 99",
            "HTTP/1.1 099 x\r\n\r\n",
        ),
        (vec![sent(), bytes(chunked), bytes("xyz\r\n")], "malformed chunk size", "xyz\r\n"),
        (vec![sent(), bytes(&format!("{whole}more"))], "bytes after the answer", "more"),
        (vec![bytes("early")], "bytes before the request", "early"),
    ] {
        assert_eq!(shown(reads), (format!("illegal answer: {name}"), expected.to_owned()));
    }
    // A connection that fails says nothing.
    assert_eq!(shown([sent(), bytes("HTTP/1.1 200")]).1, "");
}
