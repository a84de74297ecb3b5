//! A store that is served.

use std::sync::Arc;

use store::{Counters, Jobs, RaceWindow, Results, Seats, Settings, Specimen, Store};

/// A store in some mode, opened to be served.
pub struct Service {
    pub(crate) specimen: Specimen,
    pub(crate) race_window: RaceWindow,
    pub(crate) shared: Shared,
}

/// The store, for any number of requests at once.
pub(crate) enum Shared {
    Counters(Arc<dyn Counters>),
    Seats(Arc<dyn Seats>),
    Jobs(Arc<dyn Jobs>),
    Results(Arc<dyn Results>),
}

impl Service {
    /// A new store of `specimen`. Counters begin with `i` and `j`, at 0.
    ///
    /// # Panics
    /// Never: a new store takes two names.
    #[must_use]
    pub fn new(specimen: Specimen, settings: &Settings) -> Self {
        let shared = match specimen.mode.open(settings) {
            Store::Counters(counters) => {
                for name in ["i", "j"] {
                    counters.set(name, 0).expect("a new store takes two names");
                }
                Shared::Counters(counters.into())
            }
            Store::Seats(seats) => Shared::Seats(seats.into()),
            Store::Jobs(jobs) => Shared::Jobs(jobs.into()),
            Store::Results(results) => Shared::Results(results.into()),
        };
        Self { specimen, race_window: settings.race_window, shared }
    }

    /// To be called once the last request is answered: what the store has still to do is done
    /// then, if it does it at all. Blocks for as long as that takes.
    pub fn finish(&self) {
        if let Shared::Results(results) = &self.shared {
            results.finish();
        }
    }
}
