//! The workload documents, as a shell sees it. What it does with databases is tested in its own crate.

use std::fs;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::process::{NOTICE, Process, Program, command};

#[test]
fn documents_are_in_a_temporary_file_that_is_gone_with_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&["--workload", "documents"]);
    command.env("TMPDIR", folder.path());
    let program = Program::spawn(command);
    let mut connection = program.connect();
    let made = "POST /documents?id=a HTTP/1.1\r\nhost: x\r\ncontent-length: 7\r\n\r\n{\"n\":1}";
    connection.send(made).unwrap();
    assert_eq!(connection.reply().unwrap().status, 201);
    let about = connection.get("/").unwrap();
    let about: Value = serde_json::from_str(&about.body).unwrap();
    let told = ["workload", "mode", "race_window"].map(|key| about[key].as_str().unwrap());
    assert_eq!(told, ["documents", "atomic", "1ms"]);
    assert!(about["database"].as_str().unwrap().contains("synchronous=FULL"), "{about}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    program.process.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("database: SQLite 3."), "{}", ended.stderr);
    assert!(ended.stderr.ends_with(NOTICE), "{}", ended.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn two_servers_share_a_file_that_outlives_them() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("shared.db").display());
    let arguments = ["--workload", "documents", "--database", &database, "--mode", "optimistic"];
    for round in 1..=2 {
        let programs = [Program::start(&arguments), Program::start(&arguments)];
        let mut connections = programs.each_ref().map(Program::connect);
        if round == 1 {
            let made =
                "POST /documents?id=a HTTP/1.1\r\nhost: x\r\ncontent-length: 7\r\n\r\n{\"n\":0}";
            connections[0].send(made).unwrap();
            assert_eq!(connections[0].reply().unwrap().status, 201);
        }
        for connection in &mut connections {
            let add =
                "POST /documents/a/inc?field=n HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
            connection.send(add).unwrap();
            assert_eq!(connection.reply().unwrap().status, 200);
        }
        let read = connections[0].get("/documents/a").unwrap();
        assert_eq!(read.body, format!("{{\"n\":{}}}", 2 * round));
        for program in programs {
            program.process.signal(Signal::SIGTERM);
            assert_eq!(program.end().status.code(), Some(0));
        }
    }
}

#[test]
fn what_does_not_go_together_is_refused_with_what_would() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sqlite = format!("sqlite:{}", file.path().display());
    for (arguments, expected, code) in [
        (
            &["--workload", "documents", "--mode", "repeatable-read"][..],
            "SQLite has no repeatable-read: expected one of racy, process-mutex",
            1,
        ),
        (
            &["--workload", "documents", "--mode", "mutex"],
            "`mutex` is no mode of documents: expected one of racy, process-mutex",
            2,
        ),
        (
            &["--database", &sqlite],
            "--database: counter is kept in memory: leave it out, or see --workload documents",
            1,
        ),
        (&["--workload", "jobs", "--require-if-match"], "--require-if-match: jobs is kept", 1),
        (&["--workload", "jobs", "--connections", "3"], "--connections: jobs is kept", 1),
        (&["--workload", "documents", "--journal", "x"], "--journal: documents are kept in a", 1),
        (&["--workload", "documents", "--connections", "0"], "a number from 1 to 1024", 2),
        (
            &["--workload", "documents", "--database", "x.db"],
            "expected sqlite:FILE, postgres://",
            2,
        ),
        (
            &["--workload", "documents", "--database", "sqlite:/nowhere/x.db"],
            "sqlite:/nowhere/x.db cannot be used",
            1,
        ),
    ] {
        let ended = Process::spawn(command(arguments)).end();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn the_modes_of_the_documents_are_in_the_help() {
    let ended = Process::spawn(command(&["--help"])).end();
    let help = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for mode in &documents::MODES {
        let line = format!("- {}: {} ({})", mode.name, mode.summary, mode.expected_in_words());
        assert!(help.contains(&line), "no {line:?} in {help}");
    }
}
