//! The lines of a record's file, and what is wrong with one.

use std::io::{self, BufRead, Read as _};

use serde::Deserialize;
use thiserror::Error;

use super::SCHEMA;

/// The longest line that is read: a set's list may be long.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;
/// The most that an error repeats of what it found.
const MAX_SHOWN_CHARS: usize = 200;

/// Why a file is no record.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// It cannot be read.
    #[error("line {line}: cannot be read: {error}")]
    Io {
        /// The line that was being read, from 1.
        line: u64,
        error: io::Error,
    },
    /// A line is longer than any that a record has.
    #[error("line {line}: longer than {MAX_LINE_BYTES} bytes")]
    TooLong {
        /// Its number, from 1.
        line: u64,
    },
    /// A line is not what it should be.
    #[error("line {line}: {problem}")]
    Malformed {
        /// Its number, from 1.
        line: u64,
        /// What was found and what was expected.
        problem: String,
    },
    /// It is a file of another kind, or of a later version.
    #[error("expected the schema {SCHEMA}, found {found:?}")]
    Schema {
        /// What it says of itself.
        found: String,
    },
    /// Its numbers contradict each other.
    #[error("the counts contradict each other: expected one outcome and one latency per request")]
    Contradictory,
    /// It ends too early.
    #[error("expected {expected} {what}, found {found}")]
    Cut {
        /// Of what.
        what: &'static str,
        /// How many the first line announces.
        expected: u64,
        /// How many lines follow it.
        found: u64,
    },
    /// It goes on behind its end.
    #[error("line {line}: expected no more lines than the first one announces")]
    Surplus {
        /// The number of the first line too many.
        line: u64,
    },
}

/// The lines of a file, in bounded memory.
pub(super) struct Lines<R> {
    file: R,
    /// The number of the last line, from 1.
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Those of `file`.
    pub(super) fn of(file: R) -> Self {
        Self { file, number: 0, line: Vec::new() }
    }

    /// The number of the last line that was read, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, ReadError> {
        self.number += 1;
        let line = self.number;
        self.line.clear();
        let mut limited = (&mut self.file).take(MAX_LINE_BYTES + 1);
        limited.read_until(b'\n', &mut self.line).map_err(|error| ReadError::Io { line, error })?;
        if self.line.len() as u64 > MAX_LINE_BYTES {
            return Err(ReadError::TooLong { line });
        }
        Ok((!self.line.is_empty()).then_some(&self.line))
    }

    /// What the next line says; `cut` is what is wrong where there is none.
    pub(super) fn parsed<T: for<'l> Deserialize<'l>>(
        &mut self,
        cut: ReadError,
    ) -> Result<T, ReadError> {
        let number = self.number + 1;
        let line = self.next()?.ok_or(cut)?;
        serde_json::from_slice(line).map_err(|error| malformed(number, &error.to_string()))
    }
}

/// Why `line` is not the first of a record: another schema is told apart from nonsense.
pub(super) fn no_header(line: &[u8], error: &serde_json::Error) -> ReadError {
    let json: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    match json.as_ref().and_then(|json| json["schema"].as_str()) {
        Some(found) if found != SCHEMA => ReadError::Schema { found: shown(found) },
        _ => malformed(1, &error.to_string()),
    }
}

fn malformed(line: u64, problem: &str) -> ReadError {
    ReadError::Malformed { line, problem: shown(problem) }
}

/// The beginning of a text that may be of any length.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}
