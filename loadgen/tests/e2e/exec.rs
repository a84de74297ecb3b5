//! Servers under test that `--exec` starts: how they die, what they say, and that none is left.

use std::fmt::Write as _;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::mortal::{Mortal, free_port};
use crate::program::{Ended, Process, command, loadgen, wait_until};

/// Runs a load against `server`, with the report as JSON.
fn load(server: &Mortal, options: &[&str]) -> Ended {
    loadgen(&arguments(server, options))
}

fn arguments<'a>(server: &'a Mortal, options: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["-q", "--output", "-", "--exec", &server.command, "--read", "/get?name=i"];
    [&fixed, options, &[&server.url]].concat()
}

#[track_caller]
fn assert_sums_hold(report: &Value) {
    let count = |name: &str| report["requests"][name].as_u64().unwrap();
    assert_eq!(count("sent"), count("ok") + count("fail") + count("unknown"), "{report}");
}

fn is_running(pid: &Value) -> bool {
    let pid = Pid::from_raw(pid.as_i64().unwrap().try_into().unwrap());
    kill(pid, None).is_ok()
}

#[test]
fn a_server_that_is_killed_is_reported_with_its_signal() {
    for deaths_at in [1, 500, 19_999] {
        let server = Mortal::dying_at(deaths_at, Signal::SIGKILL);
        let ended = load(&server, &["-n", "20000", "-c", "50"]).exited(3);
        let report = ended.json();
        assert_sums_hold(&report);
        let end = &report["server"]["ended"];
        assert_eq!((&end["how"], &end["signal"]), (&"signal".into(), &"SIGKILL".into()), "{end}");
        // The one that killed it was never answered, and neither were those behind it.
        let answered = end["after_requests"].as_u64().unwrap();
        assert!(answered < deaths_at && answered + 50 >= deaths_at, "{deaths_at}: {end}");
        assert_eq!(report["requests"]["ok"], answered);
        assert_eq!(report["correctness"]["verdict"], "unknown");
        let after_death_s =
            report["elapsed_s"].as_f64().unwrap() - end["after_s"].as_f64().unwrap();
        assert!(after_death_s < 2.0, "{after_death_s} s went on after the death");
        assert!(!is_running(&report["server"]["pid"]));
    }
}

#[test]
fn the_text_names_the_signal_and_the_exit_status() {
    for (signal, expected) in
        [(Signal::SIGKILL, "signal SIGKILL"), (Signal::SIGABRT, "signal SIGABRT")]
    {
        let server = Mortal::dying_at(10, signal);
        let (exec, url) = (server.command.as_str(), server.url.as_str());
        let ended = loadgen(&["-q", "-n", "100", "-c", "5", "--exec", exec, url]).exited(3);
        assert!(
            ended.stdout.contains(&format!("   Ended:               {expected} after")),
            "{}",
            ended.stdout
        );
        assert!(ended.stdout.contains("Server under test:      "), "{}", ended.stdout);
    }
    let server = Mortal::exiting_at(10, 7);
    let report = load(&server, &["-n", "100", "-c", "5"]).exited(3).json();
    assert_eq!(report["server"]["ended"]["how"], "exited");
    assert_eq!(report["server"]["ended"]["status"], 7);
}

#[test]
fn a_server_that_survives_is_ended_afterwards() {
    let server = Mortal::immortal();
    let report = load(&server, &["-n", "500", "-c", "10"]).exited(0).json();
    assert_eq!(report["server"]["ended"]["how"], "running");
    assert_eq!(report["correctness"]["verdict"], "valid");
    assert!(!is_running(&report["server"]["pid"]));
}

#[test]
fn a_finding_makes_a_right_run_fail() {
    let server = Mortal::immortal();
    let race = "WARNING: DATA RACE\nRead at 0x01 by goroutine 7:\n  main.inc()\n";
    let exec =
        format!("sh -c \"printf '{}' >&2; exec {}\"", race.replace('\n', "\\n"), server.command);
    let server = Mortal { command: exec, ..server };
    let report = load(&server, &["-n", "500", "-c", "10"]).exited(1).json();
    assert_eq!(report["correctness"]["verdict"], "valid");
    let finding = &report["server"]["findings"][0];
    assert_eq!((&finding["kind"], &finding["count"]), (&"go-race".into(), &1.into()));
    assert_eq!(finding["detail"][1], "  main.inc()");
}

#[test]
fn a_last_line_that_was_cut_off_is_read() {
    let server = Mortal::exiting_at(5, 9);
    let exec = format!("sh -c \"{}; printf 'fatal error: the end' >&2; exit 2\"", server.command);
    let server = Mortal { command: exec, ..server };
    let report = load(&server, &["-n", "50"]).exited(3).json();
    assert_eq!(report["server"]["findings"][0]["line"], "fatal error: the end");
}

#[test]
fn a_server_that_ignores_sigterm_is_killed_after_the_grace() {
    let server = Mortal::immortal();
    let exec = format!("sh -c \"trap '' TERM; {} & wait; sleep 60\"", server.command);
    let server = Mortal { command: exec, ..server };
    let ended = load(&server, &["-n", "50", "--grace", "200ms"]).exited(0);
    assert!(!is_running(&ended.json()["server"]["pid"]));
}

#[test]
fn what_a_server_started_has_the_same_grace() {
    let server = Mortal::immortal();
    let files = tempfile::tempdir().unwrap();
    let mark = files.path().join("done").display().to_string();
    let child = format!("trap 'sleep 0.3; touch {mark}; exit' TERM; while :; do sleep 0.05; done");
    let exec = format!("sh -c \"({child}) & exec {}\"", server.command);
    let server = Mortal { command: exec, ..server };
    load(&server, &["-n", "50"]).exited(0);
    wait_until("the child to end in its own way", || std::fs::exists(&mark).unwrap());
}

