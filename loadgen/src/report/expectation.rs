//! What the catalogue expects of a specimen, and what came of it.

use check::{Verdict, Words};
use store::{Expectation, Specimen};

use super::text::{bounds_text, headline};
use super::{Correctness, Report, Server};

/// Whether `run` is what the catalogue says of `specimen`.
pub(super) fn as_expected(specimen: Specimen, run: &Report) -> bool {
    let Some(correctness) = &run.correctness else { return false };
    let is_clean = !run.is_incomplete() && !run.has_findings() && !run.has_stalled();
    let is_valid = is_clean && correctness.verdict == Verdict::Valid;
    match specimen.mode.expectation {
        Expectation::Correct => is_valid && !run.is_serialised(),
        Expectation::LosesUpdates => is_clean && correctness.certainly_lost() > 0,
        Expectation::Oversells => is_clean && correctness.oversells(),
        Expectation::Crashes => run.server.as_ref().is_some_and(Server::crashed),
        Expectation::Hangs => run.stall.as_ref().is_some_and(|stall| !stall.recovered),
        Expectation::Serialises => is_valid && run.is_serialised(),
    }
}

/// A sentence about a run, and whether it is what the catalogue expects of the specimen.
pub(super) fn conclusion(specimen: Specimen, run: &Report) -> String {
    let mode = specimen.mode;
    let expected = match mode.expectation {
        _ if as_expected(specimen, run) => "as expected".to_owned(),
        Expectation::Correct | Expectation::LosesUpdates if run.is_incomplete() => {
            "NOT as expected".to_owned()
        }
        expectation => format!("NOT as expected: it should {}", should(expectation)),
    };
    format!("{}: {} ({expected})", mode.name, what(run))
}

/// What a specimen should do, behind "it should".
pub(super) fn should(expectation: Expectation) -> &'static str {
    match expectation {
        Expectation::Correct => "lose none, and serve many at a time",
        Expectation::LosesUpdates => "lose updates",
        Expectation::Oversells => "sell more than there is",
        Expectation::Crashes => "crash",
        Expectation::Hangs => "hang",
        Expectation::Serialises => "serve one at a time",
    }
}

/// What came of a run.
fn what(run: &Report) -> String {
    if let Some(reason) = &run.partial {
        return reason.clone();
    }
    if run.requests.ok == 0 {
        return "not one request was answered well".to_owned();
    }
    let Some(correctness) = &run.correctness else { return "nothing was judged".to_owned() };
    let Correctness { acknowledged, verdict, .. } = *correctness;
    let Words { updates, are_there, lost, .. } = correctness.model.words();
    if verdict == Verdict::Valid {
        let slowly = if run.is_serialised() { ", added one at a time" } else { "" };
        format!("all {acknowledged} acknowledged {updates} {are_there}{slowly}")
    } else if correctness.certainly_lost() > 0 {
        let count = correctness.lost.map(bounds_text).unwrap_or_default();
        format!("{count} of {acknowledged} acknowledged {updates} {}", lost.verb)
    } else {
        headline(correctness)
    }
}
