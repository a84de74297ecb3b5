//! How many requests are due a second, as it changes over time.

use std::time::Duration;

/// A rate over time: straight lines from point to point.
///
/// The request at a place among all, counted from 0, is due when as many requests are due as come
/// before it: when the area under the rate is that large.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// One behind the other; only the last may have no end.
    stretches: Vec<Stretch>,
}

/// Up to a point of a [`Profile`]: in this time the rate changes to that many requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// How long it takes.
    pub lasts: Duration,
    /// What the rate is then, in requests a second: 0 or above.
    pub to: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    /// When it begins.
    begins_s: f64,
    /// How many requests are due before.
    before: f64,
    /// The rates at its two ends, in requests a second.
    from: f64,
    to: f64,
    /// `INFINITY` where it does not end.
    lasts_s: f64,
}

impl Profile {
    /// The same rate for ever, in requests a second.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self::staged(rate, &[]).held()
    }

    /// From no requests to `rate` a second within `ramp_up`, and then that for ever.
    #[must_use]
    pub fn ramped(rate: f64, ramp_up: Duration) -> Self {
        Self::staged(0.0, &[Stage { lasts: ramp_up, to: rate }]).held()
    }

    /// From `first` requests a second through `stages`; it ends behind the last.
    #[must_use]
    pub fn staged(first: f64, stages: &[Stage]) -> Self {
        let start = Stretch { begins_s: 0.0, before: 0.0, from: first, to: first, lasts_s: 0.0 };
        let mut stretches = vec![start];
        for Stage { lasts, to } in stages {
            let last = stretches[stretches.len() - 1];
            stretches.push(last.then(*to, lasts.as_secs_f64()));
        }
        Self { stretches }
    }

    /// The same with its last rate for ever.
    fn held(mut self) -> Self {
        let last = self.stretches[self.stretches.len() - 1];
        self.stretches.push(last.then(last.to, f64::INFINITY));
        self
    }

    /// When a request is due that has so many before it; `None` where it ends earlier.
    #[must_use]
    pub fn due(&self, before: f64) -> Option<Duration> {
        // There are few, and a load is most often in the last of them.
        let mut latest = self.stretches.iter().rev();
        // One without requests is passed over: whatever is due at its start is due behind it.
        let stretch = latest.find(|stretch| stretch.before <= before)?;
        if before >= stretch.end() {
            return None;
        }
        Duration::try_from_secs_f64(stretch.begins_s + stretch.time_s(before - stretch.before)).ok()
    }

    /// The rate at its end, in requests a second.
    #[must_use]
    pub fn last_rate(&self) -> f64 {
        self.stretches.last().map_or(0.0, |last| last.to)
    }

    /// The rate at a time since the start, in requests a second.
    #[must_use]
    pub fn rate_at(&self, time: Duration) -> f64 {
        let time_s = time.as_secs_f64();
        let begun = self.stretches.iter().take_while(|stretch| stretch.begins_s <= time_s);
        begun.last().map_or(0.0, |stretch| {
            let Stretch { begins_s, from, to, lasts_s, .. } = *stretch;
            let share = ((time_s - begins_s) / lasts_s).min(1.0);
            if lasts_s > 0.0 { (to - from).mul_add(share, from) } else { to }
        })
    }

    /// The points it comes to, before the one where it stays.
    pub fn stages(&self) -> impl Iterator<Item = Stage> {
        let ending = self.stretches.iter().skip(1);
        ending.filter_map(|Stretch { to, lasts_s, .. }| {
            let lasts = Duration::try_from_secs_f64(*lasts_s).ok()?;
            Some(Stage { lasts, to: *to })
        })
    }

    /// When it ends; `None` where it does not.
    #[must_use]
    pub fn lasts(&self) -> Option<Duration> {
        let last = self.stretches.last()?;
        Duration::try_from_secs_f64(last.begins_s + last.lasts_s).ok()
    }

    /// How many requests are due in the first `time`.
    #[must_use]
    pub fn requests_within(&self, time: Duration) -> f64 {
        let time_s = time.as_secs_f64();
        let begun = self.stretches.iter().take_while(|stretch| stretch.begins_s < time_s);
        begun.last().map_or(0.0, |stretch| {
            stretch.before + stretch.requests((time_s - stretch.begins_s).min(stretch.lasts_s))
        })
    }
}

impl Stretch {
    /// What follows, until the rate is `to`.
    fn then(self, to: f64, lasts_s: f64) -> Self {
        let (begins_s, before) = (self.begins_s + self.lasts_s, self.end());
        Self { begins_s, before, from: self.to, to, lasts_s }
    }

    /// How many requests are due when it ends.
    fn end(&self) -> f64 {
        self.before + self.requests(self.lasts_s)
    }

    /// How many requests a second the rate gains a second.
    fn slope(&self) -> f64 {
        if self.lasts_s > 0.0 { (self.to - self.from) / self.lasts_s } else { 0.0 }
    }

