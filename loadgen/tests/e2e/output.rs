//! What goes where: the report to standard output, everything else to standard error.

use std::fs::File;
use std::io::Write as _;

use crate::byte_server::{ByteServer, answer};
use crate::program::{Process, command, loadgen};

fn server() -> ByteServer {
    ByteServer::answering(answer(200, "7"))
}

#[test]
fn progress_is_told_as_ab_does_and_not_at_all_if_quiet() {
    let server = server();
    let url = server.url("/");
    for (n, completed) in [
        ("50", &[][..]),
        ("350", &[100, 200, 300]),
        ("1000", &[100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]),
        ("3000", &[300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000]),
    ] {
        let ended = loadgen(&["-n", n, "-c", "5", &url]).exited(0);
        let completed = completed.iter().map(|count| format!("Completed {count} requests"));
        let expected = completed.chain([format!("Finished {n} requests")]);
        assert!(ended.stderr.lines().eq(expected), "{}", ended.stderr);
        assert!(ended.stdout.starts_with("Benchmarking 127.0.0.1 (be patient)\n\n"));

        let ended = loadgen(&["-n", n, "-c", "5", "-q", &url]).exited(0);
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn json_goes_to_standard_output_alone_or_to_a_file_beside_the_text() {
    let server = server();
    let url = server.url("/");
    let ended = loadgen(&["-n", "30", "--output", "-", &url]).exited(0);
    assert_eq!(ended.json()["requests"]["ok"], 30);

    let mut file = tempfile::NamedTempFile::new().unwrap();
    // An earlier and longer one.
    file.write_all(&[b'x'; 10_000]).unwrap();
    let path = file.path().to_str().unwrap();
    let ended = loadgen(&["-n", "30", "--output", path, &url]).exited(0);
    assert!(ended.stdout.contains("\nComplete requests:      30\n"), "{}", ended.stdout);
    let json: serde_json::Value = serde_json::from_reader(File::open(path).unwrap()).unwrap();
    assert_eq!(json["requests"]["ok"], 30);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let server = server();
    let (url, read) = (server.url("/"), server.url("/state"));
    for (arguments, code) in [
        (["-n", "30", &url].as_slice(), 0),
        (&["-n", "30", "--output", "-", &url], 0),
        // The verdict is not lost with the report: nothing is counted here.
        (&["-n", "30", "--read", &read, &url], 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(arguments);
        command.stdout(writer);
        let ended = Process::spawn(command).end().exited(code);
        let why = if code == 1 { "loadgen: INVALID: 30 updates lost (exit 1)\n" } else { "" };
        assert_eq!(ended.stderr, format!("Finished 30 requests\n{why}"));
    }
}

#[test]
fn a_report_outlives_the_end_of_standard_error() {
    let server = server();
    let url = server.url("/");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (reader, closed) = std::io::pipe().unwrap();
    drop(reader);
    for stderr in [std::process::Stdio::from(full), closed.into()] {
        let mut command = command(&["-n", "300", "-v", "2", &url]);
        command.stderr(stderr);
        let ended = Process::spawn(command).end().exited(0);
        assert!(ended.stdout.contains("\nComplete requests:      300\n"), "{}", ended.stdout);
    }

    // The log of the embedded server goes the same way, and what it says is found all the same.
    let mut command = command(&["--mode", "go-map", "-n", "20000", "-c", "50"]);
    command.stderr(File::options().write(true).open("/dev/full").unwrap());
    let ended = Process::spawn(command).end().exited(0);
    assert!(ended.stdout.contains("   Finding:             fatal error: "), "{}", ended.stdout);
}

#[test]
fn a_report_that_cannot_be_written_is_3_and_shown_where_it_can() {
    let server = server();
    let url = server.url("/");
    let mut to_nowhere = command(&["-n", "30", &url]);
    to_nowhere.stdout(File::options().write(true).open("/dev/full").unwrap());
    let ended = Process::spawn(to_nowhere).end().exited(3);
    let cannot = "loadgen: cannot write the report to standard output: No space left";
    assert!(ended.stderr.contains(cannot), "{}", ended.stderr);

    let ended = loadgen(&["-n", "30", "--output", "/dev/full", &url]).exited(3);
    let cannot = "loadgen: cannot write --output to /dev/full: No space left";
    assert!(ended.stderr.contains(cannot), "{}", ended.stderr);
    assert!(ended.stdout.contains("\nComplete requests:      30\n"), "{}", ended.stdout);
}

#[test]
fn verbose_shows_the_request_and_the_first_head_of_each_status() {
    let server = ByteServer::start(|number, _| {
        let status = if number % 2 == 0 { 503 } else { 200 };
        crate::byte_server::Reaction::Answer(answer(status, &number.to_string()))
    });
    let arguments = ["-n", "4", "-q", "-H", "X-One: 1", &server.url("/path")];
    assert_eq!(loadgen(&arguments).exited(0).stderr, "");
    let verbose = loadgen(&[["-v", "2"].as_slice(), &arguments].concat()).exited(0).stderr;
    let shown = verbose.replace("\r\n", "\n");
    assert!(shown.contains("Request:\nGET /path HTTP/1.1\nHost: 127.0.0.1:"), "{shown}");
    assert!(shown.contains("\nX-One: 1\n\n"), "{shown}");
    for status in [200, 503] {
        let head = format!(
            "First answer with status {status}:\nHTTP/1.1 {status} Whatever\nContent-Length: 1\n\n"
        );
        assert_eq!(shown.matches(&head).count(), 1, "{shown}");
    }
    assert_eq!(shown.matches("HTTP/1.1 ").count(), 2, "{shown}");
}
