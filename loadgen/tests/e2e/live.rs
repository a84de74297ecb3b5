//! `--live`: the whole of a terminal, which is left as it was however the run ends.

use std::fs::File;
use std::io::Write as _;

use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use nix::sys::termios::{Termios, tcgetattr};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::mortal::Mortal;
use crate::program::{Ended, Process, command};

const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l";
const LEAVE: &str = "\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l";

/// The program with its standard error on a terminal, and both ends of that.
struct OnTerminal {
    process: Process,
    keys: File,
    tty: File,
    before: Modes,
}

/// What a terminal does with what is typed.
#[derive(Debug, PartialEq)]
struct Modes(String);

impl Modes {
    fn of(tty: &File) -> Self {
        let Termios { input_flags, output_flags, local_flags, control_chars, .. } =
            tcgetattr(tty).unwrap();
        Self(format!("{input_flags:?} {output_flags:?} {local_flags:?} {control_chars:?}"))
    }
}

impl OnTerminal {
    fn start(kind: &str, arguments: &[&str]) -> Self {
        let size = Winsize { ws_row: 20, ws_col: 60, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = openpty(Some(&size), None).unwrap();
        let tty = File::from(terminal.slave.try_clone().unwrap());
        let before = Modes::of(&tty);
        let mut command = command(&[&["--live"], arguments].concat());
        command.stderr(terminal.slave).env("TERM", kind);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR");
        let master = File::from(terminal.master);
        let keys = master.try_clone().unwrap();
        Self { process: Process::spawn_with_stderr(command, master), keys, tty, before }
    }

    /// Waits for the end, which is to leave the terminal as it was; with what was written behind it.
    #[track_caller]
    fn left(self, code: i32) -> (Ended, String) {
        let Self { mut process, tty, before, .. } = self;
        process.wait();
        let after = Modes::of(&tty);
        // What is written is read until nobody has that end any more.
        drop(tty);
        let ended = process.end().exited(code);
        assert_eq!(after, before);
        let (_, behind) = ended.stderr.rsplit_once(LEAVE).expect("it was left");
        let behind = behind.to_owned();
        assert!(ended.stderr.contains(ENTER), "{:?}", ended.stderr);
        assert!(!behind.contains('\u{1b}'), "{behind:?}");
        (ended, behind)
    }
}

/// Answers so many times, and is silent then.
fn silent_after(count: usize) -> ByteServer {
    ByteServer::start(move |number, _| {
        if number <= count { Reaction::Answer(answer(200, "ok")) } else { Reaction::Stall }
    })
}

#[test]
fn the_end_of_a_run_leaves_the_terminal_as_it_was() {
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    let on = OnTerminal::start("xterm", &["--duration", "2s", "-c", "2", &url]);
    on.process.wait_for_stderr("latencies");
    let (ended, behind) = on.left(0);
    assert_eq!(behind, "");
    assert!(ended.stderr.contains("µs"), "{:?}", ended.stderr);
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
    assert!(ended.stdout.contains("\nComplete requests:      "), "{}", ended.stdout);
}

#[test]
fn q_and_signals_end_the_run_and_leave_the_terminal_as_it_was() {
    for signal in [None, Some(Signal::SIGINT), Some(Signal::SIGTERM)] {
        let server = silent_after(300);
        let url = server.url("/");
        let mut on = OnTerminal::start("xterm", &["-n", "1000", "-c", "4", &url]);
        on.process.wait_for_stderr("latencies");
        match signal {
            Some(signal) => on.process.signal(signal),
            None => on.keys.write_all(b"q").unwrap(),
        }
        let (ended, behind) = on.left(3);
        // What was told meanwhile is told behind the view.
        assert!(behind.contains("interrupt again to end it at once\r\n"), "{behind:?}");
        assert!(behind.ends_with("loadgen: interrupted (exit 3)\r\n"), "{behind:?}");
        assert!(ended.stdout.contains("\nPartial run:            interrupted\n"));
    }
}

#[test]
fn the_second_ends_it_at_once_and_leaves_the_terminal_as_it_was() {
    for key in [false, true] {
        let server = silent_after(0);
        let url = server.url("/");
        let mut on = OnTerminal::start("xterm", &["-n", "100", "-c", "4", &url]);
        on.process.wait_for_stderr("latencies");
        for second in [false, true] {
            if key {
                on.keys.write_all(b"q").unwrap();
            } else {
                on.process.signal(Signal::SIGINT);
            }
            if !second {
                // A word of what is then shown among the messages.
                on.process.wait_for_stderr("waiting");
            }
        }
        let (ended, _) = on.left(3);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_target_that_is_not_there_leaves_the_terminal_as_it_was() {
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    drop(server);
    let (_, behind) = OnTerminal::start("xterm", &["-n", "10", &url]).left(3);
    assert!(behind.starts_with("loadgen: cannot reach "), "{behind:?}");
}

#[test]
fn several_runs_are_shown_one_after_the_other() {
    let arguments = ["--mode", "mutex,atomic", "-n", "500", "-c", "4"];
    let on = OnTerminal::start("xterm", &arguments);
    let (ended, behind) = on.left(0);
    assert_eq!(ended.stderr.matches(ENTER).count(), 1);
    assert_eq!(behind, "");
    assert!(ended.stdout.contains("mutex: all 500 acknowledged updates"), "{}", ended.stdout);
}

#[test]
fn colours_can_be_turned_off() {
    let color = regex::Regex::new("\u{1b}\\[(38;5;|3[0-7]m)").unwrap();
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    for (arguments, has_colors) in [(["--color", "auto"], true), (["--color", "never"], false)] {
        let load = ["--duration", "2s", &url];
        let on = OnTerminal::start("xterm", &[&arguments, load.as_slice()].concat());
        let (ended, _) = on.left(0);
        assert_eq!(color.is_match(&ended.stderr), has_colors, "{:?}", ended.stderr);
    }
}

#[test]
fn what_is_no_such_terminal_is_told_in_lines() {
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    let expected = |reason: &str, end: &str| {
        [reason, "Completed 100 requests", "Completed 200 requests", "Finished 200 requests", ""]
            .join(end)
    };
    let OnTerminal { process, .. } = OnTerminal::start("dumb", &["-n", "200", &url]);
    let dumb = process.end().exited(0);
    let reason = "loadgen: no --live, as the terminal cannot move its cursor (TERM)";
    assert_eq!(dumb.stderr, expected(reason, "\r\n"));

    let file = Process::spawn(command(&["--live", "-n", "200", &url])).end().exited(0);
    let reason = "loadgen: no --live, as standard error is not a terminal";
    assert_eq!(file.stderr, expected(reason, "\n"));
}

#[test]
fn quiet_is_something_else() {
    let ended = Process::spawn(command(&["--live", "-q", "http://localhost/"])).end().exited(2);
    assert!(ended.stderr.contains("cannot be used with"), "{}", ended.stderr);
}

#[test]
fn what_the_server_says_shows_while_it_runs() {
    let server = Mortal::immortal();
    let exec = format!("sh -c \"printf 'panic: oh\\n' >&2; exec {}\"", server.command);
    let load = ["--duration", "60", "-c", "2", "--exec", &exec, &server.url];
    let on = OnTerminal::start("xterm", &load);
    on.process.wait_for_stderr("go-panic:");
    on.process.signal(Signal::SIGINT);
    on.left(3);
}
