//! The Mann–Whitney U test: whether the values of one sample tend to be larger than those of another.
//!
//! H. B. Mann, D. R. Whitney: "On a Test of Whether one of Two Random Variables is Stochastically
//! Larger than the Other", Annals of Mathematical Statistics 18 (1947). It asks nothing of how the
//! values are distributed, so that a run that was disturbed counts as one that was slow, not for how
//! slow it was. Equal values share the mean of their ranks.

use schemars::JsonSchema;
use serde::Serialize;

/// How a p-value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Over all ways to divide the values, ties included.
    Exact,
    /// By the normal distribution, corrected for ties and continuity.
    Normal,
}

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    /// How likely values that belong to one population are divided as unevenly, in either direction.
    pub(super) p: f64,
    /// Above 0 where the second sample tends to be larger, below where the first does.
    pub(super) shift: f64,
    pub(super) method: Method,
}

/// The most steps that are spent on the exact distribution: samples of 37 each.
const MOST_STEPS: usize = 1 << 24;

/// Tests two samples, neither of which is empty. Values may be infinite.
pub(super) fn mann_whitney(first: &[f64], second: &[f64]) -> Ranked {
    let ranks = Ranks::new(first, second);
    let (all, of_first) = (ranks.doubled.len(), first.len());
    // The doubled sum of the ranks of either is as far from what is expected of it.
    let smaller = of_first.min(second.len());
    let steps = all * smaller * (2 * all * smaller);
    let (p, method) = if steps <= MOST_STEPS {
        (ranks.exact(smaller), Method::Exact)
    } else {
        (ranks.normal(), Method::Normal)
    };
    Ranked { p, shift: -ranks.distance, method }
}

/// The smallest p-value that samples of these sizes can have, whose values all differ; 1 where either is
/// empty.
pub(super) fn least_p([first, second]: [usize; 2]) -> f64 {
    if first == 0 || second == 0 {
        return 1.0;
    }
    (2.0 / divisions(first + second, first.min(second))).min(1.0)
}

/// The values of two samples, ranked together.
struct Ranks {
    /// Twice the rank of each value, so that shared ranks are whole.
    doubled: Vec<usize>,
    /// The sizes of the samples.
    sizes: [usize; 2],
    /// How much the doubled ranks of the first sample add up to beyond what is expected of them.
    distance: f64,
    /// The sum of t³ − t over all groups of t equal values.
    ties: f64,
}

#[expect(clippy::cast_precision_loss, reason = "there are far less than 2^52 runs")]
impl Ranks {
    #[expect(clippy::float_cmp, reason = "values that are the same share their rank")]
    fn new(first: &[f64], second: &[f64]) -> Self {
        let mut values: Vec<_> = first.iter().map(|value| (*value, true)).collect();
        values.extend(second.iter().map(|value| (*value, false)));
        values.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut doubled, mut sum, mut ties) = (Vec::with_capacity(values.len()), 0, 0.0);
        for group in values.chunk_by(|one, other| one.0 == other.0) {
            // Ranks begin with 1: those of the group are from `before + 1` to `before + group.len()`.
            let before = doubled.len();
            let rank = 2 * before + 1 + group.len();
            sum += rank * group.iter().filter(|(_, is_first)| *is_first).count();
            doubled.extend(group.iter().map(|_| rank));
            let size = group.len() as f64;
            ties += size * size * size - size;
        }
        let expected = first.len() * (values.len() + 1);
        let distance = sum as f64 - expected as f64;
        Self { doubled, sizes: [first.len(), second.len()], distance, ties }
    }

    /// The share of all ways to choose `count` of the values whose ranks are as far from what is
    /// expected. Counts ways by the number of values and the sum of their ranks.
    fn exact(&self, count: usize) -> f64 {
        let all = self.doubled.len();
        let most = 2 * all * count;
        let mut ways = vec![vec![0.0_f64; most + 1]; count + 1];
        ways[0][0] = 1.0;
        for (before, rank) in self.doubled.iter().enumerate() {
            for chosen in (1..=count.min(before + 1)).rev() {
                let (fewer, more) = ways.split_at_mut(chosen);
                // So many ranks add up to no more.
                let from = &fewer[chosen - 1][..=2 * all * (chosen - 1)];
                for (to, from) in more[0][*rank..].iter_mut().zip(from) {
                    *to += from;
                }
            }
        }
        let expected = (count * (all + 1)) as f64;
        let is_as_far = |sum: usize| (sum as f64 - expected).abs() >= self.distance.abs();
        let as_far: f64 =
            ways[count].iter().enumerate().filter(|(sum, _)| is_as_far(*sum)).map(|(_, w)| w).sum();
        (as_far / divisions(all, count)).min(1.0)
    }

    fn normal(&self) -> f64 {
        let [first, second] = self.sizes.map(|size| size as f64);
        let all = first + second;
        // Of U, which is half of the doubled sum but for a constant.
        let variance = first * second / 12.0 * (all + 1.0 - self.ties / (all * (all - 1.0)));
        if variance <= 0.0 {
            return 1.0;
        }
        let distance = (self.distance.abs() / 2.0 - 0.5).max(0.0);
        libm::erfc(distance / variance.sqrt() / std::f64::consts::SQRT_2)
    }
}

