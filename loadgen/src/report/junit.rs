//! `JUnit`'s XML, which CI servers show: a suite for each run, with a case for the run itself, one for the
//! verdict, one for each threshold, and one for each finding.
//!
//! What says that the target is wrong, or that nobody knows, is a failure. What kept the run from coming
//! to its end is an error. A specimen that did what is expected of it has passed, whatever that was.

use std::io::{self, Write};
use std::time::Duration;

use check::Verdict;
use chrono::{DateTime, Utc};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::layout::{Screen, lines};
use super::text::text_of;
use super::{Report, Section, ThresholdSummary, witness};
use crate::escape;
use crate::judge::{Finding, FindingKind, Proof, Severity};
use crate::secrets::masked;

/// A history of many objects may have as many findings; more cases than these say nothing new.
const MOST_FINDINGS: usize = 100;

/// Writes a suite for each of `sections`, and one that is in error where something is `missing`.
///
/// It is what Jenkins's schema of `JUnit` reports (junit-10.xsd) allows.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_junit(
    sections: &[Section<'_>],
    missing: Option<&str>,
    file: &mut dyn Write,
) -> io::Result<()> {
    let mut report = quick_junit::Report::new("loadgen");
    report.add_test_suites(sections.iter().map(suite));
    report.add_test_suites(missing.map(|missing| {
        let mut suite = TestSuite::new("loadgen");
        let status = not_well(NonSuccessKind::Error, "missing", missing);
        suite.add_test_case(case("complete", "loadgen", status));
        suite
    }));
    let xml = report.to_string().map_err(io::Error::other)?;
    // That schema knows such a count of each suite, and none of all.
    let count_of_all = format!(" skipped=\"{}\"", report.skipped);
    file.write_all(xml.replacen(&count_of_all, "", 1).as_bytes())
}

fn suite(section: &Section<'_>) -> TestSuite {
    let title = escape::line(&section.title);
    let mut suite = TestSuite::new(&*title);
    if let Some(report) = section.report {
        suite.set_time(Duration::from_secs_f64(report.elapsed_s));
        suite.set_timestamp(DateTime::<Utc>::from(report.making.begun));
        suite.add_property(("url", &*escape::line(&masked(report.target.url.as_str()))));
        if let Some(command) = &report.making.command {
            suite.add_property(("command", &*escape::line(command)));
        }
        suite.add_property(("loadgen", report.making.version));
        suite.add_test_case(run(report, section, &title));
    }
    suite.add_test_case(verdict(section, &title));
    suite.add_test_cases(expectation(section, &title));
    let thresholds = section.report.iter().flat_map(|report| &report.thresholds);
    suite.add_test_cases(thresholds.map(|one| threshold(one, &title)));
    let mut findings = section.findings();
    // Each threshold has its case.
    findings.retain(|finding| !matches!(finding.kind, FindingKind::Crossed { .. }));
    let shown = &findings[..findings.len().min(MOST_FINDINGS)];
    suite.add_test_cases(shown.iter().map(|found| finding(found, section, &title)));
    suite.add_test_cases((findings.len() > shown.len()).then(|| {
        let text = format!("{} more findings", findings.len() - shown.len());
        case(&text, &title, status_of(&findings[shown.len()..], section, &text))
    }));
    suite
}

/// Whether the run came to its end.
fn run(report: &Report, section: &Section<'_>, title: &str) -> TestCase {
    let findings = section.findings();
    let obstacle = findings.iter().find(|finding| finding.severity == Severity::Incomplete);
    let status = match obstacle.filter(|_| !section.is_as_expected()) {
        Some(obstacle) => not_well(NonSuccessKind::Error, kind_name(obstacle.kind), &obstacle.text),
        None => TestCaseStatus::success(),
    };
    let mut case = case("run", title, status);
    case.set_time(Duration::from_secs_f64(report.elapsed_s));
    let mut fields = report.measured_fields();
    fields.extend(report.latency_fields());
    fields.extend(report.end_fields());
    case.set_system_out(lines(fields, Screen::default()).join("\n"));
    case
}

