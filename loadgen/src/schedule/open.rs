//! The open loop: requests are due at their times, whatever is in flight.

use std::time::Duration;

use super::{Arrival, Due, Joining, Profile, Schedule, Stripe, Ticket, Tickets, WarmUp};

/// Requests at a rate.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) requests: Option<u64>,
    pub(crate) duration: Option<Duration>,
    pub(crate) profile: Profile,
    pub(crate) arrival: Arrival,
    pub(crate) warm_up: WarmUp,
}

/// One worker's requests of an open loop: those of `all` that are its own.
struct OfWorker<I> {
    stripe: Stripe,
    all: I,
}

impl Schedule for Open {
    fn tickets(&self, stripe: Stripe) -> Box<dyn Tickets> {
        let Self { requests, profile, arrival, warm_up, .. } = self.clone();
        let mut left = requests;
        let all = (0..).zip(arrival.places()).map_while(move |(number, place)| {
            // Behind the last stage nothing is due before its end.
            let due = profile.due(place).or(profile.lasts())?;
            let is_warm_up = warm_up.has(number, || due);
            if !is_warm_up && let Some(left) = &mut left {
                *left = left.checked_sub(1)?;
            }
            Some(Ticket { number, due: Due::At(due), is_warm_up })
        });
        Box::new(OfWorker { stripe, all })
    }

    fn end(&self) -> Option<Duration> {
        let duration = self.duration.map(|duration| self.warm_up.time() + duration);
        duration.into_iter().chain(self.profile.lasts()).min()
    }

    fn joining(&self) -> Joining {
        Joining::AsNeeded
    }
}

impl<I: Iterator<Item = Ticket>> Tickets for OfWorker<I> {
    fn next(&mut self, _: &dyn Fn() -> Duration) -> Option<Ticket> {
        self.all.find(|ticket| ticket.number % self.stripe.of == self.stripe.index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Stage;
    use super::*;

    fn open(requests: Option<u64>, arrival: Arrival) -> Open {
        let stages = [1000.0, 10.0].map(|to| Stage { lasts: Duration::from_secs(1), to });
        let profile = Profile::staged(500.0, &stages);
        Open { requests, duration: None, profile, arrival, warm_up: WarmUp::NONE }
    }

    fn taken(open: &Open, stripe: Stripe) -> Vec<Ticket> {
        let mut tickets = open.tickets(stripe);
        let is_due = |ticket: &Ticket| {
            let Due::At(due) = ticket.due else { panic!("{ticket:?} of an open loop") };
            open.end().is_none_or(|end| due < end)
        };
        std::iter::from_fn(|| tickets.next(&|| Duration::ZERO)).take_while(is_due).collect()
    }

    const ALONE: Stripe = Stripe { index: 0, of: 1 };

    #[test]
    fn workers_share_the_requests_of_a_run_whatever_their_number() {
        for arrival in [Arrival::Constant, Arrival::Poisson { seed: 3 }] {
            let open = open(None, arrival);
            let alone = taken(&open, ALONE);
            for of in 2..5 {
                let stripes = (0..of).map(|index| Stripe { index, of });
                let mut shared: Vec<_> = stripes.flat_map(|stripe| taken(&open, stripe)).collect();
                shared.sort_unstable_by_key(|ticket| ticket.number);
                assert_eq!(shared, alone);
            }
        }
    }

    #[test]
    fn there_are_as_many_as_asked_for_or_as_the_rate_has() {
        let count = |requests| taken(&open(requests, Arrival::Constant), ALONE).len();
        assert_eq!((count(Some(7)), count(Some(9999)), count(None)), (7, 1255, 1255));
    }

    #[test]
    fn a_warm_up_is_in_addition() {
        let counts = |warm_up| {
            let profile = Profile::constant(100.0);
            let open = Open { profile, warm_up, ..open(Some(30), Arrival::Constant) };
            let tickets = taken(&open, ALONE);
            let warm = tickets.iter().take_while(|ticket| ticket.is_warm_up).count();
            (warm, tickets.len())
        };
        assert_eq!(counts(WarmUp::Requests(7)), (7, 37));
        assert_eq!(counts(WarmUp::Time(Duration::from_millis(500))), (50, 80));
    }

    #[test]
    fn it_ends_with_its_time_or_its_profile() {
        let mut open = open(None, Arrival::Constant);
        assert_eq!(open.end(), Some(Duration::from_secs(2)));
        open.duration = Some(Duration::from_millis(300));
        assert_eq!(open.end(), Some(Duration::from_millis(300)));
        open.profile = Profile::constant(1.0);
        open.warm_up = WarmUp::Time(Duration::from_secs(2));
        assert_eq!(open.end(), Some(Duration::from_millis(2300)));
        open.duration = None;
        assert_eq!(open.end(), None);
    }
}
