//! Scenarios whose requests rest on one another: sessions, rounds, and what is sent together.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Ended, loadgen};
use crate::report::Report;

/// A request as a service reads it.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) fn asked(request: &[u8]) -> Asked {
    let text = String::from_utf8(request.to_vec()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let field = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    };
    Asked { path, fields: lines.map(field).collect(), body: body.to_owned() }
}

impl Asked {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) fn json(status: u16, body: &Value, more: &str) -> Reaction {
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}");
    let length = body.len();
    Reaction::Answer(format!("{head}Content-Length: {length}\r\n\r\n{body}").into_bytes())
}

/// Runs a scenario against `server`.
pub(crate) fn run(scenario: &str, server: &ByteServer, more: &[&str]) -> Ended {
    let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    file.write_all(scenario.as_bytes()).unwrap();
    let (path, url) = (file.path().to_str().unwrap(), server.url(""));
    loadgen(&[&["run", path, &url, "-q", "--output", "-"], more].concat())
}

const SHOP: &str = "\
cookies: true
headers: { authorization: 'Bearer {{token}}' }
session:
  - post: /login
    form: { user: 'user {{client}}' }
    headers: { authorization: none }
    keep: { token: json:/token }
load: { clients: 5, requests: 40 }
pick: { sku: 1..4 }
flow:
  - name: cart
    post: /cart
    json: { sku: '{{sku}}' }
    keep: { cart: json:/cart, etag: header:etag }
    answers: [ { status: 409, means: refused } ]
  - name: checkout
    post: /checkout/{{cart}}?sku={{sku}}
    headers: { if-match: '{{etag}}' }
";

/// Sells to whoever has logged in, and has put into a cart what is checked out; the sku 4 is sold out.
fn shop() -> ByteServer {
    let users = Mutex::new(0);
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        if asked.path == "/login" {
            *users.lock().unwrap() += 1;
            let user = asked.body.strip_prefix("user=user%20").unwrap();
            let cookie = format!("Set-Cookie: sid={user}; Path=/\r\n");
            return json(200, &serde_json::json!({ "token": format!("t {user}") }), &cookie);
        }
        let user = asked.field("authorization").strip_prefix("Bearer t ").unwrap().to_owned();
        assert_eq!(asked.field("cookie"), format!("sid={user}"));
        if asked.path == "/cart" {
            let sku = asked.json()["sku"].as_u64().unwrap();
            let status = if sku == 4 { 409 } else { 201 };
            let cart = serde_json::json!({ "cart": format!("{user}/{sku}/{number}") });
            return json(status, &cart, &format!("ETag: \"{number}\"\r\n"));
        }
        // The slashes are the value's, not the path's.
        let (cart, sku) = asked.path["/checkout/".len()..].split_once("?sku=").unwrap();
        let [owner, of, number] = cart.split("%2F").collect::<Vec<_>>()[..] else {
            panic!("{cart}");
        };
        assert_eq!((owner, of), (user.as_str(), sku));
        assert_eq!(asked.field("if-match"), format!("\"{number}\""));
        json(201, &Value::Null, "")
    })
}

#[test]
fn a_session_is_opened_once_and_its_rounds_rest_on_what_answers_had() {
    let server = shop();
    let report = Report::of(run(SHOP, &server, &[]).exited(0));
    let step = |index: usize, key: &str| report.count(&format!("/steps/{index}/{key}"));
    assert_eq!(report.at("/steps/0/name"), "cart");
    assert_eq!((step(0, "sent"), step(1, "sent")), (40, step(0, "ok")), "40 rounds were begun");
    assert!(step(0, "fail") > 0, "a quarter is sold out, and not checked out");
    assert_eq!(report.requests().sent, 40 + step(1, "sent"), "the logins are in no figure");
    let said = |step: usize, status: u16| {
        let first = report.at(&format!("/steps/{step}/first_answers/{status}"));
        first.as_str().unwrap().to_owned()
    };
    assert!(said(0, 409).contains("/4/") && said(1, 201) == "null", "each step has its own");
    assert_eq!(report.count("/rounds/begun"), 40);
    assert_eq!(report.count("/rounds/complete"), step(1, "ok"));
    let logins = server.requests().iter().filter(|one| one.starts_with(b"POST /login")).count();
    assert_eq!(logins, 5);
}

#[test]
fn a_client_that_cannot_log_in_ends_the_run_before_it_begins() {
    let server = ByteServer::start(|_, _| {
        Reaction::Answer(answer(401, "{\"error\": \"no such user\", \"token\": \"T0P\"}"))
    });
    let ended = run(SHOP, &server, &[]).exited(3);
    let expected =
        "no session for client 0: session 1: it answered 401: {\"error\": \"no such user\"";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert!(!ended.stderr.contains("T0P"), "{}", ended.stderr);
    let nothing = ByteServer::answering(answer(200, "{}"));
    let ended = run(SHOP, &nothing, &[]).exited(3);
    assert!(ended.stderr.contains("the answer has no token at json:/token"), "{}", ended.stderr);
}

