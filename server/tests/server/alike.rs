//! One client at a time is answered the same in every mode, the broken ones included.

use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use store::{Settings, Specimen, Workload};

use crate::app::{Answer, App, settings, workload};
use crate::client::PATIENCE;

/// Below this no mode finds its store full, where mistakes are made and `always-ok` lies.
const CAPACITY: usize = 64;
const CALLS: usize = 30;

#[test]
fn counters_are_alike() {
    let request = prop_oneof![
        name().prop_map(|name| format!("GET /inc?name={name}")),
        name().prop_map(|name| format!("POST /inc?name={name}")),
        name().prop_map(|name| format!("GET /get?name={name}")),
        (name(), value()).prop_map(|(name, value)| format!("GET /set?name={name}&val={value}")),
        Just("GET /list".to_owned()),
    ];
    are_alike(&[workload("counter")], CAPACITY, request);
}

#[test]
fn seats_are_alike() {
    let request = prop_oneof![Just("POST /book".to_owned()), Just("GET /seats".to_owned())];
    are_alike(&[workload("booking")], CAPACITY, request);
}

#[test]
fn jobs_are_alike_with_a_mistake_and_without() {
    let request = prop_oneof![
        3 => Just("POST /jobs".to_owned()),
        3 => id().prop_map(|id| format!("POST /jobs?id={id}")),
        2 => id().prop_map(|id| format!("GET /jobs/{id}")),
        2 => id().prop_map(|id| format!("DELETE /jobs/{id}")),
        2 => Just("GET /jobs".to_owned()),
    ];
    are_alike(&[workload("jobs"), workload("mistakes")], CAPACITY, request);
}

fn save_or_list() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => id().prop_map(|id| format!("POST /results?id={id}")),
        1 => Just("GET /results".to_owned()),
    ]
}

#[test]
fn results_are_alike() {
    are_alike(&[workload("results")], CAPACITY, save_or_list());
}

#[test]
fn results_are_alike_where_there_is_room_for_three() {
    are_alike(&[workload("results")], 3, save_or_list());
}

#[test]
fn unawaited_results_are_alike_once_they_are_saved() {
    are_alike(&[workload("unawaited")], CAPACITY, save_or_list());
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["i", "j", "x", "y"][..])
}

fn value() -> impl Strategy<Value = i64> {
    prop_oneof![-3..3_i64, Just(i64::MAX), Just(i64::MIN)]
}

fn id() -> impl Strategy<Value = i64> {
    prop_oneof![0..8_i64, 0..i64::MAX]
}

/// Makes the same calls of every mode of `workloads`, one after the other.
fn are_alike(
    workloads: &[&'static Workload],
    capacity: usize,
    request: impl Strategy<Value = String>,
) {
    let specimens: Vec<_> = workloads.iter().flat_map(|workload| workload.specimens()).collect();
    let calls = prop::collection::vec(request, 1..CALLS);
    proptest!(ProptestConfig::with_cases(64), |(calls in calls)| {
        let expected = answers(specimens[0], capacity, &calls);
        for specimen in &specimens[1..] {
            let answers = answers(*specimen, capacity, &calls);
            prop_assert_eq!(&answers, &expected, "{} and {}: {:?}", specimens[0], specimen, calls);
        }
    });
}

fn answers(specimen: Specimen, capacity: usize, calls: &[String]) -> Vec<Answer> {
    let settings = Settings { capacity, ..settings(specimen.workload) };
    let app = App::with_settings(specimen, &settings);
    let mut acknowledged = 0;
    let mut answer = |call: &String| {
        if call == "GET /results" && specimen.workload.name == "unawaited" {
            wait_until_saved(&app, acknowledged);
        }
        acknowledged += usize::from(call.starts_with("POST"));
        app.ask(call)
    };
    calls.iter().map(&mut answer).collect()
}

fn wait_until_saved(app: &App, acknowledged: usize) {
    let start = Instant::now();
    while app.get("/results").body.lines().count() < acknowledged {
        assert!(start.elapsed() < PATIENCE, "not all of {acknowledged} results were saved");
        thread::sleep(Duration::from_micros(100));
    }
}
