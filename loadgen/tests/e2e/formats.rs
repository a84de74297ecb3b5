//! Reports for CI and for plotters, of whole runs.

use std::fs;
use std::process::Command;

use crate::byte_server::{ByteServer, answer};
use crate::program::loadgen;
use crate::services::leave_out;

/// A file's text, after a run with these arguments that ends with `code`; `FILE` is its name.
fn written(code: i32, arguments: &[&str]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    let arguments: Vec<_> = arguments.iter().map(|word| word.replace("FILE", &path)).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    loadgen(&[&["-q"], &arguments[..]].concat()).exited(code);
    fs::read_to_string(path).unwrap()
}

/// Whether the schema allows it, as far as that can be said here.
#[track_caller]
fn is_junit(xml: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), xml).unwrap();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/junit.xsd");
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema", schema]).arg(file.path());
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}\n{xml}");
        }
        Err(_) => leave_out("there is no xmllint (scripts/setup installs it)"),
    }
}

/// Fetches an attribute of the root.
fn total(xml: &str, name: &str) -> u64 {
    let (_, rest) = xml.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

#[test]
fn a_run_that_lost_updates_fails_in_ci_and_shows_why() {
    // It says the same whatever happens to it.
    let server = ByteServer::answering(answer(200, "0"));
    let url = server.url("/inc?a=<b>&c=`|`");
    let load = ["-n", "20", "--read", "/get", "--junit", "FILE", &url];
    let xml = written(1, &load);
    is_junit(&xml);
    assert!(
        xml.contains("<failure message=\"INVALID: 20 updates lost\" type=\"invalid\"/>"),
        "{xml}"
    );
    assert_eq!((total(&xml, "tests"), total(&xml, "failures"), total(&xml, "errors")), (3, 2, 0));
    let text = written(1, &["-n", "20", "--read", "/get", "--markdown", "FILE", &url]);
    assert!(text.contains("✗ **INVALID: 20 updates lost**"), "{text}");
    assert!(text.contains("| Complete requests | 20 |"), "{text}");
    assert!(text.contains("### Run: http&#58;//127.0.0.1"), "{text}");
}

#[test]
fn a_run_that_was_only_measured_passes() {
    let server = ByteServer::answering(answer(200, "ok"));
    let xml = written(0, &["-n", "20", "--junit", "FILE", &server.url("/")]);
    is_junit(&xml);
    assert!(xml.contains("<skipped message=\"nothing was judged"), "{xml}");
    assert_eq!((total(&xml, "tests"), total(&xml, "failures"), total(&xml, "errors")), (2, 0, 0));
}

#[test]
fn each_threshold_has_a_case() {
    let server = ByteServer::answering(answer(200, "ok"));
    let thresholds = ["--threshold", "fail_rate<1%", "--threshold", "bytes < 1"];
    let url = server.url("/");
    let load = ["-n", "20", &url];
    let xml = written(4, &[&load[..], &thresholds, &["--junit", "FILE"]].concat());
    is_junit(&xml);
    assert_eq!((total(&xml, "tests"), total(&xml, "failures"), total(&xml, "errors")), (4, 1, 0));
    assert!(xml.contains("<testcase name=\"threshold: fail_rate&lt;1%\""), "{xml}");
    assert!(xml.contains("<failure message=\"bytes &lt; 1 ("), "{xml}");
    let text = written(4, &[&load[..], &thresholds, &["--markdown", "FILE"]].concat());
    assert!(text.contains("| Thresholds | ✓ fail&#95;rate&#60;1% (0.000%) |"), "{text}");
    assert!(text.contains("|  | ✗ bytes &#60; 1 ("), "{text}");
}

#[test]
fn a_target_that_answers_nothing_well_is_an_error() {
    let server = ByteServer::answering(answer(500, "oh"));
    let xml = written(3, &["-n", "20", "--junit", "FILE", &server.url("/")]);
    is_junit(&xml);
    assert!(total(&xml, "errors") > 0 && xml.contains("<error message="), "{xml}");
}

#[test]
fn specimens_pass_where_they_do_what_is_expected() {
    let load = ["--mode", "mutex,atomic", "-n", "400", "-c", "4"];
    let xml = written(0, &[&load[..], &["--junit", "FILE"]].concat());
    is_junit(&xml);
    assert_eq!((total(&xml, "failures"), total(&xml, "errors")), (0, 0));
    assert_eq!(xml.matches("<testsuite name=").count(), 2);
    assert_eq!(xml.matches("<testcase name=\"as expected\"").count(), 2);
    let text = written(0, &[&load[..], &["--markdown", "FILE"]].concat());
    assert!(text.contains("| mutex | ✓ **VALID** (as expected) |"), "{text}");
}

#[test]
fn a_history_that_is_judged_again_has_its_case_and_its_witness() {
    let history = tempfile::NamedTempFile::new().unwrap();
    let lines = [
        r#"{"schema":"loadgen/history/1","model":"fetch-and-add","initial":{"i":0}}"#,
        r#"{"client":0,"call":0,"return":20,"op":"add","key":"i","arg":1,"result":1,"outcome":"ok"}"#,
        r#"{"client":1,"call":10,"return":30,"op":"add","key":"i","arg":1,"result":1,"outcome":"ok"}"#,
    ];
    fs::write(history.path(), lines.join("\n") + "\n").unwrap();
    let path = history.path().display().to_string();
    let ended = loadgen(&["check", &path, "--junit", "-"]).exited(1);
    is_junit(&ended.stdout);
    for text in ["INVALID: 1 duplicate value", "First duplicate value, of i", "client 1"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let ended = loadgen(&["check", &path, "--markdown", "-"]).exited(1);
    assert!(ended.stdout.contains("✗ **INVALID: 1 duplicate value**"), "{}", ended.stdout);
    assert!(ended.stdout.contains("```text\nFirst duplicate value"), "{}", ended.stdout);
}

#[test]
fn percentiles_for_plotters_are_of_every_request_that_is_ok() {
    let server = ByteServer::answering(answer(200, "ok"));
    let text = written(0, &["-n", "50", "--hgrm", "FILE", &server.url("/")]);
    let last = text.lines().rfind(|line| !line.starts_with('#')).unwrap();
    let words: Vec<_> = last.split_whitespace().collect();
    assert_eq!(words[1..], ["1.000000000000", "50"], "{text}");
    assert!(text.contains("Total count    =           50]\n"), "{text}");
}

#[test]
fn without_a_request_that_is_ok_there_are_requests_and_no_percentiles() {
    let server = ByteServer::answering(answer(500, "oh"));
    let (url, file) = (server.url("/"), tempfile::NamedTempFile::new().unwrap());
    let path = file.path().display().to_string();
    for option in ["-e", "--hgrm"] {
        let ended = loadgen(&["-q", "-n", "5", option, &path, &url]).exited(3);
        assert!(
            ended.stderr.contains("not one request was ok, so no percentiles"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    // ab counts what was answered, too, and a warm-up is no part of it.
    let text = written(3, &["-n", "5", "--warm-up", "3", "-g", "FILE", &url]);
    assert_eq!(text.lines().count(), 1 + 5, "{text}");
}
