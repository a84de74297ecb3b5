//! Targets that answer badly or not at all: every request has one outcome, and the run ends.

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Ended, PROMPTLY, loadgen};
use crate::report::{Report, Requests, report};

const REQUESTS: u64 = 60;

/// [`REQUESTS`] requests over six connections.
#[track_caller]
fn load(server: &ByteServer, code: i32, options: &[&str]) -> Report {
    let url = server.url("/");
    let report = report(code, &[&["-n", "60", "-c", "6"], options, &[&url]].concat());
    assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
    report
}

#[track_caller]
fn text(server: &ByteServer, code: i32, options: &[&str]) -> Ended {
    let url = server.url("/");
    loadgen(&[&["-n", "60", "-c", "6", "-q"], options, &[&url]].concat()).exited(code)
}

fn all_unknown() -> Requests {
    Requests { sent: REQUESTS, ok: 0, fail: 0, unknown: REQUESTS }
}

#[test]
fn a_5xx_may_have_been_applied_and_a_4xx_has_not() {
    let all_fail = Requests { sent: REQUESTS, ok: 0, fail: REQUESTS, unknown: 0 };
    for (status, expected) in
        [(500, all_unknown()), (503, all_unknown()), (404, all_fail), (400, all_fail)]
    {
        let server = ByteServer::answering(answer(status, "no"));
        let report = load(&server, 3, &[]);
        assert_eq!(report.requests(), expected, "{status}");
        assert_eq!(report.status(status), REQUESTS);
        let text = text(&server, 3, &[]).stdout;
        let line = format!("Non-2xx responses:      60 ({status}: 60)\n");
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("Failed requests:        0\n"), "{text}");
        assert!(!text.contains("per second"), "a rate of failures: {text}");
    }
}

#[test]
fn an_answer_now_and_then_is_measured_and_the_rest_is_counted() {
    let server = ByteServer::start(|number, _| {
        Reaction::Answer(answer(if number % 3 == 0 { 201 } else { 500 }, "body"))
    });
    let report = load(&server, 0, &[]);
    assert_eq!(report.requests(), Requests { sent: 60, ok: 20, fail: 0, unknown: 40 });
    let latencies = ["/latency_us", "/latency_failed_us"];
    assert!(latencies.iter().all(|pointer| report.at(pointer).is_object()));
    assert!(text(&server, 0, &[]).stdout.contains("Requests per second:"));
}

#[test]
fn a_connection_that_is_announced_to_close_is_no_error() {
    let server = ByteServer::start(|_, _| {
        Reaction::AnswerAndEnd(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
        )
    });
    let report = load(&server, 0, &[]);
    assert_eq!(report.requests().ok, REQUESTS);
    assert_eq!(report.count("/requests/kept_alive"), 0);
    assert_eq!(server.accepted(), 60);
}

/// nginx that is reloaded closes so, and a server that reaches its limit of requests a connection.
#[test]
fn a_kept_connection_that_closes_without_a_word_costs_no_request_and_no_run() {
    let server = ByteServer::start(|number, _| match number % 5 {
        0 => Reaction::AnswerAndEnd(answer(200, "ok")),
        _ => Reaction::Answer(answer(200, "ok")),
    });
    let report = load(&server, 0, &[]);
    let Requests { sent, ok, fail, unknown } = report.requests();
    // Where the end is seen before a byte is sent, the request goes over a new connection. Where it
    // comes too late for that, nobody knows, and nothing is sent again.
    assert_eq!((sent, ok + unknown, fail), (60, 60, 0), "{:#}", report.json);
    assert!(ok >= 48, "{:#}", report.json);
    let seen = server.request_count() as u64;
    assert!((ok..=60).contains(&seen), "{seen} requests at the server");
    assert!(report.at("/partial").is_null());
}

/// It is a matter of chance whether a close or a reset is seen first.
#[test]
fn a_kept_connection_that_is_reset_costs_its_request_and_no_run() {
    let server = ByteServer::start(|number, _| match number % 5 {
        0 => Reaction::Reset,
        _ => Reaction::Answer(answer(200, "ok")),
    });
    // One connection, so that each fifth request is a later one on its connection.
    let report = report(0, &["-n", "60", &server.url("/")]);
    assert_eq!(report.requests(), Requests { sent: 60, ok: 48, fail: 0, unknown: 12 });
    assert_eq!(report.error("receive: connection reset"), 12);
    assert_eq!(server.request_count(), 60);
    assert!(report.at("/partial").is_null());
}

#[test]
fn a_new_connection_that_ends_unanswered_ends_the_run_whether_closed_or_reset() {
    for closes in [true, false] {
        let server = ByteServer::start(move |number, _| match number {
            ..=20 => Reaction::AnswerAndEnd(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
            ),
            _ if closes => Reaction::AnswerAndEnd(Vec::new()),
            _ => Reaction::Reset,
        });
        let ended = load(&server, 3, &[]);
        assert_eq!(ended.requests().ok, 20);
        let partial = ended.at("/partial").as_str().unwrap();
        assert!(partial.contains("-r goes on"), "{partial}");
        let survived = load(&server, 3, &["-r"]);
        assert_eq!(survived.requests(), all_unknown());
    }
}

