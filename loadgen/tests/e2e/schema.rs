//! The JSON report: every key that scripts hold on to, and numbers that agree with one another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use serde_json::Value;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::embedded::as_expected;
use crate::report::{Report, report};

/// The types of JSON; a count is an integer that is not negative.
#[derive(Debug, Clone, Copy)]
enum Type {
    Count,
    Integer,
    Number,
    Text,
    Object,
    Flag,
    Null,
}

use Type::{Count, Flag, Integer, Null, Number, Object, Text};

impl Type {
    fn fits(self, value: &Value) -> bool {
        match self {
            Count => value.is_u64(),
            Integer => value.is_i64(),
            Number => value.is_number(),
            Text => value.is_string(),
            Object => value.is_object(),
            Flag => value.is_boolean(),
            Null => value.is_null(),
        }
    }
}

/// What every report has that at least one answer came to.
const KEYS: [(&str, Type); 52] = [
    ("/schema", Text),
    ("/command", Text),
    ("/started_at", Text),
    ("/version", Text),
    ("/target/url", Text),
    ("/plan/requests", Count),
    ("/plan/concurrency", Count),
    ("/plan/rate", Null),
    ("/plan/duration_s", Null),
    ("/plan/client", Text),
    ("/elapsed_s", Number),
    ("/drain_s", Number),
    ("/requests/sent", Count),
    ("/requests/ok", Count),
    ("/requests/fail", Count),
    ("/requests/unknown", Count),
    ("/requests/unconfirmed", Count),
    ("/requests/status", Object),
    ("/requests/first_answers", Object),
    ("/tls", Null),
    ("/requests/errors", Object),
    ("/throughput/requests_per_s", Number),
    ("/throughput/bytes_read_per_s", Number),
    ("/throughput/bytes_written_per_s", Number),
    ("/latency_us/min", Count),
    ("/latency_us/mean", Number),
    ("/latency_us/stdev", Number),
    ("/latency_us/p50", Count),
    ("/latency_us/p66", Count),
    ("/latency_us/p75", Count),
    ("/latency_us/p80", Count),
    ("/latency_us/p90", Count),
    ("/latency_us/p95", Count),
    ("/latency_us/p98", Count),
    ("/latency_us/p99", Count),
    ("/latency_us/p99_9", Count),
    ("/latency_us/p99_99", Count),
    ("/latency_us/max", Count),
    ("/latency_us/histogram", Text),
    ("/plan/connect_timeout_s", Null),
    ("/plan/re_resolve", Flag),
    ("/error_examples", Object),
    ("/phases_us/resolve/count", Count),
    ("/phases_us/resolve/p99", Count),
    ("/phases_us/connect/p50", Count),
    ("/phases_us/first_byte/max", Count),
    ("/phases_us/body/mean", Number),
    ("/addresses/0/address", Text),
    ("/addresses/0/connections", Count),
    ("/addresses/0/requests", Count),
    ("/addresses/0/failed", Count),
    ("/lookups/begun", Count),
];

const GENERATOR_KEYS: [(&str, Type); 7] = [
    ("/generator/cpu_user_s", Number),
    ("/generator/cpu_system_s", Number),
    ("/generator/max_rss_bytes", Count),
    ("/generator/threads", Count),
    ("/generator/cores", Count),
    ("/generator/threads_busy", Number),
    ("/generator/busiest_thread", Number),
];

const CORRECTNESS_KEYS: [(&str, Type); 9] = [
    ("/correctness/model", Text),
    ("/correctness/verdict", Text),
    ("/correctness/acknowledged", Count),
    ("/correctness/before", Integer),
    ("/correctness/after", Integer),
    ("/correctness/lost/min", Count),
    ("/correctness/lost/max", Count),
    ("/correctness/excess/min", Count),
    ("/correctness/excess/max", Count),
];

