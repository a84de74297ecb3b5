//! A store that is slow, or answers nobody any more: the server still does, and says why.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use loadgen_server::Service;
use loadgen_server::locks::{Fact, Line, Party, Role};
use nix::sys::signal::Signal;
use store::{RaceWindow, Settings};

use crate::app::{settings, specimen, workload};
use crate::client::{Connection, PATIENCE};
use crate::process::{NO_LOCK_HELD, NOTICE, Program};
use crate::serving::Serving;

/// How many jobs there is room for by default: few enough to fill.
fn capacity() -> usize {
    (workload("mistakes").defaults)().capacity
}

/// A server of a mode of `mistakes`, and what it says on stderr behind its notice.
fn mistake(mode: &str, options: &[&str]) -> (Program, mpsc::Receiver<String>) {
    let arguments = [&["--workload", "mistakes", "--mode", mode], options].concat();
    let mut program = Program::start(&arguments);
    let stderr = program.stderr_lines();
    assert_eq!(stderr.recv_timeout(PATIENCE).unwrap(), NOTICE.trim_end());
    (program, stderr)
}

#[test]
fn a_slow_call_keeps_nobody_else_from_an_answer() {
    const SLOW: Duration = Duration::from_hours(1);
    for (specimen, slow) in [
        (specimen("booking", "racy"), "POST /book"),
        (specimen("jobs", "racy"), "POST /jobs"),
        (specimen("results", "mutex"), "POST /results?id=1"),
        (specimen("results", "lock-before-sleep"), "POST /results?id=1"),
        (specimen("mistakes", "lock-over-slow-call"), "POST /jobs"),
    ] {
        let settings = settings(specimen.workload);
        let settings =
            Settings { race_window: RaceWindow::Wait(SLOW), service_time: SLOW, ..settings };
        let server = Serving::start(loadgen_server::app(&Service::new(specimen, &settings)));
        let waiting: Vec<_> = (0..8).map(|_| hanging(server.connect(), slow)).collect();
        assert_answers(|| server.connect());
        drop(waiting);
    }
}

#[test]
fn a_forgotten_unlock_hangs_the_store_and_not_the_server() {
    let (program, stderr) = mistake("forgotten-unlock", &[]);
    fill(&program);

    // More than the workers there are.
    let hung: Vec<_> = ["GET /jobs", "POST /jobs", "GET /jobs/17", "DELETE /jobs/17", "GET /jobs"]
        .map(|request| hanging(program.connect(), request))
        .into();
    assert_answers(|| program.connect());
    let told = tell_until(&program, &stderr, |told| told.iter().filter_map(waiting).count() >= 5);
    assert!(told.iter().all(|fact| fact.lock == "jobs"), "{told:?}");
    let holders: Vec<_> = told.iter().filter_map(holder).collect();
    assert_eq!((holders.len(), &*holders[0].operation), (1, "add"));
    let waiting_in: Vec<_> = told.iter().filter_map(waiting).map(|p| &*p.operation).collect();
    let all: BTreeSet<_> = waiting_in.iter().copied().collect();
    assert_eq!(waiting_in.len(), 5, "{waiting_in:?}");
    assert_eq!(all, BTreeSet::from(["add", "contains", "list", "remove"]));
    let threads: BTreeSet<_> = told.iter().filter_map(waiting).map(|party| party.thread).collect();
    assert_eq!(threads.len(), 5, "each waits on a thread of its own");
    assert_answers(|| program.connect());
    drop(hung);
}

#[test]
fn a_lock_taken_twice_names_one_thread_on_both_sides() {
    let (program, stderr) = mistake("lock-twice", &[]);
    let mut connection = program.connect();
    add(&mut connection, capacity());
    let one_too_many = hanging(connection, "POST /jobs");
    // Whoever takes a lock waits for it at first, if only for an instant.
    let told = tell_until(&program, &stderr, |told| {
        told.iter().filter_map(waiting).any(|party| party.operation == "is_full")
    });
    let [held, awaited] = &*told else { panic!("{told:?}") };
    assert_eq!((&*held.lock, &*awaited.lock), ("jobs", "jobs"));
    let (holder, waiting) = (holder(held).unwrap(), waiting(awaited).unwrap());
    assert_eq!((&*holder.operation, &*waiting.operation), ("add", "is_full"));
    assert_eq!(holder.thread, waiting.thread);
    assert_answers(|| program.connect());
    drop(one_too_many);
}

#[test]
fn two_locks_in_opposite_order_show_a_cycle() {
    let (program, stderr) = mistake("opposite-order", &["--race-window", "1s"]);
    // Each begins within a second of the other and then waits for it; if not, the next do.
    let mut calls = Vec::new();
    tell_until(&program, &stderr, |told| {
        if told.is_empty() {
            calls.extend(["POST /jobs", "GET /jobs"].map(|call| hanging(program.connect(), call)));
        }
        holds_one_and_waits_for_the_other(told, "add", ["jobs", "calls"])
            && holds_one_and_waits_for_the_other(told, "list", ["calls", "jobs"])
    });
    assert_answers(|| program.connect());
}

