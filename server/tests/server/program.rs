//! What a shell sees of the server: options, output, signals, exit codes.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use loadgen_server::interrupts::ignores_hang_up;
use nix::sys::signal::Signal;
use serde_json::Value;
use store::WORKLOADS;

use crate::client::{Connection, INC_WITH_BODY_TO_FOLLOW, wait_until_refused};
use crate::process::{Ended, NOTICE, Process, Program, command};

#[test]
fn it_prints_the_port_it_got_and_nothing_else() {
    let program = Program::start(&[]);
    assert_ne!(program.address.port(), 0);
    assert_eq!(program.first_line, format!("listening on http://{}\n", program.address));
    assert_eq!(program.connect().get("/get?name=i").unwrap().body, "i: 0");
    program.process.signal(Signal::SIGTERM);
    ended_well(&program.end());
}

#[test]
fn it_runs_as_it_is_told_to() {
    for (arguments, workload, mode, race_window) in [
        (&[][..], "counter", "mutex", "1us"),
        (
            &["--mode", "load-store", "--race-window", "5us", "--worker-threads", "1"],
            "counter",
            "load-store",
            "5us",
        ),
        (&["--workload", "booking"], "booking", "mutex", "1ms"),
        (&["--workload", "jobs"], "jobs", "mutex", "1us"),
        (&["--workload", "results"], "results", "mutex", "1us"),
        (&["--workload", "unawaited"], "unawaited", "awaited", "none"),
        (&["--mode", "racy", "--workload", "booking"], "booking", "racy", "1ms"),
        (&["--workload", "jobs", "--mode", "sharded"], "jobs", "sharded", "1us"),
    ] {
        let program = Program::start(arguments);
        let reply = program.connect().get_json("/").unwrap();
        let about: Value = serde_json::from_str(&reply.body).unwrap();
        let told = ["workload", "mode", "race_window"].map(|key| about[key].as_str().unwrap());
        assert_eq!(told, [workload, mode, race_window], "{arguments:?}");
    }
}

