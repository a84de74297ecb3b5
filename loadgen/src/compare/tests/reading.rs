//! Reports are read, and what is none is refused.

use super::*;

#[track_caller]
fn refused(json: &[u8], expected: &str) {
    let error = Run::new("a.json".to_owned(), json).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn what_is_no_report_is_refused_with_its_place() {
    refused(b"", "EOF while parsing a value at line 1 column 0");
    refused(b"Server Software: nginx", "expected value at line 1 column 1");
    refused(b"[]", "invalid length 0");
    refused(b"{}", "expected a report whose schema is loadgen/report/1, not none");
    refused(br#"{"schema": "loadgen/check/1"}"#, "not loadgen/check/1");
    refused(br#"{"schema": 7}"#, "schema: invalid type: integer `7`, expected a string");
    refused(br#"{"schema": "loadgen/report/1"}"#, "missing field `target`");
    refused(&[&written(&[])[..], b"{"].concat(), "trailing characters at line");
    for (pointer, value, expected) in [
        ("/plan", json!([]), "plan: expected an object"),
        ("/requests/sent", json!(-5), "requests.sent: invalid value: integer `-5`, expected u64"),
        ("/requests/ok", json!(20_001), "requests.ok: expected at most the 20000 of requests.sent"),
        ("/latency_us/p50", json!("x"), "latency_us.p50: invalid type: string \"x\""),
        ("/latency_us/p50", json!(-1), "expected a number that is not negative"),
        ("/latency_us", json!({}), "latency_us: missing field `mean`"),
        ("/throughput/requests_per_s", json!(-1), "expected a number that is not negative"),
        ("/throughput", json!({}), "throughput: missing field `requests_per_s`"),
        (
            "/target/url",
            json!("nowhere"),
            "target.url: invalid value: string \"nowhere\", expected a URL",
        ),
        (
            "/correctness",
            json!({"model": "counter", "verdict": "good"}),
            "correctness.verdict: unknown",
        ),
    ] {
        refused(&written(&[(pointer, value)]), expected);
    }
    let mut without = report();
    without.as_object_mut().unwrap().remove("latency_us");
    refused(without.to_string().as_bytes(), "missing field `latency_us`");
}

#[test]
fn the_report_of_one_specimen_is_one() {
    let specimens = |runs: usize| {
        json!({ "schema": "loadgen/comparison/1", "runs": vec![report(); runs] }).to_string()
    };
    assert!(Run::new("a.json".to_owned(), specimens(1).as_bytes()).is_ok());
    refused(specimens(2).as_bytes(), "expected the report of one run, not of 2: a run with --mode");
}

#[test]
fn what_is_not_needed_may_be_missing_or_more() {
    let mut report = report();
    for key in ["version", "partial", "schedule", "correctness", "generator"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report["new"] = json!({ "deep": [1, 2, { "er": null }] });
    let old = Run::new("old.json".to_owned(), report.to_string().as_bytes()).unwrap();
    // It says nothing of threads, which is no more than that.
    let differences = differences(&[old], &runs(1, &[]));
    assert_eq!(differences.iter().map(|one| one.field).collect::<Vec<_>>(), ["generator.threads"]);
}
