//! The page that `loadgen --html` writes, as text; `scripts/page-test` looks at it in a browser.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

fn path(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().join(name)
}

/// The page that loadgen writes when it is run with `arguments`.
fn page(directory: &TempDir, arguments: &[&str]) -> String {
    let page = path(directory, "page.html");
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    let output = command.args(arguments).arg("--html").arg(&page).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    fs::read_to_string(page).unwrap()
}

/// The numbers of a section that are the report's, by their paths in it.
fn numbers(section: &str) -> BTreeMap<String, String> {
    let number = Regex::new(r#"data-of="([^"]+)">((?:[-.0-9]|<span class="g">\d+</span>)+)<"#);
    let tags = Regex::new("<[^>]+>").unwrap();
    let number = number.unwrap();
    let found = number.captures_iter(section);
    found.map(|one| (one[1].to_owned(), tags.replace_all(&one[2], "").into_owned())).collect()
}

/// The number at `place` of the report, with as many decimals, in the unit that the page has.
fn reported(report: &Value, place: &str, decimals: usize) -> String {
    let pointer = format!("/{}", place.replace('.', "/"));
    let value = report.pointer(&pointer).and_then(Value::as_f64).unwrap();
    let value = if place.contains("latency_us.") { value / 1000.0 } else { value };
    format!("{value:.decimals$}")
}

#[test]
fn the_numbers_on_the_page_are_the_reports() {
    let directory = tempfile::tempdir().unwrap();
    let json = path(&directory, "report.json");
    let modes = ["-q", "-n", "3000", "-c", "20", "--mode", "mutex,atomic", "--reads", "10%"];
    let output = ["--output", json.to_str().unwrap()];
    let page = page(&directory, &[&modes[..], &output].concat());
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let sections: Vec<_> = page.split("<section class=\"run\"").skip(1).collect();
    assert_eq!(sections.len(), 2);
    for (section, report) in sections.iter().zip(report["runs"].as_array().unwrap()) {
        let numbers = numbers(section);
        for place in [
            "requests.sent",
            "requests.ok",
            "requests.fail",
            "requests.unknown",
            "throughput.requests_per_s",
            "elapsed_s",
            "plan.concurrency",
            "latency_us.p50",
            "latency_us.p90",
            "latency_us.p99",
            "latency_us.p99_9",
            "latency_us.max",
            "correctness.acknowledged",
            "correctness.before",
            "correctness.after",
            "correctness.lost.min",
            "correctness.unknown",
        ] {
            assert!(numbers.contains_key(place), "{place} is not shown: {numbers:?}");
        }
        for (place, shown) in &numbers {
            let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert_eq!(*shown, reported(report, place, decimals), "{place}");
        }
        let mode = report["target"]["mode"].as_str().unwrap();
        assert!(section.contains(&format!("<h1><bdi>{mode}</bdi></h1>")));
        assert!(section.contains("<span>VALID</span>"), "{mode} loses nothing");
    }
}

/// Answers 404 where `/nothing` is asked for, and 200 elsewhere.
fn served() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = BufReader::new(stream.unwrap());
                let mut line = String::new();
                while stream.read_line(&mut line).unwrap() > 0 {
                    if line.ends_with("\r\n\r\n") {
                        let is_there = !line.contains("/nothing");
                        let status = if is_there { "200 OK" } else { "404 Not Found" };
                        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                        stream.get_mut().write_all(answer.as_bytes()).unwrap();
                        line.clear();
                    }
                }
            });
        }
    });
    address
}

#[test]
fn the_numbers_of_each_step_are_the_reports() {
    let directory = tempfile::tempdir().unwrap();
    let (json, scenario) = (path(&directory, "report.json"), path(&directory, "two.yaml"));
    let steps = "load: { requests: 200, clients: 4 }\n\
                 steps: { '<b>look': { get: / }, lost: { get: /nothing, share: 20% } }\n";
    fs::write(&scenario, steps).unwrap();
    let url = format!("http://{}", served());
    let files = [&scenario, &json].map(|file| file.to_str().unwrap());
    let page = page(&directory, &["run", files[0], &url, "-q", "--output", files[1]]);
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let numbers = numbers(&page);
    for place in ["0.sent", "0.ok", "0.latency_us.p50", "0.latency_us.p99", "0.latency_us.max"] {
        assert!(numbers.contains_key(&format!("steps.{place}")), "{place}: {numbers:?}");
    }
    for (place, shown) in &numbers {
        let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        assert_eq!(*shown, reported(&report, place, decimals), "{place}");
    }
    assert_ne!((&*numbers["steps.0.ok"], &*numbers["steps.1.fail"]), ("0", "0"));
    assert!(!numbers.contains_key("steps.1.latency_us.p50"), "not one of them is ok");
    assert!(page.contains("<bdi>&lt;b&gt;look</bdi>"));
}

#[test]
fn a_history_that_is_judged_again_has_a_page() {
    let directory = tempfile::tempdir().unwrap();
    let history = path(&directory, "history.jsonl");
    let lines = [
        r#"{"schema":"loadgen/history/1","model":"fetch-and-add","initial":{"a&b<c>":0}}"#,
        r#"{"client":1,"call":10,"return":30,"op":"add","key":"a&b<c>","arg":1,"result":1,"outcome":"ok"}"#,
        r#"{"client":2,"call":20,"return":40,"op":"add","key":"a&b<c>","arg":1,"result":1,"outcome":"ok"}"#,
    ];
    fs::write(&history, lines.join("\n")).unwrap();
    let page = page(&directory, &["check", history.to_str().unwrap()]);
    assert!(page.contains("<span>INVALID: 1 duplicate value</span>"));
    assert!(page.contains("<code><bdi>a&amp;b&lt;c&gt;</bdi></code>"));
    assert!(page.contains("Client 1's add returned 1 and so did client 2's;"));
    assert!(numbers(&page).is_empty(), "there is no report");
}
