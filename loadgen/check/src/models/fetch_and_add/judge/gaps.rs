//! Values that no addition returned.

use std::collections::BinaryHeap;

use crate::history::Operation;

use super::Found;

/// Values in a row that no addition returned.
pub(super) struct Gap {
    /// How many they are.
    pub(super) missing: u64,
    /// What gave the first answer from above them. What fills the gap began before its end.
    pub(super) passed_by: u32,
}

/// Fills the gaps, which come highest first, with `spare` additions, which come with when they
/// began, in that order.
///
/// Leaves as few gaps as can be. Seen from below, gaps are jobs in the order of their deadlines,
/// each as long as it has values, and the deadline counts the additions that began by then. Where a
/// job would be late, the longest so far is left out. Source: J. M. Moore, An n Job, One Machine
/// Sequencing Algorithm for Minimizing the Number of Late Jobs, Management Science 15(1), 1968.
pub(super) fn fill(
    gaps: &[Gap],
    spare: &[(u64, u32)],
    operations: &[Operation],
    found: &mut Found,
) {
    let mut filled = BinaryHeap::new();
    let mut needed = 0;
    let mut begun = 0;
    for Gap { missing, passed_by } in gaps.iter().rev() {
        let passed_ns = operations[*passed_by as usize].return_ns;
        needed += missing;
        filled.push(*missing);
        let in_time = |(call_ns, _): &&(u64, u32)| *call_ns <= passed_ns;
        begun += spare[begun..].iter().take_while(in_time).count();
        if needed > begun as u64 {
            needed -= filled.pop().expect("this gap is among them");
            found.skipped.add(passed_ns, *passed_by);
        }
    }
}
