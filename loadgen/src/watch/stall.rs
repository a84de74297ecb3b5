//! Noticing that a target has stopped doing anything while requests are in flight.

#[cfg(test)]
mod tests;

use std::time::Duration;

use server::locks::Fact;

use super::{Asked, Proof};
use crate::worker::{Reading, Waits};

/// Watches a run for stalls; times are since the start of the run.
///
/// What counts is what the target brings to an end: an answer, a refusal, a broken connection. That
/// a request was given up when its time was over is our doing, and no sign of life. Only a request
/// that was sent can be left unanswered: one whose connection is still being made cannot.
#[derive(Debug)]
pub(crate) struct StallWatch {
    limit: Duration,
    proof: Proof,
    /// Since when the target could have done something and we could have seen it; while it is
    /// stalled, since when it is.
    since: Duration,
    /// When it was last looked.
    looked: Duration,
    /// Since when it was never not looked for as long as a stall: no wait counts from before.
    awake: Duration,
    doubt: Doubt,
    is_stalled: bool,
    /// Whether it was said that half of the clients hang while others are answered.
    has_hung: bool,
    stalls: Option<Stalls>,
    /// The most requests that hung at once while others were answered.
    hung: Option<Stall>,
}

/// What is thought of a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// Nothing yet.
    None,
    /// A probe is out.
    Asked,
    /// The probe was not left unanswered. From this time on there may be another.
    Slow(Duration),
    /// The probe was not answered either.
    Confirmed,
}

/// The times at which nothing happened for too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stalls {
    pub(crate) count: u64,
    pub(crate) first: Stall,
    pub(crate) longest: Duration,
    /// Whether the target answered anything after the last of them began.
    pub(crate) recovered: bool,
    last_at: Duration,
}

/// A time in which the target left requests in flight unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stall {
    /// When it last did something, or else when it first could have. Where others were answered:
    /// when the first of the requests was sent.
    pub(crate) at: Duration,
    /// So far, or until it did something again.
    pub(crate) lasted: Duration,
    /// How many of them there were when it was noticed.
    pub(crate) in_flight: u64,
    /// Whether anything had been answered before.
    pub(crate) ever_answered: bool,
    /// Whether others were answered meanwhile.
    pub(crate) others_answered: bool,
}

/// That the target stalled, and what was learnt of it when it first did.
#[derive(Debug)]
pub(crate) struct Stalled {
    pub(crate) stalls: Stalls,
    /// What its server said of its locks; `None` where it says nothing of them.
    pub(crate) locks: Option<Vec<Fact>>,
    /// What it was asked in its silence, and whether it answered that; `None` where nothing was.
    pub(crate) asked: Option<(Asked, bool)>,
}

impl Stalls {
    /// One, that nothing came after.
    pub(crate) fn one(stall: Stall) -> Self {
        let recovered = stall.others_answered;
        Self { count: 1, first: stall, longest: stall.lasted, recovered, last_at: stall.at }
    }
}

/// What a look has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The target is silent. Whether it answers anybody is to be asked, and [`StallWatch::told`].
    Suspected,
    /// The target has stalled, or leaves half of the clients waiting.
    Stalled(Stall),
    /// It has answered again after so long.
    Recovered(Duration),
}

/// A request has hung that was not answered for so many times the limit.
const HANGS_AFTER: u32 = 5;

impl StallWatch {
    /// Calls it a stall when nothing has happened for `limit`, and there is `proof`.
    pub(crate) fn new(limit: Duration, proof: Proof) -> Self {
        let zero = Duration::ZERO;
        Self {
            limit,
            proof,
            since: zero,
            looked: zero,
            awake: zero,
            doubt: Doubt::None,
            is_stalled: false,
            has_hung: false,
            stalls: None,
            hung: None,
        }
    }

    /// How often it is to be looked.
    pub(crate) fn interval(&self) -> Duration {
        const FINEST: Duration = Duration::from_millis(5);
        const COARSEST: Duration = Duration::from_millis(100);
        (self.limit / 10).clamp(FINEST, COARSEST)
    }

    /// Before when a request must have been sent to be hanging by `now`.
    pub(crate) fn hangs_before(&self, now: Duration) -> Duration {
        let before = now.saturating_sub(HANGS_AFTER * self.limit);
        if before < self.awake { Duration::ZERO } else { before }
    }

    /// Looks at `reading` and `waits`, which are of `now`.
    pub(crate) fn look(&mut self, now: Duration, reading: Reading, waits: Waits) -> Option<Change> {
        let gap = now.saturating_sub(self.looked);
        // Whatever kept this from looking may have kept the workers from working.
        let slept = gap > (self.limit / 2).max(2 * self.interval());
        self.looked = now;
        let answered = Duration::from_nanos(reading.answered_ns);
        let moved = answered.max(Duration::from_nanos(reading.broken_ns));
        if let Some(stalls) = &mut self.stalls {
            stalls.recovered |= answered > stalls.last_at;
        }
        if gap > self.limit {
            self.awake = now;
        }
        if self.is_stalled {
            return self.look_for_its_end(answered, moved);
        }
        // As long as no connection was made there is nobody who could have stalled.
        if reading.opened_ns == 0 || waits.sent == 0 {
            self.quiet_since(now);
            return None;
        }
        if slept {
            // That time does not count, nor does what came of a probe in it.
            self.quiet_since((self.since + gap).min(now));
            return None;
        }
        if moved > self.since {
            self.quiet_since(moved);
        }
        if let Some(stall) = self.silence(now, reading, waits) {
            self.is_stalled = true;
            self.add(stall);
            return Some(Change::Stalled(stall));
        }
        if self.is_to_be_asked(now, reading) {
            self.doubt = Doubt::Asked;
            return Some(Change::Suspected);
        }
        self.look_for_hanging(now, answered, reading, waits).map(Change::Stalled)
    }

