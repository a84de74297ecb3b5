//! Targets that serve one request at a time, and say so by their throughput alone.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{loadgen, until_seen};
use crate::report::{Report, report};

/// Counts, with a lock held over the 5 ms that an increment takes; or with none over 50 ms, of which
/// ten at once make as many increments in the same time.
fn slow_counter(is_locked: bool) -> ByteServer {
    let service_time = Duration::from_millis(if is_locked { 5 } else { 50 });
    let (lock, count) = (Mutex::new(()), AtomicU64::new(0));
    ByteServer::start(move |_, request| {
        if request.starts_with(b"GET /get") {
            return Reaction::Answer(answer(200, &count.load(Ordering::SeqCst).to_string()));
        }
        let _guard = is_locked.then(|| lock.lock().unwrap());
        sleep(service_time);
        let value = count.fetch_add(1, Ordering::SeqCst) + 1;
        Reaction::Answer(answer(200, &value.to_string()))
    })
}

const LOAD: [&str; 8] = ["-n", "100", "-c", "10", "--read", "/get", "--model", "fetch-and-add"];

fn judged(is_locked: bool) -> Report {
    let server = slow_counter(is_locked);
    report(0, &[&LOAD[..], &[&server.url("/inc")]].concat())
}

#[test]
fn a_lock_held_over_a_sleep_is_told_by_the_throughput() {
    // On a busy machine a sleep may last long enough to look like something else.
    const TRIES: usize = 20;
    let is_told = |report: &Report| !report.at("/serialised").is_null();
    let report = until_seen(TRIES, || judged(true), is_told, "serialised");
    assert!(report.count("/serialised/service_time_us") >= 5000);
    let rate = report.at("/serialised/requests_per_s").as_f64().unwrap();
    assert!(rate <= 200.0, "{rate}");
    assert_eq!(report.at("/correctness/verdict"), "valid");

    let server = slow_counter(true);
    let url = server.url("/inc");
    let page = tempfile::NamedTempFile::new().unwrap();
    let html = ["-q", "--html", page.path().to_str().unwrap()];
    let text = || loadgen(&[&html, &LOAD[..], &[&url]].concat()).exited(0).stdout;
    let line = "\nSerialised:             one request at a time: ";
    let text = until_seen(TRIES, text, |text| text.contains(line), line);
    assert!(text.contains("ms, whatever the concurrency\n"), "{text}");
    let page = std::fs::read_to_string(page.path()).unwrap();
    assert!(page.contains("<li>The target serialised: one request at a time: "));
}

#[test]
fn a_sleep_without_the_lock_is_not() {
    let report = judged(false);
    assert!(report.at("/serialised").is_null(), "{:#}", report.at("/serialised"));
}

#[test]
fn a_run_that_is_only_measured_keeps_nothing_to_tell_it_by() {
    let server = slow_counter(true);
    let report = report(0, &["-n", "40", "-c", "10", &server.url("/inc")]);
    assert!(report.at("/serialised").is_null());
}