/// Of a server that exited by itself.
const SERVER_KEYS: [(&str, Type); 10] = [
    ("/server/command", Text),
    ("/server/pid", Count),
    ("/server/ended/how", Text),
    ("/server/ended/status", Count),
    ("/server/ended/signal", Null),
    ("/server/ended/after_s", Number),
    ("/server/ended/after_requests", Count),
    ("/server/findings/0/kind", Text),
    ("/server/findings/0/count", Count),
    ("/server/findings/0/line", Text),
];

#[track_caller]
fn has(report: &Value, keys: &[(&str, Type)]) {
    for (pointer, expected) in keys {
        let value = report.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is missing"));
        assert!(expected.fits(value), "{pointer} is {value}, not {expected:?}");
    }
}

#[test]
fn a_report_has_every_key() {
    let server = ByteServer::answering(answer(200, "7"));
    let url = server.url("/a?b");
    let measured = report(0, &["-n", "50", "-c", "5", &url]);
    has(&measured.json, &KEYS);
    has(&measured.json, &GENERATOR_KEYS);
    has(
        &measured.json,
        &[
            ("/correctness", Null),
            ("/server", Null),
            ("/serialised", Null),
            ("/stall", Null),
            ("/target/mode", Null),
        ],
    );
    for (pointer, expected) in [
        ("/schema", "loadgen/report/1".into()),
        ("/target/url", Value::from(&*url)),
        ("/plan/requests", 50.into()),
        ("/plan/concurrency", 5.into()),
        ("/plan/client", "http1".into()),
        ("/requests/status", serde_json::json!({ "200": 50 })),
        ("/requests/errors", serde_json::json!({})),
    ] {
        assert_eq!(*measured.at(pointer), expected, "{pointer}");
    }

    let judged = report(1, &["-n", "50", "--read", "/n", &url]);
    has(&judged.json, &KEYS);
    has(&judged.json, &CORRECTNESS_KEYS);
    let lost = serde_json::json!([{ "kind": "lost-update", "count": 50, "witness": [] }]);
    assert_eq!(*judged.at("/correctness/anomalies"), lost);
    assert_eq!(*judged.at("/correctness/model"), "counter");
}

#[test]
fn a_run_without_a_url_has_a_report_for_each_mode() {
    let arguments = ["--mode", "go-map,atomic", "-n", "5000", "-c", "50", "-q", "--output", "-"];
    let comparison = as_expected(&arguments).json();
    assert_eq!(comparison["schema"], "loadgen/comparison/1");
    has(&comparison, &KEYS[..4]);
    let [died, ran] = comparison["runs"].as_array().unwrap().as_slice() else {
        panic!("{comparison:#}")
    };
    has(died, &SERVER_KEYS);
    has(died, &[("/correctness/after", Null), ("/correctness/lost", Null)]);
    has(ran, &KEYS);
    has(ran, &GENERATOR_KEYS);
    has(ran, &CORRECTNESS_KEYS);
    has(ran, &SERVER_KEYS[..3]);
    has(ran, &[("/server/ended/status", Null), ("/server/ended/after_s", Null)]);
    assert_eq!(ran["target"]["mode"], "atomic");
    assert_eq!(ran["server"]["ended"]["how"], "running");
    assert_eq!(ran["server"]["findings"], serde_json::json!([]));
    // By which the run can be repeated.
    let command = ran["server"]["command"].as_str().unwrap();
    assert!(command.starts_with("loadgen server --workload counter --mode atomic "), "{command}");
}

#[test]
fn amounts_and_rates_follow_from_the_bytes() {
    let bytes = answer(200, "seven");
    let server = ByteServer::answering(bytes.clone());
    let report = report(0, &["-n", "20", "-c", "3", "--data", "abc", &server.url("/")]);
    let written = server.requests()[0].len() as u64;
    for (key, expected) in [
        ("bytes_read", 20 * bytes.len() as u64),
        ("body_bytes_read", 20 * 5),
        ("bytes_written", 20 * written),
        ("body_bytes_written", 20 * 3),
    ] {
        assert_eq!(report.count(&format!("/throughput/{key}")), expected, "{key}");
    }
    let number = |pointer: &str| report.at(pointer).as_f64().unwrap();
    for (rate, amount) in [
        ("requests_per_s", 20.0),
        ("bytes_read_per_s", number("/throughput/bytes_read")),
        ("bytes_written_per_s", number("/throughput/bytes_written")),
    ] {
        let expected = amount / number("/elapsed_s");
        let rate = number(&format!("/throughput/{rate}"));
        assert!((rate - expected).abs() < expected * 1e-9, "{rate} is not {expected}");
    }
}

