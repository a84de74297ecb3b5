//! What a run does when its target stalls.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::Observed;
use crate::stall::{Change, Stall, Stalled, Stalls, Watch};
use crate::state::{ReadError, State};
use crate::target::ServerProcess;
use crate::worker::{Job, Reading, StopReason};

/// Watches a run for stalls, and ends it where a verdict is wanted: nothing further can be learnt.
pub(super) struct Stalling<'r> {
    job: &'r Job,
    watch: Watch,
    ends_run: bool,
    locks: Option<Vec<String>>,
}

/// Reads the state, the last request of a run, and says whether the target left it unanswered: the
/// answers before it may be what it began to hang with.
///
/// That the read takes longer than `job.stall` is not enough, since what is read may be large; but
/// by then `server` is asked for its locks.
pub(super) async fn read_last(
    job: &Job,
    server: Option<&ServerProcess>,
    read: impl Future<Output = Result<State, ReadError>>,
) -> (Result<State, ReadError>, Option<Stalled>) {
    let at = job.started.elapsed();
    let mut read = pin!(read);
    let locks = tokio::select! {
        state = &mut read => return (state, None),
        () = sleep(job.stall) => match server {
            Some(server) => server.locks().await,
            None => Vec::new(),
        },
    };
    let state = read.await;
    let lasted = job.started.elapsed().saturating_sub(at);
    let stall = Stall { at, lasted, in_flight: 1, ever_answered: true };
    let hangs = matches!(state, Err(ReadError::NoAnswer(_)));
    (state, hangs.then(|| Stalled { stalls: Stalls::one(stall), locks }))
}

impl<'r> Stalling<'r> {
    pub(super) fn new(job: &'r Job, limit: Duration, ends_run: bool) -> Self {
        Self { job, watch: Watch::new(limit), ends_run, locks: None }
    }

    /// How often it is to be looked.
    pub(super) fn interval(&self) -> Duration {
        self.watch.interval()
    }

    /// Looks whether the target has stalled or goes on; `server` is asked for its locks then.
    pub(super) async fn look(
        &mut self,
        reading: Reading,
        server: Option<&ServerProcess>,
        observe: &mut dyn FnMut(Observed),
    ) {
        match self.changed(reading) {
            Some(Change::Stalled(Stall { lasted, in_flight, .. })) => {
                observe(Observed::Stalled { silent_for: lasted, in_flight });
                // Before anything is given up, which may release what the requests hold.
                if let (Some(server), None) = (server, &self.locks) {
                    self.locks = Some(server.locks().await);
                }
                if self.ends_run {
                    self.job.end(StopReason::Stalled);
                }
            }
            Some(Change::Recovered(silent_for)) => observe(Observed::Recovered { silent_for }),
            None => {}
        }
    }

    fn changed(&mut self, reading: Reading) -> Option<Change> {
        let reached = self.job.reached.load(Ordering::Relaxed);
        self.watch.look(self.job.started.elapsed(), reached, reading)
    }

    /// What there was of stalls in a run that was over at `end`, when `reading` was read.
    pub(super) fn into_stalled(
        mut self,
        end: Duration,
        reading: Reading,
        observe: &mut dyn FnMut(Observed),
    ) -> Option<Stalled> {
        // It may have gone on, and come to its end, since the last look.
        if let Some(Change::Recovered(silent_for)) = self.changed(reading) {
            observe(Observed::Recovered { silent_for });
        }
        let stalls = self.watch.into_stalls(end)?;
        Some(Stalled { stalls, locks: self.locks.unwrap_or_default() })
    }
}
