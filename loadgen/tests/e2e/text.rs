//! The text report, compared with stored ones; only times and ports are blanked out.

use std::sync::atomic::{AtomicU64, Ordering};

use regex::Regex;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::loadgen;

/// Replaces what each of the patterns matches.
pub(crate) fn replaced(text: &str, rules: &[(&str, &str)]) -> String {
    rules.iter().fold(text.to_owned(), |text, (pattern, replacement)| {
        Regex::new(pattern).unwrap().replace_all(&text, *replacement).into_owned()
    })
}

/// A report without what differs from run to run.
pub(crate) fn blanked(report: &str) -> String {
    replaced(
        report,
        &[
            (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
            (r"(Server Port: +)\d+", "${1}PORT"),
            (r"(Started: +)\S+", "${1}WHEN"),
            (r"(Loadgen version: +)\S+", "${1}VERSION"),
            (r"\d+\.\d{3} seconds", "TIME seconds"),
            (r"first at \d+\.\d{3} s", "first at TIME s"),
            (r"\d+\.\d+ \[", "NUMBER ["),
            // In the tables, which are aligned to the right: as wide as the number with its spaces.
            (r"( {2,5})\d{4}\.\d{3}\b", "$1    TIME"),
            (r"( {2,6})\d{3}\.\d{3}\b", "$1   TIME"),
            (r"( {2,7})\d{2}\.\d{3}\b", "$1  TIME"),
            (r"( {2,8})\d\.\d{3}\b", "$1 TIME"),
        ],
    )
}

/// Fails the test unless `text` is what is stored under `name`.
pub(crate) fn same_as_stored(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A counter that begins at 100, and applies all but every `nth` increment it acknowledges.
fn counter_that_loses_every(nth: u64) -> ByteServer {
    let (value, turn) = (AtomicU64::new(100), AtomicU64::new(0));
    ByteServer::start(move |_, request| {
        let body = if request.starts_with(b"GET /get") {
            format!("i: {}", value.load(Ordering::SeqCst))
        } else {
            let turn = turn.fetch_add(1, Ordering::SeqCst) + 1;
            value.fetch_add(u64::from(!turn.is_multiple_of(nth)), Ordering::SeqCst);
            "ok".to_owned()
        };
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\nServer: specimen/1\r\nContent-Length: {length}");
        Reaction::Answer(format!("{head}\r\n\r\n{body}").into_bytes())
    })
}

/// The report of 40 increments over 4 connections.
fn increments(server: &ByteServer, code: i32, options: &[&str]) -> String {
    let url = server.url("/inc?name=i");
    let load = ["-q", "-n", "40", "-c", "4", "--read", "/get"];
    blanked(&loadgen(&[&load, options, &[&url]].concat()).exited(code).stdout)
}

#[test]
fn a_run_that_is_judged() {
    same_as_stored("judged_invalid", &increments(&counter_that_loses_every(8), 1, &[]));
}

#[test]
fn a_run_that_is_judged_valid_and_sends_content() {
    let valid = counter_that_loses_every(u64::MAX);
    let text = increments(&valid, 0, &["--data", "by=1", "--no-keep-alive"]);
    same_as_stored("judged_valid", &text);
}

#[test]
fn a_run_that_is_only_measured() {
    let server = ByteServer::answering(answer(200, "hello"));
    let url = server.url("/a?b=c");
    let ended = loadgen(&["-q", "-n", "10", "-c", "2", &url]).exited(0);
    same_as_stored("measured", &blanked(&ended.stdout));
}

#[test]
fn a_run_in_which_much_fails() {
    // One at a time, so that each connection's end is met by the request that it was meant for.
    let server = ByteServer::start(|number, _| match number % 10 {
        1 => Reaction::Reset,
        2 => Reaction::AnswerAndEnd(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".to_vec()),
        3 => Reaction::AnswerAndEnd(Vec::new()),
        4 => Reaction::Answer(b"hello\r\n\r\n".to_vec()),
        5 => Reaction::Answer(answer(500, "sorry")),
        6 => Reaction::Answer(answer(404, "what?")),
        _ => Reaction::Answer(answer(200, "fine")),
    });
    let url = server.url("/");
    let ended = loadgen(&["-q", "-n", "20", "-r", &url]).exited(0);
    same_as_stored("failing", &blanked(&ended.stdout));
}

#[test]
fn a_run_that_is_cut_short() {
    let server = ByteServer::start(|number, _| match number {
        ..=5 => Reaction::Answer(answer(500, "sorry")),
        _ => Reaction::Reset,
    });
    let url = server.url("/");
    let ended = loadgen(&["-q", "-n", "20", &url]).exited(3);
    same_as_stored("partial", &blanked(&ended.stdout));
}

#[test]
fn details_can_be_left_out() {
    let server = ByteServer::answering(answer(200, "hello"));
    let url = server.url("/");
    let lines = |options: &[&str]| {
        let ended = loadgen(&[["-q", "-n", "5"].as_slice(), options, &[&url]].concat()).exited(0);
        blanked(&ended.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = lines(&[]);
    let has = |lines: &[String], part: &str| lines.iter().any(|line| line.contains(part));
    for (option, part) in [("-d", "Percentage of the requests"), ("-S", "[+/-sd]")] {
        assert!(has(&whole, part), "{whole:?}");
        assert!(!has(&lines(&[option]), part), "{option}");
    }
    assert!(has(&whole, "Document Length:        5 bytes"));
    assert!(has(&lines(&["-l"]), "Document Length:        Variable"));
    // Nothing else goes with them.
    let measured = |lines: Vec<String>| -> Vec<_> {
        lines.into_iter().take_while(|line| !line.starts_with("Command:")).collect()
    };
    let without = measured(lines(&["-d"]));
    assert_eq!(without, whole[..without.len()]);
}

#[test]
fn a_document_whose_length_varies_is_no_failure() {
    let server = ByteServer::start(|number, _| Reaction::Answer(answer(200, &number.to_string())));
    let text = loadgen(&["-q", "-n", "12", &server.url("/")]).exited(0).stdout;
    assert!(text.contains("Document Length:        Variable\n"), "{text}");
    assert!(text.contains("Failed requests:        0\n"), "{text}");
}
