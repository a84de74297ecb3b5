//! Runs that end with the clock: ab's `-t`, and `--duration`.

use std::time::Duration;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::PROMPTLY;
use crate::report::report;

/// Answers slowly enough that few requests fill a time.
fn slow() -> ByteServer {
    ByteServer::start(|_, _| {
        std::thread::sleep(Duration::from_millis(20));
        Reaction::Answer(answer(200, "ok"))
    })
}

#[test]
fn a_time_and_a_number_end_the_run_whichever_comes_first() {
    let server = slow();
    let url = server.url("/");
    for (arguments, requests, duration_s, ended_by_number) in [
        // ab's: -t implies 50000 requests unless -n follows.
        (["-t", "0.3"].as_slice(), Some(50_000), 0.3, false),
        (&["-n", "3", "-t", "0.3"], Some(50_000), 0.3, false),
        (&["-t", "0.3", "-n", "70000"], Some(70_000), 0.3, false),
        (&["-t", "20", "-n", "3"], Some(3), 20.0, true),
        (&["-t20", "-n3"], Some(3), 20.0, true),
        // Ours: as many as it takes.
        (&["--duration", "300ms"], None, 0.3, false),
        (&["--duration", "0.3"], None, 0.3, false),
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
            let elapsed_s = report.at("/elapsed_s").as_f64().unwrap();
            assert!(elapsed_s >= duration_s && requests.sent < 50, "{arguments:?}");
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
    let report = report(0, &["-t", "1", "-c", "5", &server.url("/")]);
    let requests = report.requests();
    assert_eq!((requests.ok, requests.unknown, requests.fail), (20, 5, 0));
    assert_eq!(report.error("unanswered when the run ended"), 5);
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
}
