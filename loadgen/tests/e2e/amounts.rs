//! Amounts with decimals: money that is put into a purse, and taken from it.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::byte_server::{ByteServer, Reaction};
use crate::program::{loadgen, until_seen};
use crate::report::{Report, report};
use crate::sessions::{asked, json, run};

/// An answer with an amount of cents, as money is written.
fn money(status: u16, cents: i64) -> Reaction {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    json(status, &serde_json::from_str::<Value>(&format!("{{\"left\":\"{text}\"}}")).unwrap(), "")
}

/// What a purse does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// It looks at what is left, and writes a moment later.
    Racing,
    /// It loses a cent in every tenth request.
    Cents,
    /// It says half a cent too much, now and then.
    Halves,
}

/// A purse with so many cents at first, which is asked to change by an amount in the path.
fn purse(first: i64, wrong: Wrong) -> ByteServer {
    let cents = Arc::new(Mutex::new(first));
    ByteServer::start(move |number, request| {
        let asked = asked(request);
        let mut left = cents.lock().unwrap();
        if asked.path == "/purse" {
            if wrong == Wrong::Halves && number.is_multiple_of(3) {
                return json(
                    200,
                    &serde_json::json!({ "left": format!("{}.005", *left / 100) }),
                    "",
                );
            }
            return money(200, *left);
        }
        let (verb, amount) = asked.path[1..].split_once('/').unwrap();
        let (whole, rest) = amount.split_once('.').unwrap_or((amount, "0"));
        let parse = |text: &str| text.parse::<i64>().unwrap();
        let amount = parse(whole) * 100 + parse(&format!("{rest:0<2}"));
        let seen = *left;
        if verb == "take" && seen < amount {
            return money(409, seen);
        }
        if wrong == Wrong::Racing {
            drop(left);
            thread::sleep(Duration::from_millis(2));
            left = cents.lock().unwrap();
        }
        let lost = i64::from(wrong == Wrong::Cents && number.is_multiple_of(10));
        *left = if verb == "take" { seen - amount } else { seen + amount - lost };
        money(200, *left)
    })
}

const PUT: &str = "\
load: { clients: 6, requests: 120 }
state: { purse: { get: /purse, value: json:/left, settle: 50ms } }
steps:
  put:
    pick: { price: [12.50, 0.01, 3] }
    post: /put/{{price}}
    does: { add: purse, amount: '{{price}}' }
  look:
    share: 20%
    read: purse
judge: { purse: { model: counter, decimals: 2 } }
exclusive: true
";

#[track_caller]
fn says(report: &Report, verdict: &str) {
    assert_eq!(report.at("/correctness/verdict"), verdict, "{:#}", report.at("/correctness"));
}