/// Whether the answers were right, with the requests that prove that they were not.
fn verdict(section: &Section<'_>, title: &str) -> TestCase {
    let status = match section.verdict() {
        None => {
            let mut skipped = TestCaseStatus::skipped();
            skipped
                .set_message("nothing was judged: --read or --model says what there is to judge");
            skipped
        }
        Some((Verdict::Valid, _)) => TestCaseStatus::success(),
        Some(_) if section.is_as_expected() => TestCaseStatus::success(),
        Some((verdict, text)) => {
            let name = if verdict == Verdict::Invalid { "invalid" } else { "unknown" };
            not_well(NonSuccessKind::Failure, name, &text)
        }
    };
    let mut case = case("verdict", title, status);
    let screen = Screen::default();
    let mut blocks = section.judged.map(|one| witness::blocks(one, screen)).unwrap_or_default();
    match section.report {
        Some(report) => blocks.push(lines(report.correctness_fields(), screen)),
        None => blocks.extend(section.verdict().map(|(_, text)| vec![escape::line(&text)])),
    }
    let text = text_of(blocks);
    if !text.is_empty() {
        case.set_system_out(text);
    }
    case
}

/// Whether the run kept to a threshold. Of that the catalogue of specimens says nothing.
fn threshold(threshold: &ThresholdSummary, title: &str) -> TestCase {
    let status = if threshold.holds {
        TestCaseStatus::success()
    } else {
        not_well(NonSuccessKind::Failure, "threshold crossed", &threshold.sentence())
    };
    let mut case = case(&format!("threshold: {}", threshold.threshold), title, status);
    case.set_system_out(escape::line(&threshold.sentence()));
    case
}

/// Whether a specimen did what is expected of it.
fn expectation(section: &Section<'_>, title: &str) -> Option<TestCase> {
    let expected = section.expected.as_ref()?;
    let status = if expected.is_met {
        TestCaseStatus::success()
    } else {
        not_well(NonSuccessKind::Failure, "unexpected", &expected.sentence)
    };
    let mut case = case("as expected", title, status);
    case.set_system_out(escape::line(&expected.sentence));
    Some(case)
}

fn finding(finding: &Finding, section: &Section<'_>, title: &str) -> TestCase {
    let status = status_of(std::slice::from_ref(finding), section, &finding.text);
    let mut case = case(&finding_name(finding, section), title, status);
    let proof = match &finding.proof {
        Proof::Operations { object, operations } => section
            .judged
            .and_then(|judged| witness::of(judged, *object, operations, Screen::default())),
        Proof::Output(lines) => Some(lines.clone()),
        Proof::Itself | Proof::Totals => None,
    };
    let proof = proof.unwrap_or_else(|| vec![finding.text.clone()]);
    case.set_system_out(escape::lines(&proof.join("\n")));
    case
}

/// How it stands with the heaviest of `findings`, which `text` is about.
fn status_of(findings: &[Finding], section: &Section<'_>, text: &str) -> TestCaseStatus {
    let heaviest = findings.iter().max_by_key(|finding| finding.severity);
    let Some(heaviest) = heaviest.filter(|_| !section.is_as_expected()) else {
        return TestCaseStatus::success();
    };
    let kind = match heaviest.severity {
        Severity::Note => return TestCaseStatus::success(),
        Severity::Incomplete => NonSuccessKind::Error,
        Severity::Crossed | Severity::Suspect | Severity::Proven => NonSuccessKind::Failure,
    };
    not_well(kind, kind_name(heaviest.kind), text)
}

/// The name of a case stays the same from run to run, so that CI can tell what came and went.
fn finding_name(finding: &Finding, section: &Section<'_>) -> String {
    let name = kind_name(finding.kind);
    match (&finding.proof, section.judged) {
        (Proof::Totals, _) => format!("{name}, by the totals"),
        (Proof::Operations { object, .. }, Some(judged)) if judged.history.objects.len() > 1 => {
            format!("{name} of {}", judged.history.objects[*object].key)
        }
        _ => name.to_owned(),
    }
}

fn kind_name(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Anomaly(kind) => kind.names().several,
        FindingKind::Invariant => "broken invariant",
        FindingKind::Undecided => "undecided",
        FindingKind::Died => "server ended",
        FindingKind::CutShort => "cut short",
        FindingKind::NothingOk => "nothing answered well",
        FindingKind::Stalled { .. } => "stalled",
        FindingKind::Output(kind) => kind,
        FindingKind::Crossed { .. } => "threshold crossed",
        FindingKind::Serialised => "one request at a time",
        FindingKind::Unexpected => "not as expected",
    }
}

fn case(name: &str, title: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(escape::line(name), status);
    case.set_classname(title);
    case
}

fn not_well(kind: NonSuccessKind, name: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(name).set_message(escape::line(text));
    status
}

#[cfg(test)]
mod tests;
