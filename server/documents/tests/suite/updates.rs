//! Many requests at once: what each mode keeps is what the catalogue says.

use std::sync::Arc;
use std::time::Duration;

use loadgen_documents::{Address, Expectation, Mode};
use serde_json::json;
use tokio::time::sleep;

use crate::app::{App, mode, open, settings};
use crate::place::Place;

/// Increments, by so many clients at once.
const INCREMENTS: usize = 240;
const CLIENTS: usize = 12;
/// How often a losing mode is tried until it loses.
const TRIES: usize = 20;

/// Databases that differ in what is expected of a mode.
fn addresses(place: &Place) -> Vec<Address> {
    if place.url().starts_with("mysql:") {
        return ["OFF", "ON"]
            .map(|is| place.address_with(&format!("innodb_snapshot_isolation={is}")))
            .into();
    }
    vec![place.address()]
}

async fn services(address: &Address, mode: &'static Mode, count: usize) -> Vec<App> {
    let mut apps = Vec::new();
    for _ in 0..count {
        apps.push(open(address, mode, &settings()).await);
    }
    apps
}

/// What became of increments that came at once.
#[derive(Debug, PartialEq)]
struct Counted {
    acknowledged: i64,
    value: i64,
}

/// Adds one to a new document again and again, by clients that use the services in turn.
async fn count(apps: &[App], id: &str) -> Counted {
    apps[0].made(id, &json!({"n": 0})).await;
    let clients = (0..CLIENTS).map(|client| {
        let (app, uri) =
            (apps[client % apps.len()].clone(), format!("/documents/{id}/inc?field=n"));
        tokio::spawn(async move {
            for _ in 0..INCREMENTS / CLIENTS {
                app.post(&uri, "").await.is(200);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let acknowledged = INCREMENTS.try_into().unwrap();
    Counted { acknowledged, value: apps[0].content(id).await["n"].as_i64().unwrap() }
}

/// The modes with updates of their own of which this is expected on the database, with so many services.
fn expected(app: &App, servers: usize, what: Expectation) -> Vec<&'static Mode> {
    app.backend
        .modes()
        .filter(|mode| !mode.is_client_side())
        .filter(|mode| mode.expectation(app.backend, servers) == Some(what))
        .collect()
}

pub(crate) async fn correct_modes_lose_no_increment(place: Arc<Place>) {
    for (which, address) in addresses(&place).iter().enumerate() {
        let any = App::of(address, "atomic").await;
        assert_eq!(any.backend, address.backend(), "what the address says is so");
        for servers in [1, 2] {
            for mode in expected(&any, servers, Expectation::Correct) {
                let apps = services(address, mode, servers).await;
                let counted = count(&apps, &format!("kept-{}-{servers}-{which}", mode.name)).await;
                let Counted { acknowledged, value } = counted;
                assert_eq!(value, acknowledged, "{} with {servers} on {}", mode.name, any.backend);
            }
        }
    }
}

/// The race is not forced: it is run until it is seen.
pub(crate) async fn losing_modes_lose_increments(place: Arc<Place>) {
    for (which, address) in addresses(&place).iter().enumerate() {
        let any = App::of(address, "atomic").await;
        for servers in [1, 2] {
            for mode in expected(&any, servers, Expectation::LosesUpdates) {
                let apps = services(address, mode, servers).await;
                let mut tries = 0;
                loop {
                    tries += 1;
                    let id = format!("lost-{}-{servers}-{which}-{tries}", mode.name);
                    let Counted { acknowledged, value } = count(&apps, &id).await;
                    assert!(value <= acknowledged, "{} makes up {value}", mode.name);
                    if value < acknowledged {
                        break;
                    }
                    let backend = any.backend;
                    assert!(
                        tries < TRIES,
                        "{} lost nothing on {backend} in {TRIES} tries",
                        mode.name
                    );
                }
            }
        }
    }
}

/// Reads, adds one and writes back, as a client does, and tells how often it was acknowledged.
async fn count_by_clients(apps: &[App], id: &str, sends_if_match: bool) -> Counted {
    apps[0].made(id, &json!({"n": 0})).await;
    let clients = (0..CLIENTS).map(|client| {
        let (app, uri) = (apps[client % apps.len()].clone(), format!("/documents/{id}"));
        tokio::spawn(async move {
            let mut acknowledged = 0;
            for _ in 0..INCREMENTS / CLIENTS {
                let read = app.get(&uri).await.is(200);
                let body = json!({"n": read.body["n"].as_i64().unwrap() + 1}).to_string();
                let condition = [("if-match", read.header("etag"))];
                let condition = if sends_if_match { &condition[..] } else { &[] };
                let written = app.send("PUT", &uri, condition, &body).await;
                match written.status {
                    200 => acknowledged += 1,
                    412 if sends_if_match => {}
                    status => panic!("{status}: {}", written.body),
                }
            }
            acknowledged
        })
    });
    let mut acknowledged = 0;
    for client in clients.collect::<Vec<_>>() {
        acknowledged += client.await.unwrap();
    }
    Counted { acknowledged, value: apps[0].content(id).await["n"].as_i64().unwrap() }
}

pub(crate) async fn a_client_that_says_what_it_read_loses_nothing(place: Arc<Place>) {
    let apps = services(&place.address(), mode("client-side-if-match"), 2).await;
    let with = count_by_clients(&apps, "with-if-match", true).await;
    assert_eq!(with.value, with.acknowledged);
    assert!(with.acknowledged > 0);
    let apps = services(&place.address(), mode("client-side"), 2).await;
    let mut tries = 0;
    loop {
        tries += 1;
        let without = count_by_clients(&apps, &format!("without-if-match-{tries}"), false).await;
        if without.value < without.acknowledged {
            return;
        }
        assert!(tries < TRIES, "nothing was lost in {TRIES} tries: {without:?}");
    }
}

pub(crate) async fn transfers_keep_the_total(place: Arc<Place>) {
    const ACCOUNTS: i64 = 6;
    for (which, address) in addresses(&place).iter().enumerate() {
        let any = App::of(address, "atomic").await;
        for mode in expected(&any, 2, Expectation::Correct) {
            let apps = services(address, mode, 2).await;
            let field = format!("money_{}_{which}", mode.name.replace('-', "_"));
            let id = |n: i64| format!("account-{}-{which}-{n}", mode.name);
            for n in 0..ACCOUNTS {
                any.made(&id(n), &json!({ field.clone(): 20 })).await;
            }
            let uri = |n: i64| {
                let (from, to) = (id(n % ACCOUNTS), id((n * n + 1 + n) % ACCOUNTS));
                let to = if from == to { id((n + 1) % ACCOUNTS) } else { to };
                format!("/transfer?from={from}&to={to}&amount={}&field={field}", n % 7 + 1)
            };
            if any.get("/").await.body["database"].as_str().unwrap().starts_with("MongoDB") {
                let refused = apps[0].post(&uri(0), "").await.is(501);
                assert!(refused.error().contains("replica set"), "{}", refused.body);
                continue;
            }
            let clients = (0..10).map(|client| {
                let app = apps[client % 2].clone();
                let start = i64::try_from(client).unwrap() * 10;
                let uris: Vec<_> = (start..start + 10).map(uri).collect();
                tokio::spawn(async move {
                    let mut moved = 0;
                    for uri in uris {
                        let reply = app.post(&uri, "").await;
                        assert!(
                            [200, 409].contains(&reply.status),
                            "{}: {}",
                            reply.status,
                            reply.body
                        );
                        moved += u32::from(reply.status == 200);
                    }
                    moved
                })
            });
            let mut moved = 0;
            for client in clients.collect::<Vec<_>>() {
                moved += client.await.unwrap();
            }
            assert!(moved > 0);
            let total = any.get(&format!("/total?field={field}")).await.is(200).body;
            let expected = json!({"field": field, "total": 20 * ACCOUNTS, "documents": ACCOUNTS});
            assert_eq!(total, expected, "{} on {}", mode.name, any.backend);
            for n in 0..ACCOUNTS {
                assert!(any.content(&id(n)).await[&field].as_i64().unwrap() >= 0);
            }
        }
    }
}

pub(crate) async fn what_is_acknowledged_first_is_written_if_nothing_dies(place: Arc<Place>) {
    let app = App::of(&place.address(), "acknowledge-first").await;
    app.made("first", &json!({"n": 0})).await;
    for _ in 0..20 {
        let promised = app.post("/documents/first/inc?field=n", "").await.is(202);
        assert_eq!(promised.body, json!({"acknowledged": "it will be written"}));
    }
    app.send("PATCH", "/documents/first", &[], r#"{"m":1}"#).await.is(202);
    // What cannot be done is refused before it is promised.
    app.post("/documents/first/inc?field=none", "").await.is(409);
    app.post("/documents/nobody/inc?field=n", "").await.is(404);
    app.send("PUT", "/documents/first", &[("if-match", "\"1\"")], "{}").await.is(412);
    for _ in 0..500 {
        if app.content("first").await == json!({"n": 20, "m": 1}) {
            assert_eq!(app.get("/stats").await.body["broken_promises"], 0);
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{} was not written in 5 s", app.content("first").await);
}

pub(crate) async fn plain_documents_are_all_that_client_side_offers(place: Arc<Place>) {
    let app = App::of(&place.address(), "client-side").await;
    app.made("plain", &json!({"n": 0})).await;
    let patch = app.send("PATCH", "/documents/plain", &[], "{}").await.is(405);
    assert_eq!(patch.header("allow"), "GET, PUT, DELETE");
    let expected = "PATCH is not allowed on /documents/plain in mode client-side: expected GET or PUT or DELETE";
    assert_eq!(patch.error(), expected);
    for uri in ["/documents/plain/inc?field=n", "/transfer?from=a&to=b&amount=1"] {
        let refused = app.post(uri, "").await.is(404);
        assert!(refused.error().contains("no such path in mode client-side"), "{}", refused.body);
    }
    let routes = app.get("/").await.body["routes"].to_string();
    assert!(!routes.contains("/inc") && routes.contains("/total"), "{routes}");
    assert_eq!(app.content("plain").await, json!({"n": 0}));
}
