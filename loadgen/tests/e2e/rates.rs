//! Loads at a rate, in real time: what is due is sent, or counted as dropped.

use std::time::Duration;

use serde_json::Value;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::{Requests, report};

#[test]
fn a_rate_has_as_many_requests_as_are_due_and_no_more_connections_than_it_needs() {
    let server = ByteServer::slow(Duration::from_millis(1));
    for (arrival, least) in [("constant", 200), ("poisson", 150)] {
        let load = ["--rate", "100/s", "--duration", "2s", "--arrival", arrival];
        let report = report(0, &[&load, &[server.url("/").as_str()][..]].concat());
        let Requests { sent, ok, .. } = report.requests();
        assert_eq!((sent, report.count("/schedule/dropped")), (ok, 0));
        assert!((least..=400 - least).contains(&sent), "{arrival}: {sent}");
        assert_eq!(report.at("/elapsed_s").as_f64(), Some(2.0));
        assert_eq!(report.at("/plan/rate").as_f64(), Some(100.0));
        assert_eq!(report.at("/plan/rates/arrival"), arrival);
        let asked = report.at("/schedule/rate_asked").as_f64().unwrap();
        assert!((asked - 100.0).abs() < 1e-6, "{asked}");
        for kind in ["latency_us", "service_us"] {
            assert!(report.count(&format!("/{kind}/p50")) >= 1000, "{kind}");
        }
    }
}

/// An answer takes as long as ten requests are apart, and two may be under way.
#[test]
fn what_no_client_is_free_for_is_dropped_and_ranks_behind_all_others() {
    let server = ByteServer::slow(Duration::from_millis(100));
    let load = ["--rate", "100/s", "-n", "100", "-c", "2", "--threads", "1"];
    let report = report(0, &[&load, &[server.url("/").as_str()][..]].concat());
    let Requests { sent, ok, .. } = report.requests();
    let dropped = report.count("/schedule/dropped");
    assert_eq!((sent, sent + dropped), (ok, 100));
    assert!((10..30).contains(&sent), "{sent} were sent");
    // Four in five have no time.
    assert_eq!(*report.at("/latency_us/p50"), Value::Null);
    assert!(report.at("/latency_us/max").is_u64());
    assert!(report.at("/service_us/p50").is_u64());
    let text = loadgen(&[&["-q"], &load[..], &[server.url("/").as_str()]].concat()).exited(0);
    let text = text.stdout;
    assert!(text.contains("Dropped requests:       "), "{text}");
    assert!(text.contains("\n  50% > "), "{text}");
}

#[test]
fn a_stop_of_the_target_shows_in_every_request_that_was_due_in_it() {
    // The fifth answer takes a second; others none.
    let stopped = std::sync::Mutex::new(());
    let server = ByteServer::start(move |number, _| {
        let turn = stopped.lock().unwrap();
        if number == 5 {
            std::thread::sleep(Duration::from_secs(1));
        }
        drop(turn);
        Reaction::Answer(answer(200, "ok"))
    });
    let load = ["--rate", "100/s", "-n", "200"];
    let report = report(0, &[&load, &[server.url("/").as_str()][..]].concat());
    assert_eq!(report.requests().ok, 200);
    // A hundred were due in that second, and waited for half of it on average: a closed loop of one
    // client would have one long time among two hundred.
    let mean = report.at("/latency_us/mean").as_f64().unwrap();
    assert!(mean > 200_000.0, "{mean}");
    assert!(report.count("/latency_us/p75") > 400_000);
}

#[test]
fn stages_end_by_themselves_and_a_warm_up_is_in_addition() {
    let server = ByteServer::slow(Duration::ZERO);
    let url = server.url("/");
    let stages = report(0, &["--stages", "500ms:200/s,500ms:0/s", &url]);
    assert_eq!(stages.requests().ok, 100);
    assert_eq!(*stages.at("/plan/rate"), Value::Null);
    assert_eq!(stages.at("/plan/rates/stages").as_array().unwrap().len(), 2);
    for load in [["--rate", "200/s"], ["-c", "4"]] {
        let warm = report(0, &[&load[..], &["-n", "40", "--warm-up", "25", &url]].concat());
        assert_eq!((warm.requests().ok, warm.count("/requests/warm_up")), (40, 25));
        let timed = report(0, &[&load[..], &["-n", "40", "--warm-up", "200ms", &url]].concat());
        assert_eq!(timed.requests().ok, 40);
        assert!(timed.count("/requests/warm_up") >= 20);
    }
}

#[test]
fn what_is_sent_in_the_warm_up_is_judged() {
    let load = ["-n", "200", "-c", "4", "--warm-up", "100", "--mode", "mutex"];
    let ended = loadgen(&[&["-q", "--output", "-"], &load[..]].concat()).exited(0);
    let report = &ended.json()["runs"][0];
    assert_eq!(report["requests"]["ok"], 200);
    let correctness = &report["correctness"];
    assert_eq!((&correctness["acknowledged"], &correctness["after"]), (&300.into(), &300.into()));
    assert_eq!(correctness["verdict"], "valid");
}

#[test]
fn a_load_that_does_not_say_when_it_ends_or_what_it_means_is_refused() {
    for (load, expected) in [
        (&["--rate", "5/s"][..], "--rate goes on for ever: expected --duration TIME or -n N"),
        (&["--rate", "5/d", "-n", "5"], "such as 5000/s, 300/m or 0.5/s"),
        (&["--rate", "0", "-n", "5"], "expected a rate above zero"),
        (&["--stages", "10s", "-n", "5"], "`10s`: expected TIME:RATE"),
        (&["--stages", "1s:5/s", "--ramp-up", "1s"], "cannot be used with"),
        (&["--arrival", "poisson", "-n", "5"], "expected --rate RATE"),
        (&["--arrival", "random", "--rate", "5", "-n", "5"], "possible values: constant, poisson"),
        (&["--warm-up", "soon", "-n", "5"], "such as 100, or a time such as 2s"),
        (&["--warm-up", "5", "--duration", "1s"], "expected --warm-up TIME"),
        (&["--warm-up", "5", "--stages", "1s:5/s"], "cannot be used with"),
    ] {
        let ended = loadgen(&[load, &["http://127.0.0.1:9/"]].concat()).exited(2);
        assert!(ended.stderr.contains(expected), "{load:?}: {}", ended.stderr);
    }
}
