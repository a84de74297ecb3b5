//! A counter, judged by its totals alone.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::judgement::{Bounds, Verdict};

/// What is known of a counter that every operation of a run was to increment by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Its value before the first operation.
    pub before: i64,
    /// Its value after the last.
    pub after: i64,
    /// Operations that were acknowledged.
    pub acknowledged: u64,
    /// Operations that may have been applied or not.
    pub unknown: u64,
}

/// What the totals prove: lost updates, or updates from nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Invalid if updates were certainly lost or certainly applied too often.
    pub verdict: Verdict,
    /// Acknowledged updates that are not in the counter. Where it fell below its first value,
    /// all of them are not, and as many more as it fell by.
    pub lost: Bounds,
    /// Updates in the counter that nobody sent.
    pub excess: Bounds,
    /// Those of both that are certain.
    pub anomalies: Vec<Anomaly>,
}

/// Judges a counter by its totals.
///
/// With growth Δ, a acknowledged operations and x unknown ones applied, a + x − Δ updates are
/// missing, or Δ − a − x came from nowhere; negative numbers mean none. At least no unknown one was
/// applied. At most every one was, but no more are in the counter than it grew by.
#[must_use]
pub fn judge_totals(totals: &Totals) -> Loss {
    let growth = i128::from(totals.after) - i128::from(totals.before);
    let least = i128::from(totals.acknowledged);
    let most = least + i128::from(totals.unknown).min(growth.max(0));
    let lost = Bounds { min: count(least - growth), max: count(most - growth) };
    let excess = Bounds { min: count(growth - most), max: count(growth - least) };
    let anomalies: Vec<_> = [(AnomalyKind::LostUpdate, lost), (AnomalyKind::Phantom, excess)]
        .into_iter()
        .filter(|(_, bounds)| bounds.min > 0)
        .map(|(kind, bounds)| Anomaly::of_totals(kind, bounds.min))
        .collect();
    let verdict = if anomalies.is_empty() { Verdict::Valid } else { Verdict::Invalid };
    Loss { verdict, lost, excess, anomalies }
}

/// A difference as a count: none if it is negative.
fn count(difference: i128) -> u64 {
    u64::try_from(difference.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
