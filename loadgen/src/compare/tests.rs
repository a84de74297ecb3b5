//! Runs are compared.

mod noise;
mod reading;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The report of a run.
pub(crate) fn report() -> Value {
    json!({
        "schema": "loadgen/report/1",
        "version": "0.1.0",
        "target": { "url": "http://127.0.0.1:8000/inc?name=i", "workload": null, "mode": null },
        "plan": {
            "method": "GET", "requests": 20_000, "concurrency": 200, "rate": null, "rates": null,
            "ramp_up_s": 0.0, "duration_s": null, "warm_up_requests": 0, "warm_up_s": 0.0,
            "timeout_s": 30.0, "keep_alive": true, "reads": 0.0, "client": "http1"
        },
        "partial": null,
        "requests": { "sent": 20_000, "ok": 20_000 },
        "throughput": { "requests_per_s": 32_000.0 },
        "schedule": null,
        "latency_us": {
            "mean": 6250.0, "p50": 6000, "p90": 9000, "p99": 12_000, "p99_9": 20_000, "max": 30_000
        },
        "correctness": null,
        "generator": { "threads": 2 }
    })
}

/// A run whose report has these values in place of the usual ones.
#[track_caller]
pub(crate) fn run(name: &str, values: &[(&str, Value)]) -> Run {
    Run::new(name.to_owned(), &written(values)).unwrap()
}

fn written(values: &[(&str, Value)]) -> Vec<u8> {
    let mut report = report();
    for (pointer, value) in values {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        report.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    serde_json::to_vec_pretty(&report).unwrap()
}

/// So many runs of the same.
pub(crate) fn runs(count: usize, values: &[(&str, Value)]) -> Vec<Run> {
    (0..count).map(|number| run(&format!("{number}.json"), values)).collect()
}

#[track_caller]
pub(crate) fn compared(baseline: &[Run], candidate: &[Run]) -> Changes {
    compare(baseline, candidate, false).unwrap()
}

fn names(changes: &Changes, percent: f64) -> Vec<&'static str> {
    changes.regressions(percent).iter().map(Regression::name).collect()
}

#[test]
fn runs_that_were_not_asked_for_the_same_are_refused() {
    let judged = |model: &str| json!({ "model": model, "verdict": "valid", "lost": null });
    let rates = json!({ "stages": [], "arrival": "poisson", "seed": 1 });
    for (pointer, value, field) in [
        ("/target/url", json!("http://127.0.0.1:8000/inc?name=j"), "target.path"),
        ("/target/workload", json!("booking"), "target.workload"),
        ("/plan/method", json!("POST"), "plan.method"),
        ("/plan/requests", json!(null), "plan.requests"),
        ("/plan/duration_s", json!(10.0), "plan.duration_s"),
        ("/plan/concurrency", json!(100), "plan.concurrency"),
        ("/plan/rate", json!(5000.0), "plan.rate"),
        ("/plan/rates", json!({ "stages": [{ "lasts_s": 1.0, "to": 5.0 }] }), "plan.rates.stages"),
        ("/plan/rates", rates.clone(), "plan.rates.arrival"),
        ("/plan/ramp_up_s", json!(1.0), "plan.ramp_up_s"),
        ("/plan/warm_up_requests", json!(5), "plan.warm_up_requests"),
        ("/plan/warm_up_s", json!(2.0), "plan.warm_up_s"),
        ("/plan/timeout_s", json!(5.0), "plan.timeout_s"),
        ("/plan/keep_alive", json!(false), "plan.keep_alive"),
        ("/plan/reads", json!(0.05), "plan.reads"),
        ("/plan/client", json!("reqwest"), "plan.client"),
        ("/generator/threads", json!(1), "generator.threads"),
        ("/correctness", judged("counter"), "correctness.model"),
    ] {
        let (a, b) = (runs(2, &[]), [run("same", &[]), run("other", &[(pointer, value)])]);
        for (baseline, candidate) in [(&a[..], &b[..]), (&b, &a)] {
            let Unlike(differences) = compare(baseline, candidate, false).unwrap_err();
            assert_eq!(differences.iter().map(|one| one.field).collect::<Vec<_>>(), [field]);
            let forced = compare(baseline, candidate, true).unwrap();
            assert_eq!(forced.differences, differences);
        }
        let error = compare(&a, &b, false).unwrap_err().to_string();
        assert!(error.contains(&format!("{field} is ")) && error.contains(" in other;"), "{error}");
        assert!(error.ends_with("--force compares them anyway"), "{error}");
    }
    // Where it is, how it is protected, chance, and how numbers are written.
    for (pointer, [one, other]) in [
        ("/target/url", ["http://127.0.0.1:8000/a", "http://other:99/a#x"].map(Value::from)),
        ("/target/mode", ["racy", "mutex"].map(Value::from)),
        (
            "/plan/rates",
            [1, 2].map(|seed| json!({ "stages": [], "arrival": "poisson", "seed": seed })),
        ),
        ("/plan/timeout_s", [json!(30), json!(30.0)]),
        ("/plan/new", [json!(1), json!(2)]),
        ("/plan/reads", [json!(null), json!(0.0)]),
        ("/partial", [json!(null), json!("interrupted")]),
    ] {
        let [one, other] = [one, other].map(|value| runs(1, &[(pointer, value)]));
        assert!(compare(&one, &other, false).is_ok(), "{pointer}");
    }
}

