//! The number of open files that the system allows.

use std::fs;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::byte_server::{ByteServer, answer};
use crate::embedded::children;
use crate::program::{Process, command};

/// The program under a limit, which `ulimit` sets by these flags.
fn limited(flags: &str, arguments: &[&str]) -> Process {
    let program = command(arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {flags} && exec \"$0\" \"$@\"")]);
    shell.arg(program.get_program()).args(arguments);
    shell.stdin(std::process::Stdio::null());
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Process::spawn(shell)
}

#[test]
fn a_limit_that_may_be_raised_is_no_obstacle() {
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    let ended = limited("-Sn 50", &["-n", "100", "-c", "100", "-q", &url]).end().exited(0);
    assert!(ended.stdout.contains("\nComplete requests:      100\n"), "{}", ended.stdout);
}

#[test]
fn a_limit_that_may_not_be_raised_is_told_before_anything_is_sent() {
    let server = ByteServer::answering(answer(200, "1"));
    let url = server.url("/");
    let arguments = ["-n", "100", "-c", "100", "--read", "/n", &url];
    let ended = limited("-n 50", &arguments).end().exited(3);
    assert!(ended.stderr.contains("this process may open 50: raise the limit"), "{}", ended.stderr);
    assert_eq!((&*ended.stdout, server.accepted()), ("", 0));
}

#[test]
fn the_counter_server_may_have_as_many_connections_as_it_is_sent() {
    let arguments = ["--mode", "atomic", "--duration", "60", "-c", "100"];
    let process = limited("-Sn 50", &arguments);
    process.wait_for_stderr("Completed 10000 requests\n");
    let server = children(process.pid().as_raw())[0];
    let limits = fs::read_to_string(format!("/proc/{server}/limits")).unwrap();
    let allowed = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let allowed: usize = allowed.unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!(allowed > 100, "{allowed}");
    process.signal(Signal::SIGINT);
    process.end().exited(3);
}
