//! SIGINT, SIGTERM and SIGHUP: the first asks the run to end and report, the second ends it at once.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use server::interrupts::ignores_hang_up;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{PROMPTLY, Process, command, wait_until};

/// Each of them; without SIGHUP where these tests are run under `nohup`, whose programs ignore it.
pub(crate) fn signals() -> Vec<Signal> {
    let mut signals = vec![Signal::SIGINT, Signal::SIGTERM];
    signals.extend((!ignores_hang_up()).then_some(Signal::SIGHUP));
    signals
}

const ONCE_MORE: &str = "interrupt again to end it at once";

/// Answers until it has answered `count`, then never again.
fn stalling_after(count: usize) -> ByteServer {
    ByteServer::start(move |number, _| {
        if number <= count { Reaction::Answer(answer(200, "ok")) } else { Reaction::Stall }
    })
}

#[test]
fn the_first_signal_ends_the_run_with_a_partial_report() {
    for signal in signals() {
        let server = ByteServer::start(|_, _| {
            std::thread::sleep(Duration::from_millis(1));
            Reaction::Answer(answer(200, "ok"))
        });
        let url = server.url("/");
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let process =
            Process::spawn(command(&["--duration", "60", "-c", "4", "--output", path, &url]));
        wait_until("some requests", || server.request_count() >= 100);
        process.signal(signal);
        let ended = process.end().exited(3);

        assert!(
            ended.stdout.contains("\nPartial run:            interrupted\n"),
            "{}",
            ended.stdout
        );
        let report: Value = serde_json::from_reader(File::open(path).unwrap()).unwrap();
        assert_eq!(report["partial"], "interrupted");
        let requests = &report["requests"];
        // What was in flight has been answered, and the server was sent nothing else.
        assert_eq!(requests["ok"], requests["sent"], "{requests}");
        assert_eq!(requests["sent"], server.request_count(), "{requests}");
        assert!(ended.stderr.contains(ONCE_MORE), "{}", ended.stderr);
    }
}

/// However early it comes: the server itself sends it, before it answers the first request.
#[test]
fn a_signal_at_the_very_first_request_ends_the_run_with_a_report() {
    for _ in 0..20 {
        let loadgen = Arc::new(OnceLock::<Pid>::new());
        let pid = Arc::clone(&loadgen);
        let server = ByteServer::start(move |number, _| {
            if number == 1 {
                kill(*pid.wait(), Signal::SIGINT).unwrap();
            }
            Reaction::Answer(answer(200, "ok"))
        });
        let url = server.url("/");
        let process = Process::spawn(command(&["-n", "100000000", "-c", "2", &url]));
        loadgen.set(process.pid()).unwrap();
        let ended = process.end().exited(3);
        let partial = "\nPartial run:            interrupted\n";
        assert!(ended.stdout.contains(partial), "{}{}", ended.stdout, ended.stderr);
    }
}

/// That a run was cut excuses nothing: what was acknowledged until then is lost all the same.
#[test]
fn updates_that_were_lost_are_1_though_the_run_was_interrupted() {
    // It acknowledges every update, and applies none.
    let server = ByteServer::start(|_, _| {
        std::thread::sleep(Duration::from_millis(1));
        Reaction::Answer(answer(200, "0"))
    });
    let url = server.url("/inc");
    let load = ["--duration", "60", "-c", "4", "--read", "/get", "--output", "-", &url];
    let process = Process::spawn(command(&load));
    wait_until("some requests", || server.request_count() >= 100);
    process.signal(Signal::SIGINT);
    let report = process.end().exited(1).json();
    assert_eq!(report["partial"], "interrupted");
    assert_eq!(report["correctness"]["verdict"], "invalid");
    // It took until the signal, and what was in flight then is apart.
    let sum_s = report["elapsed_s"].as_f64().unwrap() + report["drain_s"].as_f64().unwrap();
    assert!(sum_s < 60.0, "{sum_s}");
}

