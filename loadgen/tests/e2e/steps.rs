//! What each step of a scenario came to, in each second and in the end.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::Ended;
use crate::report::{Report, report};
use crate::sessions::run;

/// Rounds of a step that is fast and of one that is slow, which has an end of its own.
const ROUNDS: &str = "\
load: { clients: 8, rate: 20/s, duration: 3s }
flow:
  - name: look
    get: /look
  - name: '@buy, \"now\"'
    post: /buy
    answers: [ { status: 409, means: not-applied } ]
";
const BUY: &str = "@buy, \"now\"";

/// Buys take so long, and each third is refused.
fn shop(takes: Duration) -> ByteServer {
    ByteServer::start(move |number, request| {
        if request.starts_with(b"GET ") {
            return Reaction::Answer(answer(200, "ok"));
        }
        thread::sleep(takes);
        Reaction::Answer(answer(if number % 3 == 0 { 409 } else { 201 }, "ok"))
    })
}

/// The seconds of a report, each with its two steps.
fn seconds(report: &Report) -> Vec<(&Value, [&Value; 2])> {
    fn with_steps(second: &Value) -> (&Value, [&Value; 2]) {
        assert_eq!(second["steps"].as_array().unwrap().len(), 2, "{second}");
        (second, [0, 1].map(|index| &second["steps"][index]))
    }
    report.at("/series").as_array().unwrap().iter().map(with_steps).collect()
}

#[test]
fn each_second_says_what_each_step_came_to() {
    let server = shop(Duration::from_millis(30));
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("seconds.csv");
    let load = ["--threads", "2", "--csv", csv.to_str().unwrap()];
    let report = Report::of(run(ROUNDS, &server, &load).exited(0));
    let seconds = seconds(&report);
    assert!(seconds.len() >= 3, "{}", seconds.len());
    for (second, steps) in &seconds {
        assert_eq!([&steps[0]["name"], &steps[1]["name"]], ["look", BUY]);
        for outcome in ["ok", "fail", "unknown"] {
            let sum: u64 = steps.iter().map(|step| step[outcome].as_u64().unwrap()).sum();
            assert_eq!(second[outcome], sum, "{outcome}: {second}");
        }
    }
    for (index, key) in [(0, "ok"), (0, "fail"), (1, "ok"), (1, "fail"), (1, "unknown")] {
        let sum: u64 = seconds.iter().map(|(_, steps)| steps[index][key].as_u64().unwrap()).sum();
        assert_eq!(sum, report.count(&format!("/steps/{index}/{key}")), "{index} {key}");
    }
    let (second, [look, buy]) = seconds[1];
    let us = |of: &Value, key: &str| of[key].as_u64().unwrap();
    assert!(us(buy, "p50_us") >= 30_000 && us(look, "p50_us") < 30_000, "{second}");
    assert!(us(buy, "p50_us") <= us(buy, "p99_us") && us(buy, "p99_us") <= us(buy, "max_us"));
    // Where an earlier second had a longer time, the longest is to three digits.
    let [longest, longest_of_steps] =
        [us(second, "max_us"), us(buy, "max_us").max(us(look, "max_us"))];
    assert!(longest.abs_diff(longest_of_steps) <= longest / 500, "{second}");

    let csv = std::fs::read_to_string(csv).unwrap();
    let (names, rows) = csv.split_once('\n').unwrap();
    let own = "\"'@buy, \"\"now\"\".ok\",\"'@buy, \"\"now\"\".fail\",";
    assert!(names.contains(",bytes_read,look.ok,look.fail,"), "{names}");
    assert!(names.contains(own), "{names}");
    for (row, (second, [look, buy])) in rows.lines().zip(&seconds) {
        let fields: Vec<_> = row.split(',').collect();
        assert_eq!(fields.len(), 11 + 2 * 6, "{row}");
        let count = |place: usize| fields[place].parse::<u64>().unwrap();
        assert_eq!(second["ok"], count(1));
        assert_eq!((&look["ok"], &buy["ok"]), (&count(11).into(), &count(17).into()));
        assert_eq!(buy["fail"], count(18));
    }
}

/// Reports of plain URLs are as they were, and so are those of steps without names.
#[test]
fn one_step_and_steps_without_names_have_nothing_of_their_own() {
    let server = ByteServer::answering(answer(200, "7"));
    let url = server.url("/");
    for more in [&[][..], &["--read", "/n", "--model", "counter", "--reads", "50%"]] {
        let options = [&["-n", "20", &url][..], more].concat();
        let json = report(i32::from(!more.is_empty()), &options).json;
        let series = json["series"].as_array().unwrap();
        assert!(!series.is_empty() && series.iter().all(|second| second.get("steps").is_none()));
        assert!(json.get("steps").is_none());
    }
}

/// Runs rounds for a minute at most, with this threshold.
fn minute(server: &ByteServer, threshold: &str) -> Ended {
    let load = ["--duration", "60s", "--abort-on-threshold", "--threshold", threshold];
    run(ROUNDS, server, &load)
}

#[test]
fn a_threshold_of_a_step_that_is_crossed_ends_a_run_that_is_to_end_for_it() {
    let server = shop(Duration::from_millis(30));
    let limit = format!("p(99){{step:{BUY}}}<20ms");
    let ended = Report::of(minute(&server, &limit).exited(4));
    let elapsed_s = ended.at("/elapsed_s").as_f64().unwrap();
    assert!((1.0..30.0).contains(&elapsed_s), "{elapsed_s}");
    let partial = ended.at("/partial").as_str().unwrap();
    assert!(partial.starts_with(&format!("the threshold {limit} is crossed: ")), "{partial}");
    assert_eq!(ended.at("/thresholds/0/holds"), false);
    assert!(ended.at("/thresholds/0/value").as_f64().unwrap() >= 30_000.0);

    // One that another step would cross, and this does not.
    let load = ["--abort-on-threshold", "--threshold", "fail_rate{step:look}==0"];
    let held = Report::of(run(ROUNDS, &server, &load).exited(0));
    assert_eq!(*held.at("/partial"), Value::Null);
}
