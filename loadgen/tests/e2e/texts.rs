//! Lists whose elements are texts: e-mail addresses, ids, the names of jobs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json as of};

use crate::byte_server::ByteServer;
use crate::program::{loadgen, until_seen};
use crate::report::{Report, report};
use crate::sessions::{asked, json, run};

const SIGN_UP: &str = "\
load: { clients: 8, requests: 200 }
state: { users: { get: /users, value: 'json:/users[*]/email', settle: 100ms } }
steps:
  signup:
    pick: { name: uuid }
    post: /users
    json: { email: '{{name}}@x' }
    does: { add: users, value: '{{name}}@x' }
  list:
    share: 20%
    read: users
judge: { users: set }
exclusive: true
invariants:
  - size(users) == size(before.users) + signup.ok
  - users.exists(one, one == 'a@x')
";

/// Takes users, of whom two are there; one that is broken reads the list, and writes it a moment later.
fn users(is_broken: bool) -> ByteServer {
    let user = |email: &str| of!({ "email": email, "id": format!("id-{email}") });
    let users = Arc::new(Mutex::new(vec![user("a@x"), user("7")]));
    ByteServer::start(move |number, request| {
        let mut all = users.lock().unwrap();
        if request.starts_with(b"GET") {
            return json(200, &of!({ "users": *all }), "");
        }
        let mut seen = all.clone();
        let body: Value = serde_json::from_str(&asked(request).body).unwrap_or_default();
        let email = body["email"].as_str().map_or_else(|| format!("user {number}"), str::to_owned);
        seen.push(user(&email));
        if is_broken {
            drop(all);
            thread::sleep(Duration::from_millis(2));
            all = users.lock().unwrap();
        }
        *all = seen;
        json(201, &user(&email), "")
    })
}

#[test]
fn a_list_of_texts_that_keeps_all_is_valid() {
    let server = users(false);
    let history = tempfile::NamedTempFile::new().unwrap();
    let path = history.path().to_str().unwrap();
    let report = Report::of(run(SIGN_UP, &server, &["--history", path]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.count("/correctness/before"), 2);
    let added = report.count("/correctness/acknowledged");
    assert_eq!(report.count("/correctness/after"), 2 + added);
    let why = &report.at("/correctness/invariants")[0]["why"];
    assert!(why.as_str().unwrap().contains("users is a list of"), "{why}");

    let lines = std::fs::read_to_string(path).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["schema"], "loadgen/history/2");
    assert_eq!(first["initial"]["users"], of!(["a@x", 7]));
    let checked = loadgen(&["check", path, "--json"]).exited(0).json();
    assert_eq!(checked["verdict"], "valid");
    // One that lost a user is told from it.
    let last = lines.trim_end().rsplit('\n').next().unwrap();
    let without = lines.replace(last, &last.replacen(",7,", ",", 1));
    assert_ne!(without, lines, "{last}");
    std::fs::write(path, without).unwrap();
    let ended = loadgen(&["check", path, "--json"]).exited(1);
    assert_eq!(ended.json()["anomalies"][0]["kind"], "missing-element");
}

#[test]
fn a_list_that_loses_texts_is_told_by_their_names() {
    let run = || run(SIGN_UP, &users(true), &[]);
    let is_seen = |ended: &crate::program::Ended| ended.code() == 1;
    let report = Report::of(until_seen(20, run, is_seen, "a user who is lost"));
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
    let missing = anomalies.iter().find(|one| one["kind"] == "missing-element");
    let missing = missing.unwrap_or_else(|| panic!("{anomalies:?}"));
    assert!(missing.to_string().contains("@x"), "{missing}");
}

/// What the service makes of `{{value}}` is not said to be what is added.
#[test]
fn whoever_does_not_say_which_text_is_added_accuses_nobody() {
    let scenario = SIGN_UP
        .replace("{{name}}@x' }\n    does", "u{{value}}@x' }\n    does")
        .replace(", value: '{{name}}@x' }", " }");
    let report = Report::of(run(&scenario, &users(false), &[]).exited(1));
    assert_eq!(report.at("/correctness/verdict"), "unknown");
    let reason = report.at("/correctness/reason").as_str().unwrap();
    assert!(reason.contains("do requests say what they add?"), "{reason}");
}

