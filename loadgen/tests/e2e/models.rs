//! Services of every model, right and wrong, judged by their answers.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::report::{Report, report};

/// The 16 digits of a request's value.
fn value(request: &[u8]) -> Option<i64> {
    let text = str::from_utf8(request).unwrap();
    let (_, after) = text.split_once("v=")?;
    after[..16].parse().ok()
}

fn is_read(request: &[u8]) -> bool {
    request.starts_with(b"GET /read")
}

/// Answers each request with what `react` says to it, one at a time: status and content.
fn service(react: impl Fn(usize, &[u8]) -> (u16, String) + Send + Sync + 'static) -> ByteServer {
    let turn = Mutex::new(0);
    ByteServer::start(move |_, request| {
        let mut turn = turn.lock().unwrap();
        let (status, content) = react(*turn, request);
        *turn += usize::from(!is_read(request));
        Reaction::Answer(answer(status, &content))
    })
}

#[track_caller]
fn judged(code: i32, server: &ByteServer, path: &str, arguments: &[&str]) -> Report {
    let url = server.url(path);
    report(code, &[&["-n", "60", "-c", "4", "--threads", "1"], arguments, &[&url]].concat())
}

fn kinds(report: &Report) -> BTreeSet<&str> {
    let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
    anomalies.iter().map(|anomaly| anomaly["kind"].as_str().unwrap()).collect()
}

/// Adds one, and says the new value; with `twice`, the tenth add says that of the ninth.
fn tickets(twice: bool) -> ByteServer {
    let sum = Mutex::new(0);
    service(move |turn, request| {
        let mut sum = sum.lock().unwrap();
        let is_lost = twice && turn == 9;
        if !is_read(request) && !is_lost {
            *sum += 1;
        }
        (200, format!("{{\"value\": {sum}, \"of\": 7}}"))
    })
}

const TICKETS: [&str; 6] =
    ["--model", "fetch-and-add", "--result", "json:/value", "--extract", "json:/value"];

#[test]
fn values_that_are_all_different_are_valid() {
    let arguments = [&TICKETS[..], &["--read", "/read", "--reads", "25%"]].concat();
    let report = judged(0, &tickets(false), "/add", &arguments);
    assert_eq!(report.at("/correctness/model"), "fetch-and-add");
    assert_eq!(report.count("/correctness/acknowledged"), 45);
    assert_eq!(report.count("/correctness/history/operations"), 61);
    assert_eq!(report.at("/correctness/history/verdict"), "valid");
}

#[test]
fn a_value_that_is_given_twice_is_found_with_both_who_have_it() {
    let arguments = [&TICKETS[..], &["--read", "/read"]].concat();
    let report = judged(1, &tickets(true), "/add", &arguments);
    assert_eq!(kinds(&report), BTreeSet::from(["duplicate-value", "lost-update"]));
    let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
    let duplicate = anomalies.iter().find(|a| a["kind"] == "duplicate-value").unwrap();
    let witness = duplicate["witness"].as_array().unwrap();
    assert_eq!(duplicate["count"], 1);
    let results: Vec<_> = witness.iter().map(|operation| &operation["result"]).collect();
    assert_eq!(results, [&json!(9), &json!(9)]);
    let text = &judged_text(&tickets(true), &arguments);
    assert!(text.contains("\n   Duplicate values:    1, the first "), "{text}");
}

fn judged_text(server: &ByteServer, arguments: &[&str]) -> String {
    let url = server.url("/add");
    let arguments = [&["-q", "-n", "60", "-c", "4"], arguments, &[&url]].concat();
    crate::program::loadgen(&arguments).exited(1).stdout
}

/// A sum that is right in the end, and of which some reads are behind: more of them than there are clients, so
/// that not all can have been asked before what they miss was answered.
#[test]
fn a_stale_read_is_found_although_the_totals_are_right() {
    let sum = Mutex::new(0);
    let server = service(move |turn, request| {
        let mut sum = sum.lock().unwrap();
        *sum += i32::from(!is_read(request));
        let behind = if is_read(request) && (20..32).contains(&turn) { 15 } else { *sum };
        (200, behind.to_string())
    });
    let arguments = ["--model", "counter", "--read", "/read", "--reads", "40%"];
    let report = judged(1, &server, "/add", &arguments);
    assert_eq!(kinds(&report), BTreeSet::from(["stale-read"]));
    assert_eq!(report.count("/correctness/lost/min"), 0);
}

