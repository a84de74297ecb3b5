//! Noticing that a target has stopped doing anything while requests are in flight.

use std::time::Duration;

use server::locks::Fact;

use crate::worker::Reading;

/// Watches a run for stalls; times are since the start of the run.
///
/// What counts is what the target brings to an end: an answer, a refusal, a broken connection. That
/// a request was given up when its time was over is our doing, and no sign of life.
#[derive(Debug)]
pub(crate) struct StallWatch {
    limit: Duration,
    /// Since when the target could have done something and we could have seen it; while it is
    /// stalled, since when it is.
    since: Duration,
    /// When it was last looked.
    looked: Duration,
    is_stalled: bool,
    stalls: Option<Stalls>,
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

/// A time in which the target did nothing with requests in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stall {
    /// When it last did something, or else when it first could have.
    pub(crate) at: Duration,
    /// So far, or until it did something again.
    pub(crate) lasted: Duration,
    /// When it was noticed.
    pub(crate) in_flight: u64,
    /// Whether anything had been answered before.
    pub(crate) ever_answered: bool,
}

/// That the target stalled, and what its server said of its locks when it first did.
#[derive(Debug)]
pub(crate) struct Stalled {
    pub(crate) stalls: Stalls,
    /// `None` where it says nothing of them.
    pub(crate) locks: Option<Vec<Fact>>,
}

impl Stalls {
    /// One, that nothing came after.
    pub(crate) fn one(stall: Stall) -> Self {
        Self { count: 1, first: stall, longest: stall.lasted, recovered: false, last_at: stall.at }
    }
}

/// What a look has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The target has stalled.
    Stalled(Stall),
    /// It has answered again after so long.
    Recovered(Duration),
}

impl StallWatch {
    /// Calls it a stall when nothing has happened for `limit`.
    pub(crate) fn new(limit: Duration) -> Self {
        let zero = Duration::ZERO;
        Self { limit, since: zero, looked: zero, is_stalled: false, stalls: None }
    }

    /// How often it is to be looked.
    pub(crate) fn interval(&self) -> Duration {
        const FINEST: Duration = Duration::from_millis(5);
        const COARSEST: Duration = Duration::from_millis(100);
        (self.limit / 10).clamp(FINEST, COARSEST)
    }

