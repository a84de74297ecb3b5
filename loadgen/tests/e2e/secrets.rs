//! Secrets reach the server, and nothing that anybody reads.

use std::io::Write as _;

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::program::{Process, command, loadgen};

#[test]
fn secrets_are_sent_and_never_shown() {
    let server = ByteServer::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\nSet-Cookie: sid=T0P\r\nContent-Length: 1\r\n\r\n7";
        Reaction::Answer(head.into())
    });
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (json, page) = (path("report.json"), path("page.html"));
    let url = server.url("/a?token=T0P&name=i&API_KEY=T0P&%73ecret=T0P");
    let ended = loadgen(&[
        "-v",
        "2",
        "-n",
        "3",
        "-A",
        "me:T0P",
        "-C",
        "sid=T0P",
        "-H",
        "X-Api-Key: T0P",
        "-H",
        "X-Auth-Token: T0P",
        "--data",
        "password=T0P&a=1",
        "--read",
        "/state?key=T0P",
        "--model",
        "fetch-and-add",
        "--output",
        &json,
        "--html",
        &page,
        &url,
    ])
    .exited(1);
    for header in ["Authorization: Basic bWU6VDBQ", "Cookie: sid=T0P", "X-Api-Key: T0P"] {
        let has = |request: &Vec<u8>| String::from_utf8_lossy(request).contains(header);
        assert!(server.requests().iter().all(has), "{header}");
    }
    let shown = [json, page].map(|path| std::fs::read_to_string(path).unwrap());
    for text in [&ended.stdout, &ended.stderr, &shown[0], &shown[1]] {
        for secret in ["T0P", "bWU6VDBQ"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains("***"), "{text}");
    }
    assert!(ended.stderr.contains("Authorization: ***"), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("Document Path:          /a?token=***&name=i&"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("loadgen -v 2 -n 3 -A '***' -C 'sid=***' -H 'X-Api-Key: ***'"));
}

#[test]
fn secrets_are_in_no_error() {
    for arguments in [
        ["-A", "meT0P", "localhost"].as_slice(),
        &["-AT0Pword", "localhost"],
        &["http://me:T0P@localhost"],
        &["me:T0P@localhost"],
        &["--read", "http://me:T0P@localhost", "localhost"],
        &["-C", "sid=T0P\u{1}", "localhost"],
        &["-H", "Authorization: T0P\u{1}", "localhost"],
        &["-P", "me:T0P", "localhost"],
        &["--modle", "-A", "me:T0P"],
        &["localhost", "me:T0P@other"],
        &["--read", "/x?token=T0P", "--extract", "last", "127.0.0.1:9"],
    ] {
        let ended = loadgen(arguments);
        assert!([2, 3].contains(&ended.code()), "{arguments:?}");
        assert!(!ended.stderr.contains("T0P"), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn secrets_in_files_and_variables_are_sent() {
    let server = ByteServer::answering(answer(200, "7"));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "X-One: T0P\n\nX-Two: 2").unwrap();
    let headers = format!("@{}", file.path().display());
    let mut command = command(&["-A", "@env:CREDENTIALS", "-H", &headers, &server.url("/")]);
    command.env("CREDENTIALS", "Aladdin:open sesame");
    let ended = Process::spawn(command).end().exited(0);
    let request = String::from_utf8_lossy(&server.requests()[0]).into_owned();
    for field in ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "X-One: T0P", "X-Two: 2"] {
        assert!(request.contains(&format!("\r\n{field}\r\n")), "{request}");
    }
    assert!(ended.stdout.contains("-A @env:CREDENTIALS -H @/"), "{}", ended.stdout);

    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), "T0P").unwrap();
    let broken = format!("@{}", broken.path().display());
    for (arguments, named) in [
        (["-A", "@/no/such"], "cannot read /no/such"),
        (["-A", "@env:NO_SUCH"], "the environment variable NO_SUCH is not set"),
        (["-H", "@/no/such"], "cannot read /no/such"),
        (["-A", &broken], &broken[1..]),
        (["-H", &broken], &broken[1..]),
    ] {
        let ended = loadgen(&[arguments.as_slice(), &["localhost"]].concat()).exited(2);
        assert!(ended.stderr.contains(named), "{}", ended.stderr);
        assert!(!ended.stderr.contains("T0P"), "{}", ended.stderr);
    }
}

#[test]
fn secrets_are_shown_to_whoever_asks_for_them() {
    let server = ByteServer::answering(answer(200, ""));
    let url = server.url("/a?token=T0P");
    let load = ["-A", "me:T0P", "-H", "X-Api-Key: T0P", "--show-secrets", "-n", "1", &url];
    for more in [&["--output", "-", "-q"][..], &["--dry-run"], &["-v", "2", "-q"]] {
        let ended = loadgen(&[&load[..], more].concat()).exited(0);
        let text = ended.stdout + &ended.stderr;
        assert!(text.contains("token=T0P") && !text.contains("***"), "{text}");
    }
}
