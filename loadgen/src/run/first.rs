//! The judge of a run that ends at its first proven anomaly, on a thread of its own.

use std::sync::mpsc::{Receiver, Sender, channel};

use check::Proof;
use check::incremental::Standing;
use tokio::task::spawn_blocking;

use crate::judge::Early;
use crate::record::Batch;
use crate::signal::Signal;

/// Where workers tell what happens, and what is raised when that proves something.
pub(super) struct First {
    pub(super) batches: Sender<Batch>,
    pub(super) proved: Signal<Proof>,
}

impl First {
    /// Lets `early` judge what is told, until nobody tells anything any more or nothing can come of
    /// it.
    pub(super) fn watch(early: Early) -> Self {
        let (batches, told) = channel();
        let proved = Signal::new();
        let raised = proved.clone();
        spawn_blocking(move || judge(early, &told, &raised));
        Self { batches, proved }
    }
}

fn judge(mut early: Early, told: &Receiver<Batch>, proved: &Signal<Proof>) {
    for batch in told {
        match early.take(batch) {
            Standing::Open => {}
            Standing::Invalid(proof) => {
                proved.raise(proof);
                return;
            }
            Standing::Stopped(_) => return,
        }
    }
}
