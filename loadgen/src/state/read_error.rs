//! Why a state could not be read.

use http::StatusCode;
use thiserror::Error;

use super::pages::NoPage;
use crate::extract::NotFound;
use crate::subject::SubjectError;
use crate::wire::Shortage;

/// The state could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No answer came.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// This machine had no means to ask.
    #[error("it could not be asked for: {0}")]
    NotAsked(Shortage),
    /// The answer is not a success.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// The server was to be started again, and was not.
    #[error("it did not start again: {0}")]
    NotRestarted(#[from] SubjectError),
    /// The server was to save what it had acknowledged, and was killed before it had ended.
    #[error(
        "the server did not end within its grace (--grace): it was killed, and may have had more to save"
    )]
    Killed,
    /// The user asked for an end while it was read.
    #[error("interrupted")]
    Interrupted,
    /// A page of a list could not be asked for.
    #[error(transparent)]
    NoPage(#[from] NoPage),
    /// The pages were never the same twice.
    #[error("its pages changed while they were read, {0} times")]
    Unsteady(u32),
    /// The answer is a success without a value that is wanted.
    #[error("{0}")]
    Unseen(String),
    /// The answer is a success without a number.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

impl ReadError {
    /// The rules that find a number in the answer, a line for each; empty where there are none.
    pub(crate) fn offers(&self) -> String {
        match self {
            Self::NotFound(not_found) => not_found.offers().to_string(),
            _ => String::new(),
        }
    }
}