#[test]
fn requests_that_are_not_answered_after_a_signal_are_given_up() {
    let server = stalling_after(300);
    let url = server.url("/");
    let process = Process::spawn(command(&["-n", "1000", "-c", "4", &url]));
    process.wait_for_stderr("Completed 300 requests\n");
    wait_until("the requests that are not answered", || server.request_count() == 304);
    process.signal(Signal::SIGINT);
    let ended = process.end().exited(3);
    assert!(ended.took < PROMPTLY, "{:?}", ended.took);
    for line in [
        "Complete requests:      300\n",
        "Failed requests:        4\n",
        "4 × unanswered when the run ended (first at ",
        "Partial run:            interrupted\n",
    ] {
        assert!(ended.stdout.contains(line), "{line}: {}", ended.stdout);
    }
}

#[test]
fn the_second_signal_ends_it_without_waiting() {
    for signal in signals() {
        let server = stalling_after(0);
        let url = server.url("/");
        let process = Process::spawn(command(&["-n", "100", "-c", "4", &url]));
        wait_until("the requests", || server.request_count() == 4);
        process.signal(signal);
        process.wait_for_stderr(ONCE_MORE);
        process.signal(signal);
        let ended = process.end().exited(3);
        // It did not come to a report, which the requests in flight would have been waited for.
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_signal_before_the_load_ends_it_without_a_request() {
    let server = stalling_after(0);
    let url = server.url("/inc");
    let process = Process::spawn(command(&["-n", "100", "-c", "4", "--read", "/state", &url]));
    wait_until("the reading of the state", || server.request_count() == 1);
    process.signal(Signal::SIGINT);
    let ended = process.end().exited(3);
    assert!(ended.stderr.contains("interrupted before the first request"), "{}", ended.stderr);
    assert_eq!((&*ended.stdout, server.request_count()), ("", 1));
}

#[test]
fn ctrl_c_in_a_terminal_spares_the_counter_server_which_is_read_to_the_end() {
    let arguments = ["--mode", "mutex,atomic", "--duration", "60", "-c", "20", "--output", "-"];
    let mut command = command(&arguments);
    // A terminal sends Ctrl-C to the whole process group.
    command.process_group(0);
    let process = Process::spawn(command);
    process.wait_for_stderr("Completed 10000 requests\n");
    killpg(process.pid(), Signal::SIGINT).unwrap();
    let comparison = process.end().exited(3).json();

    let runs = comparison["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "a run was begun after the signal");
    assert_eq!(runs[0]["partial"], "interrupted");
    assert_eq!(runs[0]["server"]["ended"]["how"], "running");
    let correctness = &runs[0]["correctness"];
    assert_eq!(correctness["verdict"], "valid");
    assert_eq!(correctness["after"], correctness["acknowledged"]);
    assert!(correctness["acknowledged"].as_u64().unwrap() >= 10_000);
    assert_eq!(comparison["partial"], "not run: atomic (interrupted)");
}

#[test]
fn a_signal_between_two_modes_keeps_the_report_of_the_first() {
    // The window, which matters to the second alone, makes it last for longer than any signal takes.
    let arguments = ["--mode", "mutex,racy", "--race-window", "50ms", "-n", "2000", "-c", "5"];
    let process = Process::spawn(command(&arguments));
    process.wait_for_stderr("Finished 2000 requests\n");
    process.signal(Signal::SIGINT);
    let ended = process.end().exited(3);
    assert!(ended.stdout.contains("mutex: all 2000 acknowledged updates"), "{}", ended.stdout);
    // It depends on the moment whether the second one is left out or cut short.
    let second = ended.stdout.lines().last().unwrap();
    assert!(second.starts_with("racy: ") && second.contains("interrupted"), "{}", ended.stdout);
}

/// `nohup` is for a run that is to go on when the terminal is closed.
#[test]
fn a_hang_up_that_is_to_be_ignored_is() {
    let server = ByteServer::start(|_, _| {
        std::thread::sleep(Duration::from_millis(1));
        Reaction::Answer(answer(200, "ok"))
    });
    let url = server.url("/");
    let load = command(&["-n", "1000", "-c", "1", &url]);
    let mut ignoring = std::process::Command::new("nohup");
    ignoring.arg(load.get_program()).args(load.get_args());
    ignoring.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let process = Process::spawn(ignoring);
    wait_until("some requests", || server.request_count() >= 100);
    process.signal(Signal::SIGHUP);
    process.end().exited(0);
    assert_eq!(server.request_count(), 1000);
}
