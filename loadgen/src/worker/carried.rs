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
    /// By step, what the answers behind the first meant: of the load, and of its warm-up.
    later: Vec<[Outcomes; 2]>,
}

impl Carried {
    /// Nothing yet, of so many kinds of requests.
    pub(super) fn new(kinds: usize) -> Self {
        Self { calls: None, later: vec![Default::default(); kinds] }
    }

    /// Another connection is begun.
    pub(super) fn clear(&mut self) {
        self.calls = None;
        self.later.fill(Default::default());
    }

    /// Counts an answer to a request of this kind that was called at `call`.
    pub(super) fn answered(&mut self, kind: Kind, call: Instant, outcome: Outcome) {
        match &mut self.calls {
            Some((_, last)) => {
                *last = call;
                self.later[kind.step][usize::from(kind.is_warm_up)].count(outcome);
            }
            None => self.calls = Some((call, call)),
        }
    }

    /// Counts an answer that leads to another request of the same operation. What comes next on this
    /// connection is that operation's, too, so that it is in doubt even where it is the first.
    pub(super) fn followed(&mut self, kind: Kind, call: Instant) {
        if self.calls.is_some() {
            return self.answered(kind, call, Outcome::Ok);
        }
        let before = call.checked_sub(Duration::from_nanos(1));
        self.calls = Some((before.unwrap_or(call), call));
    }

    /// When the first request was called, where there was one.
    pub(super) fn first_call(&self) -> Option<Instant> {
        self.calls.map(|(first, _)| first)
    }

    /// How long an answer that nobody asked for is waited for behind the last, which came at `now`:
    /// on a connection whose answers are shifted, the last request's own comes as soon after it as
    /// that took, or as the `longest` of all did, give or take what a busy machine does: at `least` so
    /// long. Whoever takes long is not waited for.
    pub(super) fn patience(&self, now: Instant, longest: Duration, least: Duration) -> Duration {
        const MOST: Duration = Duration::from_secs(1);
        let took = self.calls.map_or(Duration::ZERO, |(_, last)| now - last);
        (least + 2 * took.max(longest)).min(MOST)
    }

    /// By kind, what the answers behind the first meant.
    pub(super) fn later(&self) -> impl Iterator<Item = (Kind, Outcomes)> {
        self.later.iter().enumerate().flat_map(|(step, kinds)| {
            let is_warm_up = [false, true].into_iter();
            is_warm_up
                .zip(*kinds)
                .map(move |(is_warm_up, outcomes)| (Kind { step, is_warm_up }, outcomes))
        })
    }
}
