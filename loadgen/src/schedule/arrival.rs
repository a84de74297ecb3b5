//! How requests are spread over the time that a rate gives them.

use fastrand::Rng;

/// How requests are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Evenly.
    Constant,
    /// As clients that know nothing of each other arrive: a Poisson process, which is the same for
    /// the same seed.
    Poisson {
        /// What the process is made from.
        seed: u64,
    },
}

impl Arrival {
    /// Of each request in its order, how many are due before it at a rate of any shape: in a Poisson
    /// process that is not the request's number, but differs from it as chance has it.
    pub(super) fn places(self) -> Box<dyn Iterator<Item = f64>> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 requests some coincide")]
            Self::Constant => Box::new((0_u64..).map(|number| number as f64)),
            Self::Poisson { seed } => {
                let mut rng = Rng::with_seed(seed);
                let mut place = 0.0;
                // The gaps are exponential, of mean 1; 1 - f64() is above 0.
                Box::new(std::iter::repeat_with(move || {
                    place -= (1.0 - rng.f64()).ln();
                    place
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_arrivals_are_their_numbers() {
        assert_eq!(Arrival::Constant.places().take(3).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn the_same_seed_is_the_same_process() {
        let places = |seed| Arrival::Poisson { seed }.places().take(100).collect::<Vec<_>>();
        assert_eq!(places(7), places(7));
        assert_ne!(places(7), places(8));
    }

    /// The test of Kolmogorov and Smirnov, at 1 %: the gaps' distribution is nowhere further than
    /// 1.63/√n from the exponential one, and pairs of them are not correlated.
    #[test]
    fn the_gaps_of_a_poisson_process_are_exponential_and_know_nothing_of_each_other() {
        const COUNT: u32 = 100_000;
        let count = f64::from(COUNT);
        let places = Arrival::Poisson { seed: 1 }.places().take(COUNT as usize);
        let mut earlier = 0.0;
        let gaps: Vec<f64> =
            places.map(|place| place - std::mem::replace(&mut earlier, place)).collect();
        let mut sorted = gaps.clone();
        sorted.sort_by(f64::total_cmp);
        let furthest = sorted.iter().zip(0_u32..).fold(0.0_f64, |furthest, (gap, below)| {
            let expected = 1.0 - (-gap).exp();
            let (below, through) = (f64::from(below) / count, f64::from(below + 1) / count);
            furthest.max((expected - below).abs()).max((through - expected).abs())
        });
        assert!(furthest < 1.63 / count.sqrt(), "{furthest}");
        let products: f64 = gaps.windows(2).map(|pair| (pair[0] - 1.0) * (pair[1] - 1.0)).sum();
        assert!((products / count).abs() < 0.01, "{}", products / count);
    }
}
