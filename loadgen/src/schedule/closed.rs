//! The closed loop: a client's next request is due when its last is answered.

use std::time::Duration;

use super::{Due, Schedule, Ticket};

/// A number of requests, a time, or whichever ends first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed {
    pub(crate) requests: Option<u64>,
    pub(crate) duration: Option<Duration>,
}

impl Schedule for Closed {
    fn ticket(&self, number: u64) -> Option<Ticket> {
        let is_one = self.requests.is_none_or(|requests| number < requests);
        is_one.then_some(Ticket { number, due: Due::Now })
    }

    fn end(&self) -> Option<Duration> {
        self.duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_tickets_as_requests() {
        let closed = Closed { requests: Some(3), duration: None };
        let numbers = (0..6).filter_map(|number| closed.ticket(number));
        let now = |number| Ticket { number, due: Due::Now };
        assert_eq!(numbers.collect::<Vec<_>>(), [now(0), now(1), now(2)]);
        assert_eq!(closed.end(), None);
    }

    #[test]
    fn a_duration_has_as_many_as_it_takes_and_ends_at_its_instant() {
        let second = Duration::from_secs(1);
        let closed = Closed { requests: None, duration: Some(second) };
        assert!(closed.ticket(u64::MAX).is_some());
        assert_eq!(closed.end(), Some(second));
    }
}
