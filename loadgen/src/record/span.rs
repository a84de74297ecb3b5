//! How long a run lasted, and the drain after it.

use std::time::Duration;

/// How long a run lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// From the start to the end: the last request's of a run that ended by its number, otherwise
    /// when time was up or the run was told to stop.
    pub(crate) elapsed: Duration,
    /// How long after that requests in flight were waited for.
    pub(crate) drain: Duration,
}

impl Span {
    /// The span of a run that was to have so many `requests`, or to `end` at a time. Behind its warm-up,
    /// which was over at `begun`, it had `come` to so many requests. The last ended at `last_end`, and it
    /// was told to stop at `stopped`. All times are since the start.
    pub(crate) fn new(
        (requests, end): (Option<u64>, Option<Duration>),
        (begun, come): (Duration, u64),
        last_end: Duration,
        stopped: Option<Duration>,
    ) -> Self {
        let over = stopped.into_iter().chain(end).min();
        let is_number_sent = requests.is_some_and(|requests| come >= requests);
        let ended = match over {
            Some(over) if last_end > over || !is_number_sent => over,
            _ => last_end,
        };
        let elapsed = ended.saturating_sub(begun);
        Self { elapsed, drain: last_end.saturating_sub(ended) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// The elapsed time and the drain in milliseconds.
    fn span(
        (requests, duration_ms): (Option<u64>, Option<u64>),
        sent: u64,
        last_end_ms: u64,
        stopped_ms: Option<u64>,
    ) -> (u128, u128) {
        let limits = (requests, duration_ms.map(ms));
        let (behind, last_end) = ((Duration::ZERO, sent), ms(last_end_ms));
        let Span { elapsed, drain } = Span::new(limits, behind, last_end, stopped_ms.map(ms));
        (elapsed.as_millis(), drain.as_millis())
    }

    #[test]
    fn a_run_that_ends_by_its_number_lasts_until_its_last_answer() {
        assert_eq!(span((Some(9), None), 9, 700, None), (700, 0));
        assert_eq!(span((Some(9), Some(1000)), 9, 700, None), (700, 0));
        // The stop came when there was nothing left to do.
        assert_eq!(span((Some(9), None), 9, 700, Some(701)), (700, 0));
    }

    #[test]
    fn a_run_that_time_ends_lasts_as_long_as_it_was_to() {
        assert_eq!(span((None, Some(1000)), 1171, 2600, None), (1000, 1600));
        assert_eq!(span((Some(50_000), Some(1000)), 9, 1003, None), (1000, 3));
        assert_eq!(span((Some(9), Some(1000)), 9, 1400, None), (1000, 400));
        // Whoever was refused pauses, and may not begin again.
        assert_eq!(span((None, Some(1000)), 9, 900, None), (1000, 0));
    }

    #[test]
    fn a_run_that_is_cut_lasts_until_it_was_told_to_stop() {
        assert_eq!(span((Some(9), None), 5, 700, Some(300)), (300, 400));
        assert_eq!(span((Some(9), None), 5, 290, Some(300)), (300, 0));
        // In the drain it is over already.
        assert_eq!(span((None, Some(1000)), 5, 1700, Some(1200)), (1000, 700));
    }

    #[test]
    fn a_warm_up_is_no_part_of_it() {
        let span = |limits, stopped| Span::new(limits, (ms(300), 9), ms(1100), stopped);
        let expected = |elapsed, drain| Span { elapsed: ms(elapsed), drain: ms(drain) };
        assert_eq!(span((Some(9), None), None), expected(800, 0));
        assert_eq!(span((None, Some(ms(1000))), None), expected(700, 100));
        // It was cut while it warmed up.
        assert_eq!(span((Some(99), None), Some(ms(200))), expected(0, 900));
    }

    #[test]
    fn a_run_of_nothing_lasts_no_time() {
        assert_eq!(span((Some(9), None), 0, 0, None), (0, 0));
    }
}
