//! Times, limits and progress of a load whose redirects are followed.

use std::thread;
use std::time::Duration;

use super::{counter, is_of, redirect};
use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::{Requests, report};

/// The time of a request is its own; that of what led to it is another request's.
#[test]
fn each_request_has_its_own_time_and_its_own_limit() {
    let server = ByteServer::start(|_, request| {
        thread::sleep(Duration::from_millis(400));
        if is_of(request, "GET /") {
            redirect(302, "/page")
        } else {
            Reaction::Answer(answer(200, ""))
        }
    });
    let report = report(0, &["-n", "2", "--follow", "1", "-s", "700ms", &server.url("/")]);
    assert_eq!(report.requests(), Requests { sent: 4, ok: 4, fail: 0, unknown: 0 });
    let [least, most] = ["min", "max"].map(|key| report.count(&format!("/latency_us/{key}")));
    assert!(least >= 400_000 && most < 700_000, "{least} to {most}");
}

/// A load that time ends lasts as long as it was to, however many requests redirects lead to.
#[test]
fn what_redirects_lead_to_does_not_end_a_load() {
    let server = counter(|_| false);
    let url = server.url("/inc");
    let load =
        ["-n", "15", "--rate", "10/s", "--duration", "1s", "--data", "x", "--follow", "1", &url];
    let report = report(0, &load);
    assert_eq!(report.requests(), Requests { sent: 20, ok: 20, fail: 0, unknown: 0 });
    assert_eq!(*report.at("/elapsed_s"), 1.0);
}

/// Of so many requests so many have ended, whatever they led to.
#[test]
fn how_far_a_load_is_is_said_of_what_was_asked_for() {
    let server = ByteServer::start(|_, request| {
        if is_of(request, "GET /done") {
            thread::sleep(Duration::from_millis(10));
            return Reaction::Answer(answer(200, "thanks"));
        }
        redirect(303, "/done")
    });
    let url = server.url("/inc");
    let load = ["-n", "400", "-c", "4", "--data", "x", "--follow", "1", &url];
    let ended = loadgen(&load).exited(0);
    let lines: Vec<_> = ended.stderr.lines().collect();
    let completed = lines.iter().filter(|line| line.starts_with("Completed ")).count();
    assert_eq!((completed, lines.last()), (4, Some(&"Finished 400 requests")), "{lines:?}");
    assert!(ended.stdout.contains("Followed redirects:"), "{}", ended.stdout);
    assert!(ended.stdout.contains("400 (sent as separate requests)"), "{}", ended.stdout);
}