    /// Looks at `reading`, which is of `now`.
    pub(crate) fn look(&mut self, now: Duration, reading: Reading) -> Option<Change> {
        // Whatever kept this from looking may have kept the workers from working.
        let slept = now.saturating_sub(self.looked) > (self.limit / 2).max(2 * self.interval());
        self.looked = now;
        let answered = Duration::from_nanos(reading.answered_ns);
        let moved = answered.max(Duration::from_nanos(reading.broken_ns));
        if let Some(stalls) = &mut self.stalls {
            stalls.recovered |= answered > stalls.last_at;
        }
        if self.is_stalled {
            if moved <= self.since {
                return None;
            }
            self.is_stalled = false;
            let lasted = moved.saturating_sub(self.since);
            self.since = moved;
            self.stalls.as_mut()?.lasted(lasted);
            return (answered == moved).then_some(Change::Recovered(lasted));
        }
        // As long as no connection was made there is nobody who could have stalled.
        if reading.opened_ns == 0 || slept || reading.in_flight == 0 {
            self.since = now;
            return None;
        }
        self.since = self.since.max(moved);
        let lasted = now.saturating_sub(self.since);
        if lasted < self.limit {
            return None;
        }
        let (in_flight, ever_answered) = (reading.in_flight, reading.answered_ns > 0);
        let stall = Stall { at: self.since, lasted, in_flight, ever_answered };
        self.is_stalled = true;
        self.add(stall);
        Some(Change::Stalled(stall))
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

    /// The stalls of a run that was over at `end`.
    pub(crate) fn into_stalls(mut self, end: Duration) -> Option<Stalls> {
        if let (true, Some(stalls)) = (self.is_stalled, &mut self.stalls) {
            stalls.lasted(end.saturating_sub(self.since));
        }
        self.stalls
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// With four requests in flight, and the last answer at `answered_ms`.
    fn reading(answered_ms: u64) -> Reading {
        Reading {
            ended: 9,
            in_flight: 4,
            answered_ns: answered_ms * 1_000_000,
            broken_ns: 0,
            opened_ns: 1,
        }
    }

    /// Looks every 100 ms, up to `until_ms` inclusive, at what `of` makes of the time.
    fn looks(
        watch: &mut StallWatch,
        until_ms: u64,
        of: impl Fn(u64) -> Reading,
    ) -> Vec<(u64, Change)> {
        let begin = u64::try_from(watch.looked.as_millis()).unwrap() / 100 + 1;
        let times = (begin..=until_ms / 100).map(|tenth| tenth * 100);
        times.filter_map(|at| Some((at, watch.look(ms(at), of(at))?))).collect()
    }

    #[test]
    fn silence_is_a_stall_once_it_has_lasted() {
        let mut watch = StallWatch::new(LIMIT);
        let changes = looks(&mut watch, 5000, |now| reading(now.min(730)));
        let stall = Stall { at: ms(730), lasted: ms(1070), in_flight: 4, ever_answered: true };
        assert_eq!(changes, [(1800, Change::Stalled(stall))]);
        let stalls = watch.into_stalls(ms(6000)).unwrap();
        assert_eq!((stalls.count, stalls.recovered), (1, false));
        assert_eq!((stalls.first.lasted, stalls.longest), (ms(5270), ms(5270)));
    }

    #[test]
    fn whoever_moves_slowly_has_not_stalled() {
        let mut watch = StallWatch::new(LIMIT);
        assert_eq!(looks(&mut watch, 60_000, |now| reading(now - now % 900)), []);
        assert_eq!(watch.into_stalls(ms(60_000)), None);
    }

    #[test]
    fn what_never_answered_has_stalled_since_it_was_reached() {
        let mut watch = StallWatch::new(LIMIT);
        assert_eq!(looks(&mut watch, 3000, |_| Reading { opened_ns: 0, ..reading(0) }), []);
        let changes = looks(&mut watch, 5000, |_| reading(0));
        let stall = Stall { at: ms(3000), lasted: ms(1000), in_flight: 4, ever_answered: false };
        assert_eq!(changes, [(4000, Change::Stalled(stall))]);
    }

    #[test]
    fn with_nothing_in_flight_there_is_nothing_to_wait_for() {
        let mut watch = StallWatch::new(LIMIT);
        let idle = |_| Reading { in_flight: 0, ..reading(50) };
        assert_eq!(looks(&mut watch, 5000, idle), []);
        let changes = looks(&mut watch, 7000, |_| reading(50));
        assert!(matches!(changes[..], [(6000, Change::Stalled(_))]), "{changes:?}");
    }

    #[test]
    fn several_stalls_are_counted_and_the_first_and_the_longest_kept() {
        let mut watch = StallWatch::new(LIMIT);
        // Silent from 500 to 2000, from 3000 to 7000, and from 8000 to 9500.
        let answered = |now| match now {
            500..2000 => 500,
            3000..7000 => 3000,
            8000..9500 => 8000,
            now => now,
        };
        let changes = looks(&mut watch, 12_000, |now| reading(answered(now)));
        let recoveries: Vec<_> = changes
            .iter()
            .filter_map(|(_, change)| match change {
                Change::Recovered(after) => Some(*after),
                Change::Stalled(_) => None,
            })
            .collect();
        assert_eq!(recoveries, [ms(1500), ms(4000), ms(1500)]);
        let stalls = watch.into_stalls(ms(12_000)).unwrap();
        assert_eq!((stalls.count, stalls.recovered, stalls.longest), (3, true, ms(4000)));
        assert_eq!((stalls.first.at, stalls.first.lasted), (ms(500), ms(1500)));
    }

    #[test]
    fn a_refusal_ends_a_stall_but_is_no_recovery() {
        let mut watch = StallWatch::new(LIMIT);
        let dying = |now| Reading {
            broken_ns: if now < 3000 { 0 } else { now * 1_000_000 },
            ..reading(500)
        };
        let changes = looks(&mut watch, 10_000, dying);
        assert!(matches!(changes[..], [(1500, Change::Stalled(_))]), "{changes:?}");
        let stalls = watch.into_stalls(ms(10_000)).unwrap();
        assert_eq!((stalls.count, stalls.recovered, stalls.longest), (1, false, ms(2500)));
    }

    #[test]
    fn our_own_sleep_is_not_taken_for_the_targets() {
        let mut watch = StallWatch::new(LIMIT);
        assert_eq!(looks(&mut watch, 1000, reading), []);
        // This process was stopped for an hour.
        assert_eq!(watch.look(ms(3_600_000), reading(1000)), None);
        assert_eq!(looks(&mut watch, 3_600_900, |_| reading(1000)), []);
    }
}
