//! What is told where a database is gone, does not answer, or is asked by too many.

use std::sync::Arc;
use std::time::{Duration, Instant};

use loadgen_documents::{Limits, Settings, StartError, start};
use serde_json::json;
use store::RaceWindow;
use tokio::time::sleep;

use crate::app::{App, Reply, mode, open, settings};
use crate::place::Place;
use crate::wire::Wire;

pub(crate) async fn a_pool_that_is_exhausted_is_told(place: Arc<Place>) {
    let limits =
        Limits { connections: 1, free_connection: Duration::from_millis(100), ..settings().limits };
    let race_window = RaceWindow::Wait(Duration::from_secs(1));
    let narrow = Settings { race_window: Some(race_window), limits, ..settings() };
    // MongoDB's driver has connections of its own, which a window does not hold.
    let place_url = place.url();
    if place_url.starts_with("mongodb") {
        return;
    }
    let app = open(&place.address(), mode("racy"), &narrow).await;
    app.made("narrow", &json!({"n": 0})).await;
    let slow = {
        let app = app.clone();
        tokio::spawn(async move { app.post("/documents/narrow/inc?field=n", "").await.status })
    };
    sleep(Duration::from_millis(300)).await;
    let refused = app.get("/documents/narrow").await.is(503);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.body["applied"], false);
    assert!(refused.error().contains("all 1 connections"), "{}", refused.body);
    assert_eq!(slow.await.unwrap(), 200);
    app.get("/documents/narrow").await.is(200);
    assert_eq!(app.get("/stats").await.body["exhausted"], 1);
}

/// What `seen` comes to see soon.
async fn soon<T, F: Future<Output = Option<T>>>(seen: impl Fn() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = seen().await {
            return seen;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "it did not recover");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A document is read soon.
async fn read_soon(app: &App, uri: &str) {
    soon(async || (app.get(uri).await.status == 200).then_some(())).await;
}

pub(crate) async fn a_database_that_is_gone_is_told_and_comes_back(place: Arc<Place>) {
    let wire = Wire::to(&place).await;
    let app = App::of(&wire.address(), "atomic").await;
    app.made("gone", &json!({"n": 0})).await;
    for round in 1..=3 {
        wire.cut().await;
        let uri = "/documents/gone";
        // Connections that were idle are found to be dead by the first that uses one: whether what it sent
        // had arrived, it does not know.
        let first = app.post(&format!("{uri}/inc?field=n"), "").await.is(503);
        assert_ne!(first.body["applied"], true);
        for (method, path) in [("GET", ""), ("POST", "/inc?field=n"), ("PUT", "")] {
            let start = Instant::now();
            let gone = app.send(method, &format!("{uri}{path}"), &[], "{}").await.is(503);
            assert_eq!(gone.header("retry-after"), "1");
            assert_eq!(gone.body["applied"], false, "{method}: {}", gone.body);
            assert!(gone.error().contains("cannot be reached"), "{}", gone.body);
            assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        }
        wire.mend().await;
        read_soon(&app, uri).await;
        assert_eq!(added_soon(&app, uri).await, round);
    }
    let stats = app.get("/stats").await.body;
    assert!(stats["gone"].as_i64().unwrap() >= 9, "{stats}");
}

/// Adds one to a document of a database that is coming back, and tells the sum.
async fn added_soon(app: &App, uri: &str) -> i64 {
    soon(async || {
        let added = app.post(&format!("{uri}/inc?field=n"), "").await;
        if added.status == 200 {
            return added.body["value"].as_i64();
        }
        assert_eq!(added.is(503).body["applied"], false);
        None
    })
    .await
}

pub(crate) async fn only_what_was_sent_may_have_been_applied(place: Arc<Place>) {
    let wire = Wire::to(&place).await;
    let app = App::of(&wire.address(), "atomic").await;
    app.made("sent", &json!({"n": 0})).await;
    let uri = "/documents/sent";
    for _ in 0..3 {
        wire.cut().await;
        // One connection was idle, and is found to be dead. Others are made, and are refused.
        let mut at_once = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let app = app.clone();
            at_once.spawn(async move { app.post(&format!("{uri}/inc?field=n"), "").await.is(503) });
        }
        let gone = at_once.join_all().await;
        let unknown = gone.iter().filter(|gone| gone.body["applied"] == "unknown");
        let told: Vec<_> = unknown.map(Reply::error).collect();
        assert!(told.len() <= 1, "{told:#?}");
        wire.mend().await;
        read_soon(&app, uri).await;
    }
    assert_eq!(added_soon(&app, uri).await, 1);
}

pub(crate) async fn what_may_have_been_applied_is_not_called_not_applied(place: Arc<Place>) {
    let wire = Wire::to(&place).await;
    let limits = Limits { statement: Duration::from_millis(500), ..settings().limits };
    let short = Settings { limits, ..settings() };
    let direct = App::of(&place.address(), "atomic").await;
    let name = place.url().split(':').next().unwrap().to_owned();
    // What only the request has in it that decides: the id, the content, or the command.
    let words: &[(&str, &'static [u8])] = match &*name {
        "postgresql" | "mysql" => {
            &[("atomic", b"unknown-atomic"), ("optimistic", b"\"n\":"), ("serializable", b"COMMIT")]
        }
        "mongodb" => &[("atomic", b"findAndModify"), ("optimistic", b"findAndModify")],
        _ => &[("atomic", b"m:n"), ("optimistic", b"EXEC")],
    };
    for (mode_name, word) in words {
        let app = open(&wire.address(), mode(mode_name), &short).await;
        let id = format!("unknown-{mode_name}");
        direct.made(&id, &json!({"n": 0})).await;
        let uri = format!("/documents/{id}/inc?field=n");
        // Whatever is to be prepared once has been.
        app.post(&uri, "").await.is(200);
        wire.mute_at(word);
        let unknown = app.post(&uri, "").await.is(503);
        assert_eq!(unknown.body["applied"], "unknown", "{mode_name}: {}", unknown.body);
        assert!(unknown.error().contains("it may have been"), "{}", unknown.body);
        // And so it was.
        assert_eq!(direct.content(&id).await["n"], 2, "{mode_name}");
        wire.cut().await;
        wire.mend().await;
        read_soon(&app, &format!("/documents/{id}")).await;
        assert_eq!(app.post(&uri, "").await.is(200).body["value"], 3);
    }
}

pub(crate) async fn a_database_that_is_gone_at_the_start_is_waited_for(place: Arc<Place>) {
    let wire = Wire::to(&place).await;
    wire.cut().await;
    let limits = Limits { start: Duration::from_millis(300), ..settings().limits };
    let hasty = Settings { limits, ..settings() };
    let refused = start(&wire.address(), mode("atomic"), &hasty).await.err().unwrap();
    assert!(matches!(refused, StartError::Gone { .. }), "{refused}");
    let said = refused.to_string();
    assert!(said.contains("cannot be reached, for 300ms: ") && !said.contains("secret"), "{said}");
    let address = wire.address();
    let waits = tokio::spawn(async move { start(&address, mode("atomic"), &settings()).await });
    sleep(Duration::from_millis(500)).await;
    assert!(!waits.is_finished());
    wire.mend().await;
    let started = waits.await.unwrap().unwrap();
    assert!(!started.description.contains("secret"), "{}", started.description);
}
