//! `--client reqwest`: what an ordinary client sends is counted and judged all the same.

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::counter::Counter;
use crate::embedded::as_expected;
use crate::kept::{ENDINGS, each_is_sent_once, set};
use crate::program::{PROMPTLY, loadgen};
use crate::report::report;

/// reqwest has no switch for the one retry that it makes, of a request that it has not begun.
#[test]
fn nothing_is_sent_twice_however_connections_end() {
    for client in ["http1", "reqwest"] {
        for (what, ending) in ENDINGS {
            let server = set(ending);
            // New connections are ended, too.
            let options = ["-c", "6", "-r", "--client", client];
            each_is_sent_once(&server, &format!("{client}, {what}"), &options);
        }
    }
}

/// Its connections are made by its exchanges, and one that is not made is no sign of life.
#[test]
fn a_target_that_is_not_there_is_noticed_by_any_client() {
    let load = ["-n", "1000000", "-c", "6", "-r", "--client", "reqwest"];
    let server = ByteServer::start(|number, _| match number {
        ..=20 => Reaction::Answer(answer(200, "ok")),
        _ => Reaction::Die,
    });
    let url = server.url("/");
    let died = report(3, &[&load[..], &[&url]].concat());
    let partial = died.at("/partial").as_str().unwrap();
    assert!(partial.contains("no more connections: connect: "), "{partial}");
    assert!(died.ended.took < PROMPTLY, "{:?}", died.ended.took);

    let ended = loadgen(&[&load[..], &[&url]].concat()).exited(3);
    assert!(ended.stderr.contains("cannot reach"), "{}", ended.stderr);
    assert!(ended.took < PROMPTLY, "{:?}", ended.took);
}

#[test]
fn no_redirect_is_followed() {
    for client in ["http1", "reqwest"] {
        let server = ByteServer::start(|_, _| {
            let head = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
            Reaction::Answer(head.as_bytes().to_vec())
        });
        let report = report(3, &["-n", "20", "--client", client, &server.url("/")]);
        assert_eq!(report.status(302), 20, "{client}");
        assert_eq!(server.request_count(), 20, "{client}");
    }
}

#[test]
fn a_correct_counter_is_valid_by_any_client() {
    let counter = Counter::start();
    let before = counter.value();
    let url = counter.url();
    let judged = ["--model", "fetch-and-add", "--read", "/get?name=i", "--reads", "10%"];
    let accept = ["-H", "Accept: application/json"];
    let load = ["--client", "reqwest", "-n", "1000", "-c", "20", &url];
    let report = report(0, &[&judged[..], &accept, &load].concat());
    assert_eq!(report.at("/plan/client"), "reqwest");
    assert_eq!(report.at("/correctness/verdict"), "valid");
    assert_eq!(report.count("/correctness/acknowledged"), counter.value() - before);
}

#[test]
fn lost_updates_are_found_by_any_client() {
    // It expects losses of the one mode, and none of the other.
    let ended = as_expected(&["--client", "reqwest", "-n", "5000", "-c", "100", "-q"]);
    assert!(ended.stdout.contains("updates lost"), "{}", ended.stdout);
}

/// The fields of the last request, sorted, in lower case but for their values; without `Host`, which
/// differs with the port.
fn fields(client: &str, arguments: &[&str]) -> Vec<String> {
    let server = ByteServer::answering(answer(200, ""));
    let url = server.url("/a?b=c%20d");
    report(0, &[&["--client", client], arguments, &[&url]].concat());
    let request = String::from_utf8(server.requests().pop().unwrap()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut fields: Vec<_> = [lines.next().unwrap().to_owned(), body.to_owned()].into();
    let mut named: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap_or((line.trim_end_matches(':'), "")))
        .map(|(name, value)| format!("{}: {value}", name.to_lowercase()))
        .filter(|field| !field.starts_with("host: "))
        .collect();
    named.sort();
    fields.append(&mut named);
    fields
}

#[test]
fn every_client_sends_the_same_fields() {
    for arguments in [
        &[][..],
        &["--no-keep-alive"],
        &["-H", "Connection: close"],
        &["-H", "User-Agent: me", "-H", "Accept: application/json", "-H", "X: 1", "-H", "X: 2"],
        &["-A", "me:pass", "-C", "a=1", "-H", "Cookie: b=2"],
        &["-m", "POST"],
        &["-m", "DELETE"],
        &["--data", "x=1", "-T", "application/x-www-form-urlencoded"],
        &["--data", "", "-m", "PUT"],
    ] {
        assert_eq!(fields("reqwest", arguments), fields("http1", arguments), "{arguments:?}");
    }
}
