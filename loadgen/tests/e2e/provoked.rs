//! Output that loadgen provoked itself, by hanging up or by its SIGTERM, is no finding.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::byte_server::answer;
use crate::mortal::{Mortal, free_port};
use crate::program::{Ended, PROGRAM, loadgen};

/// A server that complains at its fifth request.
struct Complaining {
    exec: String,
    url: String,
}

/// Which of the requests that is.
const AT: u64 = 5;

impl Complaining {
    /// Answers that one when its client has gone, and fails for it, in the manner of Python; and
    /// with this beside, where it is given.
    fn late(beside: &str) -> Self {
        Self::start_with("LATE", beside)
    }

    /// Says this, after much else, and answers.
    fn saying(line: &str) -> Self {
        Self::start_with("SAYING", line)
    }

    fn start_with(variable: &str, line: &str) -> Self {
        let port = free_port();
        let program = std::env::current_exe().unwrap();
        let exec = format!(
            "env COMPLAINING_PORT={port} COMPLAINING_{variable}='{line}' {} --ignored --exact --nocapture provoked::serve",
            program.display()
        );
        Self { exec, url: format!("http://127.0.0.1:{port}/") }
    }

    fn load(&self, options: &[&str]) -> Ended {
        let fixed = ["-s", "800ms", "-q", "--exec", &self.exec];
        loadgen(&[&fixed, options, &[&self.url]].concat())
    }
}

#[test]
#[ignore = "the server that other tests start"]
fn serve() {
    let Ok(port) = std::env::var("COMPLAINING_PORT") else { panic!("others start it") };
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    let requests = Arc::new(AtomicU64::new(0));
    for stream in listener.incoming() {
        let requests = Arc::clone(&requests);
        thread::spawn(move || converse(stream.unwrap(), &requests));
    }
}

/// Answers the requests of one connection.
fn converse(mut stream: TcpStream, requests: &AtomicU64) {
    let mut buffer = [0; 4096];
    while matches!(stream.read(&mut buffer), Ok(1..)) {
        if requests.fetch_add(1, Ordering::Relaxed) + 1 == AT {
            if let Ok(beside) = std::env::var("COMPLAINING_LATE") {
                return complain(answer_late(stream), &beside);
            }
            let line = std::env::var("COMPLAINING_SAYING").unwrap();
            // Less than what a pipe holds.
            eprintln!("{}{line}", "all is well\n".repeat(4000));
        }
        stream.write_all(&answer(200, "ok")).unwrap();
    }
}

/// Answers when the client has gone, until that is noticed.
fn answer_late(mut stream: TcpStream) -> ErrorKind {
    while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
    loop {
        if let Err(error) = stream.write_all(&answer(200, "ok")) {
            return error.kind();
        }
    }
}

fn complain(error: ErrorKind, beside: &str) {
    let name = match error {
        ErrorKind::BrokenPipe => "BrokenPipeError: [Errno 32] Broken pipe",
        ErrorKind::ConnectionReset => "ConnectionResetError: [Errno 104] Connection reset by peer",
        other => panic!("{other}"),
    };
    for exception in [name, beside].into_iter().filter(|exception| !exception.is_empty()) {
        eprintln!("Traceback (most recent call last):\n  File \"app.py\", line 7\n{exception}");
    }
}

fn findings(report: &Value) -> Vec<(&str, Option<&str>)> {
    let findings = report["server"]["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let detail = finding["detail"].as_array().unwrap().last();
            let line = detail.unwrap_or(&finding["line"]).as_str().unwrap();
            (line.split(':').next().unwrap(), finding["provoked"].as_str())
        })
        .collect()
}

#[test]
fn a_broken_pipe_after_we_hung_up_does_not_count() {
    let server = Complaining::late("");
    let report = server.load(&["-n", "20", "-c", "2", "--output", "-"]).exited(0).json();
    assert_eq!(report["requests"]["errors"], serde_json::json!({ "timeout": 1 }));
    let [(error, Some("hang-up"))] = findings(&report)[..] else { panic!("{report:#}") };
    assert!(["BrokenPipeError", "ConnectionResetError"].contains(&error), "{error}");

    let text = Complaining::late("").load(&["-n", "20", "-c", "2"]).exited(0).stdout;
    let expected = "\n   After we hung up:    Traceback (most recent call last):\n";
    assert!(text.contains(expected) && !text.contains("Finding:"), "{text}");
}

#[test]
fn a_broken_pipe_hides_no_other_failure() {
    let server = Complaining::late("ValueError: no seat");
    let report = server.load(&["-n", "20", "-c", "2", "--output", "-"]).exited(1).json();
    let [("ValueError", None), (_, Some("hang-up"))] = findings(&report)[..] else {
        panic!("{report:#}")
    };
}

#[test]
fn a_broken_pipe_counts_where_we_waited_for_every_answer() {
    let server = Mortal::immortal();
    let lines = r"Traceback (most recent call last):\n  f()\nBrokenPipeError: [Errno 32]\n";
    let exec = format!("sh -c \"printf '{lines}' >&2; exec {}\"", server.command);
    let fixed = ["-n", "20", "-q", "--output", "-", "--exec", &exec, &server.url];
    let report = loadgen(&fixed).exited(1).json();
    assert_eq!(findings(&report), [("BrokenPipeError", None)]);
}

/// A command line for a server that says this when it is told to end.
fn says_at_the_end(line: &str, server: &str) -> String {
    format!("sh -c \"trap 'echo {line} >&2' TERM; {server} & wait; wait\"")
}

#[test]
fn what_a_server_says_after_our_sigterm_does_not_count() {
    let server = Mortal::immortal();
    let exec = says_at_the_end("panic: send on closed channel", &server.command);
    let load = |options: &[&str]| {
        loadgen(&[&["-n", "50", "-q", "--exec", &exec], options, &[&server.url]].concat()).exited(0)
    };
    let report = load(&["--output", "-"]).json();
    assert_eq!(findings(&report), [("panic", Some("stop"))], "{report:#}");
    let text = load(&[]).stdout;
    let expected = "\n   After our SIGTERM:   panic: send on closed channel\n";
    assert!(text.contains(expected), "{text}");
}

/// It is all written before the last answer, and hardly read when that comes.
#[test]
fn what_a_server_said_before_our_sigterm_counts() {
    for _ in 0..3 {
        let server = Complaining::saying("panic: nil map");
        let report = server.load(&["-n", "5", "--output", "-"]).exited(1).json();
        assert_eq!(findings(&report), [("panic", None)], "{report:#}");
    }
}

#[test]
fn what_a_server_says_after_our_sigterm_counts_where_it_has_to_save() {
    let directory = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let server = format!(
        "{PROGRAM} server --workload unawaited --mode awaited --listen {address} --journal {}",
        directory.path().join("journal").display()
    );
    let exec = says_at_the_end("panic: disk full", &server);
    let known = ["--workload", "unawaited", "-q", "--output", "-", "--exec", &exec, &address];
    let report = loadgen(&known).exited(1).json();
    assert_eq!(report["correctness"]["verdict"], "valid");
    // The second of the two, which only the last read was for, had nothing to save.
    assert_eq!(findings(&report), [("panic", None), ("panic", Some("stop"))], "{report:#}");
}
