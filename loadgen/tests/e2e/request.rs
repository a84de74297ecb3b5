//! The bytes that arrive at the server.

use std::io::Write as _;

use crate::byte_server::{ByteServer, answer};
use crate::program::loadgen;
use crate::report::report;

/// The request that `arguments` send, with `HOST` in place of the server's address.
fn sent(arguments: &[&str]) -> String {
    let server = ByteServer::answering(answer(200, ""));
    let url = server.url("/a/b?c=d%20e&f");
    report(0, &[["-n", "3"].as_slice(), arguments, &[&url]].concat());
    let requests = server.requests();
    assert_eq!(requests.len(), 3, "{arguments:?}");
    assert!(requests.iter().all(|request| *request == requests[0]), "{arguments:?}");
    let text = String::from_utf8(requests[0].clone()).unwrap();
    text.replace(&server.address.to_string(), "HOST")
}

const TARGET: &str = "/a/b?c=d%20e&f HTTP/1.1";
const DEFAULTS: &str =
    concat!("Host: HOST\r\nUser-Agent: loadgen/", env!("CARGO_PKG_VERSION"), "\r\nAccept: */*\r\n");

/// A file of this content.
fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

/// A request of the lines that are always there, `fields` and `body`.
fn expected(method: &str, fields: &[&str], body: &str) -> String {
    let fields = [fields, &[""]].concat().join("\r\n");
    format!("{method} {TARGET}\r\n{DEFAULTS}{fields}\r\n{body}")
}

#[test]
fn without_options_it_is_a_get() {
    assert_eq!(sent(&[]), expected("GET", &[], ""));
    assert_eq!(sent(&["-k"]), expected("GET", &[], ""));
    assert_eq!(sent(&["--no-keep-alive"]), expected("GET", &["Connection: close"], ""));
}

#[test]
fn a_file_is_posted_or_put_byte_by_byte() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let content = "a=1\n\r\n\r\n\0é";
    file.write_all(content.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let length = format!("Content-Length: {}", content.len());
    let plain = [&*length, "Content-Type: text/plain"];
    let json = [&*length, "Content-Type: application/json"];
    assert_eq!(sent(&["-p", path]), expected("POST", &plain, content));
    assert_eq!(sent(&["-u", path]), expected("PUT", &plain, content));
    assert_eq!(sent(&["-p", path, "-T", "application/json"]), expected("POST", &json, content));
    let given = ["-p", path, "-H", "content-type: application/json"];
    let lower = [&*length, "content-type: application/json"];
    assert_eq!(sent(&given), expected("POST", &lower, content));
    assert_eq!(sent(&["-m", "PATCH", "-p", path]), expected("PATCH", &plain, content));

    let empty = tempfile::NamedTempFile::new().unwrap();
    let nothing = ["Content-Length: 0", "Content-Type: text/plain"];
    assert_eq!(sent(&["-p", empty.path().to_str().unwrap()]), expected("POST", &nothing, ""));
}

#[test]
fn content_may_stand_on_the_command_line() {
    let fields = ["Content-Length: 7", "Content-Type: text/plain"];
    assert_eq!(sent(&["--data", "x=1&y=2"]), expected("POST", &fields, "x=1&y=2"));
    assert_eq!(sent(&["--data", "x=1&y=2", "-m", "PUT"]), expected("PUT", &fields, "x=1&y=2"));
}

#[test]
fn a_method_may_be_any() {
    assert_eq!(sent(&["-m", "DELETE"]), expected("DELETE", &[], ""));
    assert_eq!(sent(&["--method", "PURGE"]), expected("PURGE", &[], ""));
    // Where content is usual, its absence is said.
    assert_eq!(sent(&["-m", "POST"]), expected("POST", &["Content-Length: 0"], ""));
}

#[test]
fn credentials_and_cookies_become_header_fields() {
    // RFC 7617's own example.
    let authorization = ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="];
    assert_eq!(sent(&["-A", "Aladdin:open sesame"]), expected("GET", &authorization, ""));
    assert_eq!(sent(&["-C", "a=1"]), expected("GET", &["Cookie: a=1"], ""));
    assert_eq!(sent(&["-C", "a=1", "-C", "b=2"]), expected("GET", &["Cookie: a=1; b=2"], ""));
}

/// A service that gets two takes the one or the other.
#[test]
fn two_sources_of_one_field_are_one_field() {
    let expected = |fields: &[&str]| {
        expected("POST", &[&["Content-Length: 1"], fields, &["Content-Type: a/b"]].concat(), "x")
    };
    let data = ["--data", "x", "-H", "Content-Type: c/d"];
    let last = ["-T", "a/b"];
    let sent = |options: &[&str]| sent(&[&data, options, &last].concat());
    let basic = "Authorization: Basic bWU6cGFzcw==";
    let bearer = "authorization: Bearer t";
    assert_eq!(sent(&["-H", bearer, "-A", "me:pass"]), expected(&[basic]));
    assert_eq!(sent(&["-A", "me:pass", "-H", bearer]), expected(&[bearer]));
    assert_eq!(
        sent(&["-C", "a=1", "-H", "Cookie: b=2", "-C", "c=3"]),
        expected(&["Cookie: a=1; b=2; c=3"])
    );
}

#[test]
fn header_fields_are_sent_as_spelt_and_replace_the_defaults() {
    let fields = ["X-One: 1", "x-TWO: a: b"];
    assert_eq!(sent(&["-H", "X-One: 1", "--header", "x-TWO:a: b"]), expected("GET", &fields, ""));
    // Twice the same name is two fields.
    let twice = ["X: 1", "X: 2"];
    assert_eq!(sent(&["-H", "X: 1", "-H", "X: 2"]), expected("GET", &twice, ""));
    assert_eq!(
        sent(&["-H", "host: example.org", "-H", "USER-AGENT: me", "-H", "Accept:"]),
        format!("GET {TARGET}\r\nhost: example.org\r\nUSER-AGENT: me\r\nAccept: \r\n\r\n")
    );
}

