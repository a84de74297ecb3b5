//! The page that says what is served, and refusals that go by the same list of routes.

use axum::http::Method;
use serde_json::{Value, json};
use store::{RaceWindow, Settings, WORKLOADS};

use crate::app::{App, json, settings, specimen, specimens, text, workload};

/// A workload with its routes: their methods, and their paths as the page shows them.
type Page = (&'static str, &'static [(&'static str, &'static str)]);

const COUNTER: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/set?name=NAME&val=INTEGER"),
    ("GET", "/get?name=NAME"),
    ("GET or POST", "/inc?name=NAME"),
    ("GET", "/list"),
    ("GET", "/healthz"),
];
const BOOKING: &[(&str, &str)] =
    &[("GET", "/"), ("POST", "/book"), ("GET", "/seats"), ("GET", "/healthz")];
const JOBS: &[(&str, &str)] = &[
    ("GET", "/"),
    ("POST", "/jobs?id=ID"),
    ("GET", "/jobs"),
    ("GET", "/jobs/ID"),
    ("DELETE", "/jobs/ID"),
    ("GET", "/healthz"),
];
const RESULTS: &[(&str, &str)] =
    &[("GET", "/"), ("POST", "/results?id=ID"), ("GET", "/results"), ("GET", "/healthz")];

const PAGES: [Page; 6] = [
    ("counter", COUNTER),
    ("booking", BOOKING),
    ("jobs", JOBS),
    ("results", RESULTS),
    ("unawaited", RESULTS),
    ("mistakes", JOBS),
];

#[test]
fn the_root_says_which_workload_and_mode_run() {
    for (workload, (name, routes)) in WORKLOADS.into_iter().zip(PAGES) {
        assert_eq!(workload.name, name);
        for specimen in workload.specimens() {
            let (app, mode) = (App::new(specimen), specimen.mode);
            let about = app.get("/");
            assert_eq!((about.status, &*about.content_type), (200, "text/plain; charset=utf-8"));
            let head = format!(
                "{name} server: {}\nmode: {} ({})\nrace window: none\n\n",
                workload.summary, mode.name, mode.summary
            );
            let listed = about.body.strip_prefix(&head).unwrap_or_else(|| panic!("{}", about.body));
            assert_eq!(listed.lines().count(), routes.len(), "{listed}");
            for (line, (methods, path)) in listed.lines().zip(routes) {
                let meaning = line.strip_prefix(methods).map(str::trim_start);
                let meaning = meaning.and_then(|rest| rest.strip_prefix(path)).map(str::trim);
                assert!(meaning.is_some_and(|meaning| !meaning.is_empty()), "{path}: {line}");
            }

            let about = parsed(&app);
            assert_eq!(about["workload"], name);
            assert_eq!(about["mode"], mode.name);
            assert_eq!(about["summary"], mode.summary);
            assert_eq!(about["race_window"], "none");
        }
    }
}

#[test]
fn the_root_says_which_race_window_runs() {
    let window: RaceWindow = "20us".parse().unwrap();
    for racy in [specimen("counter", "racy"), specimen("booking", "racy")] {
        let settings = Settings { race_window: window, ..settings(racy.workload) };
        let app = App::with_settings(racy, &settings);
        assert!(app.get("/").body.contains("\nrace window: 20us\n"));
        assert_eq!(parsed(&app)["race_window"], "20us");
    }
}

#[test]
fn every_route_that_the_root_lists_answers() {
    for specimen in specimens() {
        let app = App::new(specimen);
        let about = parsed(&app);
        let routes = about["routes"].as_array().unwrap();
        for (route, (methods, path)) in routes.iter().zip(routes_of(specimen.workload.name)) {
            assert_eq!((&route["path"], &route["method"]), (&json!(path), &json!(methods)));
            assert_ne!(route["meaning"], "");
            let uri = path.replace("NAME", "i").replace("INTEGER", "0").replace("ID", "0");
            for method in methods.split(" or ") {
                let status = app.ask(&format!("{method} {uri}")).status;
                assert!((200..=202).contains(&status), "{specimen}: {method} {uri}: {status}");
            }
        }
    }
}

#[test]
fn an_unknown_path_is_404_with_those_of_the_workload() {
    for (workload, modes) in WORKLOADS.map(|workload| (workload.name, workload.specimens())) {
        let known = match workload {
            "counter" => "/, /set, /get, /inc, /list, /healthz",
            "booking" => "/, /book, /seats, /healthz",
            "jobs" | "mistakes" => "/, /jobs, /jobs/ID, /healthz",
            _ => "/, /results, /healthz",
        };
        for app in modes.map(App::new) {
            for path in ["/nope", "/jobs/", "/jobs/1/2", "/results/", "/book/1", "/seats/"] {
                let message = format!("no such path: {path}; expected one of {known}");
                assert_eq!(app.get(path), text(404, &message));
                let error = json!({ "error": message }).to_string();
                assert_eq!(app.ask_json(&format!("POST {path}")), json(404, &error));
            }
        }
    }
}

#[test]
fn a_wrong_method_is_405_with_the_right_ones() {
    for (workload, path, right, allow) in [
        ("booking", "/", "GET", "GET,HEAD"),
        ("booking", "/healthz", "GET", "GET,HEAD"),
        ("booking", "/book", "POST", "POST"),
        ("booking", "/seats", "GET", "GET,HEAD"),
        ("jobs", "/", "GET", "GET,HEAD"),
        ("jobs", "/jobs", "POST or GET", "GET,HEAD,POST"),
        ("jobs", "/jobs/17", "GET or DELETE", "DELETE,GET,HEAD"),
        ("jobs", "/jobs/x", "GET or DELETE", "DELETE,GET,HEAD"),
        ("mistakes", "/jobs", "POST or GET", "GET,HEAD,POST"),
        ("mistakes", "/jobs/17", "GET or DELETE", "DELETE,GET,HEAD"),
        ("results", "/results", "POST or GET", "GET,HEAD,POST"),
        ("unawaited", "/results", "POST or GET", "GET,HEAD,POST"),
    ] {
        let app = App::new(self::workload(workload).specimens().last().unwrap());
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "BREW"] {
            if allow.split(',').any(|allowed| allowed == method) {
                continue;
            }
            let name = Method::from_bytes(method.as_bytes()).unwrap();
            let response = app.request(name, &format!("{path}?id=5"));
            let mut allowed: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed.join(","), allow, "{workload}: {method} {path}");
            let message = format!("{method} is not allowed on {path}: expected {right}");
            assert_eq!(response.answer(), text(405, &message), "{workload}");
            let error = json!({ "error": message }).to_string();
            assert_eq!(app.ask_json(&format!("{method} {path}")), json(405, &error), "{workload}");
        }
    }
}

fn routes_of(workload: &str) -> &'static [(&'static str, &'static str)] {
    PAGES.into_iter().find(|(name, _)| *name == workload).unwrap().1
}

fn parsed(app: &App) -> Value {
    let about = app.get_json("/");
    assert_eq!((about.status, &*about.content_type), (200, "application/json"));
    serde_json::from_str(&about.body).unwrap()
}
