//! How many requests took how long, in logarithmic buckets.

use crate::record::Distribution;

/// The latencies of requests in the finest buckets there are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histogram {
    /// For each of the [`bounds`] in [`FINEST`] steps, how many are from there to below the next.
    counts: Vec<u64>,
}

/// A bucket: from a time to below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    /// 0 for the first there may be.
    pub(super) from_us: u64,
    pub(super) to_us: u64,
    pub(super) count: u64,
}

/// Where buckets begin in each power of ten, from fine to coarse. Each has the bounds of the next.
const STEPS: [&[u64]; 4] = [FINEST, &[10, 20, 50], &[10, 30], &[10]];
const FINEST: &[u64] = &[10, 15, 20, 30, 50, 70];
/// From 10 µs to more than a day.
const POWERS: u32 = 10;

/// The bounds of buckets in microseconds, from 0.
fn bounds(steps: &[u64]) -> impl Iterator<Item = u64> {
    let powers = (0..POWERS).map(|power| 10_u64.pow(power));
    let above = powers.flat_map(move |power| steps.iter().map(move |step| step * power));
    std::iter::once(0).chain(above)
}

impl Histogram {
    pub(super) fn new(latency: &Distribution) -> Self {
        let bounds: Vec<_> = bounds(FINEST).collect();
        let mut counts = vec![0; bounds.len()];
        for bucket in latency.histogram().iter_recorded() {
            let us = bucket.value_iterated_to();
            let above = bounds.partition_point(|bound| *bound <= us);
            // The first bound is 0.
            counts[above - 1] += bucket.count_at_value();
        }
        Self { counts }
    }

    /// The buckets from the first that has any to the last, in the finest steps of which there are no
    /// more than `most`. Where even the coarsest are more, the first has all below, too.
    pub(super) fn buckets(&self, most: usize) -> Vec<Bucket> {
        let [.., coarsest] = STEPS.map(|steps| self.in_steps(steps));
        let fits = |buckets: &Vec<Bucket>| buckets.len() <= most;
        let fitting = STEPS.iter().map(|steps| self.in_steps(steps)).find(fits);
        fitting.unwrap_or_else(|| {
            let mut buckets = coarsest;
            let surplus = buckets.len().saturating_sub(most.max(1));
            let below: u64 = buckets.drain(..surplus).map(|bucket| bucket.count).sum();
            if let Some(first) = buckets.first_mut().filter(|_| surplus > 0) {
                first.from_us = 0;
                first.count += below;
            }
            buckets
        })
    }

    fn in_steps(&self, steps: &[u64]) -> Vec<Bucket> {
        let mut froms = bounds(steps).peekable();
        let mut buckets: Vec<Bucket> = Vec::new();
        for (bound, count) in bounds(FINEST).zip(&self.counts) {
            if froms.next_if_eq(&bound).is_some() {
                let to_us = froms.peek().copied().unwrap_or(u64::MAX);
                buckets.push(Bucket { from_us: bound, to_us, count: 0 });
            }
            // 0 is a bound in all steps.
            if let Some(bucket) = buckets.last_mut() {
                bucket.count += count;
            }
        }
        let is_empty = |bucket: &Bucket| bucket.count == 0;
        let before = buckets.iter().take_while(|bucket| is_empty(bucket)).count();
        buckets.drain(..before);
        while buckets.pop_if(|bucket| is_empty(bucket)).is_some() {}
        buckets
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn histogram(times_us: &[u64]) -> Histogram {
        Histogram::new(&times_us.iter().copied().map(Duration::from_micros).collect())
    }

    fn of(histogram: &Histogram, most: usize) -> Vec<(u64, u64, u64)> {
        let buckets = histogram.buckets(most).into_iter();
        buckets.map(|Bucket { from_us, to_us, count }| (from_us, to_us, count)).collect()
    }

    #[test]
    fn the_finest_steps_that_fit_are_taken() {
        let histogram = histogram(&[10, 14, 15, 29, 49, 50, 99]);
        let finest =
            [(10, 15, 2), (15, 20, 1), (20, 30, 1), (30, 50, 1), (50, 70, 1), (70, 100, 1)];
        assert_eq!(of(&histogram, 9), finest);
        assert_eq!(of(&histogram, 6), finest);
        assert_eq!(of(&histogram, 5), [(10, 20, 3), (20, 50, 2), (50, 100, 2)]);
        assert_eq!(of(&histogram, 2), [(10, 30, 4), (30, 100, 3)]);
        assert_eq!(of(&histogram, 1), [(10, 100, 7)]);
        assert_eq!(of(&histogram, 0), [(10, 100, 7)]);
    }

    #[test]
    fn what_does_not_fit_below_is_in_the_first() {
        let histogram = histogram(&[3, 20, 300, 4000, 50_000]);
        assert_eq!(of(&histogram, 5).len(), 5);
        assert_eq!(of(&histogram, 2), [(0, 10_000, 4), (10_000, 100_000, 1)]);
        assert_eq!(of(&self::histogram(&[]), 3), []);
    }

    proptest! {
        #[test]
        fn each_time_is_in_one_bucket(times_us in prop::collection::vec(0..100_000_000_u64, 1..50), most in 1..30_usize) {
            let buckets = histogram(&times_us).buckets(most);
            prop_assert!(buckets.len() <= most);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), times_us.len() as u64);
            prop_assert!(buckets.windows(2).all(|two| two[0].to_us == two[1].from_us));
        }
    }
}
