//! Whether a specimen did what the catalogue says of it.

use check::{AnomalyKind, Bounds};
use store::Expectation;

use super::{Finding, FindingKind, Judgement, Severity};
use crate::plan::Specimen;

/// Whether a run is what the catalogue says of `specimen`.
pub(crate) fn is_as_expected(specimen: Specimen, judgement: &Judgement) -> bool {
    let Some(correctness) = &judgement.correctness else { return false };
    let is_clean = !judgement.has(|kind| {
        use FindingKind::{CutShort, Died, NothingOk, Output, Stalled};
        matches!(kind, CutShort | Died | NothingOk | Output(_) | Stalled { .. })
    });
    let is_valid = is_clean && judgement.is_valid();
    let is_serialised = judgement.serialised.is_some();
    match specimen.expectation {
        Expectation::Correct => is_valid && !(is_serialised && specimen.has_known_pace),
        Expectation::LosesUpdates => is_clean && correctness.lost.is_some_and(Bounds::is_certain),
        Expectation::Oversells => is_clean && judgement.has(oversells),
        Expectation::Crashes => judgement.has_crashed(),
        Expectation::Hangs => {
            judgement.has(|kind| matches!(kind, FindingKind::Stalled { recovered: false }))
        }
        Expectation::Serialises => is_valid && is_serialised,
    }
}

/// Whether more was certainly acknowledged as taken than there was.
fn oversells(kind: &FindingKind) -> bool {
    use AnomalyKind::{Oversell, PhantomSuccess};
    matches!(kind, FindingKind::Anomaly(Oversell | PhantomSuccess))
}

/// What of the findings about `specimen` is not what the catalogue says: where all is as expected, the
/// thresholds that were crossed. The anomalies of one that is expected to have some do not count.
pub(crate) fn surprises(specimen: Specimen, judgement: &Judgement) -> Vec<Finding> {
    if is_as_expected(specimen, judgement) {
        // Of thresholds the catalogue says nothing.
        let is_crossed = |finding: &&Finding| matches!(finding.kind, FindingKind::Crossed { .. });
        return judgement.findings.iter().filter(is_crossed).cloned().collect();
    }
    let may_be_wrong =
        !matches!(specimen.expectation, Expectation::Correct | Expectation::Serialises);
    let is_expected = |finding: &&Finding| {
        may_be_wrong && matches!(finding.kind, FindingKind::Anomaly(_) | FindingKind::Undecided)
    };
    let surprises = judgement.findings.iter().filter(|finding| !is_expected(finding));
    let mut surprises: Vec<_> = surprises.cloned().collect();
    let text = format!("{specimen} did not do what it should");
    surprises.push(Finding::one(FindingKind::Unexpected, Severity::Suspect, text));
    surprises
}

/// Specimens were not run, for `reason`.
pub(crate) fn not_run(reason: &str) -> Finding {
    let text = format!("not every specimen was run: {reason}");
    Finding::one(FindingKind::CutShort, Severity::Incomplete, text)
}