#[test]
fn sigint_and_sigterm_drain_requests_in_flight() {
    // Programs that are started under `nohup` ignore it.
    let hang_up = (!ignores_hang_up()).then_some(Signal::SIGHUP);
    for signal in [Signal::SIGINT, Signal::SIGTERM].into_iter().chain(hang_up) {
        let program = Program::start(&["--mode", "racy", "--race-window", "300ms"]);
        let mut idle = program.connect();
        assert_eq!(idle.get("/healthz").unwrap().status, 200);
        let mut half_a_body = program.connect();
        half_a_body.send(INC_WITH_BODY_TO_FOLLOW).unwrap();
        assert_eq!(half_a_body.reply().unwrap().status, 100);
        let mut in_the_race_window = program.connect();
        in_the_race_window.send(INC_WITH_BODY_TO_FOLLOW).unwrap();
        assert_eq!(in_the_race_window.reply().unwrap().status, 100);

        in_the_race_window.send("x").unwrap();
        program.process.signal(signal);
        wait_until_refused(program.address);
        half_a_body.send("x").unwrap();
        for connection in [&mut in_the_race_window, &mut half_a_body] {
            assert_eq!(connection.reply().unwrap().status_and_body(), (200, "ok"), "{signal}");
            assert!(connection.is_closed_by_the_server(), "{signal}");
        }
        assert!(idle.is_closed_by_the_server(), "{signal}");
        ended_well(&program.end());
    }
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Process::spawn(command(&["--listen", &address])).end();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains(&format!("cannot listen on {address}")), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_bad_option_is_2_with_what_was_expected() {
    for (option, value, expected) in [
        ("--mode", "nope", "racy, load-store, go-map, mutex, rwlock, atomic, channel"),
        ("--race-window", "nope", "expected none, yield, spin:N or a duration up to 1m"),
        ("--race-window", "2m", "expected none, yield, spin:N or a duration up to 1m"),
        ("--listen", "nope", "--listen <ADDRESS>"),
        ("--listen", "127.0.0.1:65536", "--listen <ADDRESS>"),
        ("--worker-threads", "0", "expected a number from 1 to 1024"),
        ("--worker-threads", "1025", "expected a number from 1 to 1024"),
        ("--worker-threads", "18446744073709551615", "expected a number from 1 to 1024"),
        ("--nope", "", "unexpected argument '--nope'"),
    ] {
        let ended = Process::spawn(command(&[option, value])).end();
        assert_eq!(ended.status.code(), Some(2), "{option} {value}");
        assert!(ended.stderr.contains(expected), "{option} {value}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_wrong_choice_is_2_with_what_there_is() {
    let workloads = "counter, booking, jobs, results, unawaited, mistakes";
    let booking = "expected one of racy, always-ok, mutex, rwlock, atomic, channel";
    for (arguments, wrong, expected) in [
        (&["--workload", "x"][..], "'x'", workloads),
        (
            &["--workload", "booking", "--mode", "sharded"],
            "`sharded` is not a mode of booking",
            booking,
        ),
        (
            &["--mode", "sharded"],
            "`sharded` is not a mode of counter",
            "expected one of racy, load-store",
        ),
        (
            &["--mode", "unawaited", "--workload", "results"],
            "`unawaited` is not a mode of results",
            "expected one of racy, lock-before-sleep, mutex, rwlock",
        ),
        (
            &["--workload", "mistakes", "--mode", "mutex"],
            "`mutex` is not a mode of mistakes",
            "lock-twice",
        ),
    ] {
        let ended = Process::spawn(command(arguments)).end();
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(ended.stderr.contains(wrong), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn help_lists_every_workload_with_its_modes() {
    let ended = Process::spawn(command(&["--help"])).end();
    assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), ""));
    // However it is wrapped.
    let help = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = &*help;
    for workload in WORKLOADS {
        let modes = workload.modes.iter();
        let modes = modes.map(|m| format!("- {}: {} ({})", m.name, m.summary, m.expectation));
        let heading = format!("{}: {} - ", workload.name, workload.summary);
        let expected = std::iter::once(heading).chain(modes);
        for expected in expected {
            let at = rest.find(&expected).unwrap_or_else(|| panic!("no {expected:?} in {rest}"));
            rest = &rest[at + expected.trim_end_matches("- ").len()..];
        }
    }
}

#[test]
fn it_serves_even_if_nobody_reads_its_output() {
    const TRIES: usize = 5;
    let served = (0..TRIES).any(|_| {
        // It cannot say which port it got, so it is given one, which another may take meanwhile.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let mut command = command(&["--listen", &address.to_string()]);
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
        let mut process = Process::spawn(command);
        if !answers(address, &mut process) {
            return false;
        }
        process.signal(Signal::SIGTERM);
        ended_well(&process.end());
        true
    });
    assert!(served, "it ended by itself {TRIES} times");
}

/// Waits for the process to answer, or to end.
fn answers(address: SocketAddr, process: &mut Process) -> bool {
    while !process.has_ended() {
        let reply = Connection::open(address).and_then(|mut c| c.get("/healthz"));
        if reply.is_ok_and(|reply| reply.status == 200) {
            return true;
        }
        thread::sleep(Duration::from_millis(2));
    }
    false
}

#[test]
fn go_map_dies_of_concurrent_use_as_go_does() {
    const TRIES: usize = 10;
    // More than one worker even on a machine with one core.
    let arguments = ["--mode", "go-map", "--race-window", "100us", "--worker-threads", "4"];
    let program = Program::start(&arguments);
    let broke = (0..TRIES).any(|_| use_until_a_connection_breaks(program.address));
    assert!(broke, "it survived concurrent use {TRIES} times");

    let ended = program.end();
    assert_eq!(ended.status.code(), Some(2));
    let deaths = ["writes", "read and map write", "iteration and map write"];
    let died_of_one = deaths.iter().any(|conflict| {
        ended.stderr == format!("{NOTICE}fatal error: concurrent map {conflict}\n")
    });
    assert!(died_of_one, "{:?}", ended.stderr);
}

/// Has a few dozen clients write, read and list, each to its end or that of its connection.
fn use_until_a_connection_breaks(address: SocketAddr) -> bool {
    const REQUESTS_PER_CLIENT: usize = 100;
    let clients = ["/inc?name=i", "/set?name=j&val=1", "/get?name=i", "/list"].repeat(8);
    let client = |uri: &str| {
        let mut connection = Connection::open(address)?;
        (0..REQUESTS_PER_CLIENT).try_for_each(|_| connection.get(uri).map(drop))
    };
    thread::scope(|scope| {
        let running: Vec<_> =
            clients.into_iter().map(|uri| scope.spawn(move || client(uri))).collect();
        running.into_iter().any(|client| client.join().unwrap().is_err())
    })
}

fn ended_well(ended: &Ended) {
    assert_eq!(ended.status.code(), Some(0), "{}: {}", ended.status, ended.stderr);
    assert_eq!((&*ended.stdout, &*ended.stderr), ("", NOTICE));
}
