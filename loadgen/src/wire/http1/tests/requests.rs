//! The bytes of requests.

use http::{HeaderValue, Method};

use super::super::Message;
use crate::scenario::{Call, Values, Variables};

const USER_AGENT: &str = concat!("User-Agent: loadgen/", env!("CARGO_PKG_VERSION"), "\r\n");

fn call(method: Method, headers: &[(&str, &str)], body: Option<&str>) -> Call {
    let header =
        |(name, value): &(&str, &str)| ((*name).to_owned(), HeaderValue::from_str(value).unwrap());
    let headers = headers.iter().map(header).collect();
    Call { headers, ..Call::new(method, body.map(Into::into)) }
}

/// What is sent to `url`; the name and version of this program are `LOADGEN` in it.
fn sent(url: &str, call: &Call) -> String {
    sent_over(true, url, call)
}

/// The same over a connection that is kept afterwards, or is not.
fn sent_over(keep_alive: bool, url: &str, call: &Call) -> String {
    let request = Message::new(&url.parse().unwrap(), call, keep_alive);
    let body = call.body.as_deref().unwrap_or_default();
    assert_eq!(request.sizes().body_bytes, body.len() as u64);
    assert_eq!(request.sizes().bytes, request.bytes().len() as u64);
    assert!(request.bytes().ends_with(body));
    assert_eq!(request.is_head(), call.method == Method::HEAD);
    String::from_utf8(request.bytes().to_vec()).unwrap().replace(USER_AGENT, "LOADGEN\r\n")
}

#[test]
fn a_get() {
    let expected = "GET / HTTP/1.1\r\nHost: localhost:8000\r\nLOADGEN\r\nAccept: */*\r\n\r\n";
    assert_eq!(sent("http://localhost:8000", &call(Method::GET, &[], None)), expected);
}

#[test]
fn where_it_goes() {
    for (url, line, host) in [
        ("http://example.org", "/", "example.org"),
        ("http://EXAMPLE.org:80/", "/", "example.org"),
        ("http://example.org:8080/a/b", "/a/b", "example.org:8080"),
        ("http://127.0.0.1:8000/inc?name=x", "/inc?name=x", "127.0.0.1:8000"),
        ("http://127.0.0.1?name=x#part", "/?name=x", "127.0.0.1"),
        ("http://[::1]:8000/a?b=c&d=%20#e", "/a?b=c&d=%20", "[::1]:8000"),
        ("http://[::1]/?", "/?", "[::1]"),
        ("http://user:secret@example.org/a b?c d", "/a%20b?c%20d", "example.org"),
        ("http://b\u{fc}cher.example/\u{fc}", "/%C3%BC", "xn--bcher-kva.example"),
    ] {
        let sent = sent(url, &call(Method::GET, &[], None));
        let expected = format!("GET {line} HTTP/1.1\r\nHost: {host}\r\nLOADGEN\r\n");
        assert!(sent.starts_with(&expected), "{url}: {sent}");
        assert_eq!(sent.matches("\r\n\r\n").count(), 1, "{url}: {sent}");
    }
}

#[test]
fn a_given_header_replaces_the_default_of_that_name_whatever_its_case() {
    let headers = [
        ("user-agent", "me"),
        ("X-Other", "1"),
        ("HOST", "other.example"),
        ("aCCept", "text/plain"),
        ("X-Other", "2"),
        ("connection", "keep-alive"),
        ("content-length", "9"),
    ];
    let call = call(Method::POST, &headers, Some("body"));
    let expected = "POST /p HTTP/1.1\r\n\
        user-agent: me\r\nX-Other: 1\r\nHOST: other.example\r\naCCept: text/plain\r\n\
        X-Other: 2\r\nconnection: keep-alive\r\ncontent-length: 9\r\n\r\nbody";
    assert_eq!(sent_over(false, "http://localhost/p", &call), expected);
}

#[test]
fn the_length_is_said_where_one_is_expected() {
    for (method, body, length) in [
        (Method::GET, None, None),
        (Method::HEAD, None, None),
        (Method::DELETE, None, None),
        (Method::OPTIONS, None, None),
        (Method::POST, None, Some(0)),
        (Method::PUT, None, Some(0)),
        (Method::PATCH, None, Some(0)),
        (Method::GET, Some("body"), Some(4)),
        (Method::POST, Some("b\u{f6}dy\r\n"), Some(7)),
        (Method::POST, Some(""), Some(0)),
    ] {
        let length = length.map(|length| format!("Content-Length: {length}\r\n"));
        let expected = format!(
            "{method} / HTTP/1.1\r\nHost: localhost\r\nLOADGEN\r\nAccept: */*\r\n{}\r\n{}",
            length.unwrap_or_default(),
            body.unwrap_or_default()
        );
        assert_eq!(sent("http://localhost/", &call(method, &[], body)), expected);
    }
}

