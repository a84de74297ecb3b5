//! Histories read from whatever they are in.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use super::error::ReadError;
use super::{edn, json_lines};
use crate::history::History;
use crate::models::Model;

/// What a gzip file begins with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How far the start of a file may be from its first brace.
const START_BYTES: u64 = 1024;

/// Reads a history: JSON lines, or EDN as Jepsen writes it, gzipped or not.
///
/// What the operations mean `model` says; otherwise the history's header, or what its operations
/// can only be.
///
/// # Errors
/// When the input cannot be read, or is not a history: with the line, what was found there and
/// what was expected.
pub fn read(mut input: impl Read, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let magic = read_up_to(&mut input, 2).map_err(|error| ReadError::cut(1, error))?;
    let is_packed = magic == GZIP;
    let input = BufReader::new(Cursor::new(magic).chain(input));
    if is_packed {
        return plain(BufReader::new(MultiGzDecoder::new(input)), model);
    }
    plain(input, model)
}

/// The next `count` bytes, or all that there are.
fn read_up_to(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn plain(mut input: impl BufRead, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let mut line = 1;
    let start = start(&mut input, &mut line).map_err(|error| ReadError::cut(line, error))?;
    let second = start.last().copied().filter(|_| start.len() > 1);
    match start.first() {
        None => Err(ReadError::at(1, "the file is empty: expected a history")),
        // An object of JSON; a map of EDN has a keyword where that has a string.
        Some(b'{') if matches!(second, Some(b'"' | b'}') | None) => {
            json_lines::read(Cursor::new(start).chain(input), line, model)
        }
        Some(b'{' | b'[' | b'(' | b'#' | b';' | b',') => {
            edn::read(Cursor::new(start).chain(input), line, model)
        }
        Some(_) => {
            let rest = read_up_to(&mut input, 20).map_err(|error| ReadError::cut(line, error))?;
            let start = [start, rest].concat();
            let found = String::from_utf8_lossy(&start);
            let found = found.lines().next().unwrap_or_default().replace(char::is_control, "");
            Err(ReadError::at(line, format!("`{found}`: expected JSON lines or EDN")))
        }
    }
}

/// Passes over the space that a file begins with, counting lines; takes its first byte and, after a
/// brace, everything up to what follows it.
fn start(input: &mut impl BufRead, line: &mut u64) -> io::Result<Vec<u8>> {
    loop {
        let bytes = match input.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        let space = bytes.len() - bytes.trim_ascii_start().len();
        let is_over = space < bytes.len() || bytes.is_empty();
        *line += memchr::memchr_iter(b'\n', &bytes[..space]).count() as u64;
        input.consume(space);
        if is_over {
            break;
        }
    }
    let mut start = read_up_to(input, 1)?;
    if start == b"{" {
        for _ in 0..START_BYTES {
            start.append(&mut read_up_to(input, 1)?);
            if !start.last().is_some_and(u8::is_ascii_whitespace) {
                break;
            }
        }
    }
    Ok(start)
}
