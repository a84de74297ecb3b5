//! The judge of a run that ends at its first proven anomaly, on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use check::Proof;
use check::incremental::Standing;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::judge::Early;
use crate::record::{Batch, Feed};
use crate::signal::Signal;

/// How long a worker may be silent before it is asked what happened.
const PATIENCE: Duration = Duration::from_millis(25);

/// Where workers tell what happens, and what is raised when that proves something.
pub(super) struct First {
    pub(super) proved: Signal<Proof>,
    batches: Sender<Batch>,
    /// By worker, how it is asked.
    asks: Vec<Arc<Notify>>,
}

impl First {
    /// Lets `early` judge what so many workers tell, until nobody tells anything any more or nothing
    /// can come of it.
    pub(super) fn watch(early: Early, workers: usize) -> Self {
        let (batches, told) = channel();
        let asks: Vec<_> = (0..workers).map(|_| Arc::new(Notify::new())).collect();
        let proved = Signal::new();
        let (raised, asked) = (proved.clone(), asks.clone());
        spawn_blocking(move || {
            if let Some(proof) = judge(early, &told, &asked) {
                raised.raise(proof);
            }
        });
        Self { proved, batches, asks }
    }

    /// Where each worker tells what happens.
    pub(super) fn feeds(self) -> impl Iterator<Item = Feed> {
        let Self { batches, asks, .. } = self;
        let asks = asks.into_iter().enumerate();
        asks.map(move |(worker, asked)| Feed::new(worker, batches.clone(), asked))
    }
}

/// What is proved by what is `told`. A worker that is silent is asked by its `asks`: the others wait
/// for what it has to say.
fn judge(mut early: Early, told: &Receiver<Batch>, asks: &[Arc<Notify>]) -> Option<Proof> {
    let mut heard = vec![Instant::now(); asks.len()];
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(batch) => {
                heard[batch.worker] = Instant::now();
                match early.take(batch) {
                    Standing::Open => {}
                    Standing::Invalid(proof) => return Some(proof),
                    Standing::Stopped(_) => return None,
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        for (ask, heard) in asks.iter().zip(&mut heard) {
            if heard.elapsed() >= PATIENCE {
                ask.notify_one();
                *heard = Instant::now();
            }
        }
    }
}
