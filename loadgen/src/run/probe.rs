//! Asking a target that has fallen silent whether it answers anybody.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::timeout;

use crate::plan::Plan;
use crate::state::{ReadError, Reader};
use crate::watch::Asked;
use crate::wire::{Driver, Failure, Listener, Progress};
use crate::worker::{Job, Task};

/// One request on a connection of its own, which is none of the load's and changes nothing.
pub(super) struct Probe<'p, D: Driver> {
    job: &'p Job<D>,
    question: Question<'p, D::Message>,
    /// How long its answer is waited for.
    patience: Duration,
}

/// What is asked.
enum Question<'p, M> {
    State(&'p Reader<M>),
    Request(&'p Task<M>),
}

/// What came of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It was answered, in whatever way.
    Answered,
    /// It was left unanswered until its time was up.
    Nothing,
    /// It could not be made, or was refused or broken off: that is no silence.
    Unclear,
}

impl<'p, D: Driver> Probe<'p, D> {
    /// Asks for what `reader` reads, or else sends a request of the load; `None` where any of that
    /// may be an update, which would then be missing from what was sent.
    pub(super) fn new(
        plan: &Plan,
        job: &'p Job<D>,
        reader: Option<&'p Reader<D::Message>>,
        patience: Duration,
    ) -> Option<Self> {
        let update = &job.tasks[0].step;
        let question = match reader {
            // A read that is the load's own request was refused before the run.
            Some(reader) => Some(Question::State(reader)),
            None if plan.is_judged() => None,
            None => {
                let is_safe = update.call.method.is_safe() && !update.call.variables.has_value;
                is_safe.then(|| Question::Request(&job.tasks[0]))
            }
        };
        question.map(|question| Self { job, question, patience })
    }

    /// What is asked.
    pub(super) fn asked(&self) -> Asked {
        match self.question {
            Question::State(_) => Asked::State,
            Question::Request(_) => Asked::Request,
        }
    }

    /// Asks, and waits for the answer as long as is reasonable.
    pub(super) async fn ask(&self) -> Told {
        match &self.question {
            Question::State(reader) => {
                // The reader's own limit is the later one, so that it is known whose was reached.
                let read = reader.read(&self.job.driver, 2 * self.patience);
                match timeout(self.patience, read).await {
                    Err(_) => Told::Nothing,
                    Ok(Err(ReadError::NoAnswer(_) | ReadError::NotAsked(_))) => Told::Unclear,
                    Ok(_) => Told::Answered,
                }
            }
            Question::Request(task) => match timeout(self.patience, self.send(task)).await {
                Err(_) => Told::Nothing,
                Ok(Err(_)) => Told::Unclear,
                Ok(Ok(())) => Told::Answered,
            },
        }
    }

    async fn send(&self, task: &Task<D::Message>) -> Result<(), Failure> {
        let driver = &self.job.driver;
        let connection = driver.connect(&self.job.endpoint).await?;
        let mut slot = driver.slot(&connection).ok_or(Failure::ClosedBeforeAnswer)?;
        let progress = Cell::new(Progress::Nothing);
        driver.exchange(&mut slot, &task.messages[0], &progress, &mut Deaf).await?;
        Ok(())
    }
}

/// Listens to nothing: that there is an answer is enough.
struct Deaf;

impl Listener for Deaf {
    fn head(&mut self, _: u16, _: &[u8]) {}

    fn content(&mut self, _: &[u8]) {}
}
