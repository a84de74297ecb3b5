//! Connections that are kept, and what becomes of a run when a target ends one.

use std::collections::HashSet;
use std::sync::Mutex;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::report::{Report, Requests, report};

/// What a target does with a connection that it is through with.
pub(crate) type Ending = fn() -> Reaction;

/// None of them is announced.
pub(crate) const ENDINGS: [(&str, Ending); 7] = [
    ("ends after an answer", || Reaction::AnswerAndEnd(answer(200, "ok"))),
    ("closes after an answer", || Reaction::AnswerAndClose(answer(200, "ok"))),
    ("resets after an answer", || Reaction::AnswerAndReset(answer(200, "ok"))),
    // So does uvicorn.
    ("closes after an error", || Reaction::AnswerAndClose(answer(500, "error"))),
    ("closes instead of an answer", || Reaction::AnswerAndEnd(Vec::new())),
    ("resets instead of an answer", || Reaction::Reset),
    ("ends within an answer", || Reaction::AnswerAndEnd(answer(200, "ok")[..20].to_vec())),
];

/// A set to which each request adds its own value; each fifth request has its connection ended.
pub(crate) fn set(ending: Ending) -> ByteServer {
    let elements = Mutex::new(Vec::new());
    ByteServer::start(move |number, request| {
        let mut elements = elements.lock().unwrap();
        let Some(value) = value(request) else {
            return Reaction::Answer(answer(200, &format!("[{}]", elements.join(","))));
        };
        elements.push(value);
        if number % 5 == 0 { ending() } else { Reaction::Answer(answer(200, "ok")) }
    })
}

fn value(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    let (_, after) = text.split_once("v=")?;
    Some(after[..16].to_owned())
}

/// Loads `server` with adds, and fails the test if one of them arrived more than once, be it too
/// late to be answered.
#[track_caller]
pub(crate) fn each_is_sent_once(server: &ByteServer, what: &str, options: &[&str]) -> Report {
    let url = server.url("/add?v={value}");
    let set = ["-n", "300", "--model", "set", "--read", "/read", &url];
    let report = report(0, &[options, &set].concat());
    let requests = server.requests();
    let values: Vec<_> = requests.iter().filter_map(|request| value(request)).collect();
    let different: HashSet<_> = values.iter().collect();
    assert_eq!(values.len(), different.len(), "{what}: some were sent twice");
    let Requests { sent, ok, fail, unknown } = report.requests();
    let arrived = values.len() as u64;
    assert_eq!(sent, 300, "{what}");
    assert!((ok..=ok + unknown).contains(&arrived), "{what}: {arrived} of {:#}", report.json);
    assert_eq!(fail, 0, "{what}: {:#}", report.json);
    assert!(report.at("/partial").is_null(), "{what}");
    assert_eq!(report.at("/correctness/verdict"), "valid", "{what}");
    report
}

#[test]
fn a_kept_connection_may_end_in_any_way_and_the_run_goes_on() {
    for (what, ending) in ENDINGS {
        let server = set(ending);
        // One connection, so that each fifth request is a later one on its connection.
        let report = each_is_sent_once(&server, what, &[]);
        let ok = report.requests().ok;
        assert!(ok >= 180, "{what}: {:#}", report.json);
        if what.contains("after an answer") {
            // At most the one behind it is in doubt.
            assert!(ok >= 240, "{what}: {:#}", report.json);
        } else {
            assert!(ok <= 240, "{what}: {:#}", report.json);
        }
    }
}

/// The old processes of nginx, when it is reloaded, close each connection behind its answer.
#[test]
fn a_target_that_is_reloaded_under_load_costs_no_run() {
    const AT_ONCE: usize = 6;
    let server = ByteServer::start(|number, _| match number % 500 {
        ..AT_ONCE => Reaction::AnswerAndClose(answer(200, "ok")),
        _ => Reaction::Answer(answer(200, "ok")),
    });
    let report = report(0, &["-n", "5000", "-c", "6", &server.url("/")]);
    let Requests { ok, fail, unknown, .. } = report.requests();
    assert_eq!((ok + unknown, fail), (5000, 0), "{:#}", report.json);
    assert!(ok >= 4940, "{:#}", report.json);
    assert!((7..=66).contains(&server.accepted()), "{}", server.accepted());
    assert!(server.request_count() <= 5000);
    assert!(report.at("/partial").is_null());
}

/// It lives as long as it answers over one connection, whichever thread that belongs to.
#[test]
fn a_target_that_keeps_connections_and_refuses_new_ones_is_not_dead() {
    for threads in ["1", "2", "4"] {
        let server = ByteServer::taking(4, |number, _| match number {
            100 | 200 | 300 => Reaction::AnswerAndEnd(answer(200, "ok")),
            _ => Reaction::Answer(answer(200, "ok")),
        });
        let url = server.url("/");
        let load = ["--duration", "2.5s", "-c", "4", "--threads", threads, &url];
        let report = report(0, &load);
        assert!(report.at("/partial").is_null(), "{threads}: {:#}", report.json);
        let refused = report.error("connect: connection refused");
        assert!(refused > 0 && report.requests().ok > 300, "{threads}: {:#}", report.json);
        assert!(report.at("/elapsed_s").as_f64().unwrap() > 2.4, "{threads}");
        assert_eq!(server.accepted(), 4);
    }
}

#[test]
fn a_header_that_closes_connections_keeps_none() {
    for client in ["http1", "reqwest"] {
        for header in ["Connection: close", "connection: TE, Close"] {
            // It does not care about the header.
            let server = ByteServer::answering(answer(200, "ok"));
            let url = server.url("/");
            let report = report(0, &["-n", "20", "-H", header, "--client", client, &url]);
            assert_eq!(report.requests().ok, 20);
            assert_eq!(report.at("/plan/keep_alive"), false, "{client}, {header}");
            assert_eq!(report.count("/requests/kept_alive"), 0, "{client}, {header}");
            assert_eq!(server.accepted(), 20, "{client}, {header}");
        }
    }
}