#[test]
fn ids_that_the_service_chooses_may_be_texts() {
    let options = |server: &ByteServer, code| {
        let url = server.url("/users");
        let load = ["-n", "60", "-c", "6", "-m", "POST", "--exclusive", "--settle", "100ms"];
        let judging = ["--model", "set", "--result", "json:/id", "--read", "/all"];
        let extract = ["--extract", "json:/users[*]/id", "--reads", "20%", &url];
        report(code, &[&load[..], &judging, &extract].concat())
    };
    assert_eq!(options(&users(false), 0).at("/correctness/verdict"), "valid");
    let broken = || options(&users(true), 1);
    let is_lost = |report: &Report| report.at("/correctness/verdict") == "invalid";
    until_seen(5, broken, is_lost, "an id that is lost");
}

#[test]
fn many_values_where_one_is_wanted_are_refused() {
    let server = users(false);
    let [url, extract] = [server.url("/users"), "json:/users[*]/id".to_owned()];
    let refused = |arguments: &[&str]| loadgen(&[arguments, &["-n", "2", &url]].concat()).exited(2);
    let ended = refused(&["--read", "/all", "--extract", &extract]);
    assert!(ended.stderr.contains("names many values: expected the place of one"));
    let ended = refused(&["--model", "unique", "--result", &extract]);
    assert!(ended.stderr.contains("[*] names many values"), "{}", ended.stderr);
    let keeps = SIGN_UP.replace("    does", "    keep: { all: 'json:/users[*]' }\n    does");
    let ended = run(&keeps, &server, &[]).exited(2);
    assert!(ended.stderr.contains(":8:18: `json:/users[*]`: [*] names many"), "{}", ended.stderr);
    let counter =
        SIGN_UP.replace("users: set", "users: counter").replace(", value: '{{name}}@x' }", " }");
    let ended = run(&counter, &server, &[]).exited(2);
    assert!(ended.stderr.contains("users is judged as counter, and its state names many values"));
    assert!(server.requests().is_empty());
}

#[test]
fn an_element_that_is_none_is_told_with_its_place() {
    let server = ByteServer::start(|_, _| {
        json(200, &of!({ "users": [{ "email": "a" }, { "email": 1.5 }] }), "")
    });
    let ended = run(SIGN_UP, &server, &[]).exited(2);
    let expected = "/users/1/email is `1.5`: expected a text or a whole number";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

const JOBS: &str = "\
load: { clients: 8, requests: 100 }
steps:
  put:
    share: 30%
    post: /put
    json: { name: 'job {{seq}}' }
    does: { add: jobs, value: 'job {{seq}}' }
  take:
    post: /take
    answers: [ { status: 204, means: empty } ]
    does: { take: jobs, result: json:/name }
state: { jobs: { get: /jobs, value: json:/names } }
judge: { jobs: 'dispense:fifo' }
exclusive: true
";

/// A queue of jobs; one that is broken looks at the first, and takes it a moment later.
fn jobs(is_broken: bool) -> ByteServer {
    let jobs: VecDeque<_> = (0..30).map(|number| format!("first {number}")).collect();
    let jobs = Arc::new(Mutex::new(jobs));
    ByteServer::start(move |_, request| {
        let mut all = jobs.lock().unwrap();
        let asked = asked(request);
        if asked.path == "/jobs" {
            return json(200, &of!({ "names": *all }), "");
        }
        if asked.path == "/put" {
            all.push_back(asked.json()["name"].as_str().unwrap().to_owned());
            return json(201, &Value::Null, "");
        }
        let first = all.front().cloned();
        if is_broken {
            drop(all);
            thread::sleep(Duration::from_millis(2));
            all = jobs.lock().unwrap();
        }
        all.pop_front();
        match first {
            Some(name) => json(200, &of!({ "name": name }), ""),
            None => json(204, &Value::Null, ""),
        }
    })
}

#[test]
fn jobs_that_have_names_are_handed_out_once() {
    let report = Report::of(run(JOBS, &jobs(false), &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    let run = || Report::of(run(JOBS, &jobs(true), &[]));
    let is_twice = |report: &Report| {
        let anomalies = report.at("/correctness/anomalies");
        let twice =
            anomalies.as_array().unwrap().iter().find(|one| one["kind"] == "double-handout");
        twice.is_some_and(|one| one.to_string().contains("first "))
    };
    until_seen(5, run, is_twice, "a job that is handed out twice");
}
