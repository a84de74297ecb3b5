//! `--read` and `--extract`: where the state is read, and how the number is found in it.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;
use crate::report::report;

/// A correct counter; `show` writes the answer to `GET /state…` for its value.
fn counter(show: impl Fn(i64) -> Vec<u8> + Send + Sync + 'static) -> ByteServer {
    let value = AtomicI64::new(-3);
    ByteServer::start(move |_, request| {
        if request.starts_with(b"GET /state") {
            return Reaction::Answer(show(value.load(Ordering::SeqCst)));
        }
        value.fetch_add(1, Ordering::SeqCst);
        Reaction::Answer(answer(200, "ok"))
    })
}

#[test]
fn each_rule_finds_the_number() {
    let text = |value| answer(200, &format!("7 counters, i: {value} (at last)"));
    let json = |value| answer(200, &format!(r#"{{"all":[{{"total":{value}}}],"limit":99}}"#));
    let header = |value| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n";
        format!("{head}X-Total: {value}\r\n\r\n5").into_bytes()
    };
    for (server, rule) in [
        (counter(|value| answer(200, &format!("i: {value}"))), None),
        (counter(text), Some("last")),
        (counter(text), Some(r"regex:i: (-?\d+)")),
        (counter(json), Some("json:/all/0/total")),
        (counter(header), Some("header:x-total")),
    ] {
        let url = server.url("/inc");
        let mut arguments = vec!["-n", "10", "--read", "/state", &url];
        arguments.extend(rule.map(|rule| ["--extract", rule]).into_iter().flatten());
        let report = report(0, &arguments);
        assert_eq!(report.at("/correctness/before"), -3, "{rule:?}");
        assert_eq!(report.at("/correctness/after"), 7, "{rule:?}");
        assert_eq!(report.at("/correctness/verdict"), "valid", "{rule:?}");
    }
}

#[test]
fn the_state_may_be_anywhere() {
    let show = |value: i64| answer(200, &value.to_string());
    let server = counter(show);
    let host = server.address.to_string();
    for read in [
        "/state?of=i&as=text".to_owned(),
        format!("{host}/state?of=i&as=text"),
        server.url("/state?of=i&as=text"),
    ] {
        let seen = server.request_count();
        report(0, &["-n", "3", "--read", &read, &format!("{host}/deep/path?q=1")]);
        let requests = server.requests().split_off(seen);
        let first_line = |request: &Vec<u8>| {
            String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned()
        };
        let lines: Vec<_> = requests.iter().map(first_line).collect();
        let (state, load) = ("GET /state?of=i&as=text HTTP/1.1", "GET /deep/path?q=1 HTTP/1.1");
        assert_eq!(lines, [state, state, load, load, load, state], "{read}");
    }

    let elsewhere = counter(show);
    let read = elsewhere.url("/state");
    report(1, &["-n", "3", "--settle", "0", "--read", &read, &server.url("/inc")]);
    assert_eq!(elsewhere.request_count(), 3);
}

/// A counter that knows its clients, and shows its value to a person or to a program.
fn guarded() -> ByteServer {
    let value = AtomicI64::new(0);
    ByteServer::start(move |_, request| {
        let text = String::from_utf8_lossy(request);
        let says = |field: &str| text.lines().any(|line| line.eq_ignore_ascii_case(field));
        let is_known = says("Authorization: Basic bWU6cGFzcw==") || says("Cookie: id=7");
        if !is_known {
            return Reaction::Answer(answer(401, "0"));
        }
        if !text.starts_with("GET /state") {
            value.fetch_add(1, Ordering::SeqCst);
            return Reaction::Answer(answer(200, "ok"));
        }
        let value = value.load(Ordering::SeqCst);
        let shown = if says("Accept: application/json") {
            format!(r#"{{"value":{value},"limit":99}}"#)
        } else {
            format!("<p>{value} of 99")
        };
        Reaction::Answer(answer(200, &shown))
    })
}

#[test]
fn a_service_that_wants_credentials_is_judged() {
    let accept = ["-H", "accept: application/json", "--extract", "json:/value"];
    for credentials in [
        ["-A", "me:pass"],
        ["-C", "id=7"],
        ["-H", "Cookie: id=7"],
        ["-H", "authorization: Basic bWU6cGFzcw=="],
    ] {
        let server = guarded();
        let url = server.url("/inc");
        let load = ["-n", "10", "--read", "/state", &url];
        let report = report(0, &[&credentials[..], &accept, &load].concat());
        assert_eq!(report.at("/correctness/verdict"), "valid", "{credentials:?}");
        assert_eq!(report.at("/correctness/after"), 10, "{credentials:?}");
    }
}

/// They belong to the update, or would make of the read another question.
#[test]
fn the_state_is_asked_for_without_what_is_about_the_update() {
    for client in ["http1", "reqwest"] {
        let server = counter(|value| answer(200, &value.to_string()));
        let url = server.url("/inc");
        let headers = [
            "X-Tenant: 7",
            "If-Match: x",
            "If-None-Match: x",
            "Range: bytes=0-1",
            "Idempotency-Key: k",
            "Content-Language: en",
        ];
        let mut arguments = vec!["-n", "2", "--data", "x", "--client", client];
        arguments.extend(headers.into_iter().flat_map(|header| ["-H", header]));
        report(0, &[&arguments[..], &["--read", "/state", &url]].concat());
        let requests = server.requests();
        for (number, request) in requests.iter().enumerate() {
            let text = String::from_utf8_lossy(request).to_lowercase();
            let is_read = [0, 1, 4].contains(&number);
            let (line, count) = if is_read { ("get /state", 1) } else { ("post /inc", 6) };
            assert!(text.starts_with(line), "{client}: {text}");
            let sent = headers.iter().filter(|header| text.contains(&header.to_lowercase()));
            assert_eq!(sent.count(), count, "{client}: {text}");
            assert!(text.contains("\r\nx-tenant: 7\r\n"), "{client}: {text}");
            assert_eq!(text.contains("content-"), !is_read, "{client}: {text}");
        }
    }
}

/// What another service says is not the state of this one.
#[test]
fn no_redirect_is_followed() {
    for client in ["http1", "reqwest"] {
        let elsewhere = counter(|value| answer(200, &value.to_string()));
        let location = elsewhere.url("/state");
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let server = ByteServer::answering(head.into_bytes());
        let arguments = ["--client", client, "--read", "/state", &server.url("/inc")];
        let ended = loadgen(&arguments).exited(3);
        assert!(ended.stderr.contains("it answered 302 Found"), "{client}: {}", ended.stderr);
        assert_eq!((server.request_count(), elsewhere.request_count()), (1, 0), "{client}");
    }
}

/// A counter whose state is answered with each of `answers` in turn.
fn answering_in_turn(answers: [Vec<u8>; 3]) -> ByteServer {
    let answers = Mutex::new(answers.into_iter());
    counter(move |_| answers.lock().unwrap().next().expect("the state is read twice"))
}

/// The run ends with `code`, for this reason, and nothing but the state is asked for.
#[track_caller]
fn is_not_begun(code: i32, answers: Vec<u8>, rule: &str, reason: &str) {
    let server = ByteServer::answering(answers);
    let (url, read) = (server.url("/inc"), server.url("/state"));
    let ended = loadgen(&["-n", "10", "--read", &read, "--extract", rule, &url]).exited(code);
    assert_eq!(ended.stdout, "");
    let expected = format!("loadgen: cannot read the state at {read}: {reason}");
    assert!(ended.stderr.contains(&expected), "{expected}: {}", ended.stderr);
    assert_eq!(server.request_count(), 1, "{reason}");
}

#[test]
fn a_state_that_cannot_be_read_before_is_3_and_nothing_is_sent() {
    for (answers, rule, reason) in [
        (answer(404, "no such counter"), "last", "it answered 404 Not Found"),
        (answer(500, "7"), "last", "it answered 500"),
        (b"garbage\r\n\r\n".to_vec(), "last", "no answer: "),
    ] {
        is_not_begun(3, answers, rule, reason);
    }
}

#[test]
fn an_answer_without_the_number_is_2_and_nothing_is_sent() {
    for (answers, rule, reason) in [
        (answer(200, "none"), "last", "no number is there, by last, in the answer `none`"),
        (answer(200, "{\"a\":{}}"), "json:/a", "no number is there, by json:/a, in the answer"),
        (answer(200, "i: x"), r"regex:i: (\w)", r"no number is there, by regex:i: (\w), in"),
        (answer(200, "7"), "header:x-total", "the answer has no such header, by header:x-total"),
        (answer(204, ""), "only", "the answer is empty"),
        (
            answer(200, r#"{"visits":47,"served":500}"#),
            "only",
            "2 numbers are there, and nothing says",
        ),
        (coded("snappy", b"7"), "only", "Content-Encoding: snappy cannot be read"),
        (coded("gzip", b"7"), "only", "the answer does not decode as Content-Encoding: gzip"),
    ] {
        is_not_begun(2, answers, rule, reason);
    }
}

#[test]
fn several_numbers_are_offered_as_the_rules_that_name_them() {
    let server = ByteServer::answering(answer(200, r#"{"visits":47,"served":500}"#));
    let ended = loadgen(&["--read", "/state", &server.url("/inc")]).exited(2);
    let lines: Vec<_> = ended.stderr.lines().rev().skip(1).take(3).collect();
    assert_eq!(
        lines,
        [
            "  --extract json:/served = 500",
            "  --extract json:/visits = 47",
            "Say which one counts:"
        ]
    );
}

/// An answer whose content has this coding.
fn coded(coding: &str, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), content].concat()
}

#[test]
fn a_compressed_state_is_read_and_the_report_says_from_where() {
    let show = |value: i64| {
        let body = format!(r#"{{"name":"i","value":{value}}}"#);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body.as_bytes()).unwrap();
        coded("gzip", &encoder.finish().unwrap())
    };
    for client in ["http1", "reqwest"] {
        let server = counter(show);
        let arguments = ["-n", "5", "--client", client, "-H", "Accept-Encoding: gzip"];
        let (url, read) = (server.url("/inc"), server.url("/state"));
        let text =
            loadgen(&[&arguments[..], &["--read", "/state", &url]].concat()).exited(0).stdout;
        let line = format!("   Counter read from:   {read} by json:/value (the only one in it)\n");
        assert!(text.contains(&line), "{client}: {text}");
        let report = report(0, &[&arguments[..], &["--read", "/state", &url]].concat());
        assert_eq!(report.at("/correctness/read_from/rule"), "json:/value");
        assert_eq!(report.at("/correctness/read_from/url"), read.as_str());
    }
}

/// It is dropped as soon as it is longer than a state may be.
#[test]
fn a_state_without_end_is_an_error_with_a_bound() {
    let bomb = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let piece = vec![b'7'; 1024 * 1024];
        (0..64).for_each(|_| encoder.write_all(&piece).unwrap());
        coded("gzip", &encoder.finish().unwrap())
    };
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000000\r\n\r\n";
    let endless = [&head[..], &vec![b'7'; 40 << 20]].concat();
    for (answer, client) in [(endless, "http1"), (bomb.clone(), "http1"), (bomb, "reqwest")] {
        let server = ByteServer::answering(answer);
        let url = server.url("/inc");
        let ended = loadgen(&["-s", "20", "--client", client, "--read", "/state", &url]).exited(2);
        let reason = "the answer is longer than 16 MiB";
        assert!(ended.stderr.contains(reason), "{client}: {}", ended.stderr);
    }
}

/// As stores answer that make a counter with its first update.
#[test]
fn a_state_that_is_not_there_yet_counts_as_0() {
    let empty = |value: i64| match value {
        -3 => answer(200, "{}"),
        value => answer(200, &format!(r#"{{"visits":{}}}"#, value + 3)),
    };
    for rule in ["only", "json:/visits"] {
        let server = counter(empty);
        let arguments = ["-n", "5", "--read", "/state", "--extract", rule, &server.url("/inc")];
        let text = loadgen(&arguments).exited(0).stdout;
        assert!(text.contains("\n   Counter before:      nothing (counts as 0)\n"), "{text}");
        assert!(text.contains("\n   Counter after:       5\n"), "{text}");
        let report =
            report(1, &["--read", "/state", &ByteServer::answering(answer(200, "{}")).url("/")]);
        assert_eq!(report.at("/correctness/before"), 0, "{rule}");
    }
}

/// Before, each was read as whatever digits came last.
#[test]
fn decimals_are_numbers() {
    let shown = |show: fn(i64) -> String| counter(move |value| answer(200, &show(value)));
    let whole = shown(|value| format!("{}.50", value + 10));
    let text = loadgen(&["-n", "5", "--read", "/state", &whole.url("/inc")]).exited(0).stdout;
    assert!(text.contains("Correctness:            VALID"), "{text}");
    assert!(text.contains("Counter after:       12.5\n"), "{text}");

    let tenths = shown(|value| format!("{}.{}0", 10 + (value + 3) / 10, (value + 3) % 10));
    let text = loadgen(&["-n", "5", "--read", "/state", &tenths.url("/inc")]).exited(1).stdout;
    assert!(text.contains("UNKNOWN: the state went from 10 to 10.5"), "{text}");

    let tenths = shown(|value| format!("{}.{}0", 10 + (value + 3) / 10, (value + 3) % 10));
    let text = loadgen(&["-n", "10", "--read", "/state", &tenths.url("/inc")]).exited(1).stdout;
    assert!(text.contains("UNKNOWN: the state is written with decimals"), "{text}");

    let server = shown(|value| format!("{value}.50"));
    let url = server.url("/set?v={value}");
    let ended = loadgen(&["--model", "register", "--read", "/state", &url]).exited(2);
    assert!(ended.stderr.contains("values of a register are whole numbers"), "{}", ended.stderr);
    assert_eq!(server.request_count(), 2);
}

/// An answer that cannot be read carries no result; it was taken for one that read nothing.
#[test]
fn a_read_that_tells_nothing_accuses_nobody() {
    for busy in [answer(204, ""), answer(200, "busy"), answer(200, "9223372036854775808")] {
        let value = AtomicI64::new(1);
        let server = ByteServer::start(move |number, request| {
            let text = String::from_utf8_lossy(request);
            if text.starts_with("GET /state") {
                let is_last = number <= 2 || number == 43;
                let shown = || answer(200, &value.load(Ordering::SeqCst).to_string());
                return Reaction::Answer(if is_last || number % 2 == 0 {
                    shown()
                } else {
                    busy.clone()
                });
            }
            let written = text.split("v=").nth(1).unwrap().split(' ').next().unwrap();
            value.store(written.parse().unwrap(), Ordering::SeqCst);
            Reaction::Answer(answer(200, "ok"))
        });
        let url = server.url("/set?v={value}");
        let report = report(
            0,
            &["-n", "40", "--model", "register", "--reads", "50%", "--read", "/state", &url],
        );
        assert_eq!(report.at("/correctness/verdict"), "valid");
    }
}

#[test]
fn a_state_that_cannot_be_read_after_is_undecided_and_measured_all_the_same() {
    for (second, reason) in [
        (answer(503, "later"), "the state could not be read: it answered 503"),
        (answer(200, "none"), "the state could not be read: no number is there"),
    ] {
        let first = answer(200, "5");
        let server = answering_in_turn([first.clone(), first.clone(), second.clone()]);
        let url = server.url("/inc");
        let text = loadgen(&["-n", "10", "--read", "/state", &url]).exited(1).stdout;
        let line = format!("\nCorrectness:            UNKNOWN: {reason}");
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("Complete requests:      10\n"), "{text}");

        let server = answering_in_turn([first.clone(), first, second]);
        let report = report(1, &["-n", "10", "--read", "/state", &server.url("/inc")]);
        assert_eq!(report.at("/correctness/verdict"), "unknown");
        assert_eq!(report.at("/correctness/before"), 5);
        for unknown in ["after", "lost", "excess"] {
            assert!(report.at(&format!("/correctness/{unknown}")).is_null(), "{unknown}");
        }
    }
}

#[test]
fn a_target_that_died_is_3_even_though_its_state_cannot_be_read() {
    let server = ByteServer::start(|number, _| match number {
        // The first two read the state.
        ..=10 => Reaction::Answer(answer(200, "1")),
        _ => Reaction::Die,
    });
    let report = report(3, &["-n", "100", "-r", "--read", "/state", &server.url("/inc")]);
    assert_eq!(report.requests().ok, 8);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
}