/// In how many ways `count` of `all` can be chosen.
#[expect(clippy::cast_precision_loss, reason = "there are far less than 2^52 runs")]
fn divisions(all: usize, count: usize) -> f64 {
    (0..count).map(|chosen| (all - chosen) as f64 / (count - chosen) as f64).product()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is worked out in the same way is the same")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same from its definition: each way to divide the values, its pairs counted one by one. A
    /// pair of which the first is larger counts 2, one of equals 1.
    fn by_all_divisions(first: &[f64], second: &[f64]) -> f64 {
        let all = [first, second].concat();
        let distance = |is_first: &dyn Fn(usize) -> bool| {
            let (mut pairs, mut twice_u) = (0_i64, 0_i64);
            for one in (0..all.len()).filter(|place| is_first(*place)) {
                for other in (0..all.len()).filter(|place| !is_first(*place)) {
                    pairs += 1;
                    twice_u +=
                        if all[one] > all[other] { 2 } else { i64::from(all[one] == all[other]) };
                }
            }
            (twice_u - pairs).abs()
        };
        let seen = distance(&|place| place < first.len());
        let masks =
            (0_u32..1 << all.len()).filter(|mask| mask.count_ones() as usize == first.len());
        let (mut ways, mut as_far) = (0_u32, 0_u32);
        for mask in masks {
            ways += 1;
            as_far += u32::from(distance(&|place| mask >> place & 1 == 1) >= seen);
        }
        f64::from(as_far) / f64::from(ways)
    }

    /// Few different values, so that many are equal; the largest is longer than any.
    fn sample(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
        let value =
            (0..8_u8).prop_map(|value| if value == 7 { f64::INFINITY } else { value.into() });
        prop::collection::vec(value, sizes)
    }

    proptest! {
        #[test]
        fn exact_is_what_all_divisions_say(first in sample(1..7), second in sample(1..7)) {
            let found = mann_whitney(&first, &second);
            prop_assert_eq!(found.method, Method::Exact);
            let expected = by_all_divisions(&first, &second);
            prop_assert!((found.p - expected).abs() < 1e-12, "{} not {expected}", found.p);
            let mirrored = mann_whitney(&second, &first);
            prop_assert!((mirrored.p - found.p).abs() < 1e-12);
            prop_assert_eq!(mirrored.shift, -found.shift);
            // With ties one division may be further out than all others.
            prop_assert!(found.p >= least_p([first.len(), second.len()]) / 2.0 - 1e-12);
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn normal_is_near_exact_where_both_can_be_had(
            first in prop::collection::vec(0..30_u8, 15..20),
            second in prop::collection::vec(0..30_u8, 15..20),
        ) {
            let [first, second] = [first, second].map(|sample| sample.into_iter().map(f64::from).collect::<Vec<_>>());
            let ranks = Ranks::new(&first, &second);
            let exact = ranks.exact(first.len().min(second.len()));
            let normal = ranks.normal();
            prop_assert!((exact - normal).abs() < 0.01, "{exact}, {normal}");
        }
    }

    #[test]
    fn samples_apart_have_the_least_p() {
        let found = mann_whitney(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        assert!((found.p - 2.0 / 252.0).abs() < 1e-15);
        assert!(found.shift > 0.0);
        assert!((least_p([5, 5]) - 2.0 / 252.0).abs() < 1e-15);
        assert_eq!([least_p([1, 1]), least_p([0, 9])], [1.0; 2]);
        let equal = mann_whitney(&[1.0; 5], &[1.0; 6]);
        assert_eq!((equal.p, equal.shift), (1.0, 0.0));
    }

    #[test]
    fn many_runs_are_ranked_by_the_normal_distribution() {
        // 100 and 100 values in turns, and the same with the second moved up by 60 places: U is known.
        let turns =
            |offset: f64| (0..100).map(move |place| f64::from(2 * place) + offset).collect();
        let (first, even, moved): (Vec<f64>, Vec<f64>, Vec<f64>) =
            (turns(0.0), turns(1.0), turns(61.0));
        let found = mann_whitney(&first, &even);
        assert_eq!(found.method, Method::Normal);
        // U is 50 from 5000, its standard deviation 409.268: z is 0.12095 with the correction.
        assert!((found.p - 0.903_733).abs() < 1e-4, "{}", found.p);
        assert!(mann_whitney(&first, &moved).p < 1e-9);
        let equal = mann_whitney(&[1.0; 100], &[1.0; 100]);
        assert_eq!((equal.p, equal.method), (1.0, Method::Normal));
    }
}
