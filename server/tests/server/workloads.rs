//! What the workloads beside the counter promise, in text and in JSON, in each of their modes.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use store::{RaceWindow, Settings, Specimen};

use crate::app::{Answer, App, json, settings, specimen, specimens, text, workload};
use crate::client::PATIENCE;
use crate::serving::Serving;

/// Requests in their order, each with its status and its answer in text and in JSON.
type Script = &'static [(&'static str, u16, &'static str, &'static str)];

const BOOKING_OF_2: Script = &[
    ("GET /seats", 200, "seats left: 2", r#"{"seats_left":2}"#),
    ("POST /book", 200, "Seat booked successfully", r#"{"booked":true}"#),
    ("GET /seats", 200, "seats left: 1", r#"{"seats_left":1}"#),
    ("POST /book?id=1", 200, "Seat booked successfully", r#"{"booked":true}"#),
    ("GET /seats", 200, "seats left: 0", r#"{"seats_left":0}"#),
    ("POST /book", 409, "no seats left", r#"{"error":"no seats left"}"#),
    ("GET /seats", 200, "seats left: 0", r#"{"seats_left":0}"#),
];

const JOBS: Script = &[
    ("GET /jobs", 200, "", r#"{"ids":[]}"#),
    ("POST /jobs", 201, "job 0", r#"{"id":0}"#),
    ("POST /jobs?id=17", 201, "job 17", r#"{"id":17}"#),
    ("POST /jobs?other=5", 201, "job 18", r#"{"id":18}"#),
    ("POST /jobs?id=%33", 201, "job 3", r#"{"id":3}"#),
    ("GET /jobs", 200, "0\n3\n17\n18", r#"{"ids":[0,3,17,18]}"#),
    ("POST /jobs?id=17", 201, "job 17", r#"{"id":17}"#),
    ("GET /jobs", 200, "0\n3\n17\n18", r#"{"ids":[0,3,17,18]}"#),
    ("GET /jobs/17", 200, "job 17", r#"{"id":17}"#),
    ("GET /jobs/1%37", 200, "job 17", r#"{"id":17}"#),
    ("GET /jobs/5", 404, "no such job", r#"{"error":"no such job"}"#),
    ("DELETE /jobs/5", 404, "no such job", r#"{"error":"no such job"}"#),
    ("DELETE /jobs/17", 200, "job 17", r#"{"id":17}"#),
    ("DELETE /jobs/17", 404, "no such job", r#"{"error":"no such job"}"#),
    ("GET /jobs/17", 404, "no such job", r#"{"error":"no such job"}"#),
    ("GET /jobs", 200, "0\n3\n18", r#"{"ids":[0,3,18]}"#),
];

const NO_ROOM: &str = r#"{"error":"there is no room for another job"}"#;
const JOBS_UP_TO_2: Script = &[
    ("POST /jobs?id=17", 201, "job 17", r#"{"id":17}"#),
    ("POST /jobs", 201, "job 18", r#"{"id":18}"#),
    ("POST /jobs", 409, "there is no room for another job", NO_ROOM),
    ("POST /jobs?id=5", 409, "there is no room for another job", NO_ROOM),
    ("GET /jobs/5", 404, "no such job", r#"{"error":"no such job"}"#),
    ("GET /jobs", 200, "17\n18", r#"{"ids":[17,18]}"#),
];

const RESULTS: Script = &[
    ("GET /results", 200, "", r#"{"ids":[]}"#),
    ("POST /results?id=17", 201, "result 17 saved", r#"{"id":17}"#),
    ("POST /results?other=1&id=3", 201, "result 3 saved", r#"{"id":3}"#),
    ("POST /results?id=17", 201, "result 17 saved", r#"{"id":17}"#),
    ("GET /results", 200, "17\n3\n17", r#"{"ids":[17,3,17]}"#),
];

const NO_ROOM_FOR_A_RESULT: &str = r#"{"error":"there is no room for another result"}"#;
const RESULTS_UP_TO_1: Script = &[
    ("POST /results?id=0", 201, "result 0 saved", r#"{"id":0}"#),
    ("POST /results?id=1", 409, "there is no room for another result", NO_ROOM_FOR_A_RESULT),
    ("GET /results", 200, "0", r#"{"ids":[0]}"#),
];

const UNAWAITED: Script = &[
    ("GET /results", 200, "", r#"{"ids":[]}"#),
    ("POST /results?id=17", 202, "result 17 will be saved", r#"{"id":17}"#),
    ("POST /results?id=3", 202, "result 3 will be saved", r#"{"id":3}"#),
    ("POST /results?id=17", 202, "result 17 will be saved", r#"{"id":17}"#),
    ("GET /results", 200, "17\n3\n17", r#"{"ids":[17,3,17]}"#),
];

fn plays(specimen: Specimen, settings: &Settings, script: Script) {
    let (in_text, in_json) =
        (App::with_settings(specimen, settings), App::with_settings(specimen, settings));
    for (request, status, as_text, as_json) in script {
        let expected = text(*status, as_text);
        assert_eq!(answer(specimen, &expected, || in_text.ask(request)), expected, "{specimen}");
        let expected = json(*status, as_json);
        assert_eq!(
            answer(specimen, &expected, || in_json.ask_json(request)),
            expected,
            "{specimen}"
        );
    }
}

/// An answer that may be on its way where results are saved behind the caller's back.
fn answer(specimen: Specimen, expected: &Answer, ask: impl Fn() -> Answer) -> Answer {
    let start = Instant::now();
    loop {
        let answer = ask();
        let may_change = specimen.workload.name == "unawaited" && expected.status == 200;
        if answer == *expected || !may_change || start.elapsed() > PATIENCE {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn with_room_for(capacity: usize, name: &str) -> Settings {
    Settings { capacity, ..settings(workload(name)) }
}

#[test]
fn seats_are_booked_until_none_is_left() {
    for specimen in workload("booking").specimens().filter(|s| s.mode.name != "always-ok") {
        plays(specimen, &with_room_for(2, "booking"), BOOKING_OF_2);
    }
}

#[test]
fn always_ok_says_so_when_no_seat_is_left() {
    let app = App::with_settings(specimen("booking", "always-ok"), &with_room_for(1, "booking"));
    for left in ["seats left: 1", "seats left: 0", "seats left: 0"] {
        assert_eq!(app.get("/seats"), text(200, left));
        assert_eq!(app.ask("POST /book"), text(200, "Seat booked successfully"));
    }
}

#[test]
fn there_are_20_seats() {
    for specimen in workload("booking").specimens() {
        assert_eq!(App::new(specimen).get("/seats"), text(200, "seats left: 20"));
    }
}

#[test]
fn jobs_are_added_found_listed_and_removed() {
    for name in ["jobs", "mistakes"] {
        for specimen in workload(name).specimens() {
            plays(specimen, &with_room_for(100, name), JOBS);
        }
    }
}

/// The other mistakes are made just there.
#[test]
fn jobs_are_refused_where_there_is_no_room() {
    let made_elsewhere = ["access-outside-lock", "copied-lock", "lock-over-slow-call"];
    let jobs = workload("jobs").specimens();
    let mistakes = made_elsewhere.map(|mode| specimen("mistakes", mode));
    for specimen in jobs.chain(mistakes) {
        plays(specimen, &with_room_for(2, "jobs"), JOBS_UP_TO_2);
    }
}

#[test]
fn results_are_saved_and_listed_in_their_order() {
    for specimen in workload("results").specimens() {
        plays(specimen, &settings(specimen.workload), RESULTS);
        plays(specimen, &with_room_for(1, "results"), RESULTS_UP_TO_1);
    }
}

#[test]
fn unawaited_results_are_acknowledged_and_saved_later() {
    for specimen in workload("unawaited").specimens() {
        plays(specimen, &settings(specimen.workload), UNAWAITED);
    }
}

/// It is acknowledged all the same: what is saved is for another request to tell.
#[test]
fn an_acknowledgement_does_not_wait_for_the_slow_call() {
    for specimen in workload("unawaited").specimens() {
        let service_time = Duration::from_hours(1);
        let settings = Settings { service_time, ..settings(specimen.workload) };
        let app = App::with_settings(specimen, &settings);
        for _ in 0..3 {
            assert_eq!(app.ask("POST /results?id=1"), text(202, "result 1 will be saved"));
        }
        assert_eq!(app.get("/results"), text(200, ""));
    }
}

#[test]
fn a_bad_id_is_400_with_what_was_expected() {
    const ADD: &str = "as in /jobs?id=17";
    const SAVE: &str = "as in /results?id=17";
    let job = "as in /jobs/17";
    let range = "expected an integer from 0 to 9223372036854775807";
    let no_id = |text: &str| format!("the id is `{text}`: {range}");
    let missing = || "parameter `id` is missing: expected `id=…`".to_owned();
    let twice = || "parameter `id` is given twice: expected one".to_owned();
    let no_text = || "parameter `id` is not UTF-8".to_owned();
    for (names, list, refusals) in [
        (
            ["jobs", "mistakes"],
            "/jobs",
            vec![
                ("POST /jobs?id=x", no_id("x"), ADD),
                ("POST /jobs?id=", no_id(""), ADD),
                ("POST /jobs?id", no_id(""), ADD),
                ("POST /jobs?id=-1", no_id("-1"), ADD),
                ("POST /jobs?id=1.5", no_id("1.5"), ADD),
                ("POST /jobs?id=9223372036854775808", no_id("9223372036854775808"), ADD),
                ("POST /jobs?id=1&id=1", twice(), ADD),
                ("POST /jobs?id=%ff", no_text(), ADD),
                ("GET /jobs/x", no_id("x"), job),
                ("GET /jobs/-1", no_id("-1"), job),
                ("GET /jobs/1%2F2", no_id("1/2"), job),
                ("GET /jobs/9223372036854775808", no_id("9223372036854775808"), job),
                ("GET /jobs/%ff", "the id is not UTF-8".to_owned(), job),
                ("DELETE /jobs/x", no_id("x"), job),
                ("DELETE /jobs/%ff", "the id is not UTF-8".to_owned(), job),
            ],
        ),
        (
            ["results", "unawaited"],
            "/results",
            vec![
                ("POST /results", missing(), SAVE),
                ("POST /results?ID=1", missing(), SAVE),
                ("POST /results?id=", no_id(""), SAVE),
                ("POST /results?id=-1", no_id("-1"), SAVE),
                ("POST /results?id=1&id=2", twice(), SAVE),
                ("POST /results?id=%ff", no_text(), SAVE),
            ],
        ),
    ] {
        for specimen in names.into_iter().flat_map(|name| workload(name).specimens()) {
            let app = App::with_settings(specimen, &with_room_for(10, specimen.workload.name));
            for (request, reason, example) in &refusals {
                let message = format!("{reason}, {example}");
                assert_eq!(app.ask(request), text(400, &message), "{specimen}: {request}");
                let error = json!({ "error": message }).to_string();
                assert_eq!(app.ask_json(request), json(400, &error), "{specimen}: {request}");
            }
            assert_eq!(app.get(list), text(200, ""), "{specimen}: nothing was applied");
        }
    }
}

/// Where it is written to, and where that shows; counters have tests of their own.
fn post_of(specimen: Specimen) -> Option<(&'static str, &'static str)> {
    match specimen.workload.name {
        "booking" => Some(("/book", "/seats")),
        "jobs" | "mistakes" => Some(("/jobs?id=17", "/jobs")),
        "results" | "unawaited" => Some(("/results?id=17", "/results")),
        _ => None,
    }
}

#[test]
fn a_body_is_ignored_up_to_65536_bytes() {
    let too_large = "the body is too large: expected at most 65536 bytes";
    for specimen in specimens() {
        let Some((post, state)) = post_of(specimen) else { continue };
        let app = App::with_settings(specimen, &with_room_for(9, specimen.workload.name));
        let before = app.get(state);
        let post_body = |bytes: usize| {
            let request = Request::post(post).header(header::CONTENT_TYPE, "application/json");
            app.call(request.body(Body::from(vec![b'5'; bytes])).unwrap()).answer()
        };
        assert_eq!(post_body(65_537), text(413, too_large), "{specimen}");
        assert_eq!(app.get(state), before, "{specimen}: nothing was applied");
        assert!((200..=202).contains(&post_body(65_536).status), "{specimen}");
    }
}

#[test]
fn a_body_on_a_connection_is_got_past() {
    for specimen in specimens() {
        let Some((post, state)) = post_of(specimen) else { continue };
        let server = Serving::of(specimen, RaceWindow::None);
        let mut connection = server.connect();
        for body in ["", "GET /nope HTTP/1.1\r\n\r\n"] {
            let length = body.len();
            let head =
                format!("POST {post} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n");
            connection.send(head + body).unwrap();
            let status = connection.reply().unwrap().status;
            assert!((200..=202).contains(&status), "{specimen}: {status}");
            assert_eq!(connection.get(state).unwrap().status, 200, "{specimen}");
        }
        server.join();
    }
}
