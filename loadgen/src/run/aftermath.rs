//! What comes after a load: the state is read the last time, and the server is ended.

use std::pin::pin;
use std::time::Duration;

use tokio::time::sleep;

use crate::judge::LastRead;
use crate::plan::{Plan, StateRead};
use crate::state::{ReadError, Reader, State};
use crate::subject::{self, Fate, Ready, ServerEnd, ServerProcess, Stop};
use crate::watch::{Stall, Stalled, Stalls};
use crate::wire::{Driver, Endpoint};
use crate::worker::Job;

/// How a run ended behind its load.
pub(super) struct Aftermath {
    pub(super) after: Option<LastRead>,
    pub(super) server: Option<ServerEnd>,
    /// That the target left the last read unanswered.
    pub(super) stalled: Option<Stalled>,
}

/// What is known when the load is over.
pub(super) struct Ending<'e, D: Driver> {
    pub(super) plan: &'e Plan,
    pub(super) job: &'e Job<D>,
    /// What reads the state.
    pub(super) reader: Option<&'e Reader<'e, D::Message>>,
    /// From a target that hangs nothing is waited for any longer than this.
    pub(super) patience: Option<Duration>,
    /// Whether any request failed.
    pub(super) amiss: bool,
}

impl<D: Driver> Ending<'_, D> {
    /// Reads the state, and ends `server`: before that where it is to be started again.
    pub(super) async fn come(self, mut server: Option<ServerProcess>) -> Aftermath {
        let Self { plan, patience, amiss, .. } = self;
        let mut end = None;
        if plan.subject.restarts()
            && let Some(server) = server.take()
        {
            end = Some(server.stop(Stop { saves: true, amiss, patience: None }).await);
        }
        let mut stalled = None;
        let after = match self.reader.zip(plan.read.as_ref()) {
            Some((reader, read)) => {
                let called = self.job.started.elapsed();
                let state = if let Some(end) = &mut end {
                    self.read_restarted(read, end).await
                } else {
                    let (state, unanswered) = self.read_last(reader, server.as_ref()).await;
                    stalled = unanswered;
                    state
                };
                Some(LastRead { called, returned: self.job.started.elapsed(), state })
            }
            None => None,
        };
        if let Some(server) = server {
            let unread = after.as_ref().is_some_and(|after| after.state.is_err());
            let amiss = amiss || unread && patience.is_none();
            end = Some(server.stop(Stop { saves: false, amiss, patience }).await);
        }
        Aftermath { after, server: end, stalled }
    }

    /// Reads the state, the last request of a run, and says whether the target left it unanswered:
    /// the answers before it may be what it began to hang with.
    ///
    /// That the read takes longer than a stall is not enough, since what is read may be large; but by
    /// then `server` is asked for its locks.
    async fn read_last(
        &self,
        reader: &Reader<'_, D::Message>,
        server: Option<&ServerProcess>,
    ) -> (Result<State, ReadError>, Option<Stalled>) {
        let Self { plan, job, patience, .. } = self;
        let timeout = plan.load.timeout;
        let limit = patience.map_or(timeout, |patience| timeout.min(patience));
        let at = job.started.elapsed();
        let mut read = pin!(reader.read(&job.driver, limit));
        let locks = tokio::select! {
            state = &mut read => return (state, None),
            () = sleep(plan.load.stall) => match server {
                Some(server) => server.locks().await,
                None => None,
            },
        };
        let state = read.await;
        let lasted = job.started.elapsed().saturating_sub(at);
        let stall = Stall { at, lasted, in_flight: 1, ever_answered: true, others_answered: false };
        let hangs = matches!(state, Err(ReadError::NoAnswer(_)));
        (state, hangs.then(|| Stalled { stalls: Stalls::one(stall), locks, asked: None }))
    }

    /// The state as it is once the server has been started again; what it says then is added to how
    /// it was when it ended.
    async fn read_restarted(
        &self,
        read: &StateRead,
        end: &mut ServerEnd,
    ) -> Result<State, ReadError> {
        // It may listen elsewhere than before.
        let Ready { base, addresses, server } = subject::prepare(&self.plan.subject).await?;
        let read = read.on(&base);
        let driver = &self.job.driver;
        let reader = Reader::new(driver, self.plan, &read, Endpoint::new(addresses));
        let state = reader.read(driver, self.plan.load.timeout).await;
        if let Some(server) = server {
            let stop = Stop { saves: false, amiss: state.is_err(), patience: None };
            end.go_on(server.stop(stop).await);
        }
        if end.fate == Fate::Killed { Err(ReadError::Killed) } else { state }
    }
}
