//! Which specimens are run, and what becomes of those that are not.

use store::Workload;

use super::*;
use crate::Exit;
use crate::judge::tests::{facts, plan};
use crate::judge::{Facts, judge};

fn plans(modes: &[&str]) -> Vec<(Specimen, Plan)> {
    let specimen = |mode: &&str| Workload::named("counter").unwrap().specimen(mode).unwrap().into();
    modes.iter().map(|mode| (specimen(mode), plan(None))).collect()
}

fn report(plan: &Plan, mut facts: Facts) -> Report {
    let judgement = judge(plan, &mut facts, &|| std::time::Duration::ZERO);
    Report::new(plan, facts, judgement)
}

/// Runs `modes`, each of which comes to what `of` says, or has no report.
async fn run_modes(
    modes: &[&str],
    interrupt: &Signal<()>,
    of: impl Fn(&str) -> Option<Facts>,
) -> (Vec<String>, Result<Comparison, RunError>) {
    let mut names = Vec::new();
    let comparison = run(plans(modes), interrupt, async |plan, name| {
        let (_, mode) = name.split_once(' ').unwrap();
        names.push(mode.to_owned());
        of(mode).map(|facts| report(plan, facts)).ok_or(RunError::Interrupted)
    });
    let comparison = comparison.await;
    (names, comparison)
}

#[tokio::test]
async fn all_are_run_and_held_against_the_catalogue() {
    let racy_loses = |name: &str| Some(if name == "racy" { facts().lost() } else { facts() });
    let (names, comparison) = run_modes(&["racy", "mutex"], &Signal::new(), racy_loses).await;
    let comparison = comparison.unwrap();
    assert_eq!(names, ["racy", "mutex"]);
    assert!(comparison.as_expected && comparison.findings.is_empty());

    let both_lose = |_: &str| Some(facts().lost());
    let (_, comparison) = run_modes(&["racy", "mutex"], &Signal::new(), both_lose).await;
    let comparison = comparison.unwrap();
    assert!(!comparison.as_expected);
    assert_eq!(Exit::of(&comparison.findings), Exit::Invalid);
}

#[tokio::test]
async fn after_an_interrupt_the_others_are_left_out() {
    let interrupt = Signal::new();
    let interrupted = |_: &str| {
        interrupt.raise(());
        Some(facts().interrupted())
    };
    let (names, comparison) =
        run_modes(&["mutex", "racy", "atomic"], &interrupt, interrupted).await;
    let comparison = comparison.unwrap();
    assert_eq!(names, ["mutex"]);
    assert_eq!(comparison.runs.len(), 1);
    assert_eq!(comparison.partial.as_deref(), Some("not run: racy, atomic (interrupted)"));
    assert_eq!(Exit::of(&comparison.findings), Exit::Incomplete);
}

#[tokio::test]
async fn what_came_before_an_error_is_kept() {
    let of = |name: &str| (name == "mutex").then(facts);
    let (names, comparison) = run_modes(&["mutex", "racy", "atomic"], &Signal::new(), of).await;
    let comparison = comparison.unwrap();
    assert_eq!(names, ["mutex", "racy"]);
    let expected = "not run: racy, atomic (interrupted before the first request)";
    assert_eq!(comparison.partial.as_deref(), Some(expected));
    assert_eq!(Exit::of(&comparison.findings), Exit::Incomplete);
    // Without any report there is nothing to show.
    let (_, comparison) = run_modes(&["racy", "mutex"], &Signal::new(), of).await;
    assert!(matches!(comparison, Err(RunError::Interrupted)));
}
