//! `loadgen compare`: reports of real runs side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Ended, Process, command, loadgen};

/// A folder of reports, each of a run against a server that answers after a time.
struct Reports {
    folder: TempDir,
}

impl Reports {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Reports of runs against a server that takes so long for an answer.
    fn measured(&self, names: &[&str], delay: Duration, options: &[&str]) -> &Self {
        let server = ByteServer::start(move |_, _| {
            thread::sleep(delay);
            Reaction::Answer(answer(200, "7"))
        });
        for name in names {
            let path = self.path(name);
            let load = ["-q", "-n", "20", "-c", "2", "--output", &path, &server.url("/get?name=i")];
            loadgen(&[&load, options].concat());
        }
        self
    }

    /// Copies of a report, of which each figure of time is so many times as long, and a little more with
    /// each copy.
    fn made(&self, from: &str, prefix: &str, count: u32, times: f64) -> &Self {
        let report: Value = serde_json::from_slice(&fs::read(self.path(from)).unwrap()).unwrap();
        for number in 0..count {
            let times = times * (1.0 + 0.001 * f64::from(number));
            let mut report = report.clone();
            for key in ["p50", "p90", "p99"] {
                report["latency_us"][key] = json!((20_000.0 * times).round());
            }
            report["throughput"]["requests_per_s"] = json!(100.0 / times);
            fs::write(self.path(&format!("{prefix}-{number}.json")), report.to_string()).unwrap();
        }
        self
    }

    fn compare(&self, arguments: &[&str]) -> Ended {
        let place = |argument: &&str| {
            let is_name = Path::new(argument).extension().is_some();
            if is_name { self.path(argument) } else { (*argument).to_owned() }
        };
        let arguments: Vec<_> = arguments.iter().map(place).collect();
        let arguments = arguments.iter().map(String::as_str);
        loadgen(&["compare"].into_iter().chain(arguments).collect::<Vec<_>>())
    }
}

fn last_line(ended: &Ended) -> &str {
    ended.stderr.lines().last().unwrap_or_default()
}