#[test]
fn a_reset_ends_the_run_unless_it_is_to_go_on() {
    let server = ByteServer::start(|_, _| Reaction::Reset);
    let stopped = load(&server, 3, &[]);
    let Requests { sent, ok, fail, unknown } = stopped.requests();
    // One on each connection, but for those that had not begun; none after the first was seen.
    assert!((1..=6).contains(&unknown) && ok == 0, "{:?}", stopped.requests());
    assert_eq!(sent, unknown + fail);
    let partial = stopped.at("/partial").as_str().unwrap();
    assert!(partial.contains("connection reset") && partial.contains("-r"), "{partial}");
    let text = text(&server, 3, &[]).stdout;
    assert!(text.contains("Partial run:            receive: connection reset (-r"), "{text}");

    let survived = load(&server, 3, &["-r"]);
    assert_eq!(survived.requests(), all_unknown());
    assert_eq!(survived.error("receive: connection reset"), REQUESTS);
    assert!(survived.at("/partial").is_null());
}

#[test]
fn resets_among_answers_do_not_end_a_run_that_is_to_go_on() {
    let server = ByteServer::start(|number, _| match number % 4 {
        0 => Reaction::Reset,
        _ => Reaction::Answer(answer(200, "ok")),
    });
    let report = load(&server, 0, &["-r"]);
    assert_eq!(report.requests(), Requests { sent: 60, ok: 45, fail: 0, unknown: 15 });
}

#[test]
fn a_stalling_target_costs_its_time_limit_and_no_more() {
    let server = ByteServer::start(|_, _| Reaction::Stall);
    let report = load(&server, 3, &["-s", "0.2"]);
    assert_eq!(report.requests(), all_unknown());
    assert_eq!(report.error("timeout"), REQUESTS);
    assert_eq!(report.count("/requests/error_groups/exceptions"), REQUESTS);
}

#[test]
fn garbage_is_no_answer() {
    let many_headers = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"a: b\r\n".repeat(20_000)].concat();
    for (bytes, name) in [
        (b"220 mail.example ESMTP\r\n\r\n".to_vec(), "illegal answer: "),
        (b"\0\xff\xfe garbage\r\n\r\n".to_vec(), "illegal answer: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n".to_vec(), "illegal answer: "),
        (many_headers, "illegal answer: head longer than"),
        // A second answer to the only request in flight.
        (answer(200, "ok").repeat(2), "illegal answer: bytes after the answer"),
    ] {
        let server = ByteServer::answering(bytes.clone());
        let report = load(&server, 3, &[]);
        assert_eq!(report.requests(), all_unknown());
        let errors = report.at("/requests/errors").as_object().unwrap();
        assert!(errors.keys().all(|error| error.starts_with(name)), "{errors:?}");
        assert!(report.at("/partial").is_null());
    }
}

#[test]
fn half_an_answer_is_none() {
    let whole = answer(200, "all of it");
    for length in [1, 20, whole.len() - 1] {
        let half = whole[..length].to_vec();
        let server = ByteServer::start(move |_, _| Reaction::AnswerAndEnd(half.clone()));
        let report = load(&server, 3, &[]);
        assert_eq!(report.requests(), all_unknown(), "{length}");
        assert!(report.at("/partial").is_null());
        assert_eq!(report.error("closed within the answer"), REQUESTS, "{length}");
    }
}

#[test]
fn a_target_that_dies_is_noticed_and_what_came_before_is_reported() {
    for options in [[].as_slice(), &["-r"]] {
        let server = ByteServer::start(|number, _| match number {
            ..=20 => Reaction::Answer(answer(200, "ok")),
            _ => Reaction::Die,
        });
        let url = server.url("/");
        let arguments = [["-n", "1000000", "-c", "6"].as_slice(), options, &[&url]].concat();
        let report = report(3, &arguments);
        let Requests { ok, fail, unknown, .. } = report.requests();
        // Each connection has one in flight when it dies, and may be made anew before it is dead.
        assert!((15..=20).contains(&ok) && (1..=18).contains(&unknown), "{:?}", report.requests());
        assert!(fail < 100, "it was not left alone: {fail} refusals");
        let partial = report.at("/partial").as_str().unwrap();
        // What a dying process does to its connections is the system's affair.
        let reset = options.is_empty() && partial.contains("(-r goes on after receive errors)");
        assert!(reset || partial.contains("no more connections: connect: "), "{partial}");
        assert!(reset || report.error("connect: connection refused") > 0, "{:#}", report.json);
        assert!(report.ended.took < PROMPTLY, "{:?}", report.ended.took);
    }
}

/// The first answer of each status says why.
#[test]
fn an_answer_that_is_no_success_explains_itself() {
    let server = ByteServer::start(|number, _| {
        let text = format!("{{\"error\":\"no name\",\n \"token\":\"T0P\",\"request\":{number}}}");
        Reaction::Answer(answer(if number % 2 == 0 { 422 } else { 200 }, &text))
    });
    let run = |more: &[&str]| loadgen(&[&["-n", "10", "-q"], more, &[&server.url("/")]].concat());
    let text = run(&[]).exited(0).stdout;
    let said = "422: {\"error\":\"no name\", \"token\":\"***\",\"request\":";
    let line = text.lines().find(|line| line.contains(said));
    assert!(line.is_some_and(|line| line.starts_with("                        422:")), "{text}");
    assert!(!text.contains("T0P") && !text.contains("200: {"), "{text}");
    let json = run(&["--output", "-"]).exited(0).json();
    let first = &json["requests"]["first_answers"];
    for status in ["200", "422"] {
        assert!(first[status].as_str().unwrap().contains("\"error\":\"no name\",\n"), "{first}");
    }
}
