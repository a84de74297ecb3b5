//! What only a connection can show: bodies that arrive, versions, and what is no HTTP at all.

use store::RaceWindow;

use crate::app::specimen;
use crate::serving::Serving;

fn start() -> Serving {
    Serving::of(specimen("counter", "mutex"), RaceWindow::None)
}

#[test]
fn http_1_0_is_answered_once_and_in_kind() {
    let server = start();
    let mut connection = server.connect();
    connection.send("GET /get?name=i HTTP/1.0\r\n\r\n").unwrap();
    let reply = connection.reply().unwrap();
    assert!(reply.head.starts_with("HTTP/1.0 200 "), "{}", reply.head);
    assert_eq!(reply.body, "i: 0");
    assert!(connection.is_closed_by_the_server());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = start();
    let mut connection = server.connect();
    let inc = "GET /inc?name=i HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n\r\n";
    connection.send(inc.repeat(20)).unwrap();
    for value in 1..=20 {
        assert_eq!(connection.reply().unwrap().body, format!(r#"{{"name":"i","value":{value}}}"#));
    }
}

/// The body need not arrive for that, and whoever waits for `100 Continue` need not send it.
#[test]
fn a_body_announced_too_large_is_413_at_once() {
    let server = start();
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut connection = server.connect();
        let head = format!("POST /inc?name=i HTTP/1.1\r\nhost: x\r\n{expect}content-length: 65537");
        connection.send(format!("{head}\r\n\r\n")).unwrap();
        let reply = connection.reply().unwrap();
        let message = "the body is too large: expected at most 65536 bytes";
        assert_eq!(reply.status_and_body(), (413, message));
    }
    assert_eq!(server.connect().get("/get?name=i").unwrap().body, "i: 0");
}

const CHUNKED: &str = "POST /inc?name=i HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";

#[test]
fn a_chunked_body_may_be_as_long_as_any_other() {
    let server = start();
    let mut connection = server.connect();
    let half = "x".repeat(0x8000);
    connection.send(format!("{CHUNKED}8000\r\n{half}\r\n8000\r\n{half}\r\n0\r\n\r\n")).unwrap();
    assert_eq!(connection.reply().unwrap().status_and_body(), (200, "ok"));
    assert_eq!(connection.get("/get?name=i").unwrap().body, "i: 1");
}

#[test]
fn a_chunked_body_that_grows_too_large_is_413() {
    let server = start();
    let mut connection = server.connect();
    // It stops at the first byte too many: bytes left unread could cost the answer.
    connection.send(format!("{CHUNKED}10001\r\n{}", "x".repeat(0x10001))).unwrap();
    let message = "the body is too large: expected at most 65536 bytes";
    assert_eq!(connection.reply().unwrap().status_and_body(), (413, message));
    assert_eq!(server.connect().get("/get?name=i").unwrap().body, "i: 0");
}

#[test]
fn a_malformed_body_is_400_and_nothing_is_applied() {
    let server = start();
    let mut connection = server.connect();
    connection.send(format!("{CHUNKED}no number\r\n")).unwrap();
    let message = "the body broke off or is malformed: expected the one that the headers announce";
    assert_eq!(connection.reply().unwrap().status_and_body(), (400, message));
    assert_eq!(server.connect().get("/get?name=i").unwrap().body, "i: 0");
}

#[test]
fn what_is_no_http_is_refused_by_the_http_layer() {
    let server = start();
    let long_uri = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (request, status) in [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("POST /inc?name=i HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
        (&long_uri, 414),
        (&many_headers, 431),
    ] {
        let mut connection = server.connect();
        connection.send(request).unwrap();
        assert_eq!(connection.reply().unwrap().status, status);
        assert!(connection.is_closed_by_the_server());
    }
}
