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
