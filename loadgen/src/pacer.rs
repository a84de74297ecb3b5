//! When the next request is due: a pure function of the time and of what was sent.

use std::time::Duration;

/// The stop condition of a closed loop: a number of requests, a time, or whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pacer {
    pub(crate) requests: Option<u64>,
    pub(crate) duration: Option<Duration>,
}

/// What a worker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Send a request now.
    Go,
    /// Send no more.
    Stop,
}

impl Pacer {
    /// The pace after `sent` requests, `elapsed` since the start of the run.
    pub(crate) fn pace(&self, elapsed: Duration, sent: u64) -> Pace {
        let enough = self.requests.is_some_and(|requests| sent >= requests);
        let late = self.duration.is_some_and(|duration| elapsed >= duration);
        if enough || late { Pace::Stop } else { Pace::Go }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_count_is_sent_exactly() {
        let pacer = Pacer { requests: Some(3), duration: None };
        let after = [0, 1, 2, 3, 4].map(|sent| pacer.pace(SECOND * 1000, sent));
        assert_eq!(after, [Pace::Go, Pace::Go, Pace::Go, Pace::Stop, Pace::Stop]);
    }

    #[test]
    fn a_duration_ends_at_its_instant() {
        let pacer = Pacer { requests: None, duration: Some(SECOND) };
        assert_eq!(pacer.pace(Duration::from_millis(999), u64::MAX), Pace::Go);
        assert_eq!(pacer.pace(SECOND, 0), Pace::Stop);
    }

    #[test]
    fn whichever_comes_first_ends_the_run() {
        let pacer = Pacer { requests: Some(2), duration: Some(SECOND) };
        assert_eq!(pacer.pace(Duration::ZERO, 1), Pace::Go);
        assert_eq!(pacer.pace(Duration::ZERO, 2), Pace::Stop);
        assert_eq!(pacer.pace(SECOND, 1), Pace::Stop);
    }
}