    /// Takes down by `now` whether the target left the probe unanswered that it was suspected for.
    pub(crate) fn told(&mut self, now: Duration, was_left_unanswered: bool) {
        // Where something was answered meanwhile there is no suspicion left.
        if self.doubt == Doubt::Asked {
            let slow = Doubt::Slow(now + self.limit);
            self.doubt = if was_left_unanswered { Doubt::Confirmed } else { slow };
        }
    }

    fn quiet_since(&mut self, since: Duration) {
        self.since = since;
        self.doubt = Doubt::None;
    }

    fn look_for_its_end(&mut self, answered: Duration, moved: Duration) -> Option<Change> {
        if moved <= self.since {
            return None;
        }
        self.is_stalled = false;
        let lasted = moved.saturating_sub(self.since);
        self.quiet_since(moved);
        self.stalls.as_mut()?.lasted(lasted);
        (answered == moved).then_some(Change::Recovered(lasted))
    }

    /// The silence by `now`, where it is certain that it is a stall.
    fn silence(&self, now: Duration, reading: Reading, waits: Waits) -> Option<Stall> {
        let lasted = now.saturating_sub(self.since);
        let is_certain = match self.proof {
            Proof::Silence => lasted >= self.limit,
            Proof::Probe | Proof::Patience => {
                self.doubt == Doubt::Confirmed
                    // Some of them may have been given up meanwhile, and others sent instead.
                    || lasted >= HANGS_AFTER * self.limit && reading.is_half(waits.sent)
            }
        };
        let (in_flight, ever_answered) = (waits.sent, reading.answered_ns > 0);
        let at = self.since;
        let stall = Stall { at, lasted, in_flight, ever_answered, others_answered: false };
        is_certain.then_some(stall)
    }

    /// Whether somebody is to ask the target. Behind the last requests of a run nobody asks as long
    /// as they are few: each is waited for until its own time is up.
    fn is_to_be_asked(&self, now: Duration, reading: Reading) -> bool {
        let is_silent = now.saturating_sub(self.since) >= self.limit;
        let may_be_asked = match self.doubt {
            Doubt::None => true,
            Doubt::Slow(until) => now >= until,
            Doubt::Asked | Doubt::Confirmed => false,
        };
        self.proof == Proof::Probe
            && is_silent
            && may_be_asked
            && reading.is_half(reading.in_flight)
    }

    /// Takes down which requests hang while others are answered; those are told once they are half
    /// of the clients'.
    fn look_for_hanging(
        &mut self,
        now: Duration,
        answered: Duration,
        reading: Reading,
        waits: Waits,
    ) -> Option<Stall> {
        let at = Duration::from_nanos(waits.oldest_ns);
        let are_others_answered = answered > at && now.saturating_sub(self.since) < self.limit;
        if waits.hanging == 0 || !are_others_answered {
            return None;
        }
        let lasted = now.saturating_sub(at);
        let in_flight = waits.hanging;
        let stall = Stall { at, lasted, in_flight, ever_answered: true, others_answered: true };
        if self.hung.is_none_or(|most| (most.in_flight, most.lasted) < (in_flight, lasted)) {
            self.hung = Some(stall);
        }
        let is_news = reading.is_half(in_flight) && !self.has_hung;
        self.has_hung |= is_news;
        is_news.then_some(stall)
    }

    fn add(&mut self, stall: Stall) {
        let (count, longest) = self
            .stalls
            .as_ref()
            .map_or((0, stall.lasted), |known| (known.count, known.longest.max(stall.lasted)));
        let first = self.stalls.as_ref().map_or(stall, |known| known.first);
        let (count, last_at) = (count + 1, stall.at);
        self.stalls = Some(Stalls { count, first, longest, recovered: false, last_at });
    }

    /// The stalls of a run that was over at `end`; without one, the requests that hung while others
    /// were answered.
    pub(crate) fn into_stalls(mut self, end: Duration) -> Option<Stalls> {
        if let (true, Some(stalls)) = (self.is_stalled, &mut self.stalls) {
            stalls.lasted(end.saturating_sub(self.since));
        }
        self.stalls.or(self.hung.map(Stalls::one))
    }
}

impl Stalls {
    /// The last of them went on for so long.
    fn lasted(&mut self, lasted: Duration) {
        self.longest = self.longest.max(lasted);
        if self.count == 1 {
            self.first.lasted = self.first.lasted.max(lasted);
        }
    }
}
