//! Which step a request takes: a pure function of its number.

use crate::schedule::Stripe;

/// How often each step is taken.
#[derive(Debug, Clone, Default)]
pub struct Mix {
    /// Of each step but the first, in their order. What is left is the first's.
    shares: Vec<Share>,
}

#[derive(Debug, Clone, Copy)]
struct Share {
    of_all: f64,
    /// Of the requests that none of the steps before it in the list take.
    of_left: f64,
}

impl Mix {
    /// The same with another step that has this share of all requests. Together, the shares of the
    /// steps behind the first are less than 1.
    #[must_use]
    pub fn with(mut self, of_all: f64) -> Self {
        let left = 1.0 - self.shares().sum::<f64>();
        self.shares.push(Share { of_all, of_left: of_all / left });
        self
    }

    /// The share of each step but the first of all requests.
    pub(super) fn shares(&self) -> impl Iterator<Item = f64> {
        self.shares.iter().map(|share| share.of_all)
    }

    /// The index of the step that the request with `number` takes, of the worker with this stripe.
    /// Steps are spread evenly.
    ///
    /// Of m workers that are 0, 1/m, 2/m … ahead, as many requests take a step as of a single one,
    /// since ⌊x⌋ + ⌊x + 1/m⌋ + … + ⌊x + (m-1)/m⌋ = ⌊mx⌋ (Hermite).
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^52 requests some would be misplaced")]
    pub(crate) fn step(&self, number: u64, stripe: Stripe) -> usize {
        if self.shares.is_empty() {
            return 0;
        }
        let ahead = stripe.index as f64 / stripe.of as f64;
        let mut number = stripe.own(number);
        for (index, share) in self.shares.iter().enumerate() {
            let taken_before = |number: u64| (number as f64 * share.of_left + ahead).floor();
            let taken = taken_before(number);
            if taken_before(number + 1) > taken {
                return index + 1;
            }
            // What is left is numbered anew.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let passed = taken as u64;
            number = number.saturating_sub(passed);
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(shares: &[f64]) -> Mix {
        shares.iter().fold(Mix::default(), |mix, share| mix.with(*share))
    }

    const ALONE: Stripe = Stripe { index: 0, of: 1 };

    /// How often a worker takes each of three steps.
    fn counts(mix: &Mix, own: u64, stripe: Stripe) -> [u64; 3] {
        let mut counts = [0; 3];
        (0..own).for_each(|own| counts[mix.step(stripe.number(own), stripe)] += 1);
        counts
    }

    #[test]
    fn a_single_step_takes_everything() {
        assert_eq!(counts(&Mix::default(), 1000, ALONE), [1000, 0, 0]);
    }

    /// Of so many workers, as many requests take a step as of one; or almost, where some have one
    /// request more than others.
    #[test]
    fn what_each_worker_rounds_down_the_others_make_up_for() {
        let mix = mix(&[0.05]);
        for of in 1..=50 {
            for own in [1, 5, 19, 20, 400] {
                let stripes = (0..of).map(|index| Stripe { index, of });
                let together: u64 = stripes.map(|stripe| counts(&mix, own, stripe)[1]).sum();
                let alone = counts(&mix, own * of, ALONE)[1];
                assert!(together.abs_diff(alone) <= 1, "{of} × {own}: {together}, not {alone}");
            }
        }
    }

    #[test]
    fn each_step_has_its_share_of_all() {
        let mix = mix(&[0.2, 0.4]);
        for requests in [10, 100, 1000, 12_345] {
            let [first, second, third] = counts(&mix, requests, ALONE);
            assert_eq!(first + second + third, requests);
            assert!(second.abs_diff(requests / 5) <= 1, "{second} of {requests}");
            assert!(third.abs_diff(requests * 2 / 5) <= 1, "{third} of {requests}");
        }
    }

    #[test]
    fn every_worker_takes_every_step() {
        for shares in [vec![0.5], vec![0.25], vec![0.1, 0.5]] {
            let mix = mix(&shares);
            for of in 1..=8 {
                for index in 0..of {
                    let counts = counts(&mix, 100, Stripe { index, of });
                    let some = counts.iter().filter(|count| **count > 0).count();
                    assert_eq!(some, shares.len() + 1, "{shares:?}, {index} of {of}: {counts:?}");
                }
            }
        }
    }
}
