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
    let last = format!("{NOTICE}documents: done=1 retries=0 ");
    assert!(ended.stderr.contains(&last), "{}", ended.stderr);
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
            "`mutex` is not a mode of documents: expected one of racy, process-mutex",
            2,
        ),
        (
            &["--database", &sqlite],
            "--database: counter is kept in memory: leave it out, or see --workload documents",
            1,
        ),
        (&["--workload", "jobs", "--require-if-match"], "--require-if-match: jobs is kept", 1),
        (&["--workload", "jobs", "--connections", "3"], "--connections: jobs is kept", 1),
        (&["--workload", "jobs", "--servers", "2"], "--servers: jobs is kept in memory", 1),
        (&["--workload", "documents", "--servers", "2", "--tls"], "leave out --tls", 1),
        (&["--workload", "documents", "--servers", "17"], "a number from 1 to 16", 2),
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

/// Several servers at one address: each is a process with a lock of its own, and they end together.
#[test]
fn several_servers_share_a_port_and_a_database() {
    const CLIENTS: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        command(&["--workload", "documents", "--mode", "process-mutex", "--servers", "2"]);
    command.env("TMPDIR", folder.path());
    let program = Program::spawn(command);
    let mut connections: Vec<_> = (0..CLIENTS).map(|_| program.connect()).collect();
    let made = "POST /documents?id=a HTTP/1.1\r\nhost: x\r\ncontent-length: 7\r\n\r\n{\"n\":1}";
    connections[0].send(made).unwrap();
    assert_eq!(connections[0].reply().unwrap().status, 201);
    // Whoever is spoken to, the document is there; and both are spoken to.
    let mut done = Vec::new();
    for connection in &mut connections {
        assert_eq!(connection.get("/documents/a").unwrap().body, "{\"n\":1}");
    }
    for connection in &mut connections {
        let stats: Value = serde_json::from_str(&connection.get("/stats").unwrap().body).unwrap();
        done.push(stats["done"].as_u64().unwrap());
    }
    done.sort_unstable();
    done.dedup();
    assert_eq!((done.len(), done.iter().sum::<u64>()), (2, 1 + CLIENTS as u64), "{done:?}");

    drop(connections);
    // A terminal signals them all.
    for server in program.process.children() {
        nix::sys::signal::kill(server, Signal::SIGTERM).unwrap();
    }
    program.process.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("documents: done=").count(), 2, "{}", ended.stderr);
    assert!(!ended.stderr.contains("ended before"), "{}", ended.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn where_one_of_several_servers_ends_all_do() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("shared.db").display());
    let arguments = ["--workload", "documents", "--database", &database, "--servers", "3"];
    let program = Program::spawn(command(&arguments));
    let servers = program.process.children();
    assert_eq!(servers.len(), 3);
    nix::sys::signal::kill(servers[1], Signal::SIGKILL).unwrap();
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    let told = "one of the servers has ended: signal: 9 (SIGKILL)";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    for server in servers {
        assert!(nix::sys::signal::kill(server, None).is_err(), "{server} still runs");
    }
}
