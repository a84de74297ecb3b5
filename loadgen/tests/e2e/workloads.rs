//! Every workload of the server, loaded as suits it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use store::{Expectation, Workload};

use crate::embedded::as_expected;
use crate::mortal::free_port;
use crate::program::{Ended, PROGRAM, Process, command, loadgen, until_seen};

/// The report of each mode of a workload, once all of them are as expected. Those that are broken
/// may take some tries to show it; a false alarm about one that is correct is an error at once.
fn reports(workload: &str) -> Vec<Value> {
    const TRIES: usize = 10;
    let arguments = ["--workload", workload, "--mode", "all", "-q", "--output", "-"];
    for _ in 0..TRIES {
        let ended = loadgen(&arguments);
        let code = ended.code();
        let comparison = ended.json();
        let runs = comparison["runs"].as_array().unwrap();
        let modes = Workload::named(workload).unwrap().modes;
        assert_eq!(runs.len(), modes.len());
        for (run, mode) in runs.iter().zip(modes) {
            assert_eq!(run["target"]["workload"], workload);
            assert_eq!(run["target"]["mode"], mode.name);
            if mode.expectation == Expectation::Correct {
                assert_eq!(run["correctness"]["verdict"], "valid", "{}", mode.name);
                for alarm in ["serialised", "stall", "partial"] {
                    assert_eq!(run[alarm], Value::Null, "{}", mode.name);
                }
            }
        }
        if code == 0 {
            return runs.clone();
        }
    }
    panic!("{workload}: not as expected in {TRIES} tries");
}

fn of<'r>(reports: &'r [Value], mode: &str) -> &'r Value {
    reports.iter().find(|report| report["target"]["mode"] == mode).unwrap()
}

fn kinds(report: &Value) -> BTreeSet<&str> {
    let anomalies = report["correctness"]["anomalies"].as_array().unwrap();
    anomalies.iter().map(|anomaly| anomaly["kind"].as_str().unwrap()).collect()
}

#[test]
fn twenty_seats_are_sold_once_each_unless_the_mode_is_broken() {
    let reports = reports("booking");
    for mode in ["mutex", "rwlock", "atomic", "channel"] {
        let report = of(&reports, mode);
        assert_eq!(report["requests"]["status"]["200"], 20, "{mode}");
        assert_eq!(report["requests"]["status"]["409"], 30, "{mode}");
        let correctness = &report["correctness"];
        assert_eq!(correctness["model"], "bounded:20");
        assert_eq!((&correctness["before"], &correctness["after"]), (&20.into(), &0.into()));
    }
    let racy = of(&reports, "racy");
    let sold = racy["correctness"]["acknowledged"].as_i64().unwrap();
    assert!(sold > 20, "{racy}");
    assert_eq!(racy["correctness"]["after"], 20 - sold);
    assert_eq!(kinds(racy), BTreeSet::from(["oversell"]));

    // It sells right and answers wrong: the totals show what the seats do not.
    let always_ok = of(&reports, "always-ok");
    assert_eq!(always_ok["requests"]["status"]["200"], 50);
    assert_eq!(always_ok["correctness"]["after"], 0);
    assert_eq!(always_ok["correctness"]["lost"]["min"], 30);
    assert!(kinds(always_ok).is_superset(&BTreeSet::from(["oversell", "phantom-success"])));
}

#[test]
fn the_totals_alone_tell_a_sale_from_an_oversell() {
    let load = |mode| {
        let arguments = ["--workload", "booking", "--history-limit", "0", "-q", "--output", "-"];
        as_expected(&[&arguments[..], &["--mode", mode]].concat()).json()["runs"][0].clone()
    };
    assert_eq!(load("mutex")["correctness"]["acknowledged"], 20);
    assert_eq!(kinds(&load("racy")), BTreeSet::from(["oversell"]));
    assert_eq!(kinds(&load("always-ok")), BTreeSet::from(["oversell", "phantom-success"]));
}

