//! The closed loop: a client's next request is due when its last is answered.

use std::time::Duration;

use super::{Due, Joining, Schedule, Stripe, Ticket, Tickets, WarmUp};

/// A number of requests, a time, or whichever ends first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closed {
    pub(crate) requests: Option<u64>,
    pub(crate) duration: Option<Duration>,
    /// In which time clients join, one after the other.
    pub(crate) ramp_up: Duration,
    pub(crate) warm_up: WarmUp,
}

/// One worker's requests of a closed loop.
struct OfWorker {
    stripe: Stripe,
    warm_up: WarmUp,
    /// How many were taken.
    taken: u64,
    /// How many are left behind the warm-up; `None` for as many as it takes.
    left: Option<u64>,
}

impl Schedule for Closed {
    fn tickets(&self, stripe: Stripe) -> Box<dyn Tickets> {
        let Self { requests, warm_up, .. } = *self;
        let left = match warm_up {
            // By their numbers, the last of them are whose they are.
            WarmUp::Requests(warming) => {
                requests.map(|requests| stripe.share(requests + warming) - stripe.share(warming))
            }
            WarmUp::Time(_) => requests.map(|requests| stripe.share(requests)),
        };
        Box::new(OfWorker { stripe, warm_up, taken: 0, left })
    }

    fn end(&self) -> Option<Duration> {
        self.duration.map(|duration| self.warm_up.time() + duration)
    }

    fn joining(&self) -> Joining {
        Joining::Within(self.ramp_up)
    }
}

impl Tickets for OfWorker {
    fn next(&mut self, now: &dyn Fn() -> Duration) -> Option<Ticket> {
        let number = self.stripe.number(self.taken);
        let is_warm_up = self.warm_up.has(number, now);
        if !is_warm_up && let Some(left) = &mut self.left {
            *left = left.checked_sub(1)?;
        }
        self.taken += 1;
        Some(Ticket { number, due: Due::Now, is_warm_up })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Stripe = Stripe { index: 0, of: 1 };
    const S: Duration = Duration::from_secs(1);

    const NOTHING: Closed =
        Closed { requests: None, duration: None, ramp_up: Duration::ZERO, warm_up: WarmUp::NONE };

    /// The numbers of a worker's requests, and whether each is of the warm-up; taken at `times`.
    fn taken(
        closed: Closed,
        stripe: Stripe,
        times: impl Iterator<Item = Duration>,
    ) -> Vec<(u64, bool)> {
        let mut tickets = closed.tickets(stripe);
        let tickets = times.map_while(|now| tickets.next(&|| now));
        tickets.map(|ticket| (ticket.number, ticket.is_warm_up)).collect()
    }

    fn at_once() -> impl Iterator<Item = Duration> {
        std::iter::repeat(Duration::ZERO)
    }

    #[test]
    fn there_are_as_many_tickets_as_requests() {
        let closed = Closed { requests: Some(3), ..NOTHING };
        assert_eq!(taken(closed, ALONE, at_once()), [(0, false), (1, false), (2, false)]);
        assert_eq!(taken(closed, Stripe { index: 1, of: 2 }, at_once()), [(1, false)]);
        assert_eq!(closed.end(), None);
    }

    #[test]
    fn a_duration_has_as_many_as_it_takes_and_ends_at_its_instant() {
        let closed = Closed { duration: Some(S), ..NOTHING };
        assert_eq!(taken(closed, ALONE, at_once().take(9999)).len(), 9999);
        assert_eq!(closed.end(), Some(S));
    }

    #[test]
    fn a_warm_up_of_requests_is_in_addition_whoever_sends_them() {
        let closed = Closed { requests: Some(10), warm_up: WarmUp::Requests(7), ..NOTHING };
        for of in 1..5 {
            let stripes = (0..of).map(|index| Stripe { index, of });
            let mut all: Vec<_> =
                stripes.flat_map(|stripe| taken(closed, stripe, at_once())).collect();
            all.sort_unstable();
            let expected: Vec<_> = (0..17).map(|number| (number, number < 7)).collect();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn a_warm_up_of_a_time_has_as_many_as_it_takes() {
        let warm_up = WarmUp::Time(S);
        let closed = Closed { requests: Some(4), duration: Some(5 * S), warm_up, ..NOTHING };
        let times = (0..).map(|tenth| tenth * S / 10);
        let of_two = taken(closed, Stripe { index: 1, of: 2 }, times);
        let warm = of_two.iter().filter(|(_, is_warm_up)| *is_warm_up).count();
        assert_eq!((warm, of_two.len()), (10, 12));
        assert!(of_two.iter().map(|(number, _)| *number).eq((0..12).map(|own| 2 * own + 1)));
        assert_eq!(closed.end(), Some(6 * S));
    }
}