#[test]
fn amounts_with_decimals_are_added_up_exactly() {
    let history = tempfile::NamedTempFile::new().unwrap();
    let path = history.path().to_str().unwrap();
    let right =
        Report::of(run(PUT, &purse(10_005, Wrong::Nothing), &["--history", path]).exited(0));
    says(&right, "valid");
    assert_eq!(*right.at("/correctness/unit"), 0.01);
    assert_eq!(*right.at("/correctness/before"), 100.05);
    let lines = std::fs::read_to_string(path).unwrap();
    assert!(lines.contains(r#""initial":{"purse":10005}"#) && lines.contains(r#""arg":1250,"#));
    assert_eq!(loadgen(&["check", path, "--json"]).exited(0).json()["verdict"], "valid");
    says(&Report::of(run(PUT, &purse(0, Wrong::Cents), &[]).exited(1)), "invalid");
    let racing = || Report::of(run(PUT, &purse(0, Wrong::Racing), &[]));
    let is_lost = |report: &Report| report.at("/correctness/verdict") == "invalid";
    until_seen(20, racing, is_lost, "money that is lost");
}

/// One is a hundred cents, not one.
#[test]
fn an_update_that_says_no_amount_adds_one() {
    let scenario = PUT.replace("/put/{{price}}", "/put/1").replace(", amount: '{{price}}'", "");
    says(&Report::of(run(&scenario, &purse(5, Wrong::Nothing), &[]).exited(0)), "valid");
    let scenario = TAKE.replace("/take/{{price}}", "/take/1").replace(", amount: '{{price}}'", "");
    says(&Report::of(run(&scenario, &purse(10_000, Wrong::Nothing), &[]).exited(0)), "valid");
    says(&Report::of(run(&scenario, &purse(9_900, Wrong::Nothing), &[]).exited(1)), "invalid");
}

/// What is between two cents is not rounded to either.
#[test]
fn a_number_with_more_decimals_than_are_counted_cannot_be_read() {
    let report = Report::of(run(PUT, &purse(0, Wrong::Halves), &["-n", "60"]));
    assert_ne!(report.at("/correctness/verdict"), "invalid");
    assert!(report.count("/correctness/unreadable") > 0);
}

const TAKE: &str = "\
load: { clients: 6, requests: 120 }
steps:
  take:
    pick: { price: [2.50, 0.75] }
    post: /take/{{price}}
    answers: [ { status: 409, means: refused } ]
    does: { take: purse, amount: '{{price}}' }
judge: { purse: { model: 'bounded:100', decimals: 2 } }
exclusive: true
";

#[test]
fn no_more_is_taken_than_there_is_to_the_cent() {
    says(&Report::of(run(TAKE, &purse(10_000, Wrong::Nothing), &[]).exited(0)), "valid");
    let racing = || Report::of(run(TAKE, &purse(10_000, Wrong::Racing), &[]));
    let is_oversold = |report: &Report| {
        let anomalies = report.at("/correctness/anomalies").as_array().unwrap();
        anomalies.iter().any(|one| one["kind"] == "oversell")
    };
    says(&until_seen(20, racing, is_oversold, "money that is taken twice"), "invalid");
}

#[test]
fn an_amount_of_the_command_line_may_have_decimals() {
    let put = |server: &ByteServer, code, amount| {
        let url = server.url("/put/12.50");
        let load = ["-n", "40", "-c", "4", "-m", "POST", "--exclusive", "--settle", "50ms"];
        let judging = ["--model", "counter", "--amount", amount, "--read", "/purse"];
        report(code, &[&load[..], &judging, &["--extract", "json:/left", &url]].concat())
    };
    says(&put(&purse(7, Wrong::Nothing), 0, "12.50"), "valid");
    says(&put(&purse(7, Wrong::Cents), 1, "12.50"), "invalid");
    says(&put(&purse(7, Wrong::Nothing), 1, "12.51"), "invalid");
    // Tenths are too coarse for cents, and tell nothing.
    says(&put(&purse(7, Wrong::Cents), 1, "12.5"), "unknown");
}

#[test]
fn what_is_no_amount_is_refused_with_what_would_be() {
    let server = purse(0, Wrong::Nothing);
    for (from, to, expected) in [
        (", decimals: 2", "", "expected a whole number, or decimals: 2 in judge"),
        ("decimals: 2", "decimals: 1", "expected 1 decimal at most, or decimals: 2 in judge"),
        ("decimals: 2", "decimals: 10", "decimals: 10: expected 9 at most"),
        ("3]", "x]", "expected a number, or a name of pick that has a range or a list of numbers"),
        ("3]", "92233720368547759]", "it has more digits than 64 bits hold"),
    ] {
        assert!(PUT.contains(from));
        let ended = run(&PUT.replacen(from, to, 1), &server, &[]).exited(2);
        assert!(ended.stderr.contains(expected), "{from}: {}", ended.stderr);
    }
    for (from, to, expected) in [
        ("0.75", "0.00", "expected more than 0"),
        ("bounded:100", "bounded:4294967295", "too large for amounts with 2 decimals"),
        ("bounded:100", "lock", "decimals: a lock has no amounts"),
    ] {
        let ended = run(&TAKE.replacen(from, to, 1), &server, &[]).exited(2);
        assert!(ended.stderr.contains(expected), "{from}: {}", ended.stderr);
    }
    assert!(server.requests().is_empty());
    let large = ByteServer::start(|_, _| {
        json(200, &serde_json::json!({ "left": 9_223_372_036_854_775_807_i64 }), "")
    });
    let ended = run(PUT, &large, &[]).exited(2);
    assert!(ended.stderr.contains("more digits than 64 bits hold"), "{}", ended.stderr);
}
