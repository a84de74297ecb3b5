//! Answers that are illegal, and what they are called.

use super::super::head::MAX_HEAD_BYTES;
use super::script::padded;

/// An answer, after which the connection is closed, and the name of what is wrong.
pub(super) struct Illegal {
    pub(super) bytes: Vec<u8>,
    pub(super) name: &'static str,
}

fn illegal(bytes: impl Into<Vec<u8>>, name: &'static str) -> Illegal {
    Illegal { bytes: bytes.into(), name }
}

/// An answer to GET with these fields and a body of five bytes.
fn fields(fields: &str, name: &'static str) -> Illegal {
    illegal(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\nhello"), name)
}

/// A chunked answer.
fn chunked(body: &str, name: &'static str) -> Illegal {
    illegal(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"), name)
}

/// Every answer, each illegal at a place of its own.
pub(super) fn answers() -> Vec<Illegal> {
    [status_lines(), headers(), framings(), sizes(), extensions(), trailers()]
        .into_iter()
        .flatten()
        .collect()
}

fn status_lines() -> Vec<Illegal> {
    let version = "illegal answer: invalid HTTP version in the head";
    let status = "illegal answer: invalid response status in the head";
    let tls = "illegal answer: a TLS record (expected https://) in the head";
    let cases = [
        ("\x15\x03\x01\x00\x02\x02\x50", tls),
        ("garbage", version),
        ("220 smtp.example ESMTP\r\n", version),
        ("hello", version),
        ("http/1.1 200 OK\r\n\r\n", version),
        ("HTTP/2.0 200 OK\r\n\r\n", version),
        ("HTTP/1.2 200 OK\r\n\r\n", version),
        ("HTTP/1.10 200 OK\r\n\r\n", version),
        ("HTTP/1.1\t200 OK\r\n\r\n", version),
        (" HTTP/1.1 200 OK\r\n\r\n", version),
        ("\r\nHTTP/1.1 204 No Content\r\n\r\n", version),
        ("\nHTTP/1.1 204 No Content\r\n\r\n", version),
        ("HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", version),
        ("HTTP/1.1  200 OK\r\n\r\n", status),
        ("HTTP/1.1 20 OK\r\n\r\n", status),
        ("HTTP/1.1 2000 OK\r\n\r\n", status),
        ("HTTP/1.1 -20 OK\r\n\r\n", status),
        ("HTTP/1.1 2x0 OK\r\n\r\n", status),
        ("HTTP/1.1 200\tOK\r\n\r\n", status),
        ("HTTP/1.1 200 O\0K\r\n\r\n", status),
        ("HTTP/1.1 200 OK\rX: y\r\n\r\n", status),
        ("HTTP/1.1 200\rX: y\r\n\r\n", status),
        ("HTTP/1.1 099 Low\r\n\r\n", "illegal answer: status 99"),
        ("HTTP/1.1 000 None\r\n\r\n", "illegal answer: status 0"),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "illegal answer: status 101"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 ?\r\n\r\n", "illegal answer: status 101"),
    ];
    cases.map(|(bytes, name)| illegal(bytes, name)).into()
}

fn headers() -> Vec<Illegal> {
    let name = "illegal answer: invalid header name in the head";
    let value = "illegal answer: invalid header value in the head";
    let too_long = "illegal answer: head longer than 64 KiB";
    let one_too_many = padded("HTTP/1.1 204 No Content\r\nx: ", MAX_HEAD_BYTES - 3);
    let unending = padded("HTTP/1.1 200 OK\r\nx: ", MAX_HEAD_BYTES + 9000);
    let after_interim = format!("HTTP/1.1 100 Continue\r\n\r\n{unending}");
    // Illegal in a line that is longer than a head may be.
    let unending_illegal = unending.replacen("x: ", "x: \0", 1);
    vec![
        fields(": nameless", name),
        fields("no colon", name),
        fields("NoColon", name),
        fields("Space : before colon", name),
        fields("Uml\u{e4}ut: x", name),
        fields(" X: space before the first", name),
        fields("X: folded\r\nover two lines\r\nContent-Length: 5", name),
        fields("X: folded\r\n \0\r\nContent-Length: 5", value),
        fields("X: folded\r\n a\rb\r\nContent-Length: 5", value),
        fields("X: \0", value),
        fields("X: a\0b", value),
        fields("X: \x7f", value),
        fields("X: \x1b[31m", value),
        fields("X: a\rContent-Length: 5", value),
        illegal(
            "HTTP/1.1 200 OK\r\n\rX: y\r\n\r\n",
            "illegal answer: invalid new line in the head",
        ),
        illegal(format!("{one_too_many}\r\n\r\n"), too_long),
        illegal(unending, too_long),
        illegal(after_interim, too_long),
        illegal(unending_illegal, value),
        illegal(format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(12_000)), too_long),
    ]
}

fn framings() -> Vec<Illegal> {
    let malformed = "illegal answer: malformed content-length";
    let differ = "illegal answer: contradictory content-lengths";
    let both = "illegal answer: content-length together with transfer-encoding";
    let misused = "illegal answer: misused chunked coding";
    let surplus = "illegal answer: bytes after the answer";
    let old = "illegal answer: transfer-encoding in HTTP/1.0";
    vec![
        fields("Content-Length:", malformed),
        fields("Content-Length: x", malformed),
        fields("Content-Length: -5", malformed),
        fields("Content-Length: +5", malformed),
        fields("Content-Length: 5.0", malformed),
        fields("Content-Length: 0x5", malformed),
        fields("Content-Length: 5 5", malformed),
        fields("Content-Length: 5;5", malformed),
        fields("Content-Length: 5,", malformed),
        fields("Content-Length: \u{665}", malformed),
        fields("Content-Length: 18446744073709551616", malformed),
        fields("Content-Length: 99999999999999999999999999999999999999999", malformed),
        fields("Content-Length: 5\r\n 5", malformed),
        fields("Content-Length: 5\r\n\tX: y", malformed),
        fields("Content-Length: 1\r\n , 5", differ),
        fields("Content-Length: 5, 6", differ),
        fields("Content-Length: 5\r\nContent-Length: 6", differ),
        fields("Content-Length: 5\r\nX: y\r\ncontent-length: 5, 05, 50", differ),
        fields("Content-Length: 5\r\nTransfer-Encoding: chunked", both),
        fields("Transfer-Encoding: gzip\r\nContent-Length: 5", both),
        fields("Transfer-Encoding:\r\nContent-Length: 5", both),
        fields("Transfer-Encoding: chunked, chunked", misused),
        fields("Transfer-Encoding: chunked, gzip, Chunked", misused),
        fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", misused),
        fields("Transfer-Encoding: chunked;q=1", misused),
        fields("Transfer-Encoding: chunked ; q=1, gzip", misused),
        fields("Transfer-Encoding: chunked\r\n ;q=1", misused),
        fields("Transfer-Encoding: chunked,\r\n chunked", misused),
        fields("Content-Length: 5\r\nTransfer-Encoding:\r\n chunked", both),
        illegal("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", old),
        illegal("HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", old),
        fields("Content-Length: 4", surplus),
        fields("Content-Length: 0", surplus),
        illegal("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", surplus),
        illegal("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", surplus),
        illegal("HTTP/1.1 204 No Content\r\n\r\n\r\n", surplus),
        illegal("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", surplus),
        chunked("5\r\nhello\r\n0\r\n\r\n\n", surplus),
        chunked("0\r\nX: y\r\n\r\nX: y\r\n\r\n", surplus),
    ]
}

fn sizes() -> Vec<Illegal> {
    let size = "illegal answer: malformed chunk size";
    let end = "illegal answer: chunk longer than its size";
    let cases = [
        ("\r\n5\r\nhello\r\n0\r\n\r\n", size),
        (" 5\r\nhello\r\n0\r\n\r\n", size),
        ("-5\r\nhello\r\n0\r\n\r\n", size),
        ("+5\r\nhello\r\n0\r\n\r\n", size),
        ("0x5\r\nhello\r\n0\r\n\r\n", size),
        ("g\r\nhello\r\n0\r\n\r\n", size),
        ("5_0\r\nhello\r\n0\r\n\r\n", size),
        (";x\r\nhello\r\n0\r\n\r\n", size),
        ("5,\r\nhello\r\n0\r\n\r\n", size),
        ("5\0\r\nhello\r\n0\r\n\r\n", size),
        ("5\nhello\r\n0\r\n\r\n", size),
        ("10000000000000000\r\nhello\r\n0\r\n\r\n", size),
        ("fffffffffffffffff\r\nhello\r\n0\r\n\r\n", size),
        ("5\r\nhello\r\n0\n\r\n", size),
        ("5\r\nhello\r\n\r\n", size),
        ("4\r\nhello\r\n0\r\n\r\n", end),
        ("5\r\nhello0\r\n\r\n", end),
        ("5\r\nhello\n0\r\n\r\n", end),
        ("5\r\nhello\r0\r\n\r\n", end),
        ("5\r\nhello\r\r\n0\r\n\r\n", end),
    ];
    cases.map(|(body, name)| chunked(body, name)).into()
}

fn extensions() -> Vec<Illegal> {
    let extension = "illegal answer: malformed chunk extension";
    let too_long = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(16 * 1024 + 1));
    let all_space = format!("5{}\r\nhello\r\n0\r\n\r\n", " ".repeat(16 * 1024 + 2));
    let cases = [
        ("5;x\nhello\r\n0\r\n\r\n", extension),
        ("5 \nhello\r\n0\r\n\r\n", extension),
        ("5\rhello\r\n0\r\n\r\n", extension),
        ("5\r\r\nhello\r\n0\r\n\r\n", extension),
        ("5;x\ry\r\nhello\r\n0\r\n\r\n", extension),
        ("5 5\r\nhello\r\n0\r\n\r\n", extension),
        ("5 x=y\r\nhello\r\n0\r\n\r\n", extension),
        ("5;\0\r\nhello\r\n0\r\n\r\n", extension),
        ("5;x=\"\x07\"\r\nhello\r\n0\r\n\r\n", extension),
        (&too_long, extension),
        (&all_space, extension),
    ];
    cases.map(|(body, name)| chunked(body, name)).into()
}

