//! The last line says why, suggestions are made, and reports say how they were made.

use std::io::Write as _;
use std::time::Duration;

use regex::Regex;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::mortal::free_port;
use crate::program::loadgen;
use crate::report::report;

#[track_caller]
fn ends(arguments: &[&str], code: i32, last: &str) {
    let ended = loadgen(arguments).exited(code);
    let line = ended.stderr.lines().last().unwrap_or_default();
    assert!(
        line.starts_with("loadgen: ") && line.contains(last),
        "{arguments:?}: {}",
        ended.stderr
    );
    assert!(line.ends_with(&format!(" (exit {code})")), "{arguments:?}: {line}");
}

#[test]
fn the_last_line_says_why_the_code_is_not_0() {
    let server = ByteServer::answering(answer(200, "7"));
    let refusing = ByteServer::answering(answer(500, "no"));
    let (url, state, bad) = (server.url("/"), server.url("/s"), refusing.url("/"));
    ends(&["-q", "-n", "5", "--read", &state, &url], 1, "INVALID: 5 updates lost");
    ends(&["-q", "-n", "5", &bad], 3, "not one request was answered well");
    ends(&["-q", &format!("127.0.0.1:{}", free_port())], 3, "cannot reach 127.0.0.1:");
    ends(
        &["--exec", "sh -c 'echo last words; exit 4'", "127.0.0.1:9"],
        3,
        "ended before it accepted",
    );
    ends(&["--output", "/no/such/file", &url], 2, "cannot write /no/such/file");
    ends(&["check", "/no/such"], 2, "/no/such: ");
    ends(&["check"], 2, "required");
    ends(&["compare"], 2, "required");
    ends(&["compare", "/no/such", "/no/such"], 2, "/no/such: No such file");
    ends(&["-n", "20", "-c", "2", "--mode", "atomic", "--restart"], 2, "--exec");
    // Nothing is lost by a mode that is to lose some.
    ends(&["-q", "-n", "1", "-c", "1", "--mode", "racy"], 1, "counter racy: all 1 acknowledged");

    let mut history = tempfile::NamedTempFile::new().unwrap();
    writeln!(history, r#"{{"schema":"loadgen/history/1","model":"counter","initial":{{"i":0}}}}"#)
        .unwrap();
    writeln!(history, r#"{{"client":1,"call":5,"return":6,"op":"read","key":"i","arg":null,"result":3,"outcome":"ok"}}"#).unwrap();
    ends(&["check", history.path().to_str().unwrap()], 1, "INVALID: 1 ");
}

#[test]
fn what_is_mistyped_is_suggested() {
    for (arguments, suggested) in [
        (["--modle", "set", "x"].as_slice(), "'--model'"),
        (&["chek", "history.jsonl"], "`check`"),
        (&["sevrer"], "`server`"),
        (&["compar", "a.json", "b.json"], "`compare`"),
        (&["--workload", "boking"], "'booking'"),
        (&["--extract", "jsn:/a", "--read", "/", "x"], "`json:/a`"),
        (&["--model", "regster", "x"], "`register`"),
        (&["--client", "reqest", "x"], "`reqwest`"),
    ] {
        ends(arguments, 2, suggested);
    }
}

#[test]
fn help_is_a_command() {
    for (arguments, option) in
        [(["help"].as_slice(), "--help"), (&["help", "compare"], "compare --help")]
    {
        let helped = loadgen(arguments).exited(0);
        let option: Vec<_> = option.split(' ').collect();
        assert_eq!(helped.stdout, loadgen(&option).exited(0).stdout);
        assert_eq!(helped.stderr, "");
    }
}

#[test]
fn connections_without_a_number_of_requests_are_a_load() {
    let server = ByteServer::answering(answer(200, "7"));
    assert_eq!(report(0, &["-c", "4", &server.url("/")]).requests().sent, 200);
    assert_eq!(report(0, &[&server.url("/")]).requests().sent, 1);
}

#[test]
fn the_time_per_request_is_of_successes_alone() {
    // Every second request fails, and takes far longer.
    let server = ByteServer::start(|number, _| {
        let (status, ms) = if number % 2 == 0 { (500, 200) } else { (200, 20) };
        std::thread::sleep(Duration::from_millis(ms));
        Reaction::Answer(answer(status, "x"))
    });
    let text = loadgen(&["-q", "-n", "8", "-c", "2", &server.url("/")]).exited(0).stdout;
    let time = Regex::new(r"Time per request: +([0-9.]+) \[ms\]").unwrap();
    let times: Vec<f64> = time.captures_iter(&text).map(|time| time[1].parse().unwrap()).collect();
    assert_eq!(times.len(), 2, "{text}");
    assert!((20.0..150.0).contains(&times[0]), "{text}");
    assert!((times[0] / 2.0 - times[1]).abs() < 0.01, "{text}");
}

#[test]
fn a_report_says_how_it_was_made() {
    let server = ByteServer::answering(answer(200, "7"));
    let page = tempfile::NamedTempFile::new().unwrap();
    let (url, path) = (server.url("/a?b=c d"), page.path().to_str().unwrap());
    let report = report(0, &["-n", "3", "--html", path, &url]);
    let expected = format!("loadgen -q --output - -n 3 --html {path} '{url}'");
    assert_eq!(*report.at("/command"), expected);
    assert_eq!(*report.at("/version"), env!("CARGO_PKG_VERSION"));
    let rfc_3339 = Regex::new(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$").unwrap();
    let started_at = report.at("/started_at").as_str().unwrap();
    assert!(rfc_3339.is_match(started_at), "{started_at}");
    let page = std::fs::read_to_string(path).unwrap();
    for part in [started_at, env!("CARGO_PKG_VERSION"), "loadgen -q --output - -n 3"] {
        assert!(page.contains(part), "{part}");
    }
    let text = loadgen(&["-q", "-n", "3", &url]).exited(0).stdout;
    for line in [
        &format!("Command:                loadgen -q -n 3 '{url}'\n"),
        "Started:                20",
    ] {
        assert!(text.contains(line), "{text}");
    }
}
