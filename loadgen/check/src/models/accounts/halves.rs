//! Sums of subsets.
//!
//! What is to be added up is split into halves. The sums of the subsets of each are made one by one, and
//! each sum of the one half is looked up among those of the other: 2^(n/2) for n (Horowitz and Sahni,
//! "Computing Partitions with Applications to the Knapsack Problem", 1974). A sum is a number for each of
//! several places. One number stands for all of them, a sum of multiples; what it finds is held against
//! all.

/// How much one adds, and where.
pub(super) type Changes = [(usize, i128); 2];

/// The sets of `all`, at most 32 of them, that add up to `target`, by a bit for each that is in it; and
/// whether these are all such sets. More than `most` are not looked for.
pub(super) fn sets(all: &[Changes], target: &[i128], most: usize) -> (Vec<u32>, bool) {
    let (left, right) = all.split_at(all.len() / 2);
    let mut of_left = sums(left);
    of_left.sort_unstable();
    let wanted = target.iter().enumerate().map(|(place, sum)| multiple(place, *sum));
    let wanted = wanted.fold(0, u64::wrapping_add);
    let mut found = Vec::new();
    for (sum, in_right) in sums(right) {
        let rest = wanted.wrapping_sub(sum);
        let first = of_left.partition_point(|(sum, _)| *sum < rest);
        for (_, in_left) in of_left[first..].iter().take_while(|(sum, _)| *sum == rest) {
            let set = in_left | in_right << left.len();
            if !adds_up(all, set, target) {
                continue;
            }
            if found.len() == most {
                return (found, false);
            }
            found.push(set);
        }
    }
    (found, true)
}

/// The sums of all subsets.
fn sums(half: &[Changes]) -> Vec<(u64, u32)> {
    let mut sums = vec![(0, 0)];
    for (bit, changes) in half.iter().enumerate() {
        let by = changes.iter().map(|(place, amount)| multiple(*place, *amount));
        let by = by.fold(0, u64::wrapping_add);
        for at in 0..sums.len() {
            let (sum, set): (u64, u32) = sums[at];
            sums.push((sum.wrapping_add(by), set | 1 << bit));
        }
    }
    sums
}

fn adds_up(all: &[Changes], set: u32, target: &[i128]) -> bool {
    let mut missing = target.to_vec();
    let chosen = all.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
    for (place, amount) in chosen.flat_map(|(_, changes)| changes) {
        missing[*place] -= amount;
    }
    missing.iter().all(|missing| *missing == 0)
}

/// An amount at a place, as part of a number that stands for all places.
fn multiple(place: usize, amount: i128) -> u64 {
    // Sums are equal modulo 2⁶⁴ where they are equal.
    let low = u64::try_from(amount.rem_euclid(1 << u64::BITS)).expect("a remainder is smaller");
    scattered(place).wrapping_mul(low)
}

/// A number for each place, which has nothing to do with those of others: as of `SplitMix64`.
pub(super) fn scattered(place: usize) -> u64 {
    let mut mixed = (place as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}
