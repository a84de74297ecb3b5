//! Outputs that fail, that are refused, and that leave what was there alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Process, command, loadgen, wait_until};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Makes a file with an earlier report in it.
    fn earlier(&self, name: &str) -> String {
        let path = self.path(name);
        fs::write(&path, EARLIER).unwrap();
        path
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

const EARLIER: &str = "an earlier report";

#[track_caller]
fn holds(path: &str, text: &str) {
    let content = fs::read_to_string(path).unwrap();
    assert!(content.contains(text), "{path}: {content}");
}

#[test]
fn each_output_that_fails_is_named_and_the_others_are_written() {
    let folder = Folder::new();
    let (history, page) = (folder.path("history"), folder.path("page.html"));
    let load = ["--mode", "mutex", "-n", "200", "-c", "5", "-q", "--history", &history];
    let files = ["--output", "/dev/full", "--certificate", "/dev/full", "--html", &page];
    let ended = loadgen(&[&load[..], &files].concat()).exited(3);
    for line in [
        "loadgen: cannot write --output to /dev/full: No space left",
        "loadgen: cannot write --certificate to /dev/full: No space left",
    ] {
        assert_eq!(ended.stderr.matches(line).count(), 1, "{}", ended.stderr);
    }
    holds(&history, "\"op\":\"add\"");
    holds(&page, "<html");
    assert!(ended.stdout.contains("mutex"), "{}", ended.stdout);
    assert_eq!(folder.files().len(), 2, "nothing else is left");
}

/// The answers prove it, whatever becomes of the report.
#[test]
fn lost_updates_are_1_though_an_output_fails() {
    let server = ByteServer::answering(answer(200, "0"));
    let url = server.url("/inc");
    let load = ["-n", "50", "--read", "/get", "--output", "/dev/full", &url];
    loadgen(&load).exited(1);
}

#[test]
fn a_folder_that_vanishes_takes_only_its_own_output_with_it() {
    let (gone, kept) = (Folder::new(), Folder::new());
    let lost = gone.path("report.json");
    let path = gone.0.path().to_owned();
    let server = ByteServer::start(move |_, _| {
        let _ = fs::remove_dir_all(&path);
        Reaction::Answer(answer(200, "ok"))
    });
    let page = kept.path("page.html");
    let ended = loadgen(&["-n", "5", "--output", &lost, "--html", &page, &server.url("/")]);
    let ended = ended.exited(3);
    assert!(ended.stderr.contains(&format!("cannot write --output to {lost}: No such file")));
    holds(&page, "<html");
}

#[test]
fn a_file_is_replaced_by_a_whole_one_with_its_permissions_where_a_link_leads() {
    let folder = Folder::new();
    let (old, link) = (folder.earlier("old"), folder.path("link"));
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("old", &link).unwrap();
    let dangling = folder.path("dangling");
    symlink(folder.path("new"), &dangling).unwrap();
    let server = ByteServer::answering(answer(200, "ok"));
    let url = server.url("/");
    loadgen(&["-n", "5", "--output", &link, "--html", &dangling, &url]).exited(0);
    holds(&old, "loadgen/report/1");
    holds(&folder.path("new"), "<html");
    assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o640);
    for link in [&link, &dangling] {
        assert!(fs::symlink_metadata(link).unwrap().is_symlink());
    }
    assert_eq!(folder.files().len(), 4);
}

#[test]
fn a_file_with_two_names_keeps_both() {
    let folder = Folder::new();
    let (old, other) = (folder.earlier("old"), folder.path("other"));
    fs::hard_link(&old, &other).unwrap();
    let server = ByteServer::answering(answer(200, "ok"));
    loadgen(&["-n", "5", "--output", &old, &server.url("/")]).exited(0);
    holds(&other, "loadgen/report/1");
}

