//! Histories read from whatever they are in.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use super::cursor;
use super::error::ReadError;
use super::events::{self, Syntax};
use super::json_lines;
use super::lines::{BLOCK_BYTES, MAX_BYTES};
use super::start::{Given, Start};
use crate::history::History;
use crate::models::Model;

/// What a gzip file begins with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What some tools begin UTF-8 with, which is no part of the text.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// How far the start of a file may be from what follows its first brace.
const START_BYTES: u64 = 1024;

/// What those who read a history know of it.
#[derive(Debug, Clone)]
pub struct Reader {
    /// What the operations mean; otherwise the history's header says it, or what its operations can
    /// only be.
    pub model: Option<Model>,
    /// What all objects were at first, whatever the history says.
    pub initial: Option<Given>,
    /// How much memory its operations, lists and keys may need, in bytes, a long line and what it is
    /// parsed to among them. Buffers of some megabytes come in addition.
    pub memory_bytes: usize,
}

/// A history that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What its operations mean.
    pub model: Model,
    /// Its operations.
    pub history: History,
    /// Of each object how it is known what it was at first. Empty where nothing is assumed, as the
    /// history is one of ours.
    pub starts: Vec<Start>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { model: None, initial: None, memory_bytes: usize::MAX }
    }
}

impl Reader {
    /// Reads a history: JSON lines of ours, or events as Jepsen writes them, in EDN or JSON; gzipped
    /// or not.
    ///
    /// # Errors
    /// When the input cannot be read, needs too much memory or is not a history: with the line, what
    /// was found there and what was expected.
    pub fn read(&self, mut input: impl Read) -> Result<Recorded, ReadError> {
        let magic = read_up_to(&mut input, 2).map_err(|error| ReadError::cut(1, error))?;
        let is_packed = magic == GZIP;
        let input = BufReader::new(Cursor::new(magic).chain(input));
        if is_packed {
            return plain(BufReader::new(MultiGzDecoder::new(input)), self);
        }
        plain(input, self)
    }
}

/// Reads a history, in as much memory as it needs; what its operations mean `model` says, or as a
/// [`Reader`] finds out.
///
/// # Errors
/// As for [`Reader::read`].
pub fn read(input: impl Read, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let Recorded { model, history, .. } = Reader { model, ..Reader::default() }.read(input)?;
    Ok((model, history))
}

/// The next `count` bytes, or all that there are.
fn read_up_to(input: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn plain(mut input: impl BufRead, reader: &Reader) -> Result<Recorded, ReadError> {
    let mut line = 1;
    let cut = |line, error| ReadError::cut(line, error);
    let start = start(&mut input, &mut line).map_err(|error| cut(line, error))?;
    let tokens: Vec<u8> = start.iter().copied().filter(|byte| !is_space(*byte)).collect();
    match tokens.as_slice() {
        [] => Err(ReadError::at(1, "the file is empty: expected a history")),
        // An object of JSON; a map of EDN has a keyword where that has a string.
        [b'{'] | [b'{', b'"' | b'}', ..] => {
            let mut first = start;
            // One that is too long is left to the reader of lines, which says so.
            let longest = reader.memory_bytes.clamp(BLOCK_BYTES, MAX_BYTES) as u64;
            let mut rest = (&mut input).take(longest + 1);
            rest.read_until(b'\n', &mut first).map_err(|error| cut(line, error))?;
            let is_event = is_event(&first);
            let input = Cursor::new(first).chain(input);
            if is_event {
                return events::read(input, line, Syntax::Json, reader);
            }
            json_lines::read(input, line, reader)
        }
        [b'[', b'{', b'"', ..] => {
            events::read(Cursor::new(start).chain(input), line, Syntax::Json, reader)
        }
        [b'{' | b'[' | b'(' | b'#' | b';' | b',', ..] => {
            events::read(Cursor::new(start).chain(input), line, Syntax::Edn, reader)
        }
        _ => {
            let rest = read_up_to(&mut input, 20).map_err(|error| cut(line, error))?;
            let start = [start, rest].concat();
            let found = String::from_utf8_lossy(&start);
            let found = found.lines().next().unwrap_or_default().replace(char::is_control, "");
            let expected = "expected JSON lines, or events in EDN or JSON";
            Err(ReadError::at(line, format!("`{found}`: {expected}")))
        }
    }
}

/// Whether a first line is an event of Jepsen rather than a header of ours.
fn is_event(line: &[u8]) -> bool {
    let (mut has_process, mut has_type, mut has_schema) = (false, false, false);
    let mut read = || {
        let mut cursor = cursor::Cursor::new(line.trim_ascii_end())?;
        cursor.object(|name, cursor| {
            has_process |= name == "process";
            has_type |= name == "type";
            has_schema |= name == "schema";
            cursor.pass_over()
        })?;
        cursor.end()
    };
    read().is_ok() && has_process && has_type && !has_schema
}

/// Passes over the mark and the space that a file begins with, counting lines; takes its first
/// byte and, after a bracket or brace, everything up to what follows these.
fn start(input: &mut impl BufRead, line: &mut u64) -> io::Result<Vec<u8>> {
    let mut mark = read_up_to(input, 1)?;
    if mark == MARK[..1] {
        mark.append(&mut read_up_to(input, 2)?);
        if mark != MARK {
            return Ok(mark);
        }
        mark.clear();
    }
    let mut input = Cursor::new(mark).chain(input);
    pass_over_space(&mut input, line)?;
    let mut start = read_up_to(&mut input, 1)?;
    for _ in 0..START_BYTES {
        if !start.last().is_some_and(|byte| is_space(*byte) || matches!(byte, b'{' | b'[')) {
            break;
        }
        let mut next = read_up_to(&mut input, 1)?;
        if next.is_empty() {
            break;
        }
        start.append(&mut next);
    }
    Ok(start)
}

fn pass_over_space(input: &mut impl BufRead, line: &mut u64) -> io::Result<()> {
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
            return Ok(());
        }
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}