/// Keeps the last value written; with `stale`, reads are of a much earlier one for a while: more of them than
/// there are clients.
fn register(stale: bool) -> ByteServer {
    let written = Mutex::new(vec![1]);
    service(move |turn, request| {
        let mut written = written.lock().unwrap();
        written.extend(value(request));
        let behind = if stale && (20..28).contains(&turn) { 15 } else { 1 };
        (200, written[written.len().saturating_sub(behind)].to_string())
    })
}

const REGISTER: [&str; 6] = ["--model", "register", "--read", "/read", "--reads", "50%"];

#[test]
fn a_register_that_keeps_what_is_written_is_valid() {
    let report = judged(0, &register(false), "/write?v={value}", &REGISTER);
    assert_eq!(report.at("/correctness/lost"), &Value::Null);
    assert_eq!(report.at("/correctness/history/verdict"), "valid");
}

#[test]
fn a_register_that_returns_what_was_overwritten_is_not() {
    let report = judged(1, &register(true), "/write?v={value}", &REGISTER);
    assert_eq!(kinds(&report), BTreeSet::from(["stale-read"]));
}

/// Sells twenty seats, or `sold`.
fn desk(sold: usize) -> ByteServer {
    service(move |turn, request| match turn {
        _ if is_read(request) => (200, (20 - turn.min(sold).cast_signed()).to_string()),
        turn if turn < sold => (200, "booked".to_owned()),
        _ => (409, "sold out".to_owned()),
    })
}

#[test]
fn seats_are_sold_once() {
    let report = judged(0, &desk(20), "/book", &["--model", "bounded:20", "-m", "POST"]);
    assert_eq!(report.count("/correctness/acknowledged"), 20);
    assert_eq!(report.count("/requests/fail"), 40);
}

#[test]
fn a_seat_too_many_is_an_oversell() {
    let arguments = ["--model", "bounded:20", "--read", "/read"];
    let report = judged(1, &desk(21), "/book", &arguments);
    assert!(kinds(&report).contains("oversell"), "{:?}", kinds(&report));
}

#[test]
fn how_many_seats_there_are_the_state_says() {
    let stock = ["--model", "bounded", "--read", "/read"];
    let report = judged(0, &desk(20), "/book", &stock);
    assert_eq!(report.at("/correctness/model"), "bounded");
    assert_eq!((report.count("/correctness/before"), report.count("/correctness/after")), (20, 0));
    // What is written has the number, and is judged again alike.
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let report = judged(1, &desk(21), "/book", &[&stock[..], &["--history", path]].concat());
    assert!(kinds(&report).contains("oversell"), "{:?}", kinds(&report));
    let header = std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
    assert!(header.contains("\"model\":\"bounded\"") && header.contains(":20}"), "{header}");
    let again = crate::program::loadgen(&["check", path, "--json"]).exited(1).json();
    assert_eq!((&again["verdict"], &again["model"]), (&"invalid".into(), &"bounded".into()));
    // A run ends at the first seat too many, too.
    let first = [&stock[..], &["--first"]].concat();
    assert!(!judged(1, &desk(40), "/book", &first).at("/ended_at").is_null());
}

/// A load is not begun on a number that nobody has said.
#[test]
fn a_state_that_says_nothing_is_no_number_to_begin_with() {
    let server = service(|_, _| (200, "{\"left\": null}".to_owned()));
    let url = server.url("/book");
    let read = ["--read", "/read", "--extract", "json:/left", "-n", "9", "-c", "3", &url];
    let ended = crate::program::loadgen(&[&["--model", "bounded"], &read[..]].concat()).exited(2);
    let expected = "/read says nothing, and a bounded has to begin with a number: expected one there, or \
                    bounded:N (exit 2)";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert!(server.requests().iter().all(|request| is_read(request)));
}

