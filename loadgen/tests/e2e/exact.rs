//! `-n N` sends exactly N requests, whatever they are divided by.

use std::sync::Barrier;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::counter::Counter;
use crate::report::{Requests, report};

/// Requests, connections, threads.
const SHAPES: [(u64, u64, u64); 8] = [
    (1, 1, 1),
    (1000, 300, 1),
    (1000, 300, 2),
    (1000, 300, 7),
    (997, 31, 4),
    (50, 50, 8),
    // More threads than connections.
    (300, 7, 16),
    // Fewer requests per thread than connections in all.
    (40, 13, 3),
];

#[test]
fn a_server_counts_as_many_requests_as_were_asked_for() {
    let counter = Counter::start();
    let mut expected = 0;
    for keep_alive in [true, false] {
        for (n, c, threads) in SHAPES {
            let [n_text, c_text, threads_text] = [n, c, threads].map(|number| number.to_string());
            let url = counter.url();
            let mut arguments = vec!["-n", &n_text, "-c", &c_text, "--threads", &threads_text];
            arguments.extend((!keep_alive).then_some("--no-keep-alive"));
            arguments.push(&url);
            let report = report(0, &arguments);
            expected += n;
            let all_ok = Requests { sent: n, ok: n, fail: 0, unknown: 0 };
            assert_eq!(report.requests(), all_ok, "{arguments:?}");
            assert_eq!(counter.value(), expected, "{arguments:?}");
            let kept_alive = if keep_alive { n } else { 0 };
            assert_eq!(report.count("/requests/kept_alive"), kept_alive, "{arguments:?}");
        }
    }
}

#[test]
fn as_many_requests_as_connections_are_in_flight_at_once() {
    // The first is not answered before all are there: with fewer at once, it never is.
    let arrived = Barrier::new(50);
    let server = ByteServer::start(move |number, _| {
        if number <= 50 {
            arrived.wait();
        }
        Reaction::Answer(answer(200, "ok"))
    });
    let url = server.url("/");
    let report = report(0, &["-n", "100", "-c", "50", "--threads", "3", "-s", "10", &url]);
    assert_eq!(report.requests().ok, 100);
    assert_eq!(server.accepted(), 50);
}

#[test]
fn connections_are_kept_unless_told_otherwise() {
    for (arguments, connections) in [
        (["-n", "9", "-c", "3"].as_slice(), 3),
        (&["-n", "9", "-c", "3", "-k"], 3),
        (&["-n", "9", "-c", "3", "--no-keep-alive"], 9),
    ] {
        let server = ByteServer::answering(answer(200, "ok"));
        let url = server.url("/");
        report(0, &[arguments, &[&url]].concat());
        assert_eq!(server.request_count(), 9, "{arguments:?}");
        assert_eq!(server.accepted(), connections, "{arguments:?}");
    }
}
