//! What a user says of a service that holds, and runs that are made again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::byte_server::ByteServer;
use crate::program::until_seen;
use crate::report::Report;
use crate::sessions::{asked, json, run};

const BANK: &str = "\
load: { clients: 8, requests: 200 }
state:
  accounts:
    get: /accounts
    values: { total: json:/total }
    each: { of: json:/balances }
steps:
  transfer:
    pick: { from: 1..4, to: 1..4, amount: 1..50 }
    post: /transfer
    json: { from: '{{from}}', to: '{{to}}', amount: '{{amount}}' }
    answers: [ { status: 409, means: refused } ]
invariants:
  - total == before.total
  - accounts.all(id, accounts[id] >= 0)
  - transfer.ok <= transfer.sent
";

/// Moves money between four accounts; one that is broken looks first, and writes both a moment later.
fn bank(is_broken: bool) -> ByteServer {
    let balances: Arc<Mutex<BTreeMap<u64, i64>>> = Arc::default();
    balances.lock().unwrap().extend((1..=4).map(|id| (id, 100)));
    ByteServer::start(move |_, request| {
        let asked = asked(request);
        let mut all = balances.lock().unwrap();
        if asked.path == "/reset" {
            all.values_mut().for_each(|balance| *balance = 100);
            return json(200, &Value::Null, "");
        }
        if asked.path == "/accounts" {
            let total: i64 = all.values().sum();
            return json(200, &serde_json::json!({ "total": total, "balances": *all }), "");
        }
        if asked.path != "/transfer" {
            return json(404, &Value::Null, "");
        }
        let body = asked.json();
        let [from, to] = ["from", "to"].map(|key| body[key].as_u64().unwrap());
        let amount = body["amount"].as_i64().unwrap();
        let seen = (all[&from], all[&to]);
        if from == to || seen.0 < amount {
            return json(409, &Value::Null, "");
        }
        if is_broken {
            drop(all);
            thread::sleep(Duration::from_millis(2));
            all = balances.lock().unwrap();
        }
        all.insert(from, seen.0 - amount);
        all.insert(to, seen.1 + amount);
        json(201, &Value::Null, "")
    })
}

#[test]
fn what_a_user_says_that_holds_is_held_against_the_state() {
    let report = Report::of(run(BANK, &bank(false), &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    let invariants = report.at("/correctness/invariants").as_array().unwrap();
    assert_eq!(invariants.len(), 3);
    assert!(invariants.iter().all(|one| one["holds"] == true), "{invariants:?}");
    assert_eq!(invariants[0]["why"], "total is 400");
}

#[test]
fn an_invariant_that_is_broken_is_told_with_its_values() {
    let run = || Report::of(run(BANK, &bank(true), &[]));
    let is_seen = |report: &Report| report.ended.code() == 1;
    let report = until_seen(20, run, is_seen, "money that appears or vanishes");
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    let broken = "the invariant `total == before.total` does not hold: total is ";
    let invariants = report.at("/correctness/invariants").as_array().unwrap();
    if invariants[0]["holds"] == false {
        assert!(report.ended.stderr.contains("`total == before.total` does not hold"), "{broken}");
        assert!(invariants[0]["why"].as_str().unwrap().contains("before.total is 400"));
    }
}

#[test]
fn a_scenario_is_run_again_and_again_from_a_fresh_state() {
    let server = bank(false);
    let more = ["--repeat", "3", "--reset", "post: /reset", "-n", "50"];
    let ended = run(BANK, &server, &more).exited(0);
    let all = ended.json();
    assert_eq!(all["schema"], "loadgen/comparison/1");
    assert_eq!(all["verdicts"]["valid"], 3);
    let runs = all["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run["requests"]["sent"] == 50));
    let requests = server.requests();
    let of = |path: &[u8]| requests.iter().filter(|one| one.starts_with(path)).count();
    assert_eq!((of(b"POST /reset"), of(b"POST /transfer")), (3, 150));
    let bodies: BTreeSet<_> = requests.iter().filter(|one| one.starts_with(b"POST /t")).collect();
    assert!(bodies.len() > 60, "each run has other values at random: {}", bodies.len());

    let broken = bank(true);
    let run_again = || run(BANK, &broken, &["--repeat", "5", "--reset", "post: /reset"]);
    let ended =
        until_seen(5, run_again, |ended| ended.code() == 1, "money that appears or vanishes");
    let all = ended.json();
    assert!(all["verdicts"]["invalid"].as_u64().unwrap() > 0);
    let gone = run(BANK, &server, &["--reset", "post: /nowhere", "-n", "1", "-c", "1"]);
    assert_eq!(gone.code(), 3);
    let wrong = run(BANK, &server, &["--reset", "pots: /reset"]).exited(2);
    assert!(wrong.stderr.contains("did you mean `post`?"), "{}", wrong.stderr);
    let one = run(BANK, &server, &["--repeat", "2", "--csv", "x.csv"]).exited(2);
    assert!(one.stderr.contains("--csv is for one run only: leave out --repeat"), "{}", one.stderr);
}
