//! What a client's connection has carried, in case its answers turn out to be in doubt.

use check::history::Outcome;
use tokio::time::Instant;

use crate::record::Outcomes;

/// The answers that came over a client's connection since it was opened.
///
/// The first one is that of the first request: nothing had been asked before. An answer that comes
/// twice shifts every later one, and nobody can tell since when.
#[derive(Debug)]
pub(super) struct Carried {
    /// When the first request was called.
    first_call: Option<Instant>,
    /// By step, what the answers behind the first meant.
    later: Vec<Outcomes>,
}

impl Carried {
    /// Nothing yet, of so many steps.
    pub(super) fn new(steps: usize) -> Self {
        Self { first_call: None, later: vec![Outcomes::default(); steps] }
    }

    /// Another connection is begun.
    pub(super) fn clear(&mut self) {
        self.first_call = None;
        self.later.fill(Outcomes::default());
    }

    /// Counts an answer to a request of `step` that was called at `call`.
    pub(super) fn answered(&mut self, step: usize, call: Instant, outcome: Outcome) {
        if self.first_call.is_some() {
            self.later[step].count(outcome);
        } else {
            self.first_call = Some(call);
        }
    }

    /// When the first request was called, where there was one.
    pub(super) fn first_call(&self) -> Option<Instant> {
        self.first_call
    }

    /// By step, what the answers behind the first meant.
    pub(super) fn later(&self) -> &[Outcomes] {
        &self.later
    }
}
