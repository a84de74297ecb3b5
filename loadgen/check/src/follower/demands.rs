//! Answers that take updates of which nobody knows yet whether they were applied.

use std::collections::BTreeMap;

/// Updates of unknown outcome. Each may explain one thing that was seen after it began.
///
/// Those that began too early for it to matter when are only counted.
#[derive(Debug, Default)]
pub(crate) struct Unknowns {
    early: u64,
    /// How many began at each time.
    later: BTreeMap<u64, u64>,
}

impl Unknowns {
    pub(crate) fn add(&mut self, call_ns: u64) {
        *self.later.entry(call_ns).or_default() += 1;
    }

    /// It no longer matters when those began that did so by `time_ns`.
    pub(crate) fn fold(&mut self, time_ns: u64) {
        while let Some(first) = self.later.first_entry().filter(|first| *first.key() <= time_ns) {
            self.early += first.remove();
        }
    }

    /// Takes as many of the early ones, of which there are enough.
    pub(crate) fn take(&mut self, count: u64) {
        self.early = self.early.checked_sub(count).expect("demands that are settled are met");
    }

    /// How many began early, and when the others did, in order.
    pub(crate) fn begun(&self) -> (u64, impl Iterator<Item = u64>) {
        let later = self.later.iter();
        let times = later.flat_map(|(call_ns, count)| (0..*count).map(|_| *call_ns));
        (self.early, times)
    }

    pub(crate) fn size(&self) -> usize {
        self.later.len()
    }
}

/// The index of the first of `demands` that cannot be met. Each is a time, in order, and how many
/// updates it takes that began by then. `early` updates began before all of them, the others at the
/// times `begun_ns`, in order.
///
/// Taking the updates in the order in which they began leaves the most for what follows, so all can
/// be met if and only if the first k take no more than had begun by the k-th, for every k.
pub(crate) fn first_unmet(
    demands: impl Iterator<Item = (u64, u128)>,
    early: u64,
    begun_ns: &[u64],
) -> Option<usize> {
    let mut needed = 0;
    let mut begun = 0;
    for (index, (time_ns, count)) in demands.enumerate() {
        needed += count;
        begun += begun_ns[begun..].iter().take_while(|call_ns| **call_ns <= time_ns).count();
        if needed > u128::from(early) + begun as u128 {
            return Some(index);
        }
    }
    None
}
