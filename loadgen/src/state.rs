//! The state of a service, read before and after the load: through the same driver, with the same
//! headers and to the same addresses as the load.

use std::cell::Cell;
use std::time::Duration;

use http::StatusCode;
use thiserror::Error;
use tokio::time::timeout;

use crate::extract::{Extract, NotFound};
use crate::plan::{Plan, Read};
use crate::reply::Reply;
use crate::scenario::{Meaning, Place};
use crate::subject::SubjectError;
use crate::wire::{Driver, Endpoint, Failure, Progress, Shortage};
use crate::worker::Task;

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

/// The state before a run, read twice, one directly after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Before {
    /// What it was at first.
    pub(crate) first: State,
    /// What it was when the load began.
    pub(crate) state: State,
}

impl Before {
    /// Whether it changed though nobody was told to change it.
    pub(crate) fn moves(&self) -> bool {
        self.first != self.state
    }
}

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
        "the server had not ended when its grace was over: it was killed, and may have had more to save"
    )]
    Killed,
    /// The user asked for an end while it was read.
    #[error("interrupted")]
    Interrupted,
    /// The answer is a success without a number.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// Reads the state of one service.
pub(crate) struct Reader<'p, M> {
    extract: &'p Extract,
    endpoint: Endpoint,
    task: Task<M>,
}

impl<'p, M> Reader<'p, M> {
    /// Reads as `read` says, at `endpoint`, with the headers of `plan`'s requests.
    pub(crate) fn new<D: Driver<Message = M>>(
        driver: &D,
        plan: &Plan,
        read: &'p Read,
        endpoint: Endpoint,
    ) -> Self {
        let model = plan.judging.as_ref().map(|judging| judging.model);
        let place = Place::Url(read.url.clone());
        let step = plan.scenario.update().reading(place, model, &read.extract);
        Self { extract: &read.extract, endpoint, task: Task::new(driver, step, &read.url) }
    }

    /// The state, asked for twice, one directly after the other: nobody is to change it in between.
    pub(crate) async fn read_twice<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<Before, ReadError> {
        let first = self.read(driver, limit).await?;
        let state = self.read(driver, limit).await?;
        Ok(Before { first, state })
    }

    /// The state: elements where the model is a set, otherwise a number. It is asked for once, over
    /// a connection of its own, and waited for no longer than `limit`.
    pub(crate) async fn read<D: Driver<Message = M>>(
        &self,
        driver: &D,
        limit: Duration,
    ) -> Result<State, ReadError> {
        let mut reply = Reply::default();
        let progress = Cell::new(Progress::Nothing);
        let exchange = async {
            let connection = driver.connect(&self.endpoint).await?;
            let Some(mut slot) = driver.slot(&connection) else {
                return Err(Failure::ClosedBeforeAnswer);
            };
            let mut listening = reply.listen_to_all(&self.task.step);
            driver.exchange(&mut slot, &self.task.message, &progress, &mut listening).await
        };
        let timed = timeout(limit, exchange).await;
        let is_written = progress.get() != Progress::Nothing;
        let answer = timed.unwrap_or_else(|_| Err(Failure::timeout(is_written)));
        let status = answer.map_err(not_answered)?.status;
        let status = StatusCode::from_u16(status).expect("a driver's status has three digits");
        if !status.is_success() {
            return Err(ReadError::Status(status));
        }
        let field = |_: &str| reply.heard().field.map(str::to_owned);
        let (extract, body) = (self.extract, reply.shown());
        let state = match self.task.step.meaning {
            Meaning::Elements(_) => extract.integers(&field, &body).map(State::Elements),
            _ => extract.integer(&field, &body).map(State::Number),
        };
        Ok(state.ok_or_else(|| extract.not_found(&body))?)
    }
}

fn not_answered(failure: Failure) -> ReadError {
    match failure {
        Failure::Short(shortage) => ReadError::NotAsked(shortage),
        failure => ReadError::NoAnswer(failure.to_string()),
    }
}