#[test]
fn every_mistake_goes_wrong_in_its_own_way() {
    let reports = reports("mistakes");
    for mode in ["forgotten-unlock", "lock-twice", "opposite-order", "send-nobody-receives"] {
        let stall = &of(&reports, mode)["stall"];
        assert!(stall["in_flight"].as_u64().unwrap() > 0, "{mode}");
        // The server, whose every request waits for a lock, still says for which.
        let locks = stall["locks"].as_array().unwrap();
        assert!(locks.iter().any(|fact| fact["waiting"].is_object()), "{mode}: {locks:?}");
    }
    let died = &of(&reports, "unlock-of-unlocked")["server"]["findings"][0]["line"];
    assert_eq!(died, "fatal error: unlock of unlocked lock");
    for mode in ["access-outside-lock", "copied-lock"] {
        assert!(kinds(of(&reports, mode)).contains("missing-element"), "{mode}");
    }
    let slow = of(&reports, "lock-over-slow-call");
    assert_eq!(slow["correctness"]["verdict"], "valid");
    assert!(slow["serialised"]["service_time_us"].as_f64().unwrap() >= 5000.0, "{slow}");
}

#[test]
fn jobs_are_all_there_unless_the_mode_is_broken() {
    let reports = reports("jobs");
    assert!(kinds(of(&reports, "racy")).contains("missing-element"));
    for mode in ["mutex", "rwlock", "sharded", "channel"] {
        let correctness = &of(&reports, mode)["correctness"];
        assert_eq!(correctness["model"], "set");
        assert_eq!(correctness["after"], correctness["acknowledged"], "{mode}");
        // Lists were read while they grew.
        assert_eq!(correctness["history"]["operations"], 5001);
    }
}

#[test]
fn ids_that_the_service_chooses_are_given_out_once_each_unless_the_mode_is_broken() {
    let load = |mode| {
        let arguments = ["--workload", "jobs", "--result", "json:/id", "-q", "--output", "-"];
        as_expected(&[&arguments[..], &["--mode", mode]].concat()).json()["runs"][0].clone()
    };
    let racy = load("racy");
    assert!(kinds(&racy).contains("duplicate-value"), "{}", racy["correctness"]["anomalies"]);
    for mode in ["mutex", "sharded"] {
        let report = load(mode);
        assert_eq!(report["correctness"]["after"], 4950, "{mode}");
        assert_eq!(report["target"]["url"].as_str().unwrap().split('?').nth(1), None);
    }
}

#[test]
fn results_are_all_there_unless_the_mode_is_broken() {
    let reports = reports("results");
    assert!(kinds(of(&reports, "racy")).contains("missing-element"));
    let rate = |mode| of(&reports, mode)["throughput"]["requests_per_s"].as_f64().unwrap();
    // A slow call takes 5 ms: one at a time, that is 200 a second whatever the machine.
    assert!(rate("lock-before-sleep") < 201.0 / 0.95);
}

#[test]
fn what_nobody_waits_for_is_lost_with_the_server() {
    let reports = reports("unawaited");
    for report in &reports {
        assert_eq!(report["plan"]["restart"], true);
        assert_eq!(report["requests"]["status"]["202"], 200);
    }
    let unawaited = of(&reports, "unawaited");
    assert!(unawaited["correctness"]["lost"]["min"].as_u64().unwrap() > 0);
    assert_eq!(of(&reports, "awaited")["correctness"]["after"], 200);
}

/// Starts a server of ours at a free port, with these options.
fn server(options: &[&str]) -> (Process, String) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let mut arguments = vec!["server", "--listen", &listen];
    arguments.extend(options);
    let process = Process::spawn(command(&arguments));
    process.wait_for_stderr("SIGUSR1");
    (process, listen)
}

#[test]
fn a_server_that_runs_is_loaded_as_suits_its_workload() {
    let (_server, address) = server(&["--workload", "booking", "--mode", "mutex"]);
    let report = loadgen(&["--workload", "booking", "-q", "--output", "-", &address]).exited(0);
    let report = report.json();
    assert_eq!(report["target"]["url"], format!("http://{address}/book"));
    assert_eq!(report["target"]["workload"], Value::Null);
    assert_eq!(report["plan"]["requests"], 50);
    assert_eq!(report["correctness"]["acknowledged"], 20);
    // Sold out, it is right to turn everyone away; and not one request is answered well.
    loadgen(&["--workload", "booking", "-q", &address]).exited(3);
}

