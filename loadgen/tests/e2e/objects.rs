//! Loads of many objects, each of which is judged by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{loadgen, until_seen};
use crate::report::Report;

/// So many are there of each.
const STOCK: u32 = 3;

/// A shop that sells what a request's path names. One that is broken looks whether something is left,
/// and takes it a moment later.
fn shop(is_broken: bool) -> ByteServer {
    let left: Arc<Mutex<BTreeMap<Vec<u8>, u32>>> = Arc::default();
    ByteServer::start(move |_, request| {
        let sku = request.split(|byte| *byte == b' ').nth(1).unwrap().to_vec();
        let mut stock = left.lock().unwrap();
        let mut seen = *stock.entry(sku.clone()).or_insert(STOCK);
        if is_broken {
            drop(stock);
            thread::sleep(Duration::from_millis(2));
            stock = left.lock().unwrap();
        } else {
            seen = stock[&sku];
        }
        if seen == 0 {
            return Reaction::Answer(answer(409, "sold out"));
        }
        stock.insert(sku, seen - 1);
        Reaction::Answer(answer(201, "yours"))
    })
}

fn arguments<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let load = ["-n", "300", "-c", "20", "-m", "POST", "--exclusive", "--answers", "409=refused"];
    let judging = ["--model", "bounded:3", "--object", "{{sku}}", "--pick", "sku=1..20"];
    [&["-q", "--output", "-"], &load[..], &judging, more, &[url]].concat()
}

fn bought(code: i32, server: &ByteServer, more: &[&str]) -> Report {
    Report::of(loadgen(&arguments(&server.url("/{{sku}}"), more)).exited(code))
}

#[test]
fn each_of_many_objects_is_judged_by_itself() {
    let server = shop(false);
    let report = bought(0, &server, &[]);
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.count("/correctness/history/objects"), 20);
    assert_eq!(report.count("/correctness/history/operations"), 300);
    assert_eq!(report.count("/correctness/acknowledged"), 60);
    let paths: BTreeSet<_> = server.requests().iter().map(|one| one[..12].to_vec()).collect();
    assert_eq!(paths.len(), 20);
}

#[test]
fn an_object_that_is_sold_too_often_is_named() {
    let oversold = |report: &Report| {
        let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
        anomalies.iter().find(|one| one["kind"] == "oversell").cloned()
    };
    let run = || Report::of(loadgen(&arguments(&shop(true).url("/{{sku}}"), &[])));
    let is_seen = |report: &Report| oversold(report).is_some();
    let report = until_seen(20, run, is_seen, "something that is sold too often");
    let sku: u32 = oversold(&report).unwrap()["key"].as_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&sku));
    assert_eq!(report.ended.code(), 1);
}

#[test]
fn the_history_has_every_object_and_is_judged_again_alike() {
    let server = shop(false);
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    bought(0, &server, &["--history", path, "--threads", "2"]);
    let again = loadgen(&["check", path, "--json"]).exited(0).json();
    assert_eq!((&again["objects"], &again["operations"]), (&20.into(), &300.into()));
    assert_eq!(again["verdict"], "valid");
}

#[test]
fn what_is_judged_as_many_objects_is_not_read_as_one() {
    for (more, expected) in [
        (&["--read", "/r"][..], "--object {{sku}}: each object is judged by its own answers"),
        (&["--first"], "leave out --first"),
        (&["--object", "{{rand 1..2}}"], "expected a name of --pick"),
        (&["--object", "all"], "it is the same in each request"),
        (&["--object", "{{skus}}"], "there is no variable {{skus}}: expected {{sku}}, {{seq}}"),
        (&["--pick", "sku=1..3"], "--pick sku: there are two of that name"),
        (&["--pick", "sku"], "expected NAME=1..100, NAME=a,b,c or NAME=uuid"),
    ] {
        let judging = ["--model", "bounded:3", "--pick", "sku=1..20", "--object", "{{sku}}"];
        let ended = loadgen(&[&judging[..], more, &["http://127.0.0.1:1/{{sku}}"]].concat());
        let ended = ended.exited(2);
        assert!(ended.stderr.contains(expected), "{more:?}: {}", ended.stderr);
    }
}
