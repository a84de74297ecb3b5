//! A real server for every mode.

use std::collections::BTreeSet;
use std::thread;

use store::{Expectation, RaceWindow, Specimen};

use crate::app::workload;
use crate::client::Connection;
use crate::serving::Serving;

#[test]
fn every_mode_answers_one_client_over_one_connection() {
    for specimen in workload("counter").specimens() {
        let server = start(specimen, "none");
        let mut connection = server.connect();
        let mut get = |uri: &str| {
            let reply = connection.get(uri).unwrap();
            assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
            (reply.status, reply.body)
        };
        let ok = (200, "ok".to_owned());
        assert_eq!(get("/healthz"), ok);
        assert!(get("/").1.contains(&format!("\nmode: {} (", specimen.mode.name)));
        assert_eq!(get("/set?name=x&val=0"), ok);
        for _ in 0..100 {
            assert_eq!(get("/inc?name=x"), ok);
        }
        assert_eq!(get("/get?name=x"), (200, "x: 100".to_owned()));
        assert_eq!(get("/get?name=y"), (404, "y not found".to_owned()));
        assert_eq!(get("/list"), (200, "i: 0\nj: 0\nx: 100".to_owned()));

        let reply = connection.get_json("/inc?name=x").unwrap();
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.status_and_body(), (200, r#"{"name":"x","value":101}"#));
        server.join();
    }
}

const CLIENTS: usize = 4;
const INCREMENTS: usize = 100;

#[test]
fn correct_modes_hand_out_every_value_once() {
    for specimen in modes(Expectation::Correct) {
        let server = start(specimen, "yield");
        let values = increment_from_all_sides(&server);
        let all: BTreeSet<_> = (1..=CLIENTS * INCREMENTS).collect();
        assert_eq!(values.len(), all.len(), "{specimen}");
        assert_eq!(values.into_iter().collect::<BTreeSet<_>>(), all, "{specimen}");
        assert_eq!(counter(&server), CLIENTS * INCREMENTS, "{specimen}");
    }
}

#[test]
fn broken_modes_lose_acknowledged_updates() {
    const TRIES: usize = 50;
    for specimen in modes(Expectation::LosesUpdates) {
        let server = start(specimen, "200us");
        let mut acknowledged = 0;
        let lost = (0..TRIES).any(|_| {
            acknowledged += increment_from_all_sides(&server).len();
            counter(&server) < acknowledged
        });
        assert!(lost, "{specimen} lost nothing of {acknowledged} increments");
    }
}

fn modes(expectation: Expectation) -> impl Iterator<Item = Specimen> {
    let modes = workload("counter").specimens();
    modes.filter(move |specimen| specimen.mode.expectation == expectation)
}

fn start(specimen: Specimen, race_window: &str) -> Serving {
    let race_window: RaceWindow = race_window.parse().unwrap();
    Serving::of(specimen, race_window)
}

/// The values that concurrent clients were answered.
fn increment_from_all_sides(server: &Serving) -> Vec<usize> {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let mut connection = server.connect();
            thread::spawn(move || {
                (0..INCREMENTS).map(|_| value(&mut connection, "/inc?name=i")).collect::<Vec<_>>()
            })
        })
        .collect();
    clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
}

fn counter(server: &Serving) -> usize {
    value(&mut server.connect(), "/get?name=i")
}

fn value(connection: &mut Connection, uri: &str) -> usize {
    let reply = connection.get_json(uri).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
    let json: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    json["value"].as_u64().and_then(|value| value.try_into().ok()).unwrap()
}
