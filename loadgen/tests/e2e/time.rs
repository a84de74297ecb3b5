//! Runs that end with the clock: ab's `-t`, and `--duration`.

use std::time::Duration;

use crate::byte_server::{ByteServer, Reaction, answer};
use regex::Regex;

use crate::program::{PROMPTLY, loadgen};
use crate::report::report;

#[test]
fn a_time_and_a_number_end_the_run_whichever_comes_first() {
    // Long enough that a busy machine comes to answer something.
    // Few requests fill a time.
    let server = ByteServer::slow(Duration::from_millis(20));
    let url = server.url("/");
    for (arguments, requests, duration_s, ended_by_number) in [
        // ab's: -t implies 50000 requests unless -n follows.
        (["-t", "1.2"].as_slice(), Some(50_000), 1.2, false),
        (&["-n", "3", "-t", "1.2"], Some(50_000), 1.2, false),
        (&["-t", "1.2", "-n", "70000"], Some(70_000), 1.2, false),
        (&["-t", "20", "-n", "3"], Some(3), 20.0, true),
        (&["-t20", "-n3"], Some(3), 20.0, true),
        // Ours: as many as it takes.
        (&["--duration", "1200ms"], None, 1.2, false),
        (&["--duration", "1.2"], None, 1.2, false),
        (&["--duration", "2m", "-n", "3"], Some(3), 120.0, true),
        (&["-n", "3", "--duration", "2m"], Some(3), 120.0, true),
    ] {
        let report = report(0, &[arguments, &["-c", "2", &url]].concat());
        assert_eq!(report.at("/plan/requests").as_u64(), requests, "{arguments:?}");
        assert_eq!(report.at("/plan/duration_s").as_f64(), Some(duration_s), "{arguments:?}");
        let requests = report.requests();
        assert_eq!(requests.sent, requests.ok, "{arguments:?}");
        if ended_by_number {
            assert_eq!(requests.sent, 3, "{arguments:?}");
        } else {
            assert_eq!(report.at("/elapsed_s").as_f64(), Some(duration_s), "{arguments:?}");
            assert!(requests.sent < 200, "{arguments:?}");
        }
        // To the end, as it was asked for: not cut short.
        assert!(report.at("/partial").is_null(), "{arguments:?}");
    }
}

#[test]
fn requests_in_flight_when_time_is_up_are_waited_for_and_then_given_up() {
    let server = ByteServer::start(|number, _| match number {
        ..=20 => Reaction::Answer(answer(200, "ok")),
        _ => Reaction::Stall,
    });
    // Each until its own time is up, and no longer.
    let report = report(0, &["-t", "1", "-c", "5", "-s", "3", &server.url("/")]);
    let requests = report.requests();
    assert_eq!((requests.ok, requests.unknown, requests.fail), (20, 5, 0));
    assert_eq!(report.error("timeout"), 5);
    let drain_s = report.at("/drain_s").as_f64().unwrap();
    assert!((1.9..3.0).contains(&drain_s), "{drain_s}");
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
}

/// Answers 20 requests at once, and those that follow only when a run of half a second is over.
fn slow_at_the_end() -> ByteServer {
    ByteServer::start(|number, _| {
        if number > 20 {
            std::thread::sleep(Duration::from_millis(1200));
        }
        Reaction::Answer(answer(200, "ok"))
    })
}

#[test]
fn what_is_answered_after_the_end_counts_for_no_rate() {
    let server = slow_at_the_end();
    let report = report(0, &["--duration", "0.5", "-c", "5", &server.url("/")]);
    assert_eq!(report.requests().ok, 25);
    let number = |pointer: &str| report.at(pointer).as_f64().unwrap();
    assert_eq!(report.at("/elapsed_s").as_f64(), Some(0.5));
    assert!((0.6..5.0).contains(&number("/drain_s")), "{}", number("/drain_s"));
    let [length, written] = ["read", "written"].map(|way| {
        let all = number(&format!("/throughput/bytes_{way}"));
        all / 25.0
    });
    for (rate, within) in [
        ("requests_per_s", 20.0),
        ("bytes_read_per_s", 20.0 * length),
        ("bytes_written_per_s", 20.0 * written),
    ] {
        let rate = number(&format!("/throughput/{rate}"));
        assert!((rate - within / 0.5).abs() < 1e-6, "{rate} is not {within} in half a second");
    }
    // All of it was measured, and is in the totals.
    let all = 25 * answer(200, "ok").len() as u64;
    assert_eq!(report.count("/throughput/bytes_read"), all);
    assert!(number("/latency_us/max") >= 1_200_000.0);
}

#[test]
fn the_drain_has_a_line_of_its_own() {
    let server = slow_at_the_end();
    let load = ["--duration", "0.5", "-c", "5", "-q", &server.url("/")];
    let text = loadgen(&load).exited(0).stdout;
    let lines =
        r"Time taken for tests:   0\.500 seconds\nDrain:                  \d\.\d{3} seconds\n";
    assert!(Regex::new(lines).unwrap().is_match(&text), "{text}");
    assert!(text.contains("Requests per second:    40.00 [#/sec]"), "{text}");
    // A run that ends by its number has none.
    let server = slow_at_the_end();
    let text = loadgen(&["-n", "25", "-c", "5", "-q", &server.url("/")]).exited(0).stdout;
    assert!(!text.contains("Drain:"), "{text}");
}

#[test]
fn a_run_without_an_answer_in_its_time_has_a_rate_of_nothing() {
    let server = ByteServer::start(|_, _| {
        std::thread::sleep(Duration::from_millis(700));
        Reaction::Answer(answer(200, "ok"))
    });
    let text = loadgen(&["--duration", "0.2", "-q", &server.url("/")]).exited(0).stdout;
    assert!(text.contains("Requests per second:    0.00 [#/sec] (mean)\n"), "{text}");
    assert!(!text.contains("Time per request:") && !text.contains("inf"), "{text}");
}