/// A length beside a transfer coding would be illegal.
#[test]
fn no_length_is_said_of_content_that_is_coded_for_transfer() {
    for body in [Some("0\r\n\r\n"), None] {
        let call = call(Method::POST, &[("transfer-encoding", "chunked")], body);
        let sent = sent("http://localhost/", &call);
        assert!(!sent.contains("Content-Length"), "{sent}");
        assert!(sent.contains("transfer-encoding: chunked\r\n\r\n"), "{sent}");
    }
}

#[test]
fn the_end_of_a_connection_is_announced() {
    let call = call(Method::GET, &[], None);
    let expected = "GET / HTTP/1.1\r\nHost: localhost\r\nLOADGEN\r\nAccept: */*\r\n\
        Connection: close\r\n\r\n";
    assert_eq!(sent_over(false, "http://localhost/", &call), expected);
}

#[test]
fn any_bytes_are_sent_as_they_are() {
    let body: Vec<u8> = (0..=255).collect();
    let value = HeaderValue::from_bytes(b"\xff\t\x80").unwrap();
    let headers = vec![("X-Odd".to_owned(), value)];
    let call = Call {
        method: Method::PUT,
        headers,
        body: Some(body.clone()),
        variables: Variables::default(),
        escape: None,
    };
    let request = Message::new(&"http://localhost/".parse().unwrap(), &call, true);
    let end = [b"Content-Length: 256\r\nX-Odd: \xff\t\x80\r\n\r\n".as_slice(), &body].concat();
    assert!(request.bytes().ends_with(&end));
    assert_eq!(request.sizes().body_bytes, 256);
}

#[test]
fn a_value_stands_wherever_its_placeholder_does() {
    let headers = [("X-Id", "{value}")];
    let call = Call {
        variables: Variables { has_value: true, ..Variables::default() },
        escape: Some(crate::scenario::Escape::None),
        ..call(Method::POST, &headers, Some("a={value}"))
    };
    let url = "http://localhost/{value}/x?v={value}".parse().unwrap();
    let mut request = Message::new(&url, &call, true);
    for (value, digits) in [(0, "0000000000000000"), (1_795_000_000_000_042, "1795000000000042")] {
        let mut values = Values::of_client(0, 0, &Variables::default());
        values.next(0, value);
        request.fill(&mut values);
        let text = str::from_utf8(request.bytes()).unwrap();
        assert!(text.starts_with(&format!("POST /{digits}/x?v={digits} HTTP/1.1\r\n")), "{text}");
        assert!(text.contains(&format!("\r\nX-Id: {digits}\r\n")), "{text}");
        assert!(text.contains("\r\nContent-Length: 18\r\n"), "{text}");
        assert!(text.ends_with(&format!("\r\n\r\na={digits}")), "{text}");
    }
    assert_eq!(request.sizes().body_bytes, 18);
}

#[test]
fn braces_are_text_where_no_value_is_asked_for() {
    let request = Message::new(
        &"http://localhost/?v={value}".parse().unwrap(),
        &call(Method::POST, &[], Some("{value}")),
        true,
    );
    assert!(str::from_utf8(request.bytes()).unwrap().ends_with("\r\n\r\n{value}"));
}

#[test]
fn variables_make_each_request_as_long_as_it_is() {
    let call = Call {
        escape: Some(crate::scenario::Escape::None),
        ..call(Method::POST, &[("X-Id", "{{uuid}}")], Some("{\"n\":{{seq}},\"c\":{{client}}}"))
    };
    let url = "http://localhost/{{seq}}?r={{rand 7..7}}".parse().unwrap();
    let mut request = Message::new(&url, &call, true);
    assert!(request.varies());
    let mut values = Values::of_client(3, 1, &Variables::default());
    let mut ids = std::collections::HashSet::new();
    for (number, length) in [(0, 13), (8, 13), (9, 14), (99, 15)] {
        values.next(number, 0);
        request.fill(&mut values);
        let text = str::from_utf8(request.bytes()).unwrap();
        let seq = number + 1;
        assert!(text.starts_with(&format!("POST /{seq}?r=7 HTTP/1.1\r\n")), "{text}");
        assert!(text.contains(&format!("\r\nContent-Length: {length}\r\n")), "{text}");
        assert!(text.ends_with(&format!("\r\n\r\n{{\"n\":{seq},\"c\":3}}")), "{text}");
        assert_eq!(request.sizes().body_bytes, length);
        assert_eq!(request.sizes().bytes, text.len() as u64);
        let id = text.lines().find_map(|line| line.strip_prefix("X-Id: ")).unwrap();
        assert!(id.len() == 36 && ids.insert(id.to_owned()));
    }
}
