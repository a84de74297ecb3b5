//! What a server leaves behind when it ends: nothing does.

use std::fs;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::mortal::Mortal;
use crate::program::{Ended, Process, command, loadgen, wait_until};

/// A server that is started by a script, which has `%` where the server's command is to be and
/// writes process ids to the file `$PIDS`.
fn started_by(script: &str) -> (Mortal, tempfile::NamedTempFile) {
    let server = Mortal::immortal();
    let pids = tempfile::NamedTempFile::new().unwrap();
    let script =
        script.replace('%', &server.command).replace("$PIDS", &pids.path().display().to_string());
    let exec = format!("sh -c \"{script}\"");
    (Mortal { command: exec, ..server }, pids)
}

fn arguments<'a>(server: &'a Mortal, options: &[&'a str]) -> Vec<&'a str> {
    [&["-q", "--exec", &server.command], options, &[&server.url]].concat()
}

fn load(server: &Mortal, options: &[&str]) -> Ended {
    loadgen(&arguments(server, options))
}

fn pids(file: &tempfile::NamedTempFile) -> Vec<Pid> {
    let text = fs::read_to_string(file.path()).unwrap();
    text.lines().map(|line| Pid::from_raw(line.trim().parse().unwrap())).collect()
}

fn is_running(pid: Pid) -> bool {
    kill(pid, None).is_ok()
}

#[test]
fn what_left_the_servers_group_is_ended_and_counted() {
    let (server, file) = started_by(
        // A short run may be over before the last of them has begun.
        "setsid sleep 600 & echo \\$! > $PIDS; setsid sh -c 'sleep 600 & echo \\$! >> $PIDS; wait' & \
         echo \\$! >> $PIDS; until [ \\$(wc -l < $PIDS) -eq 3 ]; do sleep 0.01; done; exec %",
    );
    let ended = load(&server, &["-n", "50"]).exited(0);
    let line = "   Left behind:         3 processes of the server outlived it and were ended\n";
    assert!(ended.stdout.contains(line), "{}", ended.stdout);
    for pid in pids(&file) {
        assert!(!is_running(pid), "{pid}");
    }
    let ended = load(&server, &["-n", "50", "--output", "-"]).exited(0);
    assert_eq!(ended.json()["server"]["left_behind"], 3);
}

/// Whether a process runs, as `/proc` says: one that has ended and was not waited for does not.
fn runs(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    !matches!(state, None | Some("Z" | "X"))
}

/// In the background, and deaf to SIGTERM: what a process ignores, its programs ignore, too.
const DEAF_CHILD: &str = "(trap '' TERM; exec sleep 600) & echo \\$! >> $PIDS";

#[test]
fn a_child_that_ignores_sigterm_is_dead_after_the_grace() {
    // The server ends when it is told to, or is as deaf as its children.
    let deaf = format!("trap '' TERM; {DEAF_CHILD}; % & echo \\$! >> $PIDS; wait; sleep 600");
    for script in [format!("{DEAF_CHILD}; exec %"), deaf] {
        let (server, file) = started_by(&script);
        load(&server, &["-n", "50", "--grace", "300ms"]).exited(0);
        let pids = pids(&file);
        assert!(!pids.is_empty());
        for pid in pids {
            assert!(!runs(pid), "{script}: {pid}");
        }
    }
}

/// One that has left the server's group, and whose child comes to light when it is dead.
#[test]
fn a_daemon_that_ignores_sigterm_is_dead_after_the_grace() {
    let daemon = "trap \\\"\\\" TERM; sleep 600 & echo \\$! >> $PIDS; wait";
    let script = format!("setsid sh -c '{daemon}' & echo \\$! >> $PIDS; exec %");
    let (server, file) = started_by(&script);
    let options = ["-n", "50", "--grace", "300ms", "--output", "-"];
    let ended = load(&server, &options).exited(0);
    let pids = pids(&file);
    assert_eq!(pids.len(), 2);
    for pid in pids {
        assert!(!runs(pid), "{pid}");
    }
    assert_eq!(ended.json()["server"]["left_behind"], 2);
}

#[test]
fn a_server_that_leaves_nothing_is_said_nothing_of() {
    let ended = load(&Mortal::immortal(), &["-n", "50"]).exited(0);
    assert!(!ended.stdout.contains("Left behind"), "{}", ended.stdout);
}

#[test]
fn a_daemon_is_ended_and_said_to_be_one() {
    let (server, file) = started_by("(setsid % & echo \\$! > $PIDS) & wait; exit 0");
    let ended = load(&server, &["-n", "50"]).exited(3);
    for words in ["outlived it", "ended; a server under test has to stay in the foreground"] {
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    for pid in pids(&file) {
        assert!(!is_running(pid), "{pid}");
    }
}

/// Starts a load, and waits until it goes on; returns the server's first process, too.
fn begun(server: &Mortal, file: &tempfile::NamedTempFile, log: &str) -> (Process, Vec<Pid>) {
    let options = ["--duration", "60", "-c", "4", "--exec-log", log];
    let process = Process::spawn(command(&arguments(server, &options)));
    let has_begun = || fs::read_to_string(log).is_ok_and(|text| text.contains("first"));
    wait_until("the first request", has_begun);
    (process, pids(file))
}

fn parent(pid: Pid) -> Pid {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let parent = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap();
    Pid::from_raw(parent.parse().unwrap())
}

const WITH_A_DAEMON: &str = "echo \\$\\$ > $PIDS; setsid sleep 600 & echo \\$! >> $PIDS; exec %";

#[test]
fn nothing_outlives_a_supervisor_that_is_killed() {
    let (server, file) = started_by(WITH_A_DAEMON);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log").display().to_string();
    let (process, pids) = begun(&server, &file, &log);
    kill(parent(pids[0]), Signal::SIGKILL).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    process.signal(Signal::SIGINT);
    let ended = process.end().exited(3);
    assert!(ended.stdout.contains("1 process of the server outlived it"), "{}", ended.stdout);
    for pid in pids {
        assert!(!is_running(pid), "{pid}");
    }
}

#[test]
fn a_supervisor_that_is_interrupted_ends_the_server() {
    for signal in crate::interrupts::signals() {
        let (server, file) = started_by(WITH_A_DAEMON);
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log").display().to_string();
        let (process, pids) = begun(&server, &file, &log);
        kill(parent(pids[0]), signal).unwrap();
        process.end().exited(3);
        for pid in pids {
            assert!(!is_running(pid), "{pid}");
        }
    }
}

#[test]
fn a_log_that_cannot_be_written_is_3() {
    let (server, _) = started_by("echo begun; exec %");
    let ended = load(&server, &["-n", "50", "--exec-log", "/dev/full"]).exited(3);
    let line = "loadgen: cannot write --exec-log to /dev/full: No space left";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
    assert!(ended.stdout.contains("Complete requests:      50\n"), "{}", ended.stdout);
}

#[test]
fn a_command_line_for_a_shell_gets_a_hint_where_it_fails() {
    for (exec, hint) in [
        ("cd / && true", true),
        ("PORT=1 app", true),
        ("true && true", true),
        ("true --port $PORT", false),
        ("sh -c 'cd / && exit 3'", false),
    ] {
        let ended = loadgen(&["-q", "--exec", exec, "127.0.0.1:9"]).exited(3);
        let text = format!("--exec runs a program, not a shell: sh -c '{exec}'");
        assert_eq!(ended.stderr.contains(&text), hint, "{exec}: {}", ended.stderr);
    }
}
