//! Values numbered from zero on.

/// An odd number, so that no two values share a product: 2⁶⁴ by the golden ratio.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Distinct values by rank. To find one takes constant time where values are dense, or scattered
/// by the multiplication, and never more than a binary search.
pub(super) struct Ranks {
    least: i64,
    factor: u64,
    /// Of a key, what is left by the shift is its bucket.
    shift: u32,
    /// Where the keys of each bucket begin; one more for the end.
    starts: Vec<u32>,
    /// Ascending: the values less the least one, times the factor.
    keys: Vec<u64>,
}

impl Ranks {
    pub(super) fn new(values: Vec<i64>) -> Self {
        let least = values.iter().copied().min().unwrap_or(0);
        let spread = values.iter().map(|value| value.abs_diff(least)).max().unwrap_or(0);
        let (factor, shift, buckets) = if spread <= 2 * values.len() as u64 {
            (1, 0, spread + 1)
        } else {
            let bits = values.len().ilog2() + 1;
            (SCATTER, u64::BITS - bits, 1 << bits)
        };
        let mut keys: Vec<_> =
            values.into_iter().map(|value| value.abs_diff(least).wrapping_mul(factor)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut rank = 0_u32;
        let starts = (0..=buckets).map(|bucket| {
            let start = rank;
            while keys.get(rank as usize).is_some_and(|key| key >> shift == bucket) {
                rank += 1;
            }
            start
        });
        let starts = starts.collect();
        Self { least, factor, shift, starts, keys }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The rank of `value`, if it is one of the values.
    pub(super) fn find(&self, value: i64) -> Option<u32> {
        let key = value.wrapping_sub(self.least).cast_unsigned().wrapping_mul(self.factor);
        let bucket = usize::try_from(key >> self.shift).ok()?;
        let (start, end) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
        let place = self.keys[start as usize..end as usize].binary_search(&key).ok()?;
        (start..end).nth(place)
    }
}
