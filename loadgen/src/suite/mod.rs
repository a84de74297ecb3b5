//! The specimens side by side: run in turn, each held against what the catalogue says of it.

use crate::judge::expectation::{is_as_expected, not_run, surprises};
use crate::plan::{Plan, Specimen};
use crate::report::{Compared, Comparison, Report};
use crate::run::RunError;
use crate::signal::Signal;

/// Runs the specimens in turn, each by `run`, which is given its plan and its name.
///
/// After an interrupt or an error those that are left are not run; the reports of those before them
/// are kept.
///
/// # Errors
/// When the first of them has no report.
pub async fn run(
    plans: Vec<(Specimen, Plan)>,
    interrupt: &Signal<()>,
    mut run: impl AsyncFnMut(&Plan, &str) -> Result<Report, RunError>,
) -> Result<Comparison, RunError> {
    let (mut reports, mut left_out) = (Vec::new(), Vec::new());
    let mut obstacle = None;
    for (specimen, plan) in plans {
        if obstacle.is_some() {
            left_out.push(specimen);
            continue;
        }
        match run(&plan, &specimen.to_string()).await {
            Ok(report) => {
                reports.push((specimen, report));
                obstacle = interrupt.raised().map(|()| "interrupted".to_owned());
            }
            Err(error) if reports.is_empty() => return Err(error),
            Err(error) => {
                left_out.push(specimen);
                obstacle = Some(error.to_string());
            }
        }
    }
    Ok(compare(reports, &left_out, &obstacle.unwrap_or_default()))
}

/// Holds what came of each specimen against the catalogue; those `left_out` were not run for
/// `reason`.
fn compare(reports: Vec<(Specimen, Report)>, left_out: &[Specimen], reason: &str) -> Comparison {
    let mut findings = Vec::new();
    let compared = reports.into_iter().map(|(specimen, report)| {
        findings.extend(surprises(specimen, &report.judgement));
        let as_expected = is_as_expected(specimen, &report.judgement);
        Compared { specimen, report, as_expected }
    });
    let compared = compared.collect();
    findings.extend((!left_out.is_empty()).then(|| not_run(reason)));
    Comparison::new(compared, findings).without(left_out, reason)
}

#[cfg(test)]
mod tests;
