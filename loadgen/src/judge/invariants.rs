//! Whether what a user says of a service holds.

use std::collections::HashSet;

use check::{Operation, Verdict};

use super::{Correctness, Facts, Judged};
use crate::invariant::{All, Checked, Counted, Figures};
use crate::plan::Plan;
use crate::record::Record;

/// Whether all invariants of `plan` hold for these values, or may.
pub(crate) fn all_hold(plan: &Plan, record: &Record, before: &All, after: &All) -> bool {
    let figures = Figures { before, after, steps: steps(plan, record, None) };
    plan.invariants.all.iter().all(|text| figures.check(text).holds != Some(false))
}

/// What came of the invariants of `plan`.
pub(super) fn check(plan: &Plan, facts: &Facts, judged: Option<&Judged>) -> Vec<Checked> {
    let Some((before, after)) = &facts.watched else { return Vec::new() };
    let all = plan.invariants.all.iter();
    match after {
        Ok(after) => {
            let figures = Figures { before, after, steps: steps(plan, &facts.record, judged) };
            all.map(|text| figures.check(text)).collect()
        }
        Err(error) => {
            let why = format!("its values could not be read: {error}");
            all.map(|text| Checked { text: text.clone(), holds: None, why: why.clone() }).collect()
        }
    }
}

/// `correctness` with what the invariants came to.
pub(super) fn with(correctness: Correctness, checked: Vec<Checked>) -> Correctness {
    let is_wrong = checked.iter().any(|one| one.holds == Some(false));
    let open = checked.iter().find(|one| one.holds.is_none());
    let mut all = correctness;
    match all.verdict {
        _ if is_wrong => all.verdict = Verdict::Invalid,
        Verdict::Valid if open.is_some() => {
            all.verdict = Verdict::Unknown;
            all.reason = open
                .map(|one| format!("it is not known whether `{}` holds: {}", one.text, one.why));
        }
        _ => {}
    }
    Correctness { invariants: checked, ..all }
}

/// What the requests of each step came to.
fn steps(plan: &Plan, record: &Record, judged: Option<&Judged>) -> Vec<(String, Counted)> {
    let counted = |(index, step): (usize, &crate::scenario::Step)| {
        let counts = record.all_counts_of(index);
        let keys =
            step.key.as_ref().and(judged).and_then(|judged| Some(keys(judged, step.judged?)));
        let counted = Counted {
            sent: counts.outcomes.sum(),
            ok: counts.outcomes.ok,
            fail: counts.outcomes.fail,
            open: counts.outcomes.unknown + counts.assumed,
            keys,
        };
        (step.name.clone(), counted)
    };
    plan.scenario.steps.iter().enumerate().map(counted).collect()
}

/// How many objects of the kind with this index have an update that was acknowledged.
fn keys(judged: &Judged, kind: usize) -> u64 {
    let has = |operations: &[Operation]| operations.iter().any(Operation::is_acknowledged);
    let objects = judged.objects_of(kind).iter().filter(|one| has(&one.operations));
    let keys: HashSet<_> = objects.map(|one| one.key.as_str()).collect();
    keys.len() as u64
}
