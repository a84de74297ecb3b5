//! Services that apply what they acknowledged a while later: not yet is not lost.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Process, command, loadgen, wait_until};
use crate::report::{Report, report};

fn is_read(request: &[u8]) -> bool {
    request.starts_with(b"GET /n")
}

/// A counter that applies each update `delay` after its 202.
fn queue(delay: Duration) -> ByteServer {
    let value = Arc::new(AtomicI64::new(0));
    ByteServer::start(move |_, request| {
        if is_read(request) {
            return Reaction::Answer(answer(200, &value.load(Ordering::SeqCst).to_string()));
        }
        let value = Arc::clone(&value);
        thread::spawn(move || {
            thread::sleep(delay);
            value.fetch_add(1, Ordering::SeqCst);
        });
        Reaction::Answer(answer(202, "queued"))
    })
}

fn judged(code: i32, server: &ByteServer, options: &[&str]) -> Report {
    let url = server.url("/add");
    report(code, &[&["-n", "40", "-c", "4", "--read", "/n", &url], options].concat())
}

#[test]
fn what_is_applied_later_is_not_lost() {
    let report = judged(0, &queue(Duration::from_millis(400)), &[]);
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.count("/correctness/after"), 40);
    let first = report.count("/correctness/first_read");
    assert!(first < 40, "{first}");
    assert!(report.at("/correctness/settled_s").as_f64().unwrap() > 0.1);

    let server = queue(Duration::from_millis(400));
    let text = loadgen(&["-n", "40", "-c", "4", "--read", "/n", &server.url("/add")]);
    let text = text.exited(0).stdout;
    let headline = text.lines().find(|line| line.starts_with("Correctness:")).unwrap();
    assert!(headline.contains("VALID after 0.") && headline.contains("(first read "), "{headline}");
}

#[test]
fn a_model_and_no_patience_accuse_from_the_first_read() {
    for options in [&["--settle", "0"][..], &["--model", "counter"]] {
        let report = judged(1, &queue(Duration::from_millis(500)), options);
        assert_eq!(report.at("/correctness/verdict"), "invalid", "{options:?}");
    }
}

#[test]
fn what_never_comes_is_lost_after_all() {
    let begun = Instant::now();
    let report = judged(1, &queue(Duration::from_hours(1)), &["--settle", "200ms"]);
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    assert_eq!(report.count("/correctness/lost/min"), 40);
    assert!(report.at("/correctness/first_read").is_null());
    assert!(begun.elapsed() > Duration::from_millis(200));
}

/// A counter whose reads come out of a cache that is as old as a second.
#[test]
fn what_a_cache_hides_is_not_lost() {
    let value = AtomicI64::new(0);
    let cache: Mutex<Option<(Instant, i64)>> = Mutex::new(None);
    let server = ByteServer::start(move |_, request| {
        if !is_read(request) {
            value.fetch_add(1, Ordering::SeqCst);
            return Reaction::Answer(answer(200, "ok"));
        }
        let mut cache = cache.lock().unwrap();
        let fresh = cache.filter(|(since, _)| since.elapsed() < Duration::from_secs(1));
        let (since, shown) =
            fresh.unwrap_or_else(|| (Instant::now(), value.load(Ordering::SeqCst)));
        *cache = Some((since, shown));
        Reaction::Answer(answer(200, &shown.to_string()))
    });
    let report = judged(0, &server, &[]);
    assert_eq!(report.count("/correctness/first_read"), 0);
    assert_eq!(report.count("/correctness/after"), 40);
}

/// A counter of which a read sees one update more than the read before: it never comes to rest.
#[test]
fn a_state_that_does_not_settle_is_undecided() {
    let value = AtomicI64::new(0);
    let server = ByteServer::start(move |number, request| {
        let shown = i64::from(is_read(request) && number > 41);
        let value = value.fetch_add(shown, Ordering::SeqCst);
        Reaction::Answer(answer(200, &value.to_string()))
    });
    let report = judged(1, &server, &["-n", "4000", "--settle", "50ms"]);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("had not settled"), "{reason}");
}

#[test]
fn ctrl_c_ends_the_last_read() {
    let server = ByteServer::start(move |number, request| match number {
        _ if !is_read(request) => Reaction::Answer(answer(200, "ok")),
        ..=2 => Reaction::Answer(answer(200, "0")),
        _ => Reaction::Stall,
    });
    let url = server.url("/add");
    let load = ["-n", "4", "-s", "60", "--stall", "30s", "--read", "/n", "--output", "-", &url];
    let process = Process::spawn(command(&load));
    wait_until("the last read", || server.request_count() == 7);
    process.signal(Signal::SIGINT);
    let ended = process.end().exited(1);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    let report = Report::of(ended);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("interrupted"), "{reason}");
}
