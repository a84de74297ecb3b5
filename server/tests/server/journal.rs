//! Results that outlive the server in a file, or do not.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::client::{Connection, PATIENCE};
use crate::process::{Ended, NO_LOCK_HELD, NOTICE, Process, Program, command};

/// A file that is gone when the test is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("journal-{name}-{}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // It is there where a former process had the same id, and did not get to its end.
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn numbers(&self) -> Vec<usize> {
        let text = fs::read_to_string(&self.0).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test may have had no use for it.
        let _ = fs::remove_file(&self.0);
    }
}

/// At 2 ms each, more than are saved while they are acknowledged.
const RESULTS: usize = 200;

#[test]
fn unawaited_loses_at_its_end_what_it_acknowledged() {
    const TRIES: usize = 10;
    let lost = (0..TRIES).any(|_| {
        let journal = Scratch::new("unawaited");
        acknowledge_and_end("unawaited", &journal, 0..RESULTS);
        let saved = after_restart("unawaited", &journal);
        assert!(saved.len() <= RESULTS, "{saved:?}");
        assert!(saved.iter().copied().eq(0..saved.len()), "in their order: {saved:?}");
        saved.len() < RESULTS
    });
    assert!(lost, "nothing was lost {TRIES} times");
}

#[test]
fn awaited_saves_at_its_end_what_it_acknowledged() {
    let journal = Scratch::new("awaited");
    for run in 0..3 {
        acknowledge_and_end("awaited", &journal, run * RESULTS..(run + 1) * RESULTS);
        let all: Vec<_> = (0..(run + 1) * RESULTS).collect();
        assert_eq!(journal.numbers(), all);
        assert_eq!(after_restart("awaited", &journal), all);
    }
}

/// What one saved, the other reads: the file says nothing of the mode.
#[test]
fn unawaited_keeps_what_it_had_the_time_to_save() {
    let journal = Scratch::new("kept");
    let program = serve("unawaited", &journal);
    acknowledge(&program, 0..3);
    let start = Instant::now();
    while listed(&program).len() < 3 {
        assert!(start.elapsed() < PATIENCE, "it was never saved");
        std::thread::sleep(Duration::from_millis(1));
    }
    end(program);
    assert_eq!(after_restart("awaited", &journal), [0, 1, 2]);
}

#[test]
fn a_journal_with_garbage_is_refused_by_file_and_line() {
    for (text, problem) in [
        ("1\nrubbish\n3\n", "line 2: `rubbish` is not a number: expected one on each line"),
        ("1\n\n3\n", "line 2: `` is not a number"),
        ("1\n2.5\n", "line 2: `2.5` is not a number"),
        ("1\n9223372036854775808\n", "line 2: `9223372036854775808` is not a number"),
        ("1\n2\n3", "line 3: `3` is the last, and has no end"),
    ] {
        let journal = Scratch::new("garbage");
        fs::write(&journal.0, text).unwrap();
        let ended = start_with("unawaited", journal.path());
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains(journal.path()), "{}", ended.stderr);
        assert!(ended.stderr.contains(problem), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert_eq!(fs::read_to_string(&journal.0).unwrap(), text, "it is left as it was");
    }
}

#[test]
fn a_journal_that_is_no_text_is_refused_by_name() {
    let journal = Scratch::new("no-text");
    fs::write(&journal.0, b"1\n\xff\n").unwrap();
    let ended = start_with("awaited", journal.path());
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    let expected = format!("cannot use {} as a journal", journal.path());
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
}

#[test]
fn a_journal_that_cannot_be_opened_is_refused_by_name() {
    for path in [env!("CARGO_TARGET_TMPDIR"), "/nowhere/journal"] {
        let ended = start_with("awaited", path);
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        let expected = format!("cannot use {path} as a journal");
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_journal_where_nothing_is_kept_is_refused() {
    for workload in store::WORKLOADS.iter().filter(|workload| workload.name != "unawaited") {
        let journal = Scratch::new("unused");
        let arguments = ["--workload", workload.name, "--journal", journal.path()];
        let ended = Process::spawn(command(&[&arguments[..], &ANY_PORT].concat())).end();
        assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
        let expected = format!("--journal: {} keeps nothing in a file", workload.name);
        assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
        assert!(!journal.0.exists(), "a file was made for it");
    }
}

#[test]
fn a_journal_that_can_no_longer_be_read_ends_the_server() {
    let journal = Scratch::new("unreadable");
    let program = serve("awaited", &journal);
    acknowledge(&program, 0..1);
    fs::write(&journal.0, "rubbish\n").unwrap();
    assert!(program.connect().get("/results").is_err());
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    let expected = format!("fatal error: Journal in {} cannot be read: line 1", journal.path());
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
}

/// At 2 ms each that takes a while, of which nobody needs to see the end.
#[test]
fn a_second_signal_ends_what_the_first_waits_for() {
    const SIGNALS: [Signal; 2] = [Signal::SIGTERM, Signal::SIGINT];
    let journal = Scratch::new("impatient");
    let mut program = serve("awaited", &journal);
    acknowledge(&program, 0..20 * RESULTS);
    let stderr = program.stderr_lines();
    program.process.signal(SIGNALS[0]);
    // It has stopped serving, and saves.
    let start = Instant::now();
    while Connection::open(program.address).is_ok() {
        assert!(start.elapsed() < PATIENCE, "it goes on serving");
    }
    program.process.signal(Signal::SIGUSR1);
    assert_eq!(stderr.recv_timeout(PATIENCE).unwrap(), NOTICE.trim_end());
    assert_eq!(stderr.recv_timeout(PATIENCE).unwrap(), NO_LOCK_HELD);
    program.process.signal(SIGNALS[1]);
    assert_eq!(program.end().status.code(), Some(1));
    let said = stderr.recv_timeout(PATIENCE).unwrap();
    assert!(said.contains("ended before everything acknowledged was saved"), "{said}");
    assert!(journal.numbers().len() < 20 * RESULTS);
}

/// Whatever is not refused is on any port.
const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

fn start_with(mode: &str, path: &str) -> Ended {
    let arguments = ["--workload", "unawaited", "--mode", mode, "--journal", path];
    Process::spawn(command(&[&arguments[..], &ANY_PORT].concat())).end()
}

fn serve(mode: &str, journal: &Scratch) -> Program {
    Program::start(&["--workload", "unawaited", "--mode", mode, "--journal", journal.path()])
}

fn acknowledge_and_end(mode: &str, journal: &Scratch, ids: std::ops::Range<usize>) {
    let program = serve(mode, journal);
    acknowledge(&program, ids);
    end(program);
}

fn acknowledge(program: &Program, ids: std::ops::Range<usize>) {
    let mut connection = program.connect();
    for id in ids {
        connection.send(format!("POST /results?id={id} HTTP/1.1\r\nhost: x\r\n\r\n")).unwrap();
        assert_eq!(connection.reply().unwrap().status, 202);
    }
}

fn after_restart(mode: &str, journal: &Scratch) -> Vec<usize> {
    let program = serve(mode, journal);
    let listed = listed(&program);
    end(program);
    listed
}

fn listed(program: &Program) -> Vec<usize> {
    let reply = program.connect().get("/results").unwrap();
    assert_eq!(reply.status, 200);
    reply.body.lines().map(|line| line.parse().unwrap()).collect()
}

fn end(program: Program) {
    program.process.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), NOTICE));
}