#[test]
fn head_has_an_answer_without_its_content() {
    // The length is that of the content that GET would have brought.
    let server = ByteServer::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".to_vec());
    let url = server.url("/");
    let report = report(0, &["-n", "5", "-i", &url]);
    assert!(server.requests()[0].starts_with(b"HEAD / HTTP/1.1\r\n"));
    assert_eq!(report.count("/throughput/body_bytes_read"), 0);
    assert_eq!((server.request_count(), server.accepted()), (5, 1));
}

#[test]
fn a_url_needs_no_scheme_and_no_path() {
    let server = ByteServer::answering(answer(200, ""));
    for (url, first_line) in [
        (server.address.to_string(), "GET / HTTP/1.1\r\n"),
        (format!("{}/x?to=http://y", server.address), "GET /x?to=http://y HTTP/1.1\r\n"),
        (server.url("/x#part"), "GET /x HTTP/1.1\r\n"),
        (server.url("/ü x"), "GET /%C3%BC%20x HTTP/1.1\r\n"),
    ] {
        report(0, &[&url]);
        let last = server.requests().pop().unwrap();
        assert!(last.starts_with(first_line.as_bytes()), "{}", String::from_utf8_lossy(&last));
    }
}

#[test]
fn json_is_posted_and_asked_for() {
    let fields = ["Content-Type: application/json", "Accept: application/json"];
    let length = ["Content-Length: 7"];
    let expected_json = |fields: &[&str]| {
        let head: Vec<_> = length.iter().chain(fields).copied().collect();
        expected("POST", &head, r#"{"a":1}"#).replacen("Accept: */*\r\n", "", 1)
    };
    assert_eq!(sent(&["--json", r#"{"a":1}"#]), expected_json(&fields));
    let file = file(br#"{"a":1}"#);
    let from_file = format!("@{}", file.path().display());
    assert_eq!(sent(&["--json", &from_file]), expected_json(&fields));
    let merge = ["Content-Type: application/merge-patch+json", fields[1]];
    assert_eq!(
        sent(&["--json", &from_file, "-T", "application/merge-patch+json"]),
        expected_json(&merge)
    );
    let own = ["Accept: text/plain", fields[0]];
    assert_eq!(sent(&["--json", &from_file, "-H", "Accept: text/plain"]), expected_json(&own));
}

#[test]
fn a_token_is_an_authorization_and_the_last_one_counts() {
    let file = file(b"abc.def\n");
    let from_file = format!("@{}", file.path().display());
    let bearer = "Authorization: Bearer abc.def";
    for token in ["abc.def", &from_file] {
        assert_eq!(sent(&["--bearer", token]), expected("GET", &[bearer], ""));
    }
    let twice = ["-A", "me:pass", "--bearer", "abc.def"];
    assert_eq!(sent(&twice), expected("GET", &[bearer], ""));
    let basic = "Authorization: Basic bWU6cGFzcw==";
    assert_eq!(sent(&["--bearer", "x", "-A", "me:pass"]), expected("GET", &[basic], ""));
}

#[test]
fn a_form_is_encoded_or_has_parts() {
    let form = ["Content-Length: 15", "Content-Type: application/x-www-form-urlencoded"];
    let fields = ["--data-urlencode", "a=b c&d", "--data-urlencode", "e=f"];
    assert_eq!(sent(&fields), expected("POST", &form, "a=b%20c%26d&e=f"));
    let file = file(b"content");
    let part = format!("file=@{};type=text/plain", file.path().display());
    let request = sent(&["--form", "name=value", "--form", &part]);
    assert!(request.contains("Content-Type: multipart/form-data; boundary="), "{request}");
    assert!(request.contains("name=\"name\"\r\n\r\nvalue\r\n--"), "{request}");
    assert!(request.contains("\r\nContent-Type: text/plain\r\n\r\ncontent\r\n--"), "{request}");
}

/// Nothing is sent, and no secret is shown.
#[test]
fn a_dry_run_shows_what_would_be_sent() {
    let server = ByteServer::answering(answer(200, "1"));
    let url = server.url("/inc?api_key=T0P");
    let load = ["--dry-run", "-n", "200", "-c", "10", "--bearer", "T0P", "--json", r#"{"a":1}"#];
    let judged = ["--read", "/get", "--model", "fetch-and-add", "--threshold", "p(99)<50ms"];
    let shown = loadgen(&[&load[..], &judged, &[&url]].concat()).exited(0).stdout;
    for line in [
        "Requests:               200",
        "In flight at once:      10, by ",
        "Judged as:              fetch-and-add",
        "Threshold:              p(99)<50ms",
        "POST /inc?api_key=*** HTTP/1.1",
        "Authorization: ***",
        r#"{"a":1}"#,
        "First read:",
        "GET /get HTTP/1.1",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(!shown.contains("T0P"), "{shown}");
    assert_eq!(server.accepted(), 0, "a connection was made");
    let specimens = loadgen(&["--dry-run", "--mode", "racy,mutex"]).exited(0).stdout;
    assert_eq!(specimens.matches("POST /inc?name=i HTTP/1.1").count(), 0, "{specimens}");
    assert_eq!(specimens.matches("GET /inc?name=i HTTP/1.1").count(), 2, "{specimens}");
    assert_eq!(specimens.matches("Would start:").count(), 2, "{specimens}");
}
