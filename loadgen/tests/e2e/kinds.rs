//! Several kinds of things in one run, each judged by a model of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::byte_server::ByteServer;
use crate::program::{loadgen, until_seen};
use crate::report::Report;
use crate::sessions::{asked, json as answer, run};

const SHOP: &str = "\
load: { clients: 8, requests: 400 }
state:
  stock: { get: /stock, each: { of: 'json:' } }
  visits: { get: /visits, value: json:/visits }
steps:
  buy:
    pick: { sku: 1..3 }
    post: /buy/{{sku}}
    answers: [ { status: 409, means: refused } ]
    does: { take: stock, of: '{{sku}}' }
  order:
    share: 30%
    post: /orders
    does: { issue: numbers, result: json:/number }
  visit:
    share: 30%
    post: /visits
    does: { add: visits }
judge: { stock: 'bounded:20', numbers: unique, visits: counter }
exclusive: true
";

/// What a shop has.
#[derive(Debug, Default)]
struct Shop {
    stock: BTreeMap<String, i64>,
    orders: u64,
    visits: u64,
}

/// A shop of which `broken` names what looks first and writes later.
fn shop(broken: &'static str) -> ByteServer {
    let shop = Arc::new(Mutex::new(Shop::default()));
    shop.lock().unwrap().stock.extend((1..=3).map(|sku| (sku.to_string(), 20)));
    ByteServer::start(move |_, request| {
        let asked = asked(request);
        let mut all = shop.lock().unwrap();
        let seen = (all.stock.clone(), all.orders, all.visits);
        let (stock, orders, visits) = &seen;
        let (path, sku) =
            asked.path.strip_prefix("/buy/").map_or((asked.path.as_str(), ""), |sku| ("/buy", sku));
        match request.starts_with(b"GET") {
            true if path == "/stock" => return answer(200, &json!(stock), ""),
            true => return answer(200, &json!({ "visits": visits }), ""),
            false => {}
        }
        if path == "/buy" && stock[sku] == 0 {
            return answer(409, &Value::Null, "");
        }
        if path == broken {
            drop(all);
            thread::sleep(Duration::from_millis(2));
            all = shop.lock().unwrap();
        }
        match path {
            "/buy" => all.stock.insert(sku.to_owned(), stock[sku] - 1),
            "/orders" => {
                all.orders = orders + 1;
                return answer(201, &json!({ "number": orders + 1 }), "");
            }
            _ => {
                all.visits = visits + 1;
                None
            }
        };
        answer(201, &Value::Null, "")
    })
}

/// By name, the verdicts on the kinds of `report`.
fn verdicts(report: &Report) -> BTreeMap<&str, &str> {
    let kinds = report.at("/correctness/kinds").as_array().unwrap();
    kinds
        .iter()
        .map(|kind| (kind["name"].as_str().unwrap(), kind["verdict"].as_str().unwrap()))
        .collect()
}

#[test]
fn each_kind_has_a_verdict_of_its_own() {
    let report = Report::of(run(SHOP, &shop(""), &[]).exited(0));
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(
        report.at("/correctness/model"),
        "bounded:20 (stock), unique (numbers), counter (visits)"
    );
    assert!(verdicts(&report).values().all(|verdict| *verdict == "valid"));
    let kinds = report.at("/correctness/kinds").as_array().unwrap();
    let acknowledged: u64 = kinds.iter().map(|kind| kind["acknowledged"].as_u64().unwrap()).sum();
    assert_eq!(report.count("/correctness/acknowledged"), acknowledged);
    assert_eq!((&kinds[0]["objects"], &kinds[0]["before"]), (&json!(3), &Value::Null));
    assert_eq!((&kinds[2]["before"], &kinds[2]["after"]), (&json!(0), &kinds[2]["acknowledged"]));
    for (broken, wrong, anomaly) in [
        ("/buy", "stock", "oversell"),
        ("/orders", "numbers", "duplicate-value"),
        ("/visits", "visits", "lost-update"),
    ] {
        let run = || Report::of(run(SHOP, &shop(broken), &[]));
        let found =
            |report: &Report| report.at("/correctness/anomalies").as_array().unwrap().clone();
        let is_found = |report: &Report| found(report).iter().any(|one| one["kind"] == anomaly);
        let report = until_seen(20, run, is_found, anomaly);
        assert_eq!(report.ended.code(), 1);
        let others: Vec<_> =
            verdicts(&report).into_iter().filter(|(name, _)| *name != wrong).collect();
        assert!(others.iter().all(|(_, verdict)| *verdict == "valid"), "{others:?}");
        assert_eq!(verdicts(&report)[wrong], "invalid");
        let found = found(&report);
        let is_of_it = |one: &Value| one["key"].as_str().unwrap().starts_with(wrong);
        assert!(found.iter().all(is_of_it), "{found:?}");
    }
}

#[test]
fn a_history_of_each_kind_has_a_file_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let report = run(SHOP, &shop(""), &["--history", &path("{kind}.jsonl")]).exited(0);
    let sent = report.json()["correctness"]["history"]["operations"].as_u64().unwrap();
    let mut judged = 0;
    for (kind, model) in [("stock", "bounded:20"), ("numbers", "unique"), ("visits", "counter")] {
        let again = loadgen(&["check", "--json", &path(&format!("{kind}.jsonl"))]).exited(0).json();
        assert_eq!((&again["model"], &again["verdict"]), (&json!(model), &json!("valid")));
        judged += again["operations"].as_u64().unwrap();
    }
    assert_eq!(judged, sent);
    let one = run(SHOP, &shop(""), &["--history", &path("all.jsonl")]).exited(2);
    assert!(one.stderr.contains("expected {kind} in its name"), "{}", one.stderr);
}
