//! Many documents, each with a version of its own, in one answer; and registers of texts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json as of};

use crate::byte_server::ByteServer;
use crate::program::until_seen;
use crate::report::Report;
use crate::sessions::{asked, json, run};

const DOCUMENTS: &str = "\
load: { clients: 8, requests: 200 }
pick: { id: 1..3 }
flow:
  - name: open
    get: /docs/{{id}}
    keep: { etag: header:etag }
    does: { read: docs, of: '{{id}}', result: header:etag }
  - name: save
    put: /docs/{{id}}
    headers: { if-match: '{{etag}}' }
    json: { text: 'edit {{seq}}' }
    answers: [ { status: 412, means: refused } ]
    does: { write: docs, of: '{{id}}', if: '{{etag}}', result: header:etag }
state: { docs: { get: /docs, each: { of: json:/docs, key: json:/id, value: json:/etag } } }
judge: { docs: versioned }
";

/// How a service keeps its documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    All,
    /// It looks at the version, and writes a moment later.
    Racing,
    /// Somebody else writes at times.
    WithOthers,
    /// It forgets some writes.
    Forgetting,
}

/// Three documents.
fn documents(keeps: Keeps) -> ByteServer {
    let versions: BTreeMap<u64, String> = (1..=3).map(|id| (id, format!("\"v{id}\""))).collect();
    let versions = Arc::new(Mutex::new(versions));
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        let mut all = versions.lock().unwrap();
        if asked.path == "/docs" {
            let each = all.iter().map(|(id, etag)| of!({ "id": id, "etag": etag }));
            return json(200, &of!({ "docs": each.collect::<Vec<_>>() }), "");
        }
        let id: u64 = asked.path["/docs/".len()..].parse().unwrap();
        if keeps == Keeps::WithOthers && number % 7 == 0 {
            all.insert(id, format!("\"theirs {number}\""));
        }
        let etag = |etag: &str| format!("ETag: {etag}\r\n");
        if request.starts_with(b"GET") {
            return json(200, &of!({ "id": id }), &etag(&all[&id]));
        }
        if asked.field("if-match") != all[&id] {
            return json(412, &Value::Null, "");
        }
        let new = format!("\"w{number}\"");
        if keeps == Keeps::Racing {
            drop(all);
            thread::sleep(Duration::from_millis(3));
            all = versions.lock().unwrap();
        }
        if keeps != Keeps::Forgetting || number % 5 > 0 {
            all.insert(id, new.clone());
        }
        json(200, &Value::Null, &etag(&new))
    })
}

fn ran(keeps: Keeps, more: &[&str]) -> Report {
    Report::of(run(DOCUMENTS, &documents(keeps), more))
}

/// Fails the test unless this is the verdict.
#[track_caller]
fn says(report: &Report, verdict: &str) {
    assert_eq!(report.at("/correctness/verdict"), verdict, "{:#}", report.at("/correctness"));
}

fn has(report: &Report, kind: &str) -> bool {
    let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
    anomalies.iter().any(|one| one["kind"] == kind)
}

#[test]
fn many_documents_whose_versions_are_texts_are_judged_each_by_itself() {
    for more in [&["--exclusive"][..], &[]] {
        let report = ran(Keeps::All, more);
        says(&report, "valid");
        assert_eq!(report.count("/correctness/history/objects"), 3);
        let lost = || ran(Keeps::Racing, more);
        let is_lost = |report: &Report| has(report, "lost-update");
        says(&until_seen(20, lost, is_lost, "an update that is lost"), "invalid");
    }
}

/// The last state of each shows what no request of the load does: a write that was acknowledged last.
#[test]
fn the_state_of_many_documents_is_held_against_what_was_acknowledged() {
    let forgotten = || ran(Keeps::Forgetting, &["--exclusive"]);
    let is_stale = |report: &Report| has(report, "stale-read");
    says(&until_seen(5, forgotten, is_stale, "a write that is forgotten"), "invalid");
}

#[test]
fn a_version_that_somebody_else_made_accuses_nobody() {
    let report = ran(Keeps::WithOthers, &[]);
    says(&report, "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("others may write as well"), "{reason}");
    // Nobody else is there, as the user says: then nobody made it.
    let report = ran(Keeps::WithOthers, &["--exclusive"]);
    says(&report, "invalid");
    assert!(has(&report, "phantom"));
}

const NAMES: &str = "\
load: { clients: 8, requests: 200 }
pick: { id: 1..3 }
steps:
  rename:
    pick: { name: uuid }
    put: /names/{{id}}
    json: { name: 'n {{name}}' }
    does: { write: names, of: '{{id}}', value: 'n {{name}}' }
  look:
    share: 50%
    get: /names/{{id}}
    does: { read: names, of: '{{id}}', result: json:/name }
state: { names: { get: /names, each: { of: json:/all } } }
judge: { names: register }
exclusive: true
invariants: [ \"names['1'] != 'x' && size(names) == 3\" ]
";

/// Three names; one that forgets answers every fifth write without doing it.
fn names(forgets: bool) -> ByteServer {
    let all: BTreeMap<u64, String> = (1..=3).map(|id| (id, format!("first {id}"))).collect();
    let all = Arc::new(Mutex::new(all));
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        let mut all = all.lock().unwrap();
        if asked.path == "/names" {
            return json(200, &of!({ "all": *all }), "");
        }
        let id: u64 = asked.path["/names/".len()..].parse().unwrap();
        if request.starts_with(b"PUT") && (!forgets || number % 5 > 0) {
            all.insert(id, asked.json()["name"].as_str().unwrap().to_owned());
        }
        json(200, &of!({ "name": all[&id] }), "")
    })
}

#[test]
fn many_registers_may_hold_texts() {
    let valid = Report::of(run(NAMES, &names(false), &[]).exited(0));
    says(&valid, "valid");
    // Another write at the same time would explain one that is not there.
    let forgetful = || Report::of(run(NAMES, &names(true), &["-c", "1"]));
    let is_told = |report: &Report| report.ended.code() == 1;
    let forgetful = until_seen(5, forgetful, is_told, "a name that is forgotten");
    says(&forgetful, "invalid");
    let witness = forgetful.at("/correctness/anomalies/0").to_string();
    assert!(witness.contains("n ") || witness.contains("first "), "{witness}");
}
