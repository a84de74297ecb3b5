//! Reading the state of a service, before and after: not the hot path, so reqwest does it.

use std::time::Duration;

use check::Model;
use thiserror::Error;

use crate::extract::{Extract, NotFound};
use crate::plan::Read;
use crate::subject::SubjectError;

/// A client for reading state.
///
/// It asks the service itself, whatever proxy the environment names, since the load does too;
/// and it asks once.
pub(crate) struct Reader {
    client: reqwest::Client,
}

/// The state of a service, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// A number.
    Number(i64),
    /// The elements of a set.
    Elements(Vec<i64>),
}

impl State {
    /// The number, or how many elements there are.
    pub(crate) fn size(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Elements(elements) => i64::try_from(elements.len()).unwrap_or(i64::MAX),
        }
    }
}

/// The state could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No answer came.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is not a success.
    #[error("it answered {0}")]
    Status(reqwest::StatusCode),
    /// The server was to be started again, and was not.
    #[error("it did not start again: {0}")]
    NotRestarted(#[from] SubjectError),
    /// The server was to save what it had acknowledged, and was killed before it had ended.
    #[error(
        "the server had not ended when its grace was over: it was killed, and may have had more to save"
    )]
    Killed,
    /// The answer is a success without a number.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

impl Reader {
    /// # Panics
    /// Never: the options hold on any machine.
    pub(crate) fn new(timeout: Duration) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .retry(reqwest::retry::never())
            // A connection kept through the load would be one that the service cannot give to it.
            .pool_max_idle_per_host(0)
            .timeout(timeout)
            .build()
            .expect("a client without TLS needs nothing of the machine");
        Self { client }
    }

    /// The state that `read` asks for: elements where `model` is a set, otherwise a number.
    pub(crate) async fn read(&self, read: &Read, model: Option<Model>) -> Result<State, ReadError> {
        match model {
            Some(Model::Set) => self.find(read, Extract::integers).await.map(State::Elements),
            _ => self.find(read, Extract::integer).await.map(State::Number),
        }
    }

    async fn find<T>(&self, read: &Read, find: Find<T>) -> Result<T, ReadError> {
        let answer = self.client.get(read.url.clone()).send().await.map_err(no_answer)?;
        if !answer.status().is_success() {
            return Err(ReadError::Status(answer.status()));
        }
        let headers = answer.headers().clone();
        let body = answer.text().await.map_err(no_answer)?;
        let field = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Ok(find(&read.extract, &field, &body).ok_or_else(|| read.extract.not_found(&body))?)
    }
}

/// How a rule finds something, given a header's value by its name, and the body.
type Find<T> = fn(&Extract, &dyn Fn(&str) -> Option<String>, &str) -> Option<T>;

/// The root cause alone: everything above it repeats the URL.
#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err needs")]
fn no_answer(error: reqwest::Error) -> ReadError {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    ReadError::NoAnswer(cause.to_string())
}