fn holds_one_and_waits_for_the_other(told: &[Fact], operation: &str, locks: [&str; 2]) -> bool {
    let threads = |lock: &str, party: fn(&Fact) -> Option<&Party>| {
        told.iter()
            .filter(|fact| fact.lock == lock)
            .filter_map(party)
            .filter(|party| party.operation == operation)
            .map(|party| party.thread)
            .collect::<BTreeSet<_>>()
    };
    !threads(locks[0], holder).is_disjoint(&threads(locks[1], waiting))
}

#[test]
fn a_send_that_nobody_receives_waits_for_no_holder() {
    let (program, stderr) = mistake("send-nobody-receives", &[]);
    let mut connection = program.connect();
    add(&mut connection, capacity());
    let one_too_many = hanging(connection, "POST /jobs");
    let told = tell_until(&program, &stderr, |told| {
        told.iter().any(|fact| fact.lock == "announcements" && waiting(fact).is_some())
    });
    let of = |lock| told.iter().filter(move |fact| fact.lock == lock);
    assert!(of("announcements").any(|fact| fact.role == Role::HeldBy(None)), "{told:?}");
    assert!(of("announcements").any(|fact| waiting(fact).is_some()), "{told:?}");
    assert!(of("jobs").any(|fact| holder(fact).is_some()), "{told:?}");
    assert_answers(|| program.connect());
    drop(one_too_many);
}

#[test]
fn in_a_healthy_server_no_lock_is_held() {
    for arguments in [&[][..], &["--workload", "mistakes", "--mode", "forgotten-unlock"]] {
        let mut program = Program::start(arguments);
        let stderr = program.stderr_lines();
        if !arguments.is_empty() {
            add(&mut program.connect(), capacity());
        }
        program.process.signal(Signal::SIGUSR1);
        for line in [NOTICE.trim_end(), NO_LOCK_HELD] {
            assert_eq!(stderr.recv_timeout(PATIENCE).unwrap(), line);
        }
        assert_answers(|| program.connect());
        program.process.signal(Signal::SIGTERM);
        assert_eq!(program.end().status.code(), Some(0));
        assert_eq!(stderr.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
    }
}

/// It takes those ten seconds.
#[test]
fn sigterm_ends_a_hung_server_within_its_limit() {
    let program = Program::start(&["--workload", "mistakes", "--mode", "forgotten-unlock"]);
    fill(&program);
    let hung: Vec<_> = (0..8).map(|_| hanging(program.connect(), "GET /jobs")).collect();
    assert_answers(|| program.connect());
    program.process.signal(Signal::SIGTERM);
    let ended = program.end();
    assert_eq!(ended.status.code(), Some(0), "{}: {}", ended.status, ended.stderr);
    let message = "requests were still in flight after 10 s\n";
    assert_eq!(ended.stderr, format!("{NOTICE}{message}"));
    drop(hung);
}

/// Sends a request that is not to be answered.
fn hanging(mut connection: Connection, request: &str) -> Connection {
    connection.send(format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).unwrap();
    connection
}

fn assert_answers(connect: impl Fn() -> Connection) {
    for _ in 0..5 {
        assert_eq!(connect().get("/healthz").unwrap().status_and_body(), (200, "ok"));
        assert_eq!(connect().get("/").unwrap().status, 200);
    }
}

fn add(connection: &mut Connection, jobs: usize) {
    for id in 0..jobs {
        connection.send("POST /jobs HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let reply = connection.reply().unwrap();
        assert_eq!(reply.status_and_body(), (201, &*format!("job {id}")));
    }
}

/// Adds as many jobs as there is room for, and one more, which is refused.
fn fill(program: &Program) {
    let mut connection = program.connect();
    add(&mut connection, capacity());
    connection.send("POST /jobs HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let refused = (409, "there is no room for another job");
    assert_eq!(connection.reply().unwrap().status_and_body(), refused);
}

/// Asks who holds which lock until `enough` is told: a request takes its time to reach a lock.
fn tell_until(
    program: &Program,
    stderr: &mpsc::Receiver<String>,
    mut enough: impl FnMut(&[Fact]) -> bool,
) -> Vec<Fact> {
    const TRIES: usize = 100;
    let mut told = Vec::new();
    for _ in 0..TRIES {
        program.process.signal(Signal::SIGUSR1);
        told = answer(stderr);
        if enough(&told) {
            return told;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("asked {TRIES} times, told at last: {told:?}");
}

/// What is told on one signal.
fn answer(stderr: &mpsc::Receiver<String>) -> Vec<Fact> {
    let mut told = Vec::new();
    loop {
        let line = stderr.recv_timeout(PATIENCE).expect("an answer that has an end");
        match serde_json::from_str(&line) {
            Ok(Line::Fact(fact)) => told.push(fact),
            Ok(Line::End { locks_told }) => {
                assert_eq!(locks_told, u64::try_from(told.len()).unwrap());
                return told;
            }
            Err(error) => panic!("unexpected: {line}: {error}"),
        }
    }
}

fn waiting(fact: &Fact) -> Option<&Party> {
    match &fact.role {
        Role::Waiting(party) => Some(party),
        Role::HeldBy(_) => None,
    }
}

fn holder(fact: &Fact) -> Option<&Party> {
    match &fact.role {
        Role::HeldBy(party) => party.as_ref(),
        Role::Waiting(_) => None,
    }
}
