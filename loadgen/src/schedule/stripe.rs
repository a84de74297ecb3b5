//! Which requests fall to which worker.

/// The numbers that one of several workers takes: every `of`-th, beginning with `index`. So they need
/// not talk to each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stripe {
    pub(crate) index: u64,
    pub(crate) of: u64,
}

impl Stripe {
    /// The number, among those of all workers, of this worker's request with the number `own`.
    pub(crate) fn number(self, own: u64) -> u64 {
        own * self.of + self.index
    }

    /// The number, among this worker's own, of the request that has `number` among those of all.
    pub(crate) fn own(self, number: u64) -> u64 {
        number / self.of
    }

    /// How many of the first `requests` are this worker's.
    pub(super) fn share(self, requests: u64) -> u64 {
        requests / self.of + u64::from(self.index < requests % self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_take_each_number_once() {
        let stripes = || (0..3).map(|index| Stripe { index, of: 3 });
        for requests in 0..20 {
            let own = |stripe: Stripe| (0..stripe.share(requests)).map(move |own| (stripe, own));
            let taken = stripes().flat_map(own).inspect(|(stripe, own)| {
                assert_eq!(stripe.own(stripe.number(*own)), *own);
            });
            let mut numbers: Vec<_> = taken.map(|(stripe, own)| stripe.number(own)).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (0..requests).collect::<Vec<_>>());
        }
    }
}