#[test]
fn one_run_a_side_regresses_by_its_change_alone() {
    let slow = [("/latency_us/p90", json!(9600)), ("/throughput/requests_per_s", json!(30_000.0))];
    let changes = compared(&runs(1, &[]), &runs(1, &slow));
    assert!(!changes.has_enough_runs());
    assert_eq!(changes.tested().count(), 0);
    assert_eq!(names(&changes, 5.0), ["requests_per_s", "latency_p90_us"]);
    assert_eq!(names(&changes, 6.5), ["latency_p90_us"]);
    assert_eq!(names(&changes, 7.0), Vec::<&str>::new());
    // The other way round it is better.
    let changes = compared(&runs(1, &slow), &runs(1, &[]));
    assert_eq!(names(&changes, 0.0), Vec::<&str>::new());
    // What is not tested is shown alone.
    let long = [("/latency_us/max", json!(90_000)), ("/latency_us/p99_9", json!(60_000))];
    assert_eq!(names(&compared(&runs(1, &[]), &runs(1, &long)), 0.0), Vec::<&str>::new());
}

#[test]
fn with_several_runs_a_change_has_to_be_more_than_noise() {
    let p99 = |values: &[u64]| {
        let each = values.iter().map(|us| run("a run", &[("/latency_us/p99", json!(us))]));
        each.collect::<Vec<_>>()
    };
    let baseline = p99(&[10_000, 13_000, 9000, 15_000, 11_000]);
    // The median is 18 % up, and every second value is among the others.
    let noisy = p99(&[13_000, 10_500, 14_000, 9500, 13_500]);
    let changes = compared(&baseline, &noisy);
    assert!(changes.has_enough_runs());
    assert_eq!(names(&changes, 5.0), Vec::<&str>::new());
    let slower = p99(&[16_000, 17_000, 19_000, 18_000, 20_000]);
    let changes = compared(&baseline, &slower);
    assert_eq!(names(&changes, 5.0), ["latency_p99_us"]);
    assert_eq!(names(&changes, 70.0), Vec::<&str>::new());
    let (_, tested) =
        changes.tested().find(|(change, _)| change.figure.name == "latency_p99_us").unwrap();
    // All others are the same in every run, and adjust nothing.
    assert!((tested.p - 2.0 / 252.0).abs() < 1e-12 && (tested.p_adjusted - tested.p).abs() < 1e-12);
    // Four runs cannot show it, so that the change alone counts.
    let changes = compared(&baseline[..4], &slower[..4]);
    assert!(!changes.has_enough_runs());
    assert_eq!(names(&changes, 5.0), ["latency_p99_us"]);
}

