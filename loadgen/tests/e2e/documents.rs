//! Documents in a database, by one server and by two.

use documents::{Backend, Expectation, Mode};
use serde_json::Value;

use crate::program::{Ended, Process, command, loadgen};

/// Runs a mode on a database until it is as expected: the race of one that loses is not forced. One that is
/// to be correct is so at once.
fn as_expected(mode: &'static Mode, servers: usize, options: &[&str]) -> Value {
    const TRIES: usize = 10;
    let count = servers.to_string();
    let arguments = ["--workload", "documents", "--mode", mode.name, "--servers", &count];
    let arguments = [&arguments[..], options, &["-q", "--output", "-"]].concat();
    for _ in 0..TRIES {
        let ended = loadgen(&arguments);
        let code = ended.code();
        let run = ended.json()["runs"][0].clone();
        assert_eq!(
            (&run["target"]["workload"], &run["target"]["mode"]),
            (&"documents".into(), &mode.name.into())
        );
        if mode.expectation(Backend::Sqlite, servers) == Some(Expectation::Correct) {
            assert_eq!(
                (code, &run["correctness"]["verdict"]),
                (0, &"valid".into()),
                "{}: {run}",
                mode.name
            );
        }
        if code == 0 {
            return run;
        }
    }
    panic!("{} with {servers} servers: not as expected in {TRIES} tries", mode.name);
}

fn mode(name: &str) -> &'static Mode {
    Mode::named(name).unwrap()
}

fn kind<'r>(run: &'r Value, name: &str) -> &'r Value {
    let kinds = run["correctness"]["kinds"].as_array().unwrap();
    kinds.iter().find(|kind| kind["name"] == name).unwrap_or_else(|| panic!("no {name}: {kinds:?}"))
}

#[test]
fn every_mode_on_sqlite_is_as_the_catalogue_says() {
    for mode in Backend::Sqlite.modes() {
        let run = as_expected(mode, 1, &["-n", "400"]);
        let lost = run["correctness"]["lost"]["min"].as_u64().unwrap();
        let loses = mode.expectation(Backend::Sqlite, 1) != Some(Expectation::Correct);
        assert_eq!(lost > 0, loses, "{}: {}", mode.name, run["correctness"]);
    }
}

#[test]
fn a_lock_of_the_process_is_no_lock_of_two() {
    for servers in [1, 2] {
        let run = as_expected(mode("process-mutex"), servers, &["-n", "600"]);
        assert_eq!(run["correctness"]["lost"]["min"].as_u64().unwrap() > 0, servers == 2);
    }
    as_expected(mode("optimistic"), 2, &["-n", "300"]);
}

#[test]
fn each_of_the_documents_is_judged_by_a_model_of_its_own() {
    let run = as_expected(mode("serializable"), 1, &["-n", "600"]);
    for (name, model) in [
        ("counter", "fetch-and-add"),
        ("note", "register"),
        ("items", "set"),
        ("accounts", "accounts:0"),
    ] {
        let kind = kind(&run, name);
        assert_eq!((&kind["model"], &kind["verdict"]), (&model.into(), &"valid".into()));
        assert!(kind["acknowledged"].as_u64().unwrap() > 10, "{kind}");
    }
    // What each adds is there: the sizes say it.
    for name in ["counter", "items"] {
        let kind = kind(&run, name);
        let [before, after, acknowledged] =
            ["before", "after", "acknowledged"].map(|key| kind[key].as_u64().unwrap());
        assert_eq!(after - before, acknowledged, "{kind}");
    }
    assert_eq!(run["correctness"]["lost"]["max"], 0);
}

/// The words of one model do not fit the others.
#[test]
fn of_several_models_it_is_said_that_updates_are_there() {
    let ended = loadgen(&["--workload", "documents", "--mode", "atomic", "-n", "200", "-q"]);
    let text = ended.exited(0).stdout;
    let last = text.lines().next_back().unwrap();
    assert!(
        last.starts_with("atomic: all ")
            && last.ends_with(" acknowledged updates are there (as expected)"),
        "{text}"
    );
}

#[test]
fn what_a_client_reads_and_writes_back_is_judged_as_one_update() {
    let racy = as_expected(mode("client-side"), 1, &["-n", "200"]);
    let anomalies = racy["correctness"]["anomalies"].to_string();
    assert!(anomalies.contains("lost-update"), "{anomalies}");
    let compared = as_expected(mode("client-side-if-match"), 1, &["-n", "200"]);
    // Who came too late was told so.
    assert!(compared["requests"]["status"]["412"].as_u64().unwrap() > 0, "{compared}");
    assert_eq!(compared["correctness"]["model"], "fetch-and-add");
}

/// A file that is there is used, and what is in it already is nobody's loss.
#[test]
fn a_database_that_is_named_is_loaded_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("shop.db").display());
    let mut before = 0;
    for _ in 0..2 {
        let run = as_expected(mode("atomic"), 2, &["--database", &database, "-n", "200"]);
        let counter = kind(&run, "counter");
        assert_eq!(counter["before"].as_u64().unwrap(), before);
        before = counter["after"].as_u64().unwrap();
        assert!(before > 0);
    }
}

#[test]
fn documents_that_are_served_already_are_loaded_at_their_url() {
    let arguments =
        ["server", "--workload", "documents", "--mode", "racy", "--listen", "127.0.0.1:0"];
    let server = Process::spawn(command(&arguments));
    let url = server.url();
    let ended = loadgen(&["--workload", "documents", "-n", "600", "-q", "--output", "-", &url]);
    assert_eq!(ended.code(), 1);
    let report = ended.json();
    assert_eq!(report["correctness"]["verdict"], "invalid", "{}", report["correctness"]);
    assert_eq!(report["target"]["mode"], Value::Null);
}

#[test]
fn what_is_not_for_documents_is_refused_with_what_would_be_right() {
    for (arguments, expected) in [
        (&["--database", "sqlite:x"][..], "--database: only documents are kept in a database"),
        (&["--workload", "jobs", "--servers", "2"], "--servers: only documents"),
        (&["--workload", "documents", "--servers", "2", "http://h/"], "without URL starts"),
        (
            &["--workload", "documents", "--mode", "mutex"],
            "`mutex` is not a mode of documents: expected one of racy,",
        ),
        (
            &["--workload", "documents", "--mode", "repeatable-read"],
            "SQLite has no repeatable-read: expected one of racy,",
        ),
        (
            &["--workload", "documents", "--model", "set"],
            "--model: the workload says what is sent to documents and how it is judged",
        ),
        (
            &["--workload", "documents", "--database", "shop.db"],
            "expected sqlite:FILE, postgres://",
        ),
    ] {
        let ended: Ended = loadgen(arguments);
        assert_eq!(ended.code(), 2, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
}
