//! How long a run lasted, and the drain after it.

use std::time::Duration;

use crate::plan::Load;

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
    /// The span of a run that was to be as `load` says. It began `sent` requests, of which the last
    /// ended at `last_end`, and was told to stop at `stopped`, both since the start.
    pub(crate) fn new(
        load: &Load,
        sent: u64,
        last_end: Duration,
        stopped: Option<Duration>,
    ) -> Self {
        let over = stopped.into_iter().chain(load.duration).min();
        let is_number_sent = load.requests.is_some_and(|requests| sent >= requests);
        let elapsed = match over {
            Some(over) if last_end > over || !is_number_sent => over,
            _ => last_end,
        };
        Self { elapsed, drain: last_end.saturating_sub(elapsed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Client;

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
        let load = Load {
            requests,
            duration: duration_ms.map(ms),
            concurrency: 1,
            threads: 1,
            keep_alive: true,
            client: Client::Http1,
            timeout: ms(30_000),
            stall: ms(2000),
            survives_broken: false,
            survives_death: false,
        };
        let Span { elapsed, drain } = Span::new(&load, sent, ms(last_end_ms), stopped_ms.map(ms));
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
    fn a_run_of_nothing_lasts_no_time() {
        assert_eq!(span((Some(9), None), 0, 0, None), (0, 0));
    }
}
