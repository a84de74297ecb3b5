//! Standard error on a terminal: a bar instead of lines.

use std::fs::File;

use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use regex::Regex;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Process, command};

/// The program with its standard error on a terminal of 80 columns.
fn on_a_terminal(kind: &str, arguments: &[&str]) -> Process {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).unwrap();
    let mut command = command(arguments);
    command.stderr(terminal.slave).env("TERM", kind).env("NO_COLOR", "1");
    Process::spawn_with_stderr(command, File::from(terminal.master))
}

#[test]
fn a_bar_shows_how_far_a_run_is_and_goes_before_the_report_comes() {
    for (extent, shown) in [
        (["-n", "1000"], r"░ 300/1,000 [0-9,]+/s [0-9a-z]+ left"),
        (["--duration", "60"], "░ 300 requests [0-9]+s/60s"),
    ] {
        let server = ByteServer::start(|number, _| match number {
            ..=300 => Reaction::Answer(answer(200, "ok")),
            _ => Reaction::Stall,
        });
        let url = server.url("/");
        let process = on_a_terminal("xterm", &[&extent, ["-c", "4", &url].as_slice()].concat());
        process.wait_for_stderr(" 300");
        process.signal(Signal::SIGINT);
        let ended = process.end().exited(3);
        assert!(Regex::new(shown).unwrap().is_match(&ended.stderr), "{:?}", ended.stderr);
        assert!(!ended.stderr.contains("Completed "), "{:?}", ended.stderr);
        // The line is cleared before the last one says why.
        let last = "\r\x1b[2Kloadgen: interrupted (exit 3)\r\n";
        assert!(ended.stderr.ends_with(last), "{:?}", ended.stderr);
        // The report may go to a file meanwhile.
        assert!(ended.stdout.contains("\nComplete requests:      300\n"), "{}", ended.stdout);
        assert!(!ended.stdout.contains('\x1b'), "{:?}", ended.stdout);
    }
}

#[test]
fn a_terminal_that_cannot_show_a_bar_is_told_in_lines() {
    let server = ByteServer::answering(answer(200, "ok"));
    let ended = on_a_terminal("dumb", &["-n", "200", &server.url("/")]).end().exited(0);
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert_eq!(
        lines,
        ["Completed 100 requests", "Completed 200 requests", "Finished 200 requests"]
    );
}

#[test]
fn quiet_shows_nothing_on_a_terminal_either() {
    let server = ByteServer::answering(answer(200, "ok"));
    let ended = on_a_terminal("xterm", &["-q", "-n", "500", &server.url("/")]).end().exited(0);
    assert_eq!(ended.stderr, "");
}
