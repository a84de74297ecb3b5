//! Reports side by side, as they are shown.

use serde_json::{Value, json};

use super::super::layout::width;
use super::*;
use crate::compare::compare;
use crate::compare::tests::{compared, run, runs};

const WIDE: Screen = Screen { columns: None, has_colors: false };

/// The lines that are not about how the comparison was made.
fn text(report: &ComparedReports, screen: Screen) -> String {
    let text = report.text(screen);
    let is_ours =
        |line: &&str| !line.starts_with("Started:") && !line.starts_with("Loadgen version:");
    text.lines().filter(is_ours).map(|line| line.to_owned() + "\n").collect()
}

fn slow() -> Vec<(&'static str, Value)> {
    vec![
        ("/throughput/requests_per_s", json!(30_000.0)),
        ("/latency_us/p50", json!(6600)),
        ("/latency_us/p99", json!(null)),
        ("/requests/ok", json!(19_980)),
        ("/correctness", json!({ "model": "counter", "verdict": "invalid", "lost": { "min": 7 } })),
    ]
}

fn judged() -> [(&'static str, Value); 1] {
    [("/correctness", json!({ "model": "counter", "verdict": "valid", "lost": { "min": 0 } }))]
}

#[test]
fn two_runs_side_by_side() {
    let changes = compared(&[run("main.json", &judged())], &[run("pr.json", &slow())]);
    let report = ComparedReports::new(changes, Some(5.0));
    let expected = "\
A (baseline):           main.json
B:                      pr.json

                             A          B   change
Requests per second   32000.00   30000.00    -6.3%
Requests ok [%]         100.00      99.90    -0.1%
Latency p50 [ms]         6.000      6.600   +10.0%
Latency p90 [ms]         9.000      9.000     0.0%
Latency p99 [ms]        12.000   > 30.000     more
Latency p99.9 [ms]      20.000     20.000     0.0%
Latency max [ms]        30.000     30.000     0.0%
Latency mean [ms]        6.250      6.250     0.0%
Lost updates                 0          7     more


Test:                   none: one run a side is too few to tell a difference from noise, 5 are enough
Correctness A:          VALID
Correctness B:          INVALID
Result:                 REGRESSION beyond 5%: verdict INVALID, was VALID, requests per second -6.3%, latency p50 +10.0%, latency p99 more (one run a side is too few to tell a difference from noise, 5 are enough)
";
    assert_eq!(text(&report, WIDE), expected);
    let Conclusion { exit, reason } = report.conclusion();
    assert_eq!(exit, Exit::Crossed);
    assert!(
        reason.starts_with("regression beyond 5%: verdict INVALID, was VALID, requests"),
        "{reason}"
    );
}

#[test]
fn several_runs_side_by_side() {
    let changes = compared(&runs(6, &judged()), &runs(7, &slow()));
    let report = ComparedReports::new(changes, None);
    let shown = text(&report, WIDE);
    for line in [
        "A (baseline):           6 runs: 0.json … 5.json",
        "                      A (median)   B (median)   change        p",
        "Requests per second     32000.00     30000.00    -6.3%   0.0023   worse",
        "Latency p90 [ms]           9.000        9.000     0.0%   1.0000   noise",
        "Latency max [ms]          30.000       30.000     0.0%",
        "Correctness B:          INVALID in 7 of 7 runs",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    assert!(
        shown.contains(
            "Test:                   Mann-Whitney U over 6 and 7 runs, two-sided, exact; p"
        )
    );
    assert!(
        shown.contains("Result:                 worse: verdict INVALID, was VALID, requests per")
    );
    assert_eq!(report.conclusion(), Conclusion::success());
    let report = ComparedReports::new(compared(&runs(6, &slow()), &runs(7, &judged())), Some(5.0));
    let shown = text(&report, WIDE);
    assert!(
        shown.contains("Result:                 no regression beyond 5%; better: verdict VALID")
    );
    let same = ComparedReports::new(compared(&runs(6, &[]), &runs(7, &[])), None);
    assert!(
        text(&same, WIDE)
            .ends_with("Result:                 no difference that is more than noise\n")
    );
    let few = ComparedReports::new(compared(&runs(3, &[]), &runs(3, &[])), None);
    let expected = "Result:                 3 and 3 runs are too few to tell a difference from noise, 5 a side are enough\n";
    assert!(text(&few, WIDE).ends_with(expected));
    // Two hundred runs are ranked by the normal distribution.
    let many = ComparedReports::new(compared(&runs(100, &[]), &runs(100, &[])), None);
    assert!(text(&many, WIDE).contains("two-sided, normal approximation"));
}

#[test]
fn everything_fits_a_narrow_screen() {
    for (a, b) in [(runs(6, &judged()), runs(6, &slow())), (runs(1, &judged()), runs(1, &slow()))] {
        let report = ComparedReports::new(compared(&a, &b), Some(5.0));
        for columns in [40, 60, 80] {
            let shown = text(&report, Screen { columns: Some(columns), has_colors: false });
            let lines = shown.lines().filter(|line| !line.is_empty());
            assert!(lines.clone().all(|line| width(line) <= columns), "{columns}\n{shown}");
            assert!(
                shown.contains("Requests per second") && shown.contains("REGRESSION"),
                "{shown}"
            );
        }
    }
}

#[test]
fn what_is_worse_is_red() {
    let colored = Screen { columns: None, has_colors: true };
    let report = ComparedReports::new(compared(&runs(6, &judged()), &runs(6, &slow())), None);
    let shown = report.text(colored);
    let red = |text: &str| format!("\u{1b}[1m\u{1b}[31m{text}\u{1b}[0m");
    assert!(
        shown.contains(&red("worse")) && shown.contains(&red("INVALID in 6 of 6 runs")),
        "{shown}"
    );
    assert!(!report.text(WIDE).contains('\u{1b}'));
}

#[test]
fn what_comes_from_a_report_is_escaped() {
    let evil = "x\u{1b}[2J\nResult: fine";
    let values = [
        ("/version", json!(evil)),
        ("/target/mode", json!(evil)),
        ("/plan/method", json!(evil)),
        ("/plan/client", json!([evil])),
    ];
    let [a, b] = [runs(1, &[]), vec![run(evil, &values)]];
    let shown = ComparedReports::new(compare(&a, &b, true).unwrap(), None).text(WIDE);
    assert!(!shown.contains('\u{1b}') && !shown.contains("\nResult: fine"), "{shown}");
    assert!(
        shown.contains("Asked for:              plan.method is GET in 0.json and x\\u{1b}[2J\\nR")
    );
    assert!(shown.contains("Loadgen versions:       0.1.0 made A, x\\u{1b}"));
}

#[test]
fn the_json_form_has_the_runs_and_the_test() {
    let changes = compared(&runs(5, &judged()), &runs(5, &slow()));
    let json = serde_json::to_value(ComparedReports::new(changes, Some(2.5))).unwrap();
    let at = |pointer: &str| json.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {json:#}"));
    assert_eq!(at("/schema"), "loadgen/compared/1");
    assert_eq!(at("/a/reports/4"), "4.json");
    assert_eq!(at("/b/verdicts"), &json!({ "valid": 0, "unknown": 0, "invalid": 5 }));
    assert_eq!(at("/test/name"), "mann-whitney-u");
    assert_eq!(at("/figures/0/name"), "requests_per_s");
    assert_eq!(at("/figures/0/change_percent"), -6.25);
    assert_eq!(at("/figures/0/test/direction"), "worse");
    assert_eq!(at("/figures/0/test/method"), "exact");
    assert_eq!(at("/figures/0/a"), &json!({ "median": 32_000.0, "values": vec![32_000.0; 5] }));
    // What is longer than any time is null, and so is by how much.
    assert_eq!(at("/figures/4/b/median"), &Value::Null);
    assert_eq!(at("/figures/4/change_percent"), &Value::Null);
    assert_eq!(at("/figures/6/test"), &Value::Null);
    assert_eq!(at("/correctness"), "worse");
    let found = ["correctness", "requests_per_s", "latency_p50_us", "latency_p99_us"];
    assert_eq!(at("/regression"), &json!({ "threshold_percent": 2.5, "found": found }));
    let one =
        serde_json::to_value(ComparedReports::new(compared(&runs(1, &[]), &runs(1, &[])), None));
    let one = one.unwrap();
    assert_eq!([&one["test"], &one["regression"], &one["correctness"]], [&Value::Null; 3]);
}