#[test]
fn a_slower_run_is_a_regression() {
    let reports = Reports::new();
    reports.measured(&["fast.json"], Duration::ZERO, &[]);
    reports.measured(&["slow.json"], Duration::from_millis(50), &[]);
    let ended = reports.compare(&["fast.json", "slow.json"]).exited(0);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.contains("too few to tell a difference from noise"), "{}", ended.stdout);
    let gate = ["fast.json", "slow.json", "--fail-on-regression", "5%"];
    let ended = reports.compare(&gate).exited(4);
    let line = last_line(&ended);
    assert!(line.starts_with("loadgen: regression beyond 5%: requests per second -"), "{line}");
    assert!(line.contains("latency p50 +") && line.ends_with("(exit 4)"), "{line}");
    assert!(
        ended.stdout.contains("Result:                 REGRESSION beyond 5%"),
        "{}",
        ended.stdout
    );
    let other_way = ["slow.json", "fast.json", "--fail-on-regression", "5%"];
    let ended = reports.compare(&other_way).exited(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn several_runs_are_tested() {
    let reports = Reports::new();
    reports.measured(&["one.json"], Duration::ZERO, &[]);
    reports.made("one.json", "main", 10, 1.0).made("one.json", "same", 10, 1.0005);
    reports.made("one.json", "pr", 10, 1.05);
    let gate = ["--fail-on-regression", "3%", "--output", "-"];
    let ended = reports.compare(&[&gate[..], &["main-*.json", "pr-*.json"]].concat()).exited(4);
    let json = ended.json();
    assert_eq!(json["schema"], "loadgen/compared/1");
    assert_eq!(json["test"]["name"], "mann-whitney-u");
    let found = ["requests_per_s", "latency_p50_us", "latency_p90_us", "latency_p99_us"];
    assert_eq!(json["regression"]["found"], json!(found));
    assert_eq!(
        [&json["a"], &json["b"]].map(|side| side["reports"].as_array().unwrap().len()),
        [10; 2]
    );
    assert!(last_line(&ended).contains("(p "), "{}", ended.stderr);

    let quoted = ["--baseline", "main-*.json", "same-1.json", "same-2.json", "same-*.json"];
    let ended = reports.compare(&quoted).exited(2);
    assert!(ended.stderr.contains("is given twice: expected each report once"), "{}", ended.stderr);
    let same = ["--baseline", "main-*.json", "same-*.json", "--fail-on-regression", "0%"];
    let ended = reports.compare(&same).exited(0);
    assert!(ended.stdout.contains("Mann-Whitney U over 10 and 10 runs"), "{}", ended.stdout);
    assert!(ended.stdout.contains("no difference that is more than noise"), "{}", ended.stdout);
    // A shell has taken the pattern apart.
    let apart = ["--baseline", "main-0.json", "main-1.json", "pr-0.json"];
    let ended = reports.compare(&apart).exited(2);
    assert!(ended.stderr.contains("put a pattern in quotes"), "{}", ended.stderr);
}

#[test]
fn a_worse_verdict_is_a_regression_at_any_speed() {
    let reports = Reports::new();
    let judged = |name: &str, mode: &str| {
        let path = reports.path(name);
        let window = ["--race-window", "1ms", "--mode", mode];
        loadgen(&[&["-q", "-n", "200", "-c", "20", "--output", &path][..], &window].concat());
    };
    judged("mutex.json", "mutex");
    judged("racy.json", "racy");
    let gate = ["--fail-on-regression", "1000000%"];
    let ended = reports.compare(&[&gate[..], &["mutex.json", "racy.json"]].concat()).exited(4);
    assert!(last_line(&ended).contains("verdict INVALID, was VALID"), "{}", ended.stderr);
    assert!(ended.stdout.contains("racy.json (mode racy)"), "{}", ended.stdout);
    let ended = reports.compare(&[&gate[..], &["racy.json", "mutex.json"]].concat()).exited(0);
    assert!(ended.stdout.contains("Correctness B:          VALID\n"), "{}", ended.stdout);
}

#[test]
fn different_loads_are_refused_unless_forced() {
    let reports = Reports::new();
    reports.measured(&["a.json"], Duration::ZERO, &[]);
    reports.measured(&["b.json"], Duration::ZERO, &["-c", "1", "--no-keep-alive", "-n", "30"]);
    let ended = reports.compare(&["a.json", "b.json"]).exited(2);
    assert_eq!(ended.stdout, "");
    for field in
        ["plan.requests is 20 in ", "plan.concurrency is 2 in ", "plan.keep_alive is true in "]
    {
        assert!(ended.stderr.contains(field), "{}", ended.stderr);
    }
    assert!(!ended.stderr.contains("plan.client"), "{}", ended.stderr);
    assert!(ended.stderr.contains("--force compares them anyway"), "{}", ended.stderr);
    let ended = reports.compare(&["--force", "a.json", "b.json"]).exited(0);
    assert!(
        ended.stdout.contains("Asked for:              plan.requests is 20"),
        "{}",
        ended.stdout
    );
}

#[test]
fn files_that_are_no_reports_are_refused() {
    let reports = Reports::new();
    reports.measured(&["good.json"], Duration::ZERO, &[]);
    let two = reports.path("two.json");
    loadgen(&["-q", "-n", "20", "-c", "2", "--output", &two]);
    fs::write(reports.path("text.json"), "Server Software: nginx\n").unwrap();
    fs::write(reports.path("cut.json"), &fs::read(reports.path("good.json")).unwrap()[..500])
        .unwrap();
    fs::create_dir(reports.path("folder.json")).unwrap();
    fs::File::create(reports.path("large.json")).unwrap().set_len(65 << 20).unwrap();
    for (file, expected) in [
        ("missing.json", "missing.json: No such file or directory"),
        (
            "text.json",
            "text.json: expected a report as --output writes it: expected value at line 1 column 1",
        ),
        ("cut.json", "EOF while parsing"),
        ("folder.json", "folder.json: Is a directory"),
        ("large.json", "large.json: expected a report of at most 64 MiB"),
        ("two.json", "two.json: expected the report of one run, not of 2: a run with --mode MODE"),
        ("missing-*.json", "missing-*.json: no file matches this pattern"),
    ] {
        for sides in [["good.json", file], [file, "good.json"]] {
            let ended = reports.compare(&sides).exited(2);
            assert!(ended.stderr.contains(expected), "{}", ended.stderr);
            assert_eq!(ended.stdout, "");
        }
    }
    // What is read is not written over.
    let before = fs::read(reports.path("good.json")).unwrap();
    let over = ["good.json", "two.json", "--output", "good.json"];
    let ended = reports.compare(&over).exited(2);
    assert!(ended.stderr.contains("is taken by a report that is read"), "{}", ended.stderr);
    assert_eq!(fs::read(reports.path("good.json")).unwrap(), before);
}

#[test]
fn a_report_may_come_from_standard_input_and_go_to_a_file() {
    let reports = Reports::new();
    reports.measured(&["a.json", "b.json"], Duration::ZERO, &[]);
    let [a, b, to] = ["a.json", "b.json", "to.json"].map(|name| reports.path(name));
    let mut piped = command(&["compare", &a, "-", "--output", &to]);
    piped.stdin(Stdio::from(fs::File::open(&b).unwrap()));
    let ended = Process::spawn(piped).end().exited(0);
    assert!(ended.stdout.contains("B:                      standard input"), "{}", ended.stdout);
    let json: Value = serde_json::from_slice(&fs::read(PathBuf::from(&to)).unwrap()).unwrap();
    assert_eq!(json["b"]["reports"], json!(["standard input"]));
    assert!(json["command"].as_str().unwrap().starts_with("loadgen compare "));
    assert!(Path::new(&a).exists());
}
