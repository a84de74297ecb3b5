//! The client against the reference, over answers that nobody thought of.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::agreement::agree;
use super::{illegal, legal};

/// What both make of an answer, in one piece and in others.
fn check(bytes: &[u8], to_head_request: bool, cuts: &[Index]) -> Result<(), TestCaseError> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    agree(bytes, to_head_request, &places).map_err(TestCaseError::fail)
}

/// A list of pieces, some of which make sense in that order.
fn pieces(of: &'static [&'static str], count: usize) -> impl Strategy<Value = String> {
    vec(select(of), 0..count).prop_map(|pieces| pieces.concat())
}

fn chunk() -> impl Strategy<Value = String> {
    let content = "[a-z\r\n]{1,20}";
    let extension = select(&["", "", "", ";a", " ; a=\"b;c\"", ";\u{fc}", " \t"][..]);
    (content, extension, 0_usize..3, any::<bool>()).prop_map(
        |(content, extension, zeros, upper)| {
            let zeros = "0".repeat(zeros);
            let size = content.len();
            let size = if upper { format!("{size:X}") } else { format!("{size:x}") };
            format!("{zeros}{size}{extension}\r\n{content}\r\n")
        },
    )
}

/// A legal chunked body.
fn chunked() -> impl Strategy<Value = String> {
    let last = select(&["0\r\n", "00;x\r\n", "0 \r\n"][..]);
    let trailers = vec(select(&["a: b\r\n", "a:\r\n", "Content-Length: 7\r\n"][..]), 0..3);
    (vec(chunk(), 0..5), last, trailers).prop_map(|(chunks, last, trailers)| {
        format!("{}{last}{}\r\n", chunks.concat(), trailers.concat())
    })
}

const FIELDS: &[&str] = &[
    "Content-Length: 5\r\n",
    "content-length: 5, 05\r\n",
    "Content-Length: 0\r\n",
    "Content-Length:\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding: gzip\r\n",
    "Transfer-Encoding: gzip, Chunked ,\r\n",
    "Transfer-Encoding: chunked;x\r\n",
    "Transfer-Encoding:\r\n",
    "Connection: close\r\n",
    "Connection: x, Keep-Alive\r\n",
    "X: y\r\n",
    "X:\t\u{fc} \n",
    "X: y\r\n z\r\n",
    "Content-Length:\r\n 5\r\n",
    "Content-Length: 5\r\n\t5\r\n",
    "Transfer-Encoding: gzip,\n chunked\r\n",
    " Connection: close\r\n",
    "X y\r\n",
];

const LINES: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 304 \r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 103 ?\r\nContent-Length: 5\r\n\r\nHTTP/1.0 500 Oh\r\n",
    "HTTP/1.1 100 Continue\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 099 Low\r\n",
    "HTTP/1.2 200 OK\r\n",
];

const FRAMING: &[&str] = &[
    "0",
    "1",
    "5",
    "a",
    "F",
    "00",
    "ffffffffffffffff",
    "10000000000000000",
    ";",
    "x",
    "=",
    "\"",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\r\n",
    "\r\n",
    "\r\n\r\n",
    "hello",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "X: y\r\n",
    ":",
    "\0",
];

/// An answer of any framing, legal or not.
fn any_answer() -> impl Strategy<Value = Vec<u8>> {
    let body = prop_oneof![
        3 => chunked(),
        2 => pieces(FRAMING, 12),
        1 => Just("hello".to_owned()),
        1 => Just(String::new()),
    ];
    (select(LINES), pieces(FIELDS, 4), body)
        .prop_map(|(line, fields, body)| format!("{line}{fields}\r\n{body}").into_bytes())
}

/// A chunked answer.
fn chunked_answer() -> impl Strategy<Value = Vec<u8>> {
    let body = prop_oneof![
        chunked(),
        (chunked(), pieces(FRAMING, 12)).prop_map(|(a, b)| a + &b),
        pieces(FRAMING, 20)
    ];
    body.prop_map(|body| {
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}").into_bytes()
    })
}

/// A change of one byte.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Swap(Index),
    Truncate(Index),
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let len = bytes.len();
        match self {
            Self::Set(at, byte) => bytes[at.index(len)] = *byte,
            Self::Insert(at, byte) => bytes.insert(at.index(len), *byte),
            Self::Remove(at) => drop(bytes.remove(at.index(len))),
            Self::Swap(at) => bytes.swap(at.index(len), (at.index(len) + 1) % len),
            Self::Truncate(at) => bytes.truncate(at.index(len)),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let byte = || prop_oneof![select(&b"\r\n\t ;:,\"0159afAFgxHT/.\0\x7f\xff"[..]), any::<u8>()];
    prop_oneof![
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        any::<Index>().prop_map(Change::Remove),
        any::<Index>().prop_map(Change::Swap),
        any::<Index>().prop_map(Change::Truncate),
    ]
}

/// An answer with up to two changes.
fn changed(answers: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (answers, vec(change(), 0..3)).prop_map(|(mut bytes, changes)| {
        for change in changes {
            change.make(&mut bytes);
        }
        bytes
    })
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..6)
}

const CASES: u32 = 3000;

#[test]
fn answers_of_any_framing() {
    let input = (changed(any_answer()), any::<bool>(), cuts());
    proptest!(ProptestConfig::with_cases(CASES), |((bytes, to_head_request, cuts) in input)| {
        check(&bytes, to_head_request, &cuts)?;
    });
}

#[test]
fn chunked_bodies() {
    let input = (changed(chunked_answer()), cuts());
    proptest!(ProptestConfig::with_cases(CASES), |((bytes, cuts) in input)| {
        check(&bytes, false, &cuts)?;
    });
}

/// Those of the tables that no limit makes illegal, and what becomes of them.
#[test]
fn answers_of_the_tables() {
    let legal = legal::answers().into_iter().map(|legal| (legal.bytes, legal.to_head_request));
    let illegal = illegal::answers().into_iter().map(|illegal| (illegal.bytes, false));
    let mut short: Vec<_> = legal.chain(illegal).collect();
    short.retain(|(bytes, _)| bytes.len() < 1000);
    for (bytes, to_head_request) in &short {
        check(bytes, *to_head_request, &[]).unwrap();
    }
    let to_get = short.iter().filter(|(_, to_head_request)| !to_head_request);
    let to_get: Vec<_> = to_get.map(|(bytes, _)| bytes.clone()).collect();
    let input = (changed(select(to_get)), cuts());
    proptest!(ProptestConfig::with_cases(CASES), |((bytes, cuts) in input)| {
        check(&bytes, false, &cuts)?;
    });
}

#[test]
fn any_bytes_at_all() {
    let input = (vec(any::<u8>(), 0..100), any::<bool>(), cuts());
    proptest!(ProptestConfig::with_cases(CASES), |((bytes, after_head, cuts) in input)| {
        let head: &[u8] = if after_head {
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        } else {
            b""
        };
        check(&[head, &bytes].concat(), false, &cuts)?;
    });
}
