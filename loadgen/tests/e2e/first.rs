//! Runs that end at the first anomaly that their answers prove.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::counter::Counter;
use crate::embedded::as_expected;
use crate::program::{Process, command, loadgen, wait_until};
use crate::report::report;

/// Adds up what it is sent and answers with the sum; of so many updates one is lost.
fn adding_up(of: u64) -> ByteServer {
    let (value, turn) = (AtomicU64::new(0), AtomicU64::new(0));
    ByteServer::start(move |_, request| {
        let is_read = request.starts_with(b"GET /get");
        let is_lost = || (turn.fetch_add(1, Ordering::SeqCst) + 1) % of == 0;
        let adds = u64::from(!is_read && !is_lost());
        let text = (value.fetch_add(adds, Ordering::SeqCst) + adds).to_string();
        std::thread::sleep(Duration::from_millis(1));
        Reaction::Answer(answer(200, &text))
    })
}

const FETCH_AND_ADD: [&str; 5] = ["--first", "--model", "fetch-and-add", "--read", "/get"];

#[test]
fn the_first_anomaly_ends_the_run_which_says_so() {
    let server = adding_up(100);
    let url = server.url("/inc");
    let load = ["-n", "100000", "-c", "4", "--threads", "2"];
    let json = report(1, &[&load[..], &FETCH_AND_ADD, &[&url]].concat());
    assert!((100..10_000).contains(&json.count("/requests/sent")), "{}", json.at("/requests"));
    assert_eq!(json.at("/correctness/verdict"), "invalid");
    assert!(json.at("/partial").is_null(), "a proof is an end");
    let at = |key: &str| json.at(key).as_f64().unwrap();
    let (proved_s, ended_s) = (at("/ended_at/after_s"), at("/elapsed_s"));
    assert!(proved_s > 0.0 && ended_s >= proved_s, "{proved_s} {ended_s}");
    // On a machine with anything else to do; it takes some milliseconds.
    assert!(ended_s - proved_s < 1.0, "{proved_s} {ended_s}");
    assert_eq!(json.at("/ended_at/kind"), "duplicate-value");

    let server = adding_up(100);
    let url = server.url("/inc");
    let ended = loadgen(&[&load[..], &FETCH_AND_ADD, &["-q", &url]].concat()).exited(1);
    let line = "\nEnded early:            at the first anomaly: duplicate value after 0.";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
    assert!(!ended.stdout.contains("Partial run"), "{}", ended.stdout);
    assert!(ended.stderr.starts_with("loadgen: INVALID: "), "{}", ended.stderr);
}

#[test]
fn each_model_that_can_be_judged_so_ends_at_its_first_anomaly() {
    // It forgets an update now and then, and sells without end.
    for (model, kind) in [("counter", "stale-read"), ("bounded:50", "oversell")] {
        let server = adding_up(20);
        let (read, update) = ("/get", server.url("/inc"));
        let load = ["-n", "100000", "-c", "4", "--first", "--model", model];
        let reads: &[&str] =
            if model == "counter" { &["--read", read, "--reads", "30%"] } else { &[] };
        let json = report(1, &[&load[..], reads, &[&update]].concat());
        assert_eq!(json.at("/ended_at/kind"), kind, "{model}");
        assert!(json.count("/requests/sent") < 10_000, "{model}");
    }
}

#[test]
fn without_an_anomaly_the_run_comes_to_its_end() {
    let counter = Counter::start();
    let json = ["-H", "Accept: application/json", "--model", "fetch-and-add"];
    let load = ["-n", "5000", "-c", "20", "--first", "--read", "/get?name=i", "--reads", "5%"];
    let report = report(0, &[&load[..], &json, &[&counter.url()]].concat());
    assert_eq!(report.count("/requests/sent"), 5000);
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert!(report.at("/ended_at").is_null());
}

#[test]
fn what_others_may_have_done_ends_no_run() {
    // It adds two each time: somebody else may add, too.
    let value = AtomicU64::new(0);
    let server = ByteServer::start(move |_, request| {
        let adds = if request.starts_with(b"GET /get") { 0 } else { 2 };
        Reaction::Answer(answer(200, &(value.fetch_add(adds, Ordering::SeqCst) + adds).to_string()))
    });
    let url = server.url("/inc");
    let load = ["-n", "500", "-c", "2"];
    let open = report(1, &[&load[..], &FETCH_AND_ADD, &[&url]].concat());
    assert_eq!(open.at("/correctness/verdict"), "unknown");
    assert!(open.at("/ended_at").is_null() && open.count("/requests/sent") == 500);
    let load = ["-n", "100000", "-c", "2", "--exclusive"];
    let sole = report(1, &[&load[..], &FETCH_AND_ADD, &[&url]].concat());
    assert_eq!(sole.at("/ended_at/kind"), "skipped-value");
}

#[test]
fn the_damage_ends_early_and_the_cure_does_not() {
    let arguments = ["--first", "-n", "20000", "-c", "50", "-q", "--output", "-"];
    let comparison = as_expected(&arguments).json();
    let [racy, mutex] = [0, 1].map(|run| &comparison["runs"][run]);
    assert!(racy["ended_at"].is_object(), "{}", racy["requests"]);
    assert!(racy["requests"]["sent"].as_u64().unwrap() < 20_000);
    assert_eq!(mutex["requests"]["sent"], 20_000);
    assert!(mutex["ended_at"].is_null());
}

#[test]
fn an_interrupt_ends_it_as_ever() {
    let server = adding_up(u64::MAX);
    let url = server.url("/inc");
    let load = ["--duration", "60", "-c", "4", "-q", "--output", "-"];
    let process = Process::spawn(command(&[&load[..], &FETCH_AND_ADD, &[&url]].concat()));
    wait_until("some requests", || server.request_count() >= 100);
    process.signal(Signal::SIGINT);
    let report = process.end().exited(3).json();
    assert_eq!(report["partial"], "interrupted");
    assert!(report["ended_at"].is_null());
}
