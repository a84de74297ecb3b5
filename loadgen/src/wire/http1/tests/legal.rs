//! Answers that are legal, or that every client takes.

use super::super::head::MAX_HEAD_BYTES;
use super::script::{End, padded};

/// An answer, and what it is taken for.
pub(super) struct Legal {
    pub(super) bytes: Vec<u8>,
    pub(super) to_head_request: bool,
    pub(super) end: End,
    /// Where its head ends, if its body ends with the connection.
    pub(super) close_delimited_from: Option<usize>,
}

const KEPT: bool = true;
const CLOSED: bool = false;

/// An answer to GET whose body ends before the connection does.
fn get(bytes: impl Into<Vec<u8>>, status: u16, body_bytes: u64, keep_alive: bool) -> Legal {
    let bytes = bytes.into();
    let end = End::Answered { status, bytes: bytes.len() as u64, body_bytes, keep_alive };
    Legal { bytes, to_head_request: false, end, close_delimited_from: None }
}

/// An answer of 200 to GET that has all of `body` for its content.
fn ok(fields: &str, body: &str) -> Legal {
    get(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n{body}"), 200, body.len() as u64, KEPT)
}

/// An answer to HEAD.
fn head(bytes: &str, status: u16, keep_alive: bool) -> Legal {
    Legal { to_head_request: true, ..get(bytes, status, 0, keep_alive) }
}

/// An answer to GET whose body ends with the connection.
fn until_close(head: &str, body: &str) -> Legal {
    let legal = get(format!("{head}{body}"), 200, body.len() as u64, CLOSED);
    Legal { close_delimited_from: Some(head.len()), ..legal }
}

/// A chunked answer.
fn chunked(body: impl AsRef<str>, body_bytes: u64) -> Legal {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    get(format!("{head}{}", body.as_ref()), 200, body_bytes, KEPT)
}

/// Every answer.
pub(super) fn answers() -> Vec<Legal> {
    let framed = [lengths(), heads(), folds(), connections(), closings(), bodiless(), interims()];
    framed.into_iter().chain([chunks(), trailers()]).flatten().collect()
}

/// Bodies of a length.
fn lengths() -> Vec<Legal> {
    let long = "\n".repeat(100_000);
    vec![
        ok("Content-Length: 5", "hello"),
        ok("Content-Length: 0", ""),
        ok("content-length:5", "hello"),
        ok("CONTENT-LENGTH: \t 5 \t", "hello"),
        ok("Content-Length: 000000000000000000000005", "hello"),
        ok("Content-Length: 5, 5", "hello"),
        ok("Content-Length: 5,05\t,5", "hello"),
        ok("Content-Length: 5\r\nContent-Length: 5", "hello"),
        ok("Content-Length: 4", "\r\n\r\n"),
        ok("Content-Range: bytes 0-4/9\r\nContent-Length: 4", "\0\u{fc}\r"),
        ok("X-Content-Length: 7\r\nContent-Lengths: 8\r\nContent-Length: 1", "x"),
        ok("Content-Length: 100000", &long),
        get("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, 0, KEPT),
        get("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello", 404, 5, KEPT),
        get("HTTP/1.1 299 ?\r\nContent-Length: 0\r\n\r\n", 299, 0, KEPT),
        get("HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n", 999, 0, KEPT),
    ]
}

/// Odd status lines and fields.
fn heads() -> Vec<Legal> {
    let many = "X-Many: of them\r\n".repeat(200);
    // The most fields that fit, line ends being as short as they can.
    let most = "a:\n".repeat((MAX_HEAD_BYTES - "HTTP/1.1 204\r\n\r\n".len()) / 3);
    let longest = padded("HTTP/1.1 204 No Content\r\nx: ", MAX_HEAD_BYTES - 4);
    vec![
        get("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", 200, 1, KEPT),
        get("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", 200, 1, KEPT),
        get("HTTP/1.1 200 Gr\u{fc}\u{df}e\tan alle  \r\nContent-Length: 1\r\n\r\nx", 200, 1, KEPT),
        // A recipient may take a single line feed for a line's end.
        get("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", 200, 1, KEPT),
        get("HTTP/1.1 200\nContent-Length: 1\n\r\nx", 200, 1, KEPT),
        ok("!#$%&'*+-.^_`|~09azAZ: odd name\r\nContent-Length: 0", ""),
        ok("Empty:\r\nBlank: \t \r\nContent-Length: 0", ""),
        ok("Odd: \"a\\\"b\", c:d\tf \u{fc} ,,\r\nContent-Length: 0", ""),
        ok(&format!("{many}Content-Length: 1\r\n{many}X: y"), "x"),
        get(format!("HTTP/1.1 204\r\n{most}\r\n"), 204, 0, KEPT),
        get(format!("{longest}\r\n\r\n"), 204, 0, KEPT),
    ]
}

/// Fields that go on in the next line.
fn folds() -> Vec<Legal> {
    let coding = |fields: &str| {
        get(format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n1\r\nx\r\n0\r\n\r\n"), 200, 1, KEPT)
    };
    vec![
        ok("X: folded\r\n over two lines\r\nContent-Length: 5", "hello"),
        ok("X: folded\r\n\tover\r\n \t three lines\r\nContent-Length: 5", "hello"),
        ok("X:\r\n begun later\r\nContent-Length: 5", "hello"),
        ok("X: \r\n \r\n \r\nContent-Length: 5", "hello"),
        ok("Content-Length: 5\r\nX: the last\r\n goes on", "hello"),
        // A line that looks like a field is none.
        ok("X: y\r\n Content-Length: 7\r\nContent-Length: 5", "hello"),
        get("HTTP/1.1 200 OK\nX: y\n z\nContent-Length: 1\n\nx", 200, 1, KEPT),
        // The value is what is left with spaces for the fold, here as anywhere.
        ok("Content-Length:\r\n 5", "hello"),
        ok("Content-Length: 5\r\n ", "hello"),
        ok("Content-Length: 5,\r\n\t5", "hello"),
        coding("Transfer-Encoding:\r\n chunked"),
        coding("Transfer-Encoding: gzip,\r\n chunked"),
        get("HTTP/1.1 204 No Content\r\nConnection: x,\r\n close\r\n\r\n", 204, 0, CLOSED),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chun\r\n ked\r\n\r\n", "0\r\n\r\n"),
    ]
}

/// Whether the connection can be used again.
fn connections() -> Vec<Legal> {
    let with = |version: &str, field: &str, keep_alive| {
        let bytes = format!("HTTP/{version} 200 OK\r\n{field}\r\nContent-Length: 1\r\n\r\nx");
        get(bytes, 200, 1, keep_alive)
    };
    vec![
        with("1.1", "Connection: close", CLOSED),
        with("1.1", "connection: CLOSE", CLOSED),
        with("1.1", "Connection: close, x", CLOSED),
        with("1.1", "Connection: ,x , ,close\t,", CLOSED),
        with("1.1", "Connection: x\r\nConnection: close", CLOSED),
        with("1.1", "Connection: keep-alive, close", CLOSED),
        with("1.1", "Connection: keep-alive", KEPT),
        with("1.1", "Connection: closed", KEPT),
        with("1.1", "X-Connection: close\r\nClose: close", KEPT),
        with("1.0", "X: y", CLOSED),
        with("1.0", "Connection: Keep-Alive", KEPT),
        with("1.0", "Connection: x, keep-alive", KEPT),
        with("1.0", "Connection: keep-alive, close", CLOSED),
    ]
}

/// Bodies that end with the connection.
fn closings() -> Vec<Legal> {
    vec![
        until_close("HTTP/1.1 200 OK\r\n\r\n", "hello"),
        until_close("HTTP/1.1 200 OK\r\n\r\n", ""),
        until_close("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", "hello"),
        until_close("HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"),
        until_close("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", "hello"),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "0\r\n\r\n"),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "0\r\n\r\n"),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunke\r\n\r\n", "0\r\n\r\n"),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip;q=chunked\r\n\r\n", "0\r\n\r\n"),
        until_close("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", "0\r\n\r\n"),
        until_close("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "hello"),
    ]
}

/// Answers that have no body whatever their head says.
fn bodiless() -> Vec<Legal> {
    vec![
        get("HTTP/1.1 204 No Content\r\n\r\n", 204, 0, KEPT),
        get("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, 0, KEPT),
        get("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 204, 0, KEPT),
        get("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 204, 0, CLOSED),
        get("HTTP/1.0 204 No Content\r\n\r\n", 204, 0, CLOSED),
        get("HTTP/1.1 304 Not Modified\r\nContent-Length: 12345\r\n\r\n", 304, 0, KEPT),
        get("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: gzip\r\n\r\n", 304, 0, KEPT),
        head("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", 200, KEPT),
        head("HTTP/1.1 200 OK\r\n\r\n", 200, KEPT),
        head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, KEPT),
        head(
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 1\r\n\r\n",
            404,
            CLOSED,
        ),
        head(
            "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
            200,
            KEPT,
        ),
    ]
}

/// Interim answers before the final one.
fn interims() -> Vec<Legal> {
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let long_hint = format!("HTTP/1.1 199 Hint\r\nx: {}\r\n\r\n", "y".repeat(65_000));
    let cases = [
        format!("HTTP/1.1 100 Continue\r\n\r\n{last}"),
        format!("HTTP/1.1 100\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n{hint}{hint}{last}"),
        // What they say of a body or of the connection means nothing.
        format!("HTTP/1.1 102 ?\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{last}"),
        format!("HTTP/1.1 102 ?\r\nTransfer-Encoding: chunked\r\n\r\n{last}"),
        format!("HTTP/1.0 100 Continue\r\n\r\n{last}"),
        // More than a head may be long, in all or one after the other.
        format!("{}{last}", hint.repeat(3000)),
        format!("{long_hint}{long_hint}{last}"),
    ];
    cases.map(|bytes| get(bytes, 200, 1, KEPT)).into()
}

fn chunks() -> Vec<Legal> {
    let coded = |fields: &str, keep_alive| {
        let bytes = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        get(bytes, 200, 5, keep_alive)
    };
    let chunk = |size: usize| format!("{size:x}\r\n{}\r\n", "\r".repeat(size));
    let many = (1..300).map(chunk).collect::<Vec<_>>().concat();
    vec![
        chunked("5\r\nhello\r\n0\r\n\r\n", 5),
        chunked("0\r\n\r\n", 0),
        chunked("1\r\n\n\r\n4\r\n\r\n\r\n\r\n0000\r\n\r\n", 5),
        chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", 20),
        chunked("000000000000000000000A\r\n0123456789\r\n0\r\n\r\n", 10),
        chunked(format!("1F\r\n{}\r\n0\r\n\r\n", "x".repeat(31)), 31),
        chunked(format!("{many}0\r\n\r\n"), 299 * 300 / 2),
        // Extensions.
        chunked("5;name\r\nhello\r\n0;last\r\n\r\n", 5),
        chunked("5;name=value;other=\"quoted; \\\"\u{fc}\\\" \t=\"\r\nhello\r\n0\r\n\r\n", 5),
        chunked("5 \t; \tname\t = value\r\nhello\r\n0 ;x\r\n\r\n", 5),
        chunked(format!("1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(16 * 1024)), 1),
        chunked(format!("1;{0}\r\nx\r\n1;{0}\r\nx\r\n0\r\n\r\n", "x".repeat(9 * 1024)), 2),
        // Not in the grammar, but old servers pad their sizes.
        chunked("5   \r\nhello\r\n0  \r\n\r\n", 5),
        // The coding's name, alone or after another one.
        coded("transfer-encoding:CHUNKED", KEPT),
        coded("Transfer-Encoding: gzip, chunked", KEPT),
        coded("Transfer-Encoding: ,\t, gzip;q=\"1\" ,chunked, ,", KEPT),
        coded("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding:", KEPT),
        coded("Transfer-Encoding: chunked\r\nConnection: close", CLOSED),
    ]
}

fn trailers() -> Vec<Legal> {
    let field = "X-Checksum: 0123456789abcdef\r\n";
    // With the empty line, the longest there may be.
    let longest = padded("x:", 64 * 1024 - 4);
    vec![
        chunked("5\r\nhello\r\n0\r\nX:y\r\n\r\n", 5),
        chunked("0\r\nX:\r\n!#$%&'*+-.^_`|~09azAZ: \t a\tb \u{fc}::\r\n\r\n", 0),
        // They come too late to say anything of the body.
        chunked(
            "0\r\nContent-Length: 7\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n",
            0,
        ),
        chunked(format!("0\r\n{}\r\n", field.repeat(2000)), 0),
        chunked(format!("0\r\n{longest}\r\n\r\n"), 0),
    ]
}
