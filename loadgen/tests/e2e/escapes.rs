//! What came from outside reaches a terminal and a page without anything that they would obey.

use std::io::Write as _;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Ended, loadgen};

/// Colours, a cleared screen, a title, NUL, C1, reordered text, and a line of its own.
const HOSTILE: &str =
    "\u{1b}[31m\u{1b}[2J\u{1b}]0;t\u{7}\0\u{9b}2J\u{202e}\u{2066}\u{7f}\r\nVALID\tx";

fn is_obeyed(c: char) -> bool {
    c != '\n' && c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn is_harmless(text: &str) {
    assert!(!text.contains(is_obeyed), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("VALID")), "{text:?}");
}

#[track_caller]
fn is_safe(ended: Ended) -> Ended {
    is_harmless(&ended.stdout);
    is_harmless(&ended.stderr);
    ended
}

#[test]
fn a_hostile_body_is_shown_and_not_obeyed() {
    let server = ByteServer::answering(answer(200, HOSTILE));
    let (url, read) = (server.url("/"), server.url("/state"));
    let ended = is_safe(loadgen(&["-n", "3", "--read", &read, "--extract", "json:/a", &url]));
    assert!(ended.exited(2).stderr.contains("\\u{1b}[31m"));
}

#[test]
fn a_hostile_head_is_shown_and_not_obeyed() {
    // Bytes above ASCII are legal in a value.
    let head =
        b"HTTP/1.1 200 OK\r\nServer: \xc2\x9b31m\xe2\x80\xae\xff\r\nContent-Length: 1\r\n\r\n7";
    let server = ByteServer::start(move |_, _| Reaction::Answer(head.to_vec()));
    let ended = is_safe(loadgen(&["-v", "2", "-n", "3", &server.url("/")]).exited(0));
    assert!(ended.stderr.contains("\\u{9b}31m\\u{202e}\\xff"), "{}", ended.stderr);
}

#[test]
fn a_hostile_key_is_shown_and_not_obeyed() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = tempfile::NamedTempFile::new().unwrap();
    let key = serde_json::to_string(HOSTILE).unwrap();
    writeln!(history, r#"{{"schema":"loadgen/history/1","model":"fetch-and-add"}}"#).unwrap();
    for client in [1, 2] {
        writeln!(
            history,
            r#"{{"client":{client},"call":1,"return":2,"op":"add","key":{key},"arg":1,"result":1,"outcome":"ok"}}"#
        )
        .unwrap();
    }
    let path = history.path().to_str().unwrap();
    let page = directory.path().join("page.html");
    let page_path = page.to_str().unwrap();
    let ended = is_safe(loadgen(&["check", "--html", page_path, path]).exited(1));
    assert!(ended.stdout.contains("of \\u{1b}[31m"), "{}", ended.stdout);
    let json = is_safe(loadgen(&["check", "--json", path]).exited(1)).json();
    assert_eq!(json["anomalies"][0]["key"], HOSTILE);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(!page.contains(is_obeyed), "{page:?}");
    assert!(page.contains("␛[31m"), "{page}");
}

#[test]
fn hostile_arguments_and_names_of_files_are_shown_and_not_obeyed() {
    let hostile = HOSTILE.replace('\0', "");
    let missing = format!("/nowhere/{hostile}");
    for arguments in [
        ["check", &missing].as_slice(),
        &["--output", &missing, "localhost"],
        &["-p", &missing, "localhost"],
        &["-A", &format!("@{missing}"), "localhost"],
        &["-H", &hostile, "localhost"],
        &["-C", &hostile, "localhost"],
        &["--extract", &hostile, "--read", "/", "localhost"],
        &["--mode", &hostile],
        &["--workload", &hostile],
        &["--model", &hostile, "localhost"],
        &[&format!("--{hostile}"), "localhost"],
        &["localhost", &hostile],
        &["--exec", &format!("/nowhere/'{hostile}'"), "127.0.0.1:1"],
        &[&hostile],
    ] {
        let ended = is_safe(loadgen(arguments));
        assert!([2, 3].contains(&ended.code()), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn hostile_output_of_a_server_is_shown_and_not_obeyed() {
    let said = r"fatal error: \033[31m\r\tred\033[2J\n\302\233x\n";
    let exec = format!("sh -c 'printf \"{said}\" >&2; exit 2'");
    let ended = is_safe(loadgen(&["--exec", &exec, "127.0.0.1:9"]).exited(3));
    assert!(ended.stderr.contains("fatal error: \\u{1b}[31m"), "{}", ended.stderr);
}
