//! What comes after a load: the state is read the last time, and the server is ended.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::begin::read_with;
use super::watched::Watch;
use crate::invariant::All;
use crate::judge::{After, LastRead};
use crate::plan::{Plan, StateRead};
use crate::signal::Signal;
use crate::state::{ReadError, Reader, Readers, State};
use crate::subject::{self, Fate, Ready, ServerEnd, ServerProcess, Stop};
use crate::watch::{Stall, Stalled, Stalls};
use crate::wire::{Driver, Endpoint};
use crate::worker::Job;

/// Whether all invariants hold for these values.
pub(super) type Holds<'e> = &'e dyn Fn(&All) -> bool;

/// How a run ended behind its load.
pub(super) struct Aftermath {
    pub(super) after: Option<After>,
    /// The values that invariants speak of, where there are any.
    pub(super) watched: Option<Result<All, ReadError>>,
    pub(super) server: Option<ServerEnd>,
    /// That the target left the last read unanswered.
    pub(super) stalled: Option<Stalled>,
}

/// What is known when the load is over.
pub(super) struct Ending<'e, D: Driver> {
    pub(super) plan: &'e Plan,
    pub(super) job: &'e Job<D>,
    /// What reads the states.
    pub(super) readers: Option<&'e Readers<D::Message>>,
    /// From a target that hangs nothing is waited for any longer than this.
    pub(super) patience: Option<Duration>,
    /// Whether any request failed.
    pub(super) amiss: bool,
    /// What reads the values that invariants speak of, and whether all of these hold then.
    pub(super) watch: Option<(&'e Watch<D::Message>, Holds<'e>)>,
    /// Whether the totals accuse the service, if this is its state.
    pub(super) accuses: &'e dyn Fn(&State) -> bool,
    /// What ends the reading; `None` where it has ended the load already.
    pub(super) interrupt: Option<&'e Signal<()>>,
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
        let after = match (self.readers, &mut end) {
            (Some(_), Some(end)) => Some(After::once(self.timed(self.read_restarted(end)).await)),
            (Some(readers), None) => {
                let reading = async {
                    let (state, unanswered) = self.read_last(readers, server.as_ref()).await;
                    stalled = unanswered;
                    state
                };
                let first = self.timed(reading).await;
                Some(self.settled(first, readers).await)
            }
            (None, _) => None,
        };
        let mut watched = None;
        if let Some((watch, holds)) = self.watch {
            watched = Some(tokio::select! {
                seen = watch.settled(&self.job.driver, holds) => seen,
                () = interrupted(self.interrupt) => Err(ReadError::Interrupted),
            });
        }
        if let Some(server) = server {
            let unread = after.as_ref().is_some_and(|after| after.last().state.is_err());
            let amiss = amiss || unread && patience.is_none();
            end = Some(server.stop(Stop { saves: false, amiss, patience }).await);
        }
        Aftermath { after, watched, server: end, stalled }
    }

    /// What `reading` returns, unless the user asks for an end, and when.
    async fn timed(&self, reading: impl Future<Output = Result<State, ReadError>>) -> LastRead {
        let called = self.job.started.elapsed();
        let state = tokio::select! {
            state = reading => state,
            () = interrupted(self.interrupt) => Err(ReadError::Interrupted),
        };
        LastRead { called, returned: self.job.started.elapsed(), state }
    }

    /// Reads the state again, after a `first` read that accuses the service, until it has not changed
    /// for as long as it may take to settle: what is not applied yet is not lost.
    async fn settled(&self, first: LastRead, readers: &Readers<D::Message>) -> After {
        const LONGEST: u32 = 10;
        let settle = self.plan.reads.iter().map(|read| read.settle).max().unwrap_or_default();
        let mut after = After::once(first);
        let is_accused = after.first.state.as_ref().is_ok_and(self.accuses);
        if settle.is_zero() || !is_accused || self.patience.is_some() {
            return after;
        }
        let driver = &self.job.driver;
        let begun = Instant::now();
        let mut changed = begun;
        loop {
            let pause = (settle / 10).min(settle.saturating_sub(changed.elapsed()));
            tokio::select! {
                () = sleep(pause) => {}
                () = interrupted(self.interrupt) => {}
            }
            let called = Instant::now();
            let read = self.timed(readers.read(driver, self.plan.load.timeout)).await;
            let is_known = after.last().state.as_ref().ok() == read.state.as_ref().ok();
            let is_read = read.state.is_ok();
            after.again.push(read);
            if !is_read || is_known && called - changed >= settle {
                return after;
            }
            if !is_known {
                changed = Instant::now();
            }
            if begun.elapsed() > settle * LONGEST {
                after.is_moving = true;
                return after;
            }
        }
    }

    /// Reads the state, the last request of a run, and says whether the target left it unanswered:
    /// the answers before it may be what it began to hang with.
    ///
    /// That the read takes longer than a stall is not enough, since what is read may be large; but by
    /// then `server` is asked for its locks.
    async fn read_last(
        &self,
        readers: &Readers<D::Message>,
        server: Option<&ServerProcess>,
    ) -> (Result<State, ReadError>, Option<Stalled>) {
        let Self { plan, job, patience, .. } = self;
        let timeout = plan.load.timeout;
        let limit = patience.map_or(timeout, |patience| timeout.min(patience));
        let at = job.started.elapsed();
        let mut read = pin!(readers.read(&job.driver, limit));
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
    async fn read_restarted(&self, end: &mut ServerEnd) -> Result<State, ReadError> {
        // It may listen elsewhere than before.
        let Ready { base, addresses, server, .. } =
            subject::prepare(&self.plan.subject, &self.plan.load.connecting.naming).await?;
        let driver = &self.job.driver;
        let reader = |read: &StateRead| {
            let read = read.on(&base);
            let endpoint = Endpoint::new(addresses.clone()).of(&read.url);
            let values = read_with(self.plan, &self.job.opened);
            Reader::new(driver, self.plan, endpoint, read, values)
        };
        let readers = Readers::new(self.plan.reads.iter().map(reader).collect());
        let readers = readers.expect("a state was read before");
        let state = readers.read(driver, self.plan.load.timeout).await;
        if let Some(server) = server {
            let stop = Stop { saves: false, amiss: state.is_err(), patience: None };
            end.go_on(server.stop(stop).await);
        }
        if end.fate == Fate::Killed { Err(ReadError::Killed) } else { state }
    }
}

/// Waits until the user asks for an end: for ever where that is of no interest.
async fn interrupted(interrupt: Option<&Signal<()>>) {
    match interrupt {
        Some(interrupt) => interrupt.wait().await,
        None => std::future::pending().await,
    }
}