#[test]
fn requests_that_fail_or_are_dropped_are_a_regression() {
    let failing = runs(1, &[("/requests/ok", json!(18_000))]);
    assert_eq!(names(&compared(&runs(1, &[]), &failing), 5.0), ["ok_percent"]);
    assert_eq!(names(&compared(&runs(1, &[]), &failing), 10.0), Vec::<&str>::new());
    let dropped = [
        ("/schedule", json!({ "dropped": 2000 })),
        ("/latency_us/p90", json!(null)),
        ("/latency_us/p99", json!(null)),
    ];
    // A time among what was dropped is longer by more than any percentage.
    let changes = compared(&runs(1, &[]), &runs(1, &dropped));
    assert_eq!(names(&changes, 5.0), ["ok_percent", "latency_p90_us", "latency_p99_us"]);
    assert_eq!(names(&changes, 1e9), ["latency_p90_us", "latency_p99_us"]);
    let changes = compared(&runs(6, &[]), &runs(6, &dropped));
    assert_eq!(names(&changes, 5.0), ["ok_percent", "latency_p90_us", "latency_p99_us"]);
    assert_eq!(names(&compared(&runs(6, &dropped), &runs(6, &dropped)), 0.0), Vec::<&str>::new());
    // Not one was answered: there are no times and no rate.
    let dead = [
        ("/requests/ok", json!(0)),
        ("/latency_us", json!(null)),
        ("/throughput/requests_per_s", json!(null)),
    ];
    assert_eq!(names(&compared(&runs(1, &[]), &runs(1, &dead)), 5.0), ["ok_percent"]);
    assert_eq!(compared(&runs(1, &dead), &runs(1, &dead)).figures.len(), 1);
}

#[test]
fn a_verdict_that_is_worse_always_counts() {
    use Direction::{Better, Same, Worse};
    let judged = |verdicts: &[&str]| {
        let correctness = |verdict: &&str| json!({ "model": "counter", "verdict": verdict });
        let runs = verdicts.iter().map(|one| run(one, &[("/correctness", correctness(one))]));
        runs.collect::<Vec<_>>()
    };
    for (before, after, expected) in [
        (&["valid"][..], &["valid"][..], Same),
        (&["valid"], &["unknown"], Worse),
        (&["unknown"], &["invalid"], Worse),
        (&["invalid"], &["unknown"], Better),
        (&["valid", "valid"], &["valid", "invalid", "valid"], Worse),
        // One run that is invalid proves as much as several.
        (&["valid", "invalid"], &["invalid", "invalid"], Same),
        (&["unknown", "valid"], &["valid", "valid"], Better),
    ] {
        let changes = compared(&judged(before), &judged(after));
        assert_eq!(changes.correctness, Some(expected), "{before:?}, {after:?}");
        let regressions = names(&changes, 1000.0);
        assert_eq!(regressions == ["correctness"], expected == Worse, "{regressions:?}");
    }
    assert_eq!(compared(&runs(1, &[]), &runs(1, &[])).correctness, None);
    let cut = [("/partial", json!("the target died"))];
    assert_eq!(names(&compared(&runs(2, &[]), &runs(2, &cut)), 1000.0), ["partial"]);
    assert_eq!(names(&compared(&runs(2, &cut), &runs(2, &cut)), 1000.0), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn runs_beside_themselves_are_the_same(
        p50 in prop::collection::vec(prop::option::of(0..10_000_u64), 1..8),
        verdict in prop::sample::select(vec!["valid", "unknown", "invalid"]),
    ) {
        let correctness = json!({ "model": "counter", "verdict": verdict });
        let runs = p50.iter().map(|us| run("a run", &[("/latency_us/p50", json!(us)), ("/correctness", correctness.clone())]));
        let runs: Vec<_> = runs.collect();
        let changes = compared(&runs, &runs);
        prop_assert!(changes.regressions(0.0).is_empty());
        prop_assert_eq!(changes.correctness, Some(Direction::Same));
        for change in &changes.figures {
            prop_assert!(change.percent().abs() < 1e-12);
            prop_assert!(change.tested.is_none_or(|tested| tested.direction == Direction::Same));
        }
    }

    #[test]
    fn whatever_is_read_is_refused_or_compared(
        pointer in prop::sample::select(vec![
            "/plan", "/target/url", "/requests/ok", "/latency_us", "/latency_us/p50", "/schedule",
            "/correctness", "/throughput/requests_per_s", "/plan/rates",
        ]),
        value in prop::sample::select(vec![
            json!(null), json!(0), json!(-1), json!(1e308), json!(u64::MAX), json!("\u{1b}[2J"), json!([]), json!({}),
        ]),
    ) {
        if let Ok(changed) = Run::new("a".to_owned(), &written(&[(pointer, value)])) {
            let changes = compare(&runs(1, &[]), &[changed], true).unwrap();
            for change in changes.figures {
                prop_assert!(!change.percent().is_nan());
            }
        }
    }
}