    /// How many requests are due in its first `time_s`.
    fn requests(&self, time_s: f64) -> f64 {
        // Without a slope there is none, however long it lasts.
        let gained = if self.from.total_cmp(&self.to).is_eq() {
            0.0
        } else {
            self.slope() * time_s * time_s / 2.0
        };
        // A rate of none for ever is none.
        let steady = if self.from > 0.0 { self.from * time_s } else { 0.0 };
        steady + gained
    }

    /// In which time `requests` of it are due, which are no more than it has: the lesser root of
    /// slope/2·t² + from·t = requests, in the form that loses no digits where the slope is small.
    fn time_s(&self, requests: f64) -> f64 {
        if requests <= 0.0 {
            return 0.0;
        }
        let root = (self.from * self.from + 2.0 * self.slope() * requests).max(0.0).sqrt();
        2.0 * requests / (self.from + root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn stage(seconds: u32, to: f64) -> Stage {
        Stage { lasts: S * seconds, to }
    }

    /// When the request with this number is due, in milliseconds.
    fn due_ms(profile: &Profile, number: f64) -> Option<f64> {
        profile.due(number).map(|due| (due.as_secs_f64() * 1e6).round() / 1e3)
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced_from_the_start() {
        let profile = Profile::constant(1000.0);
        assert_eq!(due_ms(&profile, 0.0), Some(0.0));
        assert_eq!(due_ms(&profile, 1.0), Some(1.0));
        assert_eq!(due_ms(&profile, 123_456_789.0), Some(123_456_789.0));
        assert_eq!(profile.lasts(), None);
        assert!((profile.requests_within(30 * S) - 30_000.0).abs() < 1e-6);
        // Every three seconds.
        assert_eq!(due_ms(&Profile::constant(1.0 / 3.0), 2.0), Some(6000.0));
    }

    /// A rate that grows by 10/s each second has 5·t² requests at t.
    #[test]
    fn a_ramp_has_half_as_many_as_its_rate_would_have() {
        let profile = Profile::ramped(100.0, 10 * S);
        assert_eq!(due_ms(&profile, 0.0), Some(0.0));
        assert_eq!(due_ms(&profile, 5.0), Some(1000.0));
        assert_eq!(due_ms(&profile, 125.0), Some(5000.0));
        assert_eq!(due_ms(&profile, 500.0), Some(10_000.0));
        assert_eq!(due_ms(&profile, 600.0), Some(11_000.0));
        assert!((profile.requests_within(20 * S) - 1500.0).abs() < 1e-6);
    }

    #[test]
    fn stages_go_on_from_one_point_to_the_next_and_end() {
        let profile = Profile::staged(0.0, &[stage(10, 100.0), stage(30, 1000.0), stage(10, 0.0)]);
        // 500, 16,500 and 5,000 of them.
        assert_eq!(profile.lasts(), Some(50 * S));
        assert!((profile.requests_within(60 * S) - 22_000.0).abs() < 1e-6);
        assert_eq!(due_ms(&profile, 500.0), Some(10_000.0));
        assert_eq!(due_ms(&profile, 17_000.0), Some(40_000.0));
        let last = profile.due(21_999.0).unwrap();
        assert!(last < 50 * S && last > 49 * S, "{last:?}");
        assert_eq!(profile.due(22_000.0), None);
    }

    #[test]
    fn nothing_is_due_while_the_rate_is_zero() {
        let profile =
            Profile::staged(10.0, &[stage(1, 10.0), stage(0, 0.0), stage(5, 0.0), stage(1, 20.0)]);
        assert_eq!(due_ms(&profile, 9.0), Some(900.0));
        // 10·t² more since the sixth second.
        assert_eq!(due_ms(&profile, 12.5), Some(6500.0));
        assert_eq!(profile.due(20.0), None);
        assert_eq!(Profile::staged(0.0, &[stage(9, 0.0)]).due(0.0), None);
        assert_eq!(Profile::constant(0.0).due(0.0), None);
    }

    /// Whatever the stages, as many requests are due until a request's time as come before it.
    #[test]
    fn the_time_of_a_request_is_that_of_the_area_before_it() {
        for seed in 0..300 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut rate = || if rng.u8(0..4) == 0 { 0.0 } else { rng.f64() * 5000.0 };
            let first = rate();
            let stages: Vec<_> = (0..6).map(|seconds| stage(seconds, rate())).collect();
            let profile = Profile::staged(first, &stages);
            let all = profile.requests_within(60 * S);
            let mut earlier = Duration::ZERO;
            for place in 0..1000 {
                let before = all * f64::from(place) / 1000.0;
                let due = profile.due(before).unwrap();
                let within = profile.requests_within(due);
                assert!((within - before).abs() < 0.01, "{seed}: {within}, not {before}");
                assert!(due >= earlier, "{seed}: {due:?} behind {earlier:?}");
                earlier = due;
            }
            assert_eq!(profile.due(all + 0.01), None, "{seed}");
        }
    }
}