/// Sells twenty seats and says so in its content: every answer has the same status.
#[test]
fn an_answer_that_says_no_took_nothing() {
    let desk = || {
        service(|turn, request| match turn {
            _ if is_read(request) => (200, (20 - turn.min(20).cast_signed()).to_string()),
            turn if turn < 20 => (200, "{\"seat\": -7}".to_owned()),
            _ => (200, "{\"seat\": 0}".to_owned()),
        })
    };
    let arguments =
        ["--model", "bounded:20", "--result", "json:/seat", "--read", "/read", "--exclusive"];
    let report = judged(0, &desk(), "/book", &arguments);
    assert_eq!(report.count("/correctness/acknowledged"), 20);
    assert_eq!(report.count("/requests/ok"), 60);
    assert_eq!(report.count("/correctness/lost/max"), 0);
    // The status alone does not say which of them took a seat.
    let report = judged(1, &desk(), "/book", &[&arguments[..], &["--history-limit", "0"]].concat());
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    assert_eq!(kinds(&report), BTreeSet::new());
}

#[test]
fn what_was_there_before_is_what_can_be_sold() {
    // Of twenty seats five are left; seven are sold.
    let server = service(|turn, request| match turn {
        _ if is_read(request) => (200, (5 - turn.min(5).cast_signed()).to_string()),
        turn if turn < 7 => (200, "booked".to_owned()),
        _ => (409, "sold out".to_owned()),
    });
    let arguments = ["--model", "bounded:20", "--read", "/read", "--history-limit", "0"];
    let report = judged(1, &server, "/book", &arguments);
    let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
    let oversell = anomalies.iter().find(|anomaly| anomaly["kind"] == "oversell").unwrap();
    assert_eq!(oversell["count"], 2);
}

#[test]
fn seats_that_are_left_are_to_be_sold() {
    let declared = ["--model", "bounded:20", "--answers", "409=refused"];
    let report = judged(1, &desk(19), "/book", &[&declared[..], &["--exclusive"]].concat());
    assert_eq!(kinds(&report), BTreeSet::from(["phantom-sold-out"]));
    // Others may have taken the last one; and a refusal that nobody declared says nothing.
    let report = judged(1, &desk(19), "/book", &declared);
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let report = judged(0, &desk(19), "/book", &["--model", "bounded:20", "--exclusive"]);
    assert_eq!(report.count("/correctness/undeclared"), 41);
}

/// Keeps elements, but for the tenth where `forgetful`.
fn set(forgetful: bool) -> ByteServer {
    let elements = Mutex::new(vec![]);
    service(move |turn, request| {
        let mut elements = elements.lock().unwrap();
        elements.extend(value(request).filter(|_| !(forgetful && turn == 9)));
        let content = if is_read(request) { json!(*elements).to_string() } else { String::new() };
        (200, content)
    })
}

const SET: [&str; 6] = ["--model", "set", "--read", "/read", "--reads", "10%"];

#[test]
fn a_set_that_keeps_its_elements_is_valid() {
    let report = judged(0, &set(false), "/add?v={value}", &SET);
    assert_eq!(report.count("/correctness/acknowledged"), 54);
    assert_eq!(report.count("/correctness/after"), 54);
}

#[test]
fn an_element_that_is_gone_is_missing() {
    let report = judged(1, &set(true), "/add?v={value}", &SET);
    assert_eq!(kinds(&report), BTreeSet::from(["lost-update", "missing-element"]));
}

/// An answer that carries no value says nothing about it: no verdict, and no false alarm.
#[test]
fn answers_without_a_result_leave_the_verdict_open() {
    let server = service(|_, request| {
        (200, if is_read(request) { "60".to_owned() } else { "ok".to_owned() })
    });
    let url = server.url("/add");
    let arguments = ["-q", "-n", "6", "--model", "fetch-and-add", "--read", "/read", &url];
    let ended = crate::program::loadgen(&arguments).exited(1);
    assert!(ended.stdout.contains("lost"), "{}", ended.stdout);
}
