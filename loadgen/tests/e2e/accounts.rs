//! Money that moves between accounts while it is looked at: judged by the model `accounts`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::byte_server::ByteServer;
use crate::program::until_seen;
use crate::report::Report;
use crate::sessions::{asked, json, run};

const BANK: &str = "\
load: { clients: 8, requests: 400 }
state:
  bank:
    get: /accounts
    each: { of: json:/accounts, key: json:/id, value: json:/balance }
steps:
  transfer:
    pick: { from: 1..4, to: 1..4, amount: 1..50 }
    post: /transfer
    json: { from: '{{from}}', to: '{{to}}', amount: '{{amount}}' }
    answers:
      - { status: 409, means: refused }
      - { status: 422, means: not-applied }
    does: { move: bank, from: '{{from}}', to: '{{to}}', amount: '{{amount}}' }
  look: { share: 10%, read: bank }
judge: { bank: accounts:0 }
exclusive: true
";

/// How a bank goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It looks at both balances first, and writes them a moment later.
    LostUpdates,
    /// What is moved is in neither account for a moment.
    HalfMoves,
    /// It does not look whether there is enough.
    Overdrafts,
    /// It refuses what it has enough for.
    Refusals,
}

/// A whole number of hundredths as people write it.
fn written(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The hundredths of an amount: a number, or as people write it.
fn hundredths(amount: &Value) -> i64 {
    let Some(text) = amount.as_str() else { return amount.as_i64().unwrap() * 100 };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "00"));
    whole.parse::<i64>().unwrap() * 100 + decimals.parse::<i64>().unwrap()
}

/// Moves money between four accounts of 100.
fn bank(fault: Fault) -> ByteServer {
    let balances: Arc<Mutex<BTreeMap<u64, i64>>> = Arc::default();
    balances.lock().unwrap().extend((1..=4).map(|id| (id, 10_000)));
    let pause = || thread::sleep(Duration::from_millis(2));
    ByteServer::start(move |_, request| {
        let asked = asked(request);
        let mut all = balances.lock().unwrap();
        if asked.path == "/accounts" {
            let account = |(id, held): (&u64, &i64)| serde_json::json!({ "id": id, "balance": written(*held) });
            let accounts: Vec<_> = all.iter().map(account).collect();
            return json(200, &serde_json::json!({ "accounts": accounts }), "");
        }
        let body = asked.json();
        let [from, to] = ["from", "to"].map(|key| body[key].as_u64().unwrap());
        let amount = hundredths(&body["amount"]);
        if from == to {
            return json(422, &Value::Null, "");
        }
        let seen = (all[&from], all[&to]);
        let least = if fault == Fault::Refusals { amount + 6_000 } else { amount };
        if seen.0 < least && fault != Fault::Overdrafts {
            return json(409, &Value::Null, "");
        }
        match fault {
            Fault::LostUpdates => {
                drop(all);
                pause();
                let mut all = balances.lock().unwrap();
                all.insert(from, seen.0 - amount);
                all.insert(to, seen.1 + amount);
            }
            Fault::HalfMoves => {
                *all.get_mut(&from).unwrap() -= amount;
                drop(all);
                pause();
                *balances.lock().unwrap().get_mut(&to).unwrap() += amount;
            }
            Fault::None | Fault::Overdrafts | Fault::Refusals => {
                *all.get_mut(&from).unwrap() -= amount;
                *all.get_mut(&to).unwrap() += amount;
            }
        }
        json(201, &Value::Null, "")
    })
}

#[test]
fn money_that_only_moves_is_valid() {
    let report = Report::of(run(BANK, &bank(Fault::None), &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.at("/correctness/model"), "accounts:0");
    let moved = report.count("/correctness/acknowledged");
    assert!((100..400).contains(&moved), "{moved}");
}

#[test]
fn hundredths_that_move_are_counted_exactly() {
    let decimals = BANK.replace("amount: 1..50 }", "amount: ['0.05', '12.50', '7'] }").replace(
        "judge: { bank: accounts:0 }",
        "judge: { bank: { model: 'accounts:0', decimals: 2 } }",
    );
    let report = Report::of(run(&decimals, &bank(Fault::None), &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.at("/correctness/unit").to_string(), "0.01");
    let run_broken = || Report::of(run(&decimals, &bank(Fault::LostUpdates), &[]));
    let is_found = |report: &Report| report.ended.code() == 1;
    let report = until_seen(20, run_broken, is_found, "money that appears or vanishes");
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    // More of them than are counted are no balances.
    let ended = run(&decimals.replace("decimals: 2", "decimals: 1"), &bank(Fault::None), &[]);
    assert!(ended.exited(2).stderr.contains("amount: {{amount}}: expected 1 decimal at most"));
    let whole =
        decimals.replace("'0.05', '12.50', '7'", "'5', '7'").replace("decimals: 2", "decimals: 0");
    assert_eq!(
        run(&whole, &bank(Fault::None), &[]).exited(0).json()["correctness"]["verdict"],
        "valid"
    );
    let halves = ByteServer::start(|_, _| {
        let accounts = serde_json::json!([{ "id": 1, "balance": 1.5 }, { "id": 2, "balance": 7 }]);
        json(200, &serde_json::json!({ "accounts": accounts }), "")
    });
    let ended = run(&whole, &halves, &[]).exited(2);
    assert!(ended.stderr.contains("has 1.5: expected at most 0 decimals"), "{}", ended.stderr);
}

#[test]
fn each_fault_of_a_bank_has_its_proof() {
    for (fault, kinds) in [
        (Fault::LostUpdates, &["broken-total", "wrong-balance", "overspending"][..]),
        (Fault::HalfMoves, &["torn-read"]),
        (Fault::Overdrafts, &["overdraft", "overspending"]),
        (Fault::Refusals, &["phantom-refusal"]),
    ] {
        let run = || Report::of(run(BANK, &bank(fault), &[]));
        let is_found = |report: &Report| {
            let found = report.at("/correctness/anomalies").as_array().unwrap();
            found.iter().any(|one| kinds.contains(&one["kind"].as_str().unwrap()))
        };
        let report = until_seen(20, run, is_found, format!("{kinds:?}"));
        assert_eq!(
            (report.at("/correctness/verdict").as_str(), report.ended.code()),
            (Some("invalid"), 1)
        );
    }
}

/// The accounts and amounts are those of the requests, by their names.
#[test]
fn a_history_of_moves_is_judged_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.jsonl");
    let history = path.to_str().unwrap();
    let texts = BANK.replace("1..4", "[ann, bob]").replace("to: '{{to}}', ", "to: bob, ");
    let server = ByteServer::start(|_, request| {
        let is_read = asked(request).path == "/accounts";
        let accounts =
            serde_json::json!([{ "id": "ann", "balance": 5 }, { "id": "bob", "balance": 7 }]);
        if is_read {
            json(200, &serde_json::json!({ "accounts": accounts }), "")
        } else {
            json(409, &Value::Null, "")
        }
    });
    let report = run(&texts, &server, &["--history", history, "-n", "40", "-c", "2"]);
    let text = std::fs::read_to_string(&path).unwrap();
    let first = text.lines().next().unwrap();
    assert!(
        first.contains(r#""model":"accounts:0","initial":{"bank":{"ann":5,"bob":7}}"#),
        "{first}"
    );
    assert!(text.contains(r#""ann","bob"],"result":false"#), "{text}");
    let again = crate::program::loadgen(&["check", history]);
    assert_eq!(again.code(), report.code(), "{}", again.stderr);
}
