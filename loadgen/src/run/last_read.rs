//! The last read of a run: the state once the load is over.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::state::{ReadError, State};
use crate::subject::ServerProcess;
use crate::watch::{Stall, Stalled, Stalls};

/// Reads the state, the last request of a run that began at `started`, and says whether the target
/// left it unanswered: the answers before it may be what it began to hang with.
///
/// That the read takes longer than `stall` is not enough, since what is read may be large; but by
/// then `server` is asked for its locks.
pub(super) async fn read_last(
    started: Instant,
    stall: Duration,
    server: Option<&ServerProcess>,
    read: impl Future<Output = Result<State, ReadError>>,
) -> (Result<State, ReadError>, Option<Stalled>) {
    let at = started.elapsed();
    let mut read = pin!(read);
    let locks = tokio::select! {
        state = &mut read => return (state, None),
        () = sleep(stall) => match server {
            Some(server) => server.locks().await,
            None => None,
        },
    };
    let state = read.await;
    let lasted = started.elapsed().saturating_sub(at);
    let stall = Stall { at, lasted, in_flight: 1, ever_answered: true };
    let hangs = matches!(state, Err(ReadError::NoAnswer(_)));
    (state, hangs.then(|| Stalled { stalls: Stalls::one(stall), locks }))
}