#[test]
fn histograms_hold_every_latency_and_agree_with_the_percentiles() {
    const SLOW_US: u64 = 50_000;
    let server = ByteServer::start(|number, _| {
        if number % 10 == 0 {
            std::thread::sleep(std::time::Duration::from_micros(SLOW_US));
        }
        Reaction::Answer(answer(if number % 4 == 0 { 500 } else { 200 }, "ok"))
    });
    let report = report(0, &["-n", "200", &server.url("/")]);
    assert_eq!(agreeing(&report, "/latency_us"), 150);
    assert_eq!(agreeing(&report, "/latency_failed_us"), 50);
    // Of the answers of 200, every 15th was slow: 10, 30, 50, …
    assert!(report.count("/latency_us/p95") >= SLOW_US);
    assert!(report.count("/latency_us/min") < SLOW_US);
    assert!(report.count("/latency_us/max") >= report.count("/latency_us/p99_99"));
    // One request at a time, of which 20 were slow.
    assert!(report.at("/elapsed_s").as_f64().unwrap() >= 1.0);
}

/// A histogram knows a time to three digits only.
#[test]
fn one_time_is_the_shortest_the_longest_and_the_mean() {
    let server = ByteServer::start(|_, _| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Reaction::Answer(answer(200, "ok"))
    });
    let report = report(0, &["-n", "1", &server.url("/")]);
    let time_us = report.count("/latency_us/max");
    for key in ["min", "p50", "p99_99"] {
        assert_eq!(report.count(&format!("/latency_us/{key}")), time_us, "{key}");
    }
    let [mean_us, max_us] =
        ["mean", "max"].map(|key| report.at(&format!("/latency_us/{key}")).as_f64().unwrap());
    assert!((0.0..1.0).contains(&(mean_us - max_us)), "{mean_us} is not {max_us}");
    assert_eq!(report.at("/latency_us/stdev").as_f64(), Some(0.0));
    assert_eq!(report.count("/parts_us/total/max"), time_us);
}

/// How many latencies a histogram holds, once its summary was found to be its own.
fn agreeing(report: &Report, latency: &str) -> u64 {
    let text = report.at(&format!("{latency}/histogram")).as_str().unwrap();
    let bytes = STANDARD.decode(text).unwrap();
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut &*bytes).unwrap();
    // They are exact, and the histogram is to three digits.
    let [min, max] = ["min", "max"].map(|key| report.count(&format!("{latency}/{key}")));
    assert_eq!(histogram.lowest_equivalent(min), histogram.min());
    assert_eq!(histogram.highest_equivalent(max), histogram.max());
    for (key, percentile) in [
        ("p50", 50.0),
        ("p66", 66.0),
        ("p75", 75.0),
        ("p80", 80.0),
        ("p90", 90.0),
        ("p95", 95.0),
        ("p98", 98.0),
        ("p99", 99.0),
        ("p99_9", 99.9),
        ("p99_99", 99.99),
    ] {
        let value = histogram.value_at_percentile(percentile).clamp(min, max);
        assert_eq!(report.count(&format!("{latency}/{key}")), value, "{key}");
    }
    for (key, value) in [("mean", histogram.mean()), ("stdev", histogram.stdev())] {
        let reported = report.at(&format!("{latency}/{key}")).as_f64().unwrap();
        // Few and long times make a deviation that is longer than any mean.
        let precision = 1.0 + (histogram.mean() + histogram.stdev()) / 1000.0;
        assert!((reported - value).abs() <= precision, "{key}: {reported} is not {value}");
    }
    histogram.len()
}