#[test]
fn a_run_without_results_leaves_what_was_there() {
    let folder = Folder::new();
    let (old, log) = (folder.earlier("old"), folder.earlier("log"));
    // Nobody listens.
    let outputs = ["-q", "--output", &old, "--history", "missing/history"];
    loadgen(&[&outputs[..], &["127.0.0.1:1"]].concat()).exited(2);
    loadgen(&["-q", "--output", &old, "127.0.0.1:1"]).exited(3);
    let exec = ["--exec", "/nonexistent/app", "--exec-log", &log, "127.0.0.1:1"];
    loadgen(&exec).exited(3);
    // Nor does a second Ctrl-C.
    let server = ByteServer::start(|_, _| Reaction::Stall);
    let process = Process::spawn(command(&["-n", "5", "--output", &old, &server.url("/")]));
    wait_until("a request", || server.request_count() == 1);
    process.signal(Signal::SIGINT);
    process.wait_for_stderr("interrupt again to end it at once");
    process.signal(Signal::SIGINT);
    process.end().exited(3);
    for path in [&old, &log] {
        assert_eq!(fs::read_to_string(path).unwrap(), EARLIER);
    }
}

#[test]
fn two_outputs_in_one_place_are_refused() {
    let folder = Folder::new();
    let old = folder.earlier("old");
    let by_way_of = folder.0.path().join(".").join("old").display().to_string();
    let (link, hard, new) = (folder.path("link"), folder.path("hard"), folder.path("new"));
    symlink(&old, &link).unwrap();
    fs::hard_link(&old, &hard).unwrap();
    for (one, other) in
        [(&old, &old), (&old, &by_way_of), (&old, &link), (&hard, &old), (&new, &new)]
    {
        let ended = loadgen(&["--output", one, "--html", other, "127.0.0.1:1"]).exited(2);
        assert!(ended.stderr.contains("--html: ") && ended.stderr.contains("taken by --output"));
    }
    let twice = loadgen(&["--output", "-", "--html", "-", "127.0.0.1:1"]).exited(2);
    assert!(twice.stderr.contains("standard output is taken by --output"), "{}", twice.stderr);
    loadgen(&["--output", "-", "--html", "/dev/stdout", "127.0.0.1:1"]).exited(2);
    loadgen(&["check", &old, "--html", &link]).exited(2);
    holds(&old, EARLIER);
    assert!(!Path::new(&new).exists());
    // Whatever goes to a device is gone.
    loadgen(&["-q", "--output", "/dev/null", "--html", "/dev/null", "127.0.0.1:1"]).exited(3);
}

#[test]
fn every_output_can_go_to_standard_output_in_place_of_the_text() {
    for (option, begins) in [
        ("--output", "{"),
        ("--html", "<!DOCTYPE html>"),
        ("--history", "{\"schema\":\"loadgen/history/1\""),
        ("--certificate", "{\"schema\":\"loadgen/history/1\""),
        ("--junit", "<?xml version=\"1.0\""),
        ("--markdown", "## loadgen\n"),
        ("--csv", "second,ok,fail,"),
        ("--hgrm", "       Value     Percentile"),
        ("-e", "Percentage served,Time in ms\n"),
        ("-g", "starttime\tseconds\tctime"),
    ] {
        for name in ["-", "/dev/stdout"] {
            let load = ["--mode", "mutex", "-n", "100", "-c", "1", "-q", option, name];
            let ended = loadgen(&load).exited(0);
            assert!(
                ended.stdout.to_lowercase().starts_with(&begins.to_lowercase()),
                "{option}: {}",
                ended.stdout
            );
            // The page has the text in it, and the case of the run its figures.
            let has_text = ["--html", "--junit"].contains(&option);
            let is_alone = has_text || !ended.stdout.contains("Complete requests:   ");
            assert!(is_alone && !ended.stdout.starts_with("Benchmarking"), "{option}");
        }
    }
}

#[test]
fn a_body_without_an_end_is_refused() {
    let ended = loadgen(&["-p", "/dev/zero", "127.0.0.1:1"]).exited(2);
    assert!(ended.stderr.contains("/dev/zero: it is longer than 256 MiB"), "{}", ended.stderr);
}