#[test]
fn what_a_server_leaves_behind_ends_with_it() {
    let server = Mortal::dying_at(5, Signal::SIGKILL);
    let pid_file = tempfile::NamedTempFile::new().unwrap();
    let path = pid_file.path().to_str().unwrap();
    let exec = format!("sh -c 'sleep 600 & echo $! > {path}; exec {}'", server.command);
    let server = Mortal { command: exec, ..server };
    load(&server, &["-n", "50"]).exited(3);
    let child: i64 = std::fs::read_to_string(path).unwrap().trim().parse().unwrap();
    wait_until("the server's child to end", || !is_running(&child.into()));
}

#[test]
fn nothing_outlives_a_loadgen_that_is_killed() {
    let server = Mortal::immortal();
    let files = tempfile::tempdir().unwrap();
    let [pid_file, log] = ["pid", "log"].map(|name| files.path().join(name).display().to_string());
    let exec = format!("sh -c 'echo $$ > {pid_file}; exec {}'", server.command);
    let server = Mortal { command: exec, ..server };
    let options = ["--duration", "60", "-c", "4", "--exec-log", &log];
    let process = Process::spawn(command(&arguments(&server, &options)));
    // From then on the server writes nothing, so that it is not a closed pipe that ends it.
    wait_until("the first request", || has(&log, "first"));
    let pid: i64 = std::fs::read_to_string(pid_file).unwrap().trim().parse().unwrap();
    assert!(is_running(&pid.into()));
    process.signal(Signal::SIGKILL);
    wait_until("the server to end", || !is_running(&pid.into()));
}

/// Whether a file that is yet to be written has `text`.
fn has(path: &str, text: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|content| content.contains(text))
}

#[test]
fn an_interrupt_ends_the_run_and_the_server() {
    let server = Mortal::immortal();
    let log = tempfile::NamedTempFile::new().unwrap();
    let path = log.path().to_str().unwrap();
    let options = ["--duration", "60", "-c", "4", "--exec-log", path];
    let process = Process::spawn(command(&arguments(&server, &options)));
    // Its output says when the load has begun.
    wait_until("the first request", || has(path, "first"));
    process.signal(Signal::SIGINT);
    let report = process.end().exited(3).json();
    assert_eq!(report["partial"], "interrupted");
    assert_eq!(report["server"]["ended"]["how"], "running");
    assert_eq!(report["correctness"]["verdict"], "valid");
    assert_eq!(report["server"]["output"], Value::Null, "it went to the file");
    assert!(!is_running(&report["server"]["pid"]));
}

#[test]
fn the_last_of_the_output_is_kept() {
    let server = Mortal::immortal();
    let exec = format!("sh -c 'seq 100000; exec {}'", server.command);
    let server = Mortal { command: exec, ..server };
    let report = load(&server, &["-n", "5"]).exited(0).json();
    let output = report["server"]["output"].as_str().unwrap();
    assert!(output.len() <= 64 * 1024 && output.contains("99999\n100000\n"), "{}", output.len());
}

#[test]
fn a_server_that_does_not_come_up_is_said_to() {
    let url = format!("http://127.0.0.1:{}/", free_port());
    for (exec, options, expected) in [
        ("sleep 600", &["--wait", "100ms"][..], "accepted no connection within 0.1 s"),
        (
            "sh -c 'echo no config >&2; exit 4'",
            &[],
            "  no config\nloadgen: `sh -c 'echo no config >&2; exit 4'` ended before it accepted \
             connections: exit status 4 (exit 3)\n",
        ),
        ("/nonexistent/server", &[], "cannot start `/nonexistent/server`: No such file"),
    ] {
        let arguments = [&["-q", "--exec", exec][..], options, &[url.as_str()]].concat();
        let ended = loadgen(&arguments).exited(3);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(ended.took < Duration::from_secs(10));
    }
}

#[test]
fn a_port_that_is_taken_is_not_mistaken_for_the_server() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", taken.local_addr().unwrap());
    let ended = loadgen(&["-q", "--exec", "sleep 600", &url]).exited(3);
    assert!(ended.stderr.contains("something accepts connections at"), "{}", ended.stderr);
}

#[test]
fn on_death_continue_lets_every_request_have_its_outcome() {
    let server = Mortal::dying_at(20, Signal::SIGKILL);
    let report = load(&server, &["-n", "30", "-c", "2", "--on-death", "continue"]).exited(3).json();
    assert_sums_hold(&report);
    assert_eq!(report["requests"]["sent"], 30);
    assert_eq!(report["requests"]["ok"], report["server"]["ended"]["after_requests"]);
}

#[test]
fn wrong_usage_starts_nothing() {
    let mut never = String::from("touch ");
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("started");
    write!(never, "{}", mark.display()).unwrap();
    for (arguments, expected) in [
        (vec!["--exec", &never], "--exec needs the URL"),
        (vec!["--exec", "", "127.0.0.1:1"], "expected a program"),
        (vec!["--exec", "sh -c 'unclosed", "127.0.0.1:1"], "quot"),
        (vec!["--wait", "1s", "127.0.0.1:1"], "--exec"),
        (vec!["--exec", &never, "--exec-log", "/nonexistent/log", "127.0.0.1:1"], "--exec-log"),
        (
            vec!["--exec", &never, "--on-death", "cry", "127.0.0.1:1"],
            "[possible values: stop, continue]",
        ),
    ] {
        let ended = loadgen(&arguments).exited(2);
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
    }
    assert!(!mark.exists());
}
