//! What a client's connection has carried, in case its answers turn out to be in doubt.

use std::time::Duration;

use check::history::Outcome;
use tokio::time::Instant;

use crate::record::{Kind, Outcomes};

/// The answers that came over a client's connection since it was opened.
///
/// The first one is that of the first request: nothing had been asked before. An answer that comes
/// twice shifts every later one, and nobody can tell since when.
#[derive(Debug)]
pub(super) struct Carried {
    /// When the first request was called, and the last one that was answered.
    calls: Option<(Instant, Instant)>,
    /// By kind, what the answers behind the first meant.
    later: Vec<(Kind, Outcomes)>,
}

impl Carried {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { calls: None, later: Vec::new() }
    }

    /// Another connection is begun.
    pub(super) fn clear(&mut self) {
        self.calls = None;
        self.later.clear();
    }

    /// Counts an answer to a request of this kind that was called at `call`.
    pub(super) fn answered(&mut self, kind: Kind, call: Instant, outcome: Outcome) {
        let Some((_, last)) = &mut self.calls else {
            self.calls = Some((call, call));
            return;
        };
        *last = call;
        // There are few kinds.
        let known = self.later.iter_mut().find(|(known, _)| *known == kind);
        if let Some((_, outcomes)) = known {
            outcomes.count(outcome);
        } else {
            let mut outcomes = Outcomes::default();
            outcomes.count(outcome);
            self.later.push((kind, outcomes));
        }
    }

    /// When the first request was called, where there was one.
    pub(super) fn first_call(&self) -> Option<Instant> {
        self.calls.map(|(first, _)| first)
    }

    /// How long an answer that nobody asked for is waited for behind the last, which came at `now`:
    /// on a connection whose answers are shifted, the last request's own comes as soon after it as
    /// that took, or as the `longest` of all did, give or take what a busy machine does. Whoever takes
    /// long is not waited for.
    pub(super) fn patience(&self, now: Instant, longest: Duration) -> Duration {
        const LEAST: Duration = Duration::from_millis(50);
        const MOST: Duration = Duration::from_secs(1);
        let took = self.calls.map_or(Duration::ZERO, |(_, last)| now - last);
        (LEAST + 2 * took.max(longest)).min(MOST)
    }

    /// By kind, what the answers behind the first meant.
    pub(super) fn later(&self) -> &[(Kind, Outcomes)] {
        &self.later
    }
}
