//! How long answers take, and when nothing is answered.

use std::time::Duration;

use fastrand::Rng;

/// How long answers take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delays {
    Fixed(Duration),
    /// Exponentially distributed, drawn in the order in which requests arrive.
    Exponential {
        mean: Duration,
        seed: u64,
    },
}

/// The delays of a run, one after the other.
pub(crate) enum Draw {
    Fixed(Duration),
    Exponential { mean: Duration, rng: Rng },
}

/// A full stop in each period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stops {
    pub(crate) every: Duration,
    /// When in its period a stop begins: some time before the period ends, so that no generator ends in
    /// a stop after whole periods.
    pub(crate) begins: Duration,
    pub(crate) lasts: Duration,
}

impl Delays {
    pub(crate) fn draw(self) -> Draw {
        match self {
            Self::Fixed(delay) => Draw::Fixed(delay),
            Self::Exponential { mean, seed } => {
                Draw::Exponential { mean, rng: Rng::with_seed(seed) }
            }
        }
    }

    pub(crate) fn mean(self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential { mean, .. } => mean,
        }
    }
}

impl Draw {
    pub(crate) fn next(&mut self) -> Duration {
        match self {
            Self::Fixed(delay) => *delay,
            // The number drawn is below 1.
            Self::Exponential { mean, rng } => mean.mul_f64(-(1.0 - rng.f64()).ln()),
        }
    }
}

impl Stops {
    /// When the stop ends in which `time` lies, both since the beginning; `None` outside of stops.
    pub(crate) fn end_of_one(self, time: Duration) -> Option<Duration> {
        let Self { every, begins, lasts } = self;
        let periods = u32::try_from(time.as_nanos() / every.as_nanos()).expect("a run is short");
        let begin = every * periods + begins;
        let end = begin + lasts;
        (begin..end).contains(&time).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_in_each_period_at_its_time() {
        let seconds = Duration::from_secs;
        let stops = Stops { every: seconds(5), begins: seconds(1), lasts: seconds(2) };
        let ends = [0, 1, 2, 3, 4, 5, 6, 8].map(|time| stops.end_of_one(seconds(time)));
        let (first, second) = (Some(seconds(3)), Some(seconds(8)));
        assert_eq!(ends, [None, first, first, None, None, None, second, None]);
    }

    #[test]
    fn the_same_seed_draws_the_same_delays_of_the_mean_asked_for() {
        let mean = Duration::from_millis(10);
        let draw = |seed| {
            let mut draw = Delays::Exponential { mean, seed }.draw();
            (0..10_000).map(|_| draw.next()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let drawn_mean = draw(1).iter().sum::<Duration>() / 10_000;
        assert!(drawn_mean.abs_diff(mean) < Duration::from_micros(400), "{drawn_mean:?}");
    }
}