#[test]
fn a_server_under_test_is_started_again_to_see_what_it_saved() {
    for (mode, code) in [("unawaited", 1), ("awaited", 0)] {
        let journal = tempfile::NamedTempFile::new().unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let exec = format!(
            "{PROGRAM} server --workload unawaited --mode {mode} --listen {address} --journal {}",
            journal.path().display()
        );
        let known = ["--workload", "unawaited", "-q", "--output", "-", "--exec", &exec, &address];
        let report = ends_with(code, || loadgen(&known)).json();
        assert_eq!(report["plan"]["restart"], true);
        assert_eq!(report["correctness"]["acknowledged"], 200);

        // The same of a service that loadgen has never heard of.
        let url = format!("http://{address}/results?id={{value}}");
        let arguments =
            ["-n", "100", "-c", "10", "-q", "-m", "POST", "--model", "set", "--read", "/results"];
        let own = ["--restart", "--exec", &exec, &url];
        let ended = ends_with(code, || loadgen(&[&arguments[..], &own].concat()));
        assert!(ended.stdout.contains(", after a restart\n"), "{}", ended.stdout);
    }
}

/// A run that ends with `code`. One that has to show a loss is tried again where, by chance, all was
/// saved in time; no run may end in any other way.
#[track_caller]
fn ends_with(code: i32, run: impl Fn() -> Ended) -> Ended {
    if code == 0 {
        return run().exited(0);
    }
    until_seen(10, run, |ended| ended.code() != 0, "a loss").exited(code)
}

/// The last answer is what it begins to hang with: nothing but the read of the state shows it.
#[test]
fn a_hang_that_begins_with_the_last_answer_has_a_name() {
    let capacity = 500;
    let arguments = ["--workload", "mistakes", "--mode", "forgotten-unlock", "--reads", "0.01%"];
    let all = ["-n", "501", "-c", "1", "-s", "2s", "--stall", "300ms", "-q", "--output", "-"];
    let comparison = loadgen(&[&arguments[..], &all[..]].concat()).exited(0).json();
    let run = &comparison["runs"][0];
    assert_eq!(run["requests"]["ok"], capacity);
    assert_eq!(run["requests"]["status"]["409"], 1);
    assert_eq!(run["stall"]["in_flight"], 1);
    assert_eq!(run["stall"]["ended_run"], false);
    let locks = run["stall"]["locks"].as_array().unwrap();
    assert_eq!(locks[0]["lock"], "jobs");
    assert_eq!(locks[0]["held_by"]["operation"], "add");
}

/// A server of ours that saves what it acknowledges, as a command line.
fn awaited(address: &str, journal: &Path) -> String {
    let journal = journal.display();
    format!(
        "{PROGRAM} server --workload unawaited --mode awaited --listen {address} --journal {journal}"
    )
}

#[test]
fn a_server_that_is_killed_while_it_saves_is_not_judged_by_what_it_had_no_time_for() {
    let journal = tempfile::NamedTempFile::new().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let exec = awaited(&address, journal.path());
    let known = ["--workload", "unawaited", "-q", "--output", "-", "--exec", &exec, &address];
    let report = loadgen(&[&known[..], &["--grace", "20ms"]].concat()).exited(1).json();
    assert_eq!(report["correctness"]["verdict"], "unknown");
    let reason = report["correctness"]["reason"].as_str().unwrap();
    assert!(reason.contains("it was killed, and may have had more to save"), "{reason}");
}

#[test]
fn what_a_server_says_when_it_is_started_again_is_searched() {
    let directory = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let exec = format!(
        "sh -c 'if [ -e {journal} ]; then echo WARNING: DATA RACE >&2; fi; exec {awaited}'",
        journal = directory.path().join("journal").display(),
        awaited = awaited(&address, &directory.path().join("journal")),
    );
    let known = ["--workload", "unawaited", "-q", "--output", "-", "--exec", &exec, &address];
    let report = loadgen(&known).exited(1).json();
    assert_eq!(report["correctness"]["verdict"], "valid");
    assert_eq!(report["server"]["findings"][0]["kind"], "go-race");
    assert!(report["server"]["output"].as_str().unwrap().contains("WARNING: DATA RACE"));
}

#[test]
fn a_server_that_does_not_start_again_is_told() {
    let address = format!("127.0.0.1:{}", free_port());
    let journal = tempfile::tempdir().unwrap();
    let once = journal.path().join("once");
    let exec = format!(
        "sh -c 'mkdir {} && exec {PROGRAM} server --workload results --listen {address}'",
        once.display()
    );
    let url = format!("http://{address}/results?id={{value}}");
    let arguments = ["-n", "10", "-q", "-m", "POST", "--model", "set", "--read", "/results"];
    let ended = loadgen(
        &[&arguments[..], &["--extract", "last", "--restart", "--exec", &exec, &url]].concat(),
    );
    let ended = ended.exited(1);
    assert!(ended.stdout.contains("it did not start again: "), "{}", ended.stdout);
}
