//! What is wrong with a file that should be a history.

use std::io;

use thiserror::Error;

/// Why a file is no history.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It cannot be read to its end, as where a gzip file was cut.
    #[error("line {line}: cannot be read: {source}")]
    Cut {
        /// The line that was being read, from 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// A line of it is not what it should be.
    #[error("line {line}: {problem}")]
    Malformed {
        /// Its number, from 1.
        line: u64,
        /// What was found and what was expected.
        problem: String,
    },
    /// It needs more memory than it may have.
    #[error("{}", needs_more(*limit_bytes, Stopped::AtLine(*line)))]
    Memory {
        /// The line that was one too many, from 1.
        line: u64,
        /// How much it may need.
        limit_bytes: usize,
    },
    /// What objects were at first, as whoever reads the history says it, is nothing for its model.
    #[error("{0}")]
    Initial(String),
    /// Nothing says what the operations mean.
    #[error("the history does not say what its operations mean: expected --model MODEL")]
    NoModel,
}

impl ReadError {
    pub(super) fn at(line: u64, problem: impl Into<String>) -> Self {
        Self::Malformed { line, problem: problem.into() }
    }

    pub(super) fn cut(line: u64, source: io::Error) -> Self {
        Self::Cut { line, source }
    }
}

/// Where there was no memory for more of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// At this line of a file, from 1.
    AtLine(u64),
    /// After so many operations of a run.
    After(u64),
}

/// Says that a history needs more memory than it may have.
#[must_use]
pub fn needs_more(limit_bytes: usize, stopped: Stopped) -> String {
    let limit = in_bytes(limit_bytes);
    let stopped = match stopped {
        Stopped::AtLine(line) => format!("at line {}", grouped(line)),
        Stopped::After(operations) => format!("after {} operations", grouped(operations)),
    };
    format!(
        "the history needs more than {limit} of memory: stopped {stopped}: raise --check-memory"
    )
}

/// As in `1 GiB`.
fn in_bytes(bytes: usize) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = units.into_iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{} bytes", grouped(bytes as u64)),
    }
}

/// As in `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() + 2) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let groups = (0..tail.len()).step_by(3).map(|at| &tail[at..at + 3]);
    std::iter::once(head).chain(groups).collect::<Vec<_>>().join(",")
}
