//! Text fits the terminal it is shown on, and has colours there alone.

use std::fs::File;
use std::process::Command;

use nix::pty::{Winsize, openpty};

use crate::byte_server::{ByteServer, answer};
use crate::program::{Ended, Process, command, loadgen};

/// Runs the program with its standard output on a terminal.
fn on_a_terminal(columns: u16, arguments: &[&str], set: impl Fn(&mut Command)) -> Ended {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).unwrap();
    let mut command = command(arguments);
    command.stdout(terminal.slave).env("TERM", "xterm");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    set(&mut command);
    Process::spawn_with_stdout(command, File::from(terminal.master)).end()
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let server = ByteServer::answering(answer(200, "7"));
    let url = server.url("/");
    let judged = ["-q", "-n", "20", "-c", "4", "--model", "fetch-and-add", "--read", "/n", &url];
    let two = ["-q", "-n", "2000", "-c", "50"];
    let many = ["-q", "-n", "300", "-c", "10", "--mode", "racy,mutex,atomic"];
    for columns in [40, 60, 80, 120] {
        for arguments in [judged.as_slice(), &two, &many] {
            let ended = on_a_terminal(columns, arguments, |command| {
                command.env("NO_COLOR", "1");
            });
            for line in ended.stdout.lines() {
                let width = line.trim_end().chars().count();
                assert!(width <= columns.into(), "{columns}: {line}\n{}", ended.stdout);
            }
            // Words are whole.
            assert!(ended.stdout.contains("Correctness:") || ended.stdout.contains("verdict"));
            assert!(ended.stdout.contains("acknowledged") || ended.stdout.contains("Acknowledged"));
        }
    }
}

#[test]
fn the_verdict_has_its_colour_on_a_terminal_alone() {
    let server = ByteServer::answering(answer(200, "7"));
    let url = server.url("/");
    let arguments = ["-q", "-n", "5", "--read", "/n", &url];
    let red = "Correctness:            \u{1b}[1m\u{1b}[31mINVALID: 5 updates lost\u{1b}[0m";
    let plain = |_: &mut Command| {};
    assert!(on_a_terminal(80, &arguments, plain).stdout.contains(red));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("CLICOLOR", "0")] {
        // In CI or not.
        let ended = on_a_terminal(80, &arguments, |command| {
            command.env("CI", "true").env(name, value);
        });
        assert!(!ended.stdout.contains('\u{1b}'), "{name}: {:?}", ended.stdout);
    }
    let never = [["--color", "never"].as_slice(), &arguments].concat();
    assert!(!on_a_terminal(80, &never, plain).stdout.contains('\u{1b}'));

    assert!(!loadgen(&arguments).stdout.contains('\u{1b}'));
    let always = [["--color", "always"].as_slice(), &arguments].concat();
    assert!(loadgen(&always).stdout.contains(red));
    let mut forced = command(&arguments);
    forced.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1");
    assert!(Process::spawn(forced).end().stdout.contains(red));
}

#[test]
fn the_verdict_comes_last() {
    let server = ByteServer::answering(answer(200, "7"));
    let arguments =
        ["-n", "6", "-c", "2", "--model", "fetch-and-add", "--read", "/n", &server.url("/")];
    let text = loadgen(&arguments).exited(1).stdout;
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    assert!(place("\nFirst ") < place("\nCorrectness:"), "{text}");
    let block = &text[place("\nCorrectness:") + 1..];
    assert!(block.lines().skip(1).all(|line| line.starts_with("   ")), "{block}");
}
