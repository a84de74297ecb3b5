//! Answers in HTTP/1.1.

use crate::wire::http1::tests::agreement::{agree, cut_alike};

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// How long an answer is made whose end is repeated: more than any limit.
const LONG_BYTES: usize = 200_000;
/// How much of its end is repeated at most.
const REPEATED_BYTES: usize = 64;

/// Reads `bytes` as an answer: the client makes of it what a slow reference does, also of its content,
/// the same whole and in pieces, and in bounded memory.
///
/// Up to the first line's end, bytes say how: `H` that the request is HEAD, `C` that a chunked head
/// comes first, `R` that the end is repeated until it is longer than anything may be; any other is
/// the size of a piece. What follows is the answer.
///
/// # Panics
/// When any of that does not hold.
pub fn response(bytes: &[u8]) {
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (how, answer) = bytes.split_at(line);
    let answer = answer.strip_prefix(b"\n").unwrap_or(answer);
    let says = |letter: u8| how.contains(&letter);
    let mut answer = [if says(b'C') { CHUNKED } else { b"" }, answer].concat();
    let is_long = says(b'R') && !answer.is_empty();
    if is_long {
        let end = answer[answer.len().saturating_sub(REPEATED_BYTES)..].to_vec();
        let times = (LONG_BYTES - answer.len().min(LONG_BYTES)) / end.len() + 1;
        answer.extend(end.repeat(times));
    }
    // A head is parsed again with each piece that ends a line: long ones come in large pieces.
    let unit = if is_long { 1024 } else { 1 };
    let sizes = how.iter().filter(|byte| !b"HCR".contains(byte));
    let sizes = sizes.map(|byte| unit * (1 + usize::from(byte % 64)));
    let ends = sizes.scan(0, |end, size| {
        *end += size;
        Some(*end)
    });
    let places: Vec<_> = ends.take_while(|end| *end < answer.len()).collect();
    let compared = if is_long {
        cut_alike(&answer, says(b'H'), &places).map(drop)
    } else {
        agree(&answer, says(b'H'), &places)
    };
    compared.unwrap_or_else(|difference| panic!("{difference}"));
}
