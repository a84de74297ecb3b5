//! Services that are not linearizable, and what holds of them all the same.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{loadgen, until_seen};
use crate::report::{Report, report};

fn is_read(request: &[u8]) -> bool {
    request.starts_with(b"GET /read")
}

/// A counter whose reads come out of `caches` caches, in turn. Each keeps what it read for a while,
/// and the first from another time on than the others.
fn cached(caches: usize) -> ByteServer {
    // A run lasts for several times as long.
    const KEPT: Duration = Duration::from_millis(20);
    let begun = Instant::now();
    let state = Mutex::new((0_u64, 0, vec![(Duration::ZERO, 0_u64); caches]));
    ByteServer::start(move |_, request| {
        let (sum, turn, caches) = &mut *state.lock().unwrap();
        if !is_read(request) {
            *sum += 1;
            return Reaction::Answer(answer(200, "ok"));
        }
        *turn += 1;
        let place = *turn % caches.len();
        let (until, kept) = &mut caches[place];
        if begun.elapsed() >= *until {
            let first = if place == 0 { KEPT / 2 } else { Duration::ZERO };
            *until = begun.elapsed() + KEPT + if until.is_zero() { first } else { Duration::ZERO };
            *kept = *sum;
        }
        Reaction::Answer(answer(200, &kept.to_string()))
    })
}

const TRIES: usize = 10;

const COUNTER: [&str; 8] =
    ["--model", "counter", "--read", "/read", "--reads", "40%", "-n", "4000"];

#[track_caller]
fn run(server: &ByteServer, arguments: &[&str]) -> Report {
    let url = server.url("/add");
    report(1, &[&COUNTER[..], &["-c", "4", "--threads", "1"], arguments, &[&url]].concat())
}

fn said(report: &Value) -> BTreeMap<&str, bool> {
    let all = report["consistency"].as_array().unwrap().iter();
    all.map(|one| (one["kind"].as_str().unwrap(), one["holds"].as_bool().unwrap())).collect()
}

/// The reads after the run go on until what they return no longer changes.
#[test]
fn a_counter_behind_a_cache_has_the_right_total_in_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let history = directory.path().join("history.jsonl");
    let arguments = ["--history", history.to_str().unwrap()];
    let report = run(&cached(1), &arguments);
    let expected = BTreeMap::from([
        ("sequential", false),
        ("read-your-writes", false),
        ("monotonic-reads", true),
        ("eventual", true),
    ]);
    assert_eq!(said(report.at("/correctness")), expected);
    let own = report.at("/correctness/consistency").as_array().unwrap();
    let own = own.iter().find(|one| one["kind"] == "read-your-writes").unwrap();
    let [add, read] = &own["example"].as_array().unwrap()[..] else { panic!("{own:#}") };
    assert_eq!((&add["op"], &read["op"]), (&json!("add"), &json!("read")));
    assert_eq!(add["client"], read["client"]);

    let check = ["check", history.to_str().unwrap()];
    let page = directory.path().join("page.html");
    let with_page = [&check[..], &["--html", page.to_str().unwrap()]].concat();
    let text = loadgen(&with_page).exited(1).stdout;
    let holds = "monotonic reads, eventually the right total";
    assert!(text.contains(&format!("\n   Still holds:         {holds}\n")), "{text}");
    assert!(text.contains("\n   Does not hold:       sequential consistency ("), "{text}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(&format!("<dt>Still holds</dt><dd>{holds}</dd>")), "{page}");
    let again = loadgen(&[&check[..], &["--json"]].concat()).exited(1).json();
    assert_eq!(said(&again), expected);
}

#[test]
fn behind_two_caches_a_client_reads_less_than_before() {
    // One cache has to be renewed between the reads of a client, and the other not.
    let monotonic = |report: &Report| said(report.at("/correctness"))["monotonic-reads"];
    let is_seen = |report: &Report| !monotonic(report);
    let report = until_seen(TRIES, || run(&cached(2), &[]), is_seen, "a read of less than before");
    assert!(said(report.at("/correctness"))["eventual"]);
}

/// Every tenth addition is acknowledged and forgotten.
#[test]
fn of_a_counter_that_loses_updates_nothing_holds() {
    let state = Mutex::new((0, 0));
    let server = ByteServer::start(move |_, request| {
        let (sum, turn) = &mut *state.lock().unwrap();
        if !is_read(request) {
            *turn += 1;
            *sum += i32::from(*turn % 10 != 0);
        }
        Reaction::Answer(answer(200, &sum.to_string()))
    });
    let report = run(&server, &[]);
    let said = said(report.at("/correctness"));
    assert!(said.len() == 4 && said.values().all(|holds| !holds), "{said:?}");
    let url = server.url("/add");
    let arguments = ["-q", "--model", "counter", "--read", "/read", "-n", "60", "-c", "4", &url];
    let text = loadgen(&arguments).exited(1).stdout;
    assert!(text.contains("\n   Still holds:         nothing\n"), "{text}");
    assert!(!text.contains("Does not hold"), "{text}");
}

/// Nothing is weaker where nothing is wrong.
#[test]
fn of_a_right_counter_nothing_weaker_is_said() {
    let sum = Mutex::new(0);
    let server = ByteServer::start(move |_, request| {
        let mut sum = sum.lock().unwrap();
        *sum += i32::from(!is_read(request));
        Reaction::Answer(answer(200, &sum.to_string()))
    });
    let url = server.url("/add");
    let report = report(0, &[&COUNTER[..], &["-c", "4", &url]].concat());
    assert_eq!(report.at("/correctness/consistency"), &json!([]));
}

/// A line of a history.
fn line(client: u32, call: u64, op: &str, key: &str, result: &Value) -> String {
    let (end, arg) = (call + 5, if op == "add" { json!(1) } else { Value::Null });
    let line = json!({
        "client": client, "call": call, "return": end, "op": op, "key": key, "arg": arg,
        "result": result, "outcome": "ok"
    });
    format!("{line}\n")
}

/// Each object of several may be in an order of its own.
#[test]
fn of_several_objects_holds_what_does_of_each() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.jsonl");
    let stale = |key: &str, first: u64| {
        [
            line(1, first, "add", key, &Value::Null),
            line(2, first + 10, "read", key, &json!(0)),
            line(2, first + 20, "read", key, &json!(1)),
        ]
        .concat()
    };
    let header = "{\"schema\":\"loadgen/history/1\",\"model\":\"counter\"}\n";
    let right =
        [line(3, 200, "add", "z", &Value::Null), line(3, 210, "read", "z", &json!(1))].concat();
    fs::write(&path, [header, &stale("x", 0), &stale("y", 100), &right].concat()).unwrap();
    let check = ["check", path.to_str().unwrap()];
    let text = loadgen(&check).exited(1).stdout;
    let holds =
        "sequential consistency of each object, monotonic reads, eventually the right total";
    assert!(text.contains(&format!("\n   Still holds:         {holds}\n")), "{text}");
    // What was not put to the test in one of them is not said to hold.
    let one_reads_once =
        [line(5, 300, "add", "w", &Value::Null), line(6, 310, "read", "w", &json!(0))];
    let all = [header, &stale("x", 0), &one_reads_once.concat()].concat();
    fs::write(&path, all).unwrap();
    let again = loadgen(&[&check[..], &["--json"]].concat()).exited(1).json();
    assert_eq!(said(&again), BTreeMap::from([("eventual", false)]));
    assert_eq!(again["consistency"][0]["key"], "w");
}
