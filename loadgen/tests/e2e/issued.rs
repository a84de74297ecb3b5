//! Services that hand out order numbers and jobs, in any order or in turn, and take a payment once for each key.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

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

/// Hands out a hundred jobs, the first first. One that is broken is a stack.
fn queue(is_broken: bool) -> ByteServer {
    let left: Arc<Mutex<VecDeque<u32>>> = Arc::new(Mutex::new((1..=100).collect()));
    ByteServer::start(move |_, request| {
        let mut held = left.lock().unwrap();
        if request.starts_with(b"GET ") {
            return Reaction::Answer(answer(200, &format!(r#"{{"jobs":{held:?}}}"#)));
        }
        let job = if is_broken { held.pop_back() } else { held.pop_front() };
        Reaction::Answer(match job {
            Some(job) => answer(200, &format!(r#"{{"id":{job}}}"#)),
            None => answer(204, ""),
        })
    })
}

fn run(url: &str, more: &[&str]) -> Report {
    let load = ["-q", "--output", "-", "-n", "300", "-c", "20", "-m", "POST"];
    Report::of(loadgen(&[&load[..], &["--result", "json:/id"], more, &[url]].concat()))
}

/// Where jobs stand before they are handed out, and the answer that none is left.
const OF_JOBS: &[&str] =
    &["--read", "/jobs", "--extract", "json:/jobs", "--answers", "204=empty", "--exclusive"];

/// What is asked of one of the services, which may be broken.
struct Asked<'o> {
    of: fn(bool) -> ByteServer,
    path: &'static str,
    options: &'o [&'static str],
}

impl Asked<'_> {
    /// The report of the correct one, which is valid.
    fn valid(&self) -> Report {
        let report = run(&(self.of)(false).url(self.path), self.options);
        assert_eq!((report.ended.code(), report.at("/correctness/verdict")), (0, &"valid".into()));
        report
    }

    /// The results of the two operations that show an anomaly of this kind of the broken one, which
    /// is invalid for it in some run.
    fn results_of(&self, kind: &str) -> [Value; 2] {
        let found = |report: &Report| {
            let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
            anomalies.iter().find(|one| one["kind"] == kind).cloned()
        };
        let broken = || run(&(self.of)(true).url(self.path), self.options);
        let report = until_seen(20, broken, |report| found(report).is_some(), kind);
        assert_eq!(report.ended.code(), 1);
        let witness = found(&report).unwrap()["witness"].take();
        let results = witness.as_array().unwrap().iter().map(|one| one["result"].clone());
        <[Value; 2]>::try_from(results.collect::<Vec<_>>()).unwrap()
    }
}

#[test]
fn order_numbers_are_each_handed_out_once() {
    let asked = Asked { of: orders, path: "/orders", options: &["--model", "unique"] };
    assert_eq!(asked.valid().count("/correctness/acknowledged"), 300);
    let [one, other] = asked.results_of("duplicate-value");
    assert!(one.as_str().unwrap().starts_with("ord-"), "{one}");
    assert_eq!(one, other);
}

#[test]
fn a_payment_is_taken_once_for_each_key() {
    let options = &[
        "--model",
        "once",
        "--object",
        "{{key}}",
        "--pick",
        "key=1..60",
        "--answers",
        "200=same,409=not-applied",
    ];
    let asked = Asked { of: payments, path: "/{{key}}", options };
    assert_eq!(asked.valid().count("/correctness/history/objects"), 60);
    let [one, other] = asked.results_of("double-effect");
    assert_ne!(one, other);
}

#[test]
fn each_job_is_handed_out_once_and_nothing_is_left_where_none_is() {
    let options = &[&["--model", "dispense"][..], OF_JOBS].concat();
    let asked = Asked { of: jobs, path: "/claim", options };
    assert_eq!(asked.valid().count("/correctness/history/operations"), 300);
    let [one, other] = asked.results_of("double-handout");
    assert_eq!(one, other);
}

#[test]
fn jobs_of_a_queue_are_handed_out_in_turn() {
    let options = &[&["--model", "dispense:fifo"][..], OF_JOBS].concat();
    let asked = Asked { of: queue, path: "/claim", options };
    assert_eq!(asked.valid().count("/correctness/history/operations"), 300);
    let [early, late] = asked.results_of("out-of-turn");
    assert!(early.as_u64() > late.as_u64(), "{early} came before {late}");
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
        (
            &["--model", "dispense:fifo", "--read", "/r"],
            "--model dispense:fifo needs --result RULE",
        ),
        (&["--model", "versioned", "--read", "/r"], "loadgen run FILE"),
        (&["--model", "accounts:0", "--read", "/r"], "loadgen run FILE"),
    ] {
        let ended = loadgen(&[more, &["http://127.0.0.1:1/"]].concat()).exited(2);
        assert!(ended.stderr.contains(expected), "{more:?}: {}", ended.stderr);
    }
}
