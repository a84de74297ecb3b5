//! Services that hand out order numbers and jobs, and take a payment once for each key.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{loadgen, until_seen};
use crate::report::Report;

/// How long a service that is broken looks at what it is about to change.
const WINDOW: Duration = Duration::from_millis(2);

/// Numbers orders. One that is broken takes a number, and says a moment later that it is taken.
fn orders(is_broken: bool) -> ByteServer {
    let last = Arc::new(Mutex::new(0));
    ByteServer::start(move |_, _| {
        let mut held = last.lock().unwrap();
        let number = *held + 1;
        if is_broken {
            drop(held);
            thread::sleep(WINDOW);
            held = last.lock().unwrap();
        }
        *held = number;
        Reaction::Answer(answer(201, &format!(r#"{{"id":"ord-{number}"}}"#)))
    })
}

/// Takes payments, the request's path being their key. One that is broken looks whether there is one
/// for the key, and takes it a moment later.
fn payments(is_broken: bool) -> ByteServer {
    // How many there were, and which each key has.
    type Taken = (u32, BTreeMap<Vec<u8>, u32>);
    let taken: Arc<Mutex<Taken>> = Arc::default();
    ByteServer::start(move |_, request| {
        let key = request.split(|byte| *byte == b' ').nth(1).unwrap().to_vec();
        let mut held = taken.lock().unwrap();
        if let Some(number) = held.1.get(&key) {
            return Reaction::Answer(answer(200, &format!(r#"{{"id":"pay-{number}"}}"#)));
        }
        if is_broken {
            drop(held);
            thread::sleep(WINDOW);
            held = taken.lock().unwrap();
        }
        held.0 += 1;
        let number = held.0;
        held.1.insert(key, number);
        Reaction::Answer(answer(201, &format!(r#"{{"id":"pay-{number}"}}"#)))
    })
}

/// Hands out a hundred jobs. One that is broken looks which is the next, and takes it a moment later.
fn jobs(is_broken: bool) -> ByteServer {
    let left: Arc<Mutex<Vec<u32>>> = Arc::new(Mutex::new((1..=100).collect()));
    ByteServer::start(move |_, request| {
        let mut held = left.lock().unwrap();
        if request.starts_with(b"GET ") {
            return Reaction::Answer(answer(200, &format!(r#"{{"jobs":{held:?}}}"#)));
        }
        let Some(job) = held.last().copied() else { return Reaction::Answer(answer(204, "")) };
        if is_broken {
            drop(held);
            thread::sleep(WINDOW);
            held = left.lock().unwrap();
        }
        held.retain(|one| *one != job);
        Reaction::Answer(answer(200, &format!(r#"{{"id":{job}}}"#)))
    })
}

fn run(url: &str, more: &[&str]) -> Report {
    let load = ["-q", "--output", "-", "-n", "300", "-c", "20", "-m", "POST"];
    Report::of(loadgen(&[&load[..], &["--result", "json:/id"], more, &[url]].concat()))
}

const ONCE: [&str; 8] = [
    "--model",
    "once",
    "--object",
    "{{key}}",
    "--pick",
    "key=1..60",
    "--answers",
    "200=same,409=not-applied",
];

fn of_kind<'r>(report: &'r Report, kind: &str) -> Option<&'r serde_json::Value> {
    report.at("/correctness/anomalies").as_array().unwrap().iter().find(|one| one["kind"] == kind)
}

#[test]
fn order_numbers_are_each_handed_out_once() {
    let report = run(&orders(false).url("/orders"), &["--model", "unique"]);
    assert_eq!((report.ended.code(), report.at("/correctness/verdict")), (0, &"valid".into()));
    assert_eq!(report.count("/correctness/acknowledged"), 300);
    let broken = || run(&orders(true).url("/orders"), &["--model", "unique"]);
    let is_seen = |report: &Report| of_kind(report, "duplicate-value").is_some();
    let report = until_seen(20, broken, is_seen, "an order number that two orders have");
    assert_eq!(report.ended.code(), 1);
    let witness = of_kind(&report, "duplicate-value").unwrap()["witness"].as_array().unwrap();
    assert_eq!(witness.len(), 2);
    assert!(witness[0]["result"].as_str().unwrap().starts_with("ord-"), "{witness:?}");
    assert_eq!(witness[0]["result"], witness[1]["result"]);
}

#[test]
fn a_payment_is_taken_once_for_each_key() {
    let report = run(&payments(false).url("/{{key}}"), &ONCE);
    assert_eq!((report.ended.code(), report.at("/correctness/verdict")), (0, &"valid".into()));
    assert_eq!(report.count("/correctness/history/objects"), 60);
    let broken = || run(&payments(true).url("/{{key}}"), &ONCE);
    let is_seen = |report: &Report| of_kind(report, "double-effect").is_some();
    let report = until_seen(20, broken, is_seen, "a payment that was taken twice");
    assert_eq!(report.ended.code(), 1);
    let witness = of_kind(&report, "double-effect").unwrap()["witness"].as_array().unwrap();
    assert_ne!(witness[0]["result"], witness[1]["result"]);
}

#[test]
fn each_job_is_handed_out_once_and_nothing_is_left_where_none_is() {
    const JOBS: [&str; 9] = [
        "--model",
        "dispense",
        "--read",
        "/jobs",
        "--extract",
        "json:/jobs",
        "--answers",
        "204=empty",
        "--exclusive",
    ];
    let report = run(&jobs(false).url("/claim"), &JOBS);
    assert_eq!((report.ended.code(), report.at("/correctness/verdict")), (0, &"valid".into()));
    assert_eq!(report.count("/correctness/history/operations"), 300);
    let broken = || run(&jobs(true).url("/claim"), &JOBS);
    let is_seen = |report: &Report| of_kind(report, "double-handout").is_some();
    let report = until_seen(20, broken, is_seen, "a job that two clients have");
    assert_eq!(report.ended.code(), 1);
    let witness = of_kind(&report, "double-handout").unwrap()["witness"].as_array().unwrap();
    assert_eq!(witness[0]["result"], witness[1]["result"]);
}

#[test]
fn what_carries_no_value_is_not_taken_for_one() {
    let empty = ByteServer::answering(answer(201, "{}"));
    let report = run(&empty.url("/"), &["--model", "unique"]);
    assert_eq!((report.ended.code(), report.at("/correctness/verdict")), (1, &"unknown".into()));
    for (more, expected) in [
        (&["--model", "unique"][..], "--model unique needs --result RULE"),
        (&["--model", "once", "--result", "json:/id"], "--model once needs --object"),
        (&["--model", "unique", "--result", "json:/id", "--read", "/r"], "leave out --read"),
        (&["--model", "dispense", "--result", "json:/id"], "--model dispense needs --read URL"),
        (&["--model", "dispense", "--read", "/r"], "--model dispense needs --result RULE"),
        (&["--model", "versioned", "--read", "/r"], "loadgen check judges histories of it"),
    ] {
        let ended = loadgen(&[more, &["http://127.0.0.1:1/"]].concat()).exited(2);
        assert!(ended.stderr.contains(expected), "{more:?}: {}", ended.stderr);
    }
}
