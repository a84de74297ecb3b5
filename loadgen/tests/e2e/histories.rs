//! Histories: recorded, judged, written, and judged again.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::embedded::as_expected;
use crate::program::{command, loadgen};

/// Runs the counter server in one mode until the run is as expected, and keeps its history.
fn recorded(directory: &TempDir, mode: &str, arguments: &[&str]) -> (Value, String) {
    let path = path(directory, "history.jsonl");
    let fixed = ["--mode", mode, "-n", "4000", "-c", "40", "--history", &path, "-q"];
    let ended = as_expected(&[&fixed[..], &["--output", "-"], arguments].concat());
    (ended.json()["runs"][0].clone(), path)
}

fn path(directory: &TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_history_has_every_request_and_is_judged_again_alike() {
    let directory = tempfile::tempdir().unwrap();
    let (run, history) = recorded(&directory, "mutex", &["--reads", "10%"]);
    assert_eq!(run["correctness"]["verdict"], "valid");
    assert_eq!(run["correctness"]["acknowledged"], 3600);
    assert_eq!(run["correctness"]["after"], 3600);

    let text = fs::read_to_string(&history).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let header = lines.next().unwrap();
    assert_eq!(header["schema"], "loadgen/history/1");
    assert_eq!((&header["model"], &header["initial"]["i"]), (&"fetch-and-add".into(), &0.into()));
    let operations: Vec<_> = lines.collect();
    assert_eq!(operations.len(), 4001);
    let reads = operations.iter().filter(|operation| operation["op"] == "read").count();
    assert_eq!(reads, 401);
    assert!(operations.iter().all(|o| o["call"].as_u64() < o["return"].as_u64()));

    let again = loadgen(&["check", &history, "--json"]).exited(0).json();
    assert_eq!((&again["verdict"], &again["operations"]), (&"valid".into(), &4001.into()));
    let text = loadgen(&["check", &history]).exited(0).stdout;
    assert!(text.contains("\nCorrectness:            VALID\n"), "{text}");
}

/// The two requests of a lost update were both in flight: neither knew of the other.
#[test]
fn a_race_is_proven_by_two_requests_that_overlap() {
    for mode in ["racy", "load-store"] {
        let directory = tempfile::tempdir().unwrap();
        let (run, history) = recorded(&directory, mode, &[]);
        let anomalies = run["correctness"]["anomalies"].as_array().unwrap();
        let duplicate = anomalies.iter().find(|a| a["kind"] == "duplicate-value").unwrap();
        let [one, two] = &duplicate["witness"].as_array().unwrap()[..] else {
            panic!("{duplicate}")
        };
        assert_eq!(one["result"], two["result"]);
        assert_ne!(one["client"], two["client"]);
        let overlap = |one: &Value, two: &Value| one["call"].as_u64() <= two["return"].as_u64();
        assert!(overlap(one, two) && overlap(two, one), "{duplicate}");

        let again = loadgen(&["check", &history, "--json"]).exited(1).json();
        let found = again["anomalies"].as_array().unwrap();
        let same = found.iter().find(|a| a["kind"] == "duplicate-value").unwrap();
        assert_eq!(same, duplicate);
    }
}

#[test]
fn a_certificate_is_a_history_that_explains_itself() {
    let directory = tempfile::tempdir().unwrap();
    let certificate = path(&directory, "order.jsonl");
    let arguments = ["--certificate", &certificate, "--reads", "10%"];
    let (_, history) = recorded(&directory, "atomic", &arguments);
    let results: Vec<_> = fs::read_to_string(&certificate)
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["result"].as_i64().unwrap())
        .collect();
    assert!(results.is_sorted());
    assert_eq!(results.len(), 4001);
    let again = path(&directory, "again.jsonl");
    loadgen(&["check", &history, "--certificate", &again]).exited(0);
    assert_eq!(fs::read(certificate).unwrap(), fs::read(again).unwrap());
}

#[test]
fn beyond_the_limit_the_totals_alone_are_judged() {
    let arguments = ["--mode", "mutex", "-n", "500", "-c", "5", "-q", "--history-limit", "100"];
    let text = loadgen(&arguments).exited(0).stdout;
    assert!(text.contains("\n   History:             more than 100 operations"), "{text}");
    let json = loadgen(&[&arguments[..], &["--output", "-"]].concat()).exited(0).json();
    let correctness = &json["runs"][0]["correctness"];
    assert_eq!((&correctness["verdict"], &correctness["history"]), (&"valid".into(), &Value::Null));
    let none = loadgen(&["--mode", "mutex", "-n", "500", "-c", "5", "-q", "--history-limit", "0"]);
    assert!(!none.exited(0).stdout.contains("History"));
}

