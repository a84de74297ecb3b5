//! Limits that figures are to keep to, and the seconds that they are checked in.

use std::time::Duration;

use crate::byte_server::ByteServer;
use crate::program::loadgen;
use crate::report::report;

#[test]
fn a_threshold_that_is_crossed_is_4_and_named_and_one_that_holds_is_0() {
    let server = ByteServer::slow(Duration::from_millis(20));
    let url = server.url("/");
    let load = ["-n", "20", "-c", "2", "--threshold", "med<10s", "--threshold"];
    let held = report(0, &[&load[..], &["fail_rate==0", &url]].concat());
    let summaries = held.at("/thresholds");
    assert_eq!(
        (&summaries[0]["threshold"], &summaries[0]["unit"]),
        (&"med<10s".into(), &"us".into())
    );
    assert_eq!((&summaries[0]["holds"], &summaries[1]["value"]), (&true.into(), &0.0.into()));

    let crossed = loadgen(&[&load[..], &["p(90)<15ms", "-q", &url]].concat()).exited(4);
    assert!(
        crossed.stderr.starts_with("loadgen: the threshold p(90)<15ms is crossed: ")
            && crossed.stderr.ends_with(" ms (exit 4)\n"),
        "{}",
        crossed.stderr
    );
    for shown in ["\nThresholds:             ✓ med<10s (", "✗ p(90)<15ms ("] {
        assert!(crossed.stdout.contains(shown), "{shown}: {}", crossed.stdout);
    }
}

#[test]
fn the_first_threshold_that_is_crossed_ends_a_run_that_is_to_end_for_it() {
    let server = ByteServer::slow(Duration::from_millis(20));
    let load = ["--duration", "60s", "--rate", "50/s", "--threshold", "avg<1ms"];
    let ended = report(4, &[&load[..], &["--abort-on-threshold", &server.url("/")]].concat());
    let elapsed_s = ended.at("/elapsed_s").as_f64().unwrap();
    assert!((1.0..30.0).contains(&elapsed_s), "{elapsed_s}");
    let partial = ended.at("/partial").as_str().unwrap();
    assert!(partial.starts_with("the threshold avg<1ms is crossed: "), "{partial}");
    // It is what it was then, whatever came after.
    assert_eq!(ended.at("/thresholds/0/holds"), false);
    let series = ended.at("/series").as_array().unwrap();
    let ok: u64 = series.iter().map(|second| second["ok"].as_u64().unwrap()).sum();
    assert_eq!(ok, ended.requests().ok);
    assert!(series[0]["p50_us"].as_u64().unwrap() >= 20_000, "{}", series[0]);
}

#[test]
fn an_anomaly_weighs_more_than_a_threshold() {
    let load = ["--mode", "racy", "-n", "5000", "-c", "50", "--threshold", "lost<1", "-q"];
    // It is expected of the specimen that it loses updates; the threshold counts all the same.
    let lost = loadgen(&load).exited(4);
    assert!(lost.stderr.contains("the threshold lost<1 is crossed: "), "{}", lost.stderr);
}

#[test]
fn a_threshold_about_what_is_not_measured_is_wrong_usage() {
    for (options, told) in [
        (&["--threshold", "lost<1"][..], "expected --read URL"),
        (&["--threshold", "dropped<1"], "expected --rate or --stages"),
        (&["--threshold", "rate<1%"], "expected fail_rate"),
        (&["--abort-on-threshold"], "--threshold <LIMIT>"),
    ] {
        let ended = loadgen(&[options, &["http://127.0.0.1:9/"]].concat()).exited(2);
        assert!(ended.stderr.contains(told), "{options:?}: {}", ended.stderr);
    }
}
