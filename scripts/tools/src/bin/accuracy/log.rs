//! What the server did, and what follows from it.

use std::time::{Duration, Instant};

use crate::figures::{Figures, PERCENTS};

/// What a server did in one run.
pub(crate) struct Log {
    /// In the order in which they were written.
    pub(crate) answers: Vec<Answer>,
    /// When nothing was done, from and to.
    pub(crate) stops: Vec<(Instant, Instant)>,
}

/// A request that was answered.
pub(crate) struct Answer {
    pub(crate) arrived: Instant,
    /// How long it was to take.
    pub(crate) meant: Duration,
    pub(crate) answered: Instant,
}

/// How far arrivals were from each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spacing {
    pub(crate) arrived: u64,
    pub(crate) mean_us: f64,
    pub(crate) deviation_us: f64,
    pub(crate) longest_us: f64,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { answers: Vec::new(), stops: Vec::new() }
    }

    /// The delays that requests had which arrived so long after the first, or later.
    pub(crate) fn delays(&self, from: Duration) -> Figures {
        let first = self.first();
        let later =
            self.answers.iter().filter(|answer| first.is_some_and(|f| answer.arrived >= f + from));
        of(later.map(|answer| answer.answered - answer.arrived).collect())
    }

    /// How late the server was with its own answers.
    pub(crate) fn own_error(&self) -> Figures {
        of(self
            .answers
            .iter()
            .map(|one| (one.answered - one.arrived).saturating_sub(one.meant))
            .collect())
    }

    /// The latencies, by arithmetic, of requests that are due at a rate from the first arrival on, so many
    /// of them, and answered at once, with `delay`, or at the end of a stop. Those that are due before
    /// `from` are left out.
    pub(crate) fn latencies(&self, due: Due, delay: Duration) -> Figures {
        let Due { rate, count, from } = due;
        let Some(first) = self.first() else { return of(Vec::new()) };
        let dues = (0..count).map(|number| Duration::from_secs_f64(f64::from(number) / rate));
        let latency = |due: Duration| {
            let due = first + due;
            let answered = due + delay;
            let within = |(begun, end): &&(Instant, Instant)| answered >= *begun && due < *end;
            match self.stops.iter().find(within) {
                // It arrived before the stop, and its answer was due within.
                Some((begun, end)) if due < *begun => answered.max(*end) - due,
                // It was read when the stop was over.
                Some((_, end)) => *end + delay - due,
                None => delay,
            }
        };
        of(dues.filter(|due| *due >= from).map(latency).collect())
    }

    /// How far arrivals were from each other.
    pub(crate) fn spacing(&self) -> Spacing {
        let mut arrivals: Vec<_> = self.answers.iter().map(|answer| answer.arrived).collect();
        arrivals.sort_unstable();
        let us = |pair: &[Instant]| (pair[1] - pair[0]).as_secs_f64() * 1e6;
        let gaps: Vec<f64> = arrivals.windows(2).map(us).collect();
        #[expect(clippy::cast_precision_loss, reason = "runs have far fewer than 2^53 requests")]
        let count = gaps.len().max(1) as f64;
        let mean_us = gaps.iter().sum::<f64>() / count;
        let squares = gaps.iter().map(|gap| (gap - mean_us).powi(2)).sum::<f64>();
        Spacing {
            arrived: arrivals.len() as u64,
            mean_us,
            deviation_us: (squares / count).sqrt(),
            longest_us: gaps.iter().copied().fold(0.0, f64::max),
        }
    }

    /// When the first request arrived.
    fn first(&self) -> Option<Instant> {
        self.answers.iter().map(|answer| answer.arrived).min()
    }
}

/// Requests that are due at a rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    /// Requests a second.
    pub(crate) rate: f64,
    pub(crate) count: u32,
    pub(crate) from: Duration,
}

/// The percentiles of `times`, by nearest rank.
fn of(mut times: Vec<Duration>) -> Figures {
    times.sort_unstable();
    let ms = |time: &Duration| time.as_secs_f64() * 1e3;
    let percentile = |percent: f64| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length far below 2^53, rounded up"
        )]
        let rank = (times.len() as f64 * percent / 100.0).ceil() as usize;
        times.get(rank.saturating_sub(1)).map(ms)
    };
    Figures {
        answered: Some(times.len() as u64),
        percentiles_ms: PERCENTS.map(percentile),
        max_ms: times.last().map(ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Requests that arrive at these times, in milliseconds, and take 1.
    fn log(arrivals_ms: impl Iterator<Item = u32>) -> (Instant, Log) {
        let start = Instant::now();
        let answers = arrivals_ms.map(|ms| {
            let arrived = start + ms * MS;
            Answer { arrived, meant: MS, answered: arrived + MS }
        });
        (start, Log { answers: answers.collect(), stops: Vec::new() })
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let figures = of((1..=1000).rev().map(|ms| ms * MS).collect());
        let expected = [500.0, 750.0, 900.0, 950.0, 990.0, 999.0].map(Some);
        assert_eq!(figures.percentiles_ms, expected);
        assert_eq!((figures.answered, figures.max_ms), (Some(1000), Some(1000.0)));
        assert_eq!(of(Vec::new()).percentiles_ms, [None; 6]);
    }

    #[test]
    fn what_is_due_in_a_stop_waits_for_its_end() {
        let (start, mut log) = log(0..1);
        log.stops.push((start + 3000 * MS, start + 5000 * MS));
        let due = Due { rate: 200.0, count: 1000, from: Duration::ZERO };
        let figures = log.latencies(due, MS);
        // Two fifths of the requests wait for up to 2 s: one in a hundred for longer than 1.95 s.
        let p99_ms = figures.percentiles_ms[4].unwrap();
        assert!((p99_ms - 1951.0).abs() < 6.0, "{p99_ms}");
        assert_eq!(figures.percentiles_ms[0], Some(1.0));
        assert!((figures.max_ms.unwrap() - 2001.0).abs() < 0.001);
        let late = log.latencies(Due { from: 4000 * MS, ..due }, MS);
        assert_eq!(late.answered, Some(200));
        assert!((late.max_ms.unwrap() - 1001.0).abs() < 0.001);
    }

    #[test]
    fn an_even_spacing_has_no_deviation() {
        let (_, even) = log(0..100);
        let spacing = even.spacing();
        assert!(
            (spacing.mean_us - 1000.0).abs() < 0.01 && spacing.deviation_us < 0.01,
            "{spacing:?}"
        );
        let (_, pairs) = log((0..100).flat_map(|pair| [3 * pair, 3 * pair + 1]));
        let spacing = pairs.spacing();
        assert!((spacing.deviation_us - 500.0).abs() < 2.0, "{spacing:?}");
        assert!((spacing.longest_us - 2000.0).abs() < 0.01, "{spacing:?}");
        assert_eq!(pairs.delays(297 * MS).answered, Some(2));
    }
}