#[test]
fn what_is_no_history_is_wrong_usage_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let header = r#"{"schema":"loadgen/history/1","model":"counter","initial":{"i":0}}"#;
    let operation = r#"{"client":0,"call":9,"return":5,"op":"add","key":"i","arg":1,"result":null,"outcome":"ok"}"#;
    let path = path(&directory, "broken.jsonl");
    fs::write(&path, format!("{header}\n{operation}\n")).unwrap();
    let ended = loadgen(&["check", &path]).exited(2);
    assert!(ended.stderr.contains("line 2"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    let ended = loadgen(&["check", "/nowhere/at.all"]).exited(2);
    assert!(ended.stderr.contains("/nowhere/at.all"), "{}", ended.stderr);
}

#[test]
fn a_history_of_jepsens_is_judged() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory, "history.edn");
    let stale = "{:process 0, :type :invoke, :f :write, :value 1, :time 1}
        {:process 0, :type :ok, :f :write, :value 1, :time 2}
        {:process 1, :type :invoke, :f :read, :value nil, :time 3}
        {:process 1, :type :ok, :f :read, :value nil, :time 4}";
    fs::write(&path, stale).unwrap();
    let verdict = loadgen(&["check", &path, "--json"]).exited(1).json();
    assert_eq!((&verdict["model"], &verdict["verdict"]), (&"register".into(), &"invalid".into()));
    let from_stdin = |path: &Path| {
        let mut command = command(&["check", "-"]);
        command.stdin(fs::File::open(path).unwrap());
        crate::program::Process::spawn(command).end().exited(1)
    };
    assert!(from_stdin(path.as_ref()).stdout.contains("INVALID"));
}

#[test]
fn what_a_history_begins_with_is_said_or_assumed() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory, "history.edn");
    let read = "{:process 1, :type :invoke, :f :read, :value nil, :time 3}
        {:process 1, :type :ok, :f :read, :value 0, :time 4}";
    let write = "{:process 0, :type :invoke, :f :write, :value 1, :time 1}
        {:process 0, :type :ok, :f :write, :value 1, :time 5}";
    fs::write(&path, format!("{write}{}", read.replace(":time ", ":time 1"))).unwrap();
    let assumed = loadgen(&["check", &path, "--json"]).exited(1).json();
    assert_eq!(assumed["assumed_starts"][0]["value"], Value::Null);
    let (begin, end) = write.split_once('\n').unwrap();
    fs::write(&path, format!("{begin}\n{read}\n{end}")).unwrap();
    let assumed = loadgen(&["check", &path, "--json"]).exited(0).json();
    let start = &assumed["assumed_starts"][0];
    assert_eq!((&start["value"], &start["is_seen"]), (&0.into(), &true.into()));
    let text = loadgen(&["check", &path]).exited(0).stdout;
    let line = "\n   Assumed start:       0, as the first reads saw it: --initial sets another\n";
    assert!(text.contains(line), "{text}");
    let told = loadgen(&["check", &path, "--initial", "0", "--json"]).exited(0).json();
    assert_eq!(told["assumed_starts"].as_array().unwrap().len(), 0);
    assert_eq!(
        loadgen(&["check", &path, "--initial", "-1", "--json"]).exited(1).json()["verdict"],
        "invalid"
    );
    assert!(loadgen(&["check", &path, "--initial", "x"]).exited(2).stderr.contains("a number"));
    let wrong = loadgen(&["check", &path, "--initial", "[1]"]).exited(2).stderr;
    assert!(wrong.contains("--initial is a list of 1: expected a value or null"), "{wrong}");
}

#[test]
fn a_history_that_needs_too_much_memory_is_undecided() {
    let directory = tempfile::tempdir().unwrap();
    let path = path(&directory, "history.jsonl");
    let header = r#"{"schema":"loadgen/history/1","model":"counter","initial":{"i":0}}"#;
    let line = r#"{"client":0,"call":4,"return":5,"op":"add","key":"i","arg":1,"result":null,"outcome":"ok"}"#;
    fs::write(&path, format!("{header}\n{}", format!("{line}\n").repeat(2000))).unwrap();
    let arguments = ["check", &path, "--check-memory", "64KiB"];
    let ended = loadgen(&arguments).exited(1);
    let expected = "the history needs more than 64 KiB of memory: stopped at line 1,3";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert!(ended.stdout.contains(&format!("UNKNOWN: {expected}")), "{}", ended.stdout);
    let json = loadgen(&[&arguments[..], &["--json"]].concat()).exited(1).json();
    assert_eq!(json["verdict"], "unknown");
    assert!(json["reason"].as_str().unwrap().ends_with(": raise --check-memory"), "{json}");
}

#[test]
fn a_run_whose_history_needs_too_much_memory_goes_on_and_is_undecided() {
    let arguments = ["--workload", "jobs", "--mode", "mutex", "-n", "5000", "-q"];
    let memory = ["--check-memory", "64KiB"];
    let ended = loadgen(&[&arguments[..], &memory].concat()).exited(1);
    let expected = "the history needs more than 64 KiB of memory: stopped after ";
    assert!(ended.stdout.contains("\nComplete requests:      5000\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("UNKNOWN: {expected}")), "{}", ended.stdout);
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    let json = loadgen(&[&arguments[..], &memory, &["--output", "-"]].concat()).exited(1).json();
    assert!(json.to_string().contains(expected), "{json}");
}