fn trailers() -> Vec<Illegal> {
    let malformed = "illegal answer: malformed trailer";
    let too_long = "illegal answer: trailers longer than 64 KiB";
    let one_too_many = padded("0\r\nx:", "0\r\n".len() + 64 * 1024 - 3) + "\r\n\r\n";
    let many = format!("0\r\n{}\r\n", "X: y\r\n".repeat(11_000));
    let cases = [
        ("0\r\nno colon\r\n\r\n", malformed),
        ("0\r\nNoColon\r\n\r\n", malformed),
        ("0\r\n: nameless\r\n\r\n", malformed),
        ("0\r\nX : y\r\n\r\n", malformed),
        ("0\r\n X: y\r\n\r\n", malformed),
        ("0\r\nX: y\r\n folded\r\n\r\n", malformed),
        ("0\r\nX\u{e4}: y\r\n\r\n", malformed),
        ("0\r\nX(: y\r\n\r\n", malformed),
        ("0\r\nX: \0\r\n\r\n", malformed),
        ("0\r\nX: \x7f\r\n\r\n", malformed),
        ("0\r\nX: y\n\r\n", malformed),
        ("0\r\nX: y\rZ: y\r\n\r\n", malformed),
        ("0\r\nX: y\r\n\r\r\n", malformed),
        ("0\r\n\n", malformed),
        (&one_too_many, too_long),
        (&many, too_long),
    ];
    cases.map(|(body, name)| chunked(body, name)).into()
}