const PAYMENTS: &str = "\
load: { clients: 9, requests: 60 }
steps:
  pay:
    pick: { key: uuid, amount: 1..1000000 }
    together: 3
    post: /payments
    headers: { idempotency-key: '{{key}}', x-once: '{{uuid}}' }
    json: { amount: '{{amount}}', value: '{{value}}', seq: '{{seq}}' }
    answers: [ { status: 200, means: same } ]
    does: { once: payment, of: '{{key}}', result: json:/id }
judge: { payment: once }
exclusive: true
";

/// Takes payments, each key's once; one that is broken looks first and keeps it a moment later.
fn payments(is_broken: bool) -> ByteServer {
    let known: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    ByteServer::start(move |number, request| {
        let key = asked(request).field("idempotency-key").to_owned();
        let mut all = known.lock().unwrap();
        let seen = all.get(&key).copied();
        if is_broken {
            drop(all);
            thread::sleep(Duration::from_millis(3));
            all = known.lock().unwrap();
        }
        let id = seen.unwrap_or(number);
        all.insert(key, id);
        json(if seen.is_some() { 200 } else { 201 }, &serde_json::json!({ "id": id }), "")
    })
}

#[test]
fn what_is_sent_together_is_the_same_request() {
    let server = payments(false);
    let report = Report::of(run(PAYMENTS, &server, &["--threads", "2"]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    let mut groups: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for request in server.requests() {
        let key = asked(&request).field("idempotency-key").to_owned();
        groups.entry(key).or_default().push(request);
    }
    assert_eq!((groups.len(), groups.values().flatten().count()), (20, 60));
    for group in groups.values() {
        assert_eq!(group.len(), 3);
        let different: BTreeSet<_> = group.iter().collect();
        assert_eq!(different.len(), 1, "{:?}", group.iter().map(|r| String::from_utf8_lossy(r)));
    }
    let bodies: BTreeSet<_> = groups.values().map(|group| asked(&group[0]).body).collect();
    assert_eq!(bodies.len(), 20, "each group has its own");
}

#[test]
fn a_double_click_proves_a_payment_that_is_made_twice() {
    let report = Report::of(run(PAYMENTS, &payments(true), &[]).exited(1));
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    let kinds = report.at("/correctness/anomalies").as_array().unwrap();
    assert!(kinds.iter().any(|one| one["kind"] == "double-effect"), "{kinds:?}");
}

/// Nobody waits for ever for others who do not come.
#[test]
fn a_group_that_nobody_completes_is_sent_as_it_is() {
    for requests in ["61", "62", "2"] {
        let server = payments(false);
        let more = ["-n", requests, "-c", "2", "--threads", "1"];
        let scenario = PAYMENTS.replace("together: 3", "together: 2");
        let report = Report::of(run(&scenario, &server, &more).exited(0));
        assert_eq!(report.requests().sent.to_string(), requests);
    }
    let ended = run(PAYMENTS, &payments(false), &["-c", "2"]).exited(2);
    assert!(ended.stderr.contains("together: 3 clients send the same"), "{}", ended.stderr);
    let ended = run(PAYMENTS, &payments(false), &["--rate", "10/s"]).exited(2);
    assert!(ended.stderr.contains("leave out either"), "{}", ended.stderr);
}

/// What a file has is there for one request, too.
#[test]
fn rows_cookies_and_amounts_are_there_for_one_request() {
    let likes = Arc::new(Mutex::new(0));
    let server = ByteServer::start(move |number, request| {
        let asked = asked(request);
        let mut likes = likes.lock().unwrap();
        if asked.path == "/likes" {
            return json(200, &serde_json::json!({ "likes": *likes }), "");
        }
        *likes += 3;
        json(200, &Value::Null, &format!("Set-Cookie: last={number}; Path=/\r\n"))
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "who,age\n\"a b\",7\nc,9\n").unwrap();
    let url = server.url("/like/{{who}}?age={{age}}");
    let path = file.path().to_str().unwrap();
    let load = ["-q", "--output", "-", "-n", "20", "-c", "2", "-m", "POST", "--exclusive"];
    let more = ["--csv-data", path, "--keep-cookies", "--model", "counter", "--amount", "3"];
    let read = ["--read", "/likes", "--extract", "json:/likes", url.as_str()];
    let report = Report::of(loadgen(&[&load[..], &more, &read].concat()).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.count("/correctness/after"), 60);
    let requests: Vec<_> = server.requests().iter().map(|one| asked(one)).collect();
    let of = |path: &str| requests.iter().filter(|one| one.path == path).count();
    assert_eq!((of("/like/a%20b?age=7"), of("/like/c?age=9")), (10, 10));
    let kept = requests.iter().filter(|one| one.field("cookie").starts_with("last="));
    assert_eq!(kept.count(), 18, "each client's first has none yet");
    let wrong = [&load[..], &more, &["--read", "/likes", "--amount", "2", url.as_str()]].concat();
    assert_eq!(loadgen(&wrong).exited(1).json()["correctness"]["verdict"], "invalid");
}
