//! No input makes the server panic, hang up on others, or answer with anything but a refusal.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;

use crate::app::{App, specimens, text};
use crate::process::{NOTICE, Program};

/// What the app itself may answer. Anything else, and any 5xx above all, is a bug.
const STATUSES: [u16; 9] = [200, 201, 202, 400, 404, 405, 409, 413, 414];
/// What the HTTP layer may add: header fields that are too many or too large.
const STATUSES_OF_A_CONNECTION: [u16; 10] = [200, 201, 202, 400, 404, 405, 409, 413, 414, 431];

/// What a client of HTTP/2 begins with, and the kind of frame that it is answered with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: u8 = 4;

#[test]
fn any_request_is_answered_without_a_panic() {
    let apps: Vec<_> = specimens().map(|specimen| (specimen, App::new(specimen))).collect();
    // A good deal less per app than fills the smallest store, where the mistakes do end it.
    let config = ProptestConfig::with_cases(2048);
    proptest!(config, |(app in 0..apps.len(), request in request())| {
        let (specimen, app) = &apps[app];
        let what = format!("{specimen}: {request:?}");
        let answer = app.call(request).answer();
        prop_assert!(STATUSES.contains(&answer.status), "{what}: {answer:?}");
        match answer.content_type.as_str() {
            "text/plain; charset=utf-8" => {}
            "application/json" => {
                // The answer to HEAD has no body.
                let json = serde_json::from_str::<serde_json::Value>(&answer.body);
                prop_assert!(json.is_ok() || answer.body.is_empty(), "{what}: {answer:?}");
            }
            other => prop_assert!(false, "{what}: {other}"),
        }
        prop_assert_eq!(app.get("/healthz"), text(200, "ok"), "{}", what);
    });
}

#[test]
fn any_bytes_leave_the_server_answering() {
    for workload in ["counter", "booking", "jobs", "unawaited"] {
        let program = Program::start(&["--workload", workload]);
        proptest!(ProptestConfig::with_cases(100), |(bytes in bytes_on_a_connection())| {
            let mut connection = program.connect();
            // The server may well hang up before it has been sent everything.
            let sent = connection.send(&bytes).and_then(|()| connection.finish());
            let answer = sent.unwrap_or_default();
            if !answer.is_empty() {
                let status = status(&answer);
                let legal = status.is_some_and(|status| STATUSES_OF_A_CONNECTION.contains(&status))
                    || bytes.starts_with(PREFACE) && answer.get(3) == Some(&SETTINGS);
                prop_assert!(legal, "{workload}: {}", String::from_utf8_lossy(&answer));
            }
            let health = program.connect().get("/healthz").unwrap();
            prop_assert_eq!(health.status_and_body(), (200, "ok"));
        });
        program.process.signal(nix::sys::signal::Signal::SIGTERM);
        let ended = program.end();
        let (code, stderr) = (ended.status.code(), &*ended.stderr);
        assert_eq!((code, stderr), (Some(0), NOTICE), "{workload}: a panic is told on stderr");
    }
}

fn request() -> impl Strategy<Value = Request<Body>> {
    let headers = prop::collection::vec((header_name(), header_value()), 0..4);
    let body = prop_oneof![1 => 0..100_usize, 1 => 60_000..70_000_usize];
    (method(), uri(), headers, body).prop_map(|(method, uri, headers, body)| {
        let mut request = Request::new(Body::from(vec![b'x'; body]));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        for (name, value) in headers {
            request.headers_mut().append(name, value);
        }
        request
    })
}

fn method() -> impl Strategy<Value = Method> {
    let any = "[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,20}";
    prop_oneof![
        6 => Just(Method::GET),
        3 => Just(Method::POST),
        1 => Just(Method::HEAD),
        1 => Just(Method::DELETE),
        1 => any.prop_map(|method| Method::from_bytes(method.as_bytes()).unwrap()),
    ]
}

const HEADERS: &[&str] = &["accept", "content-length", "content-type", "expect", "host", "x-other"];

fn header_name() -> impl Strategy<Value = HeaderName> {
    prop::sample::select(HEADERS).prop_map(HeaderName::from_static)
}

fn header_value() -> impl Strategy<Value = HeaderValue> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40)
        .prop_filter_map("no header value", |bytes| HeaderValue::from_bytes(&bytes).ok());
    let accept = "(application/json|text/\\*|\\*/\\*|;q=(0|1|x|)|[,; ]|=){0,6}"
        .prop_map(|value| HeaderValue::from_str(&value).unwrap());
    prop_oneof![bytes, accept]
}

const PATHS: &[&str] = &[
    "/", "/set", "/get", "/inc", "/list", "/book", "/seats", "/jobs", "/jobs/1", "/results",
    "/healthz",
];

/// A known path or any other, with a query that may be about right.
fn uri() -> impl Strategy<Value = Uri> {
    let path = prop_oneof![
        4 => prop::sample::select(PATHS).prop_map(str::to_owned),
        1 => uri_text().prop_map(|text| format!("/jobs/{text}")),
        1 => uri_text().prop_map(|text| format!("/{text}")),
    ];
    let key = prop_oneof![
        9 => prop::sample::select(&["name", "val", "id"][..]).prop_map(str::to_owned),
        1 => uri_text(),
    ];
    let value = prop_oneof![uri_text(), any::<i64>().prop_map(|n| n.to_string())];
    let pair = (key, "=|", value).prop_map(|(key, equals, value)| key + &equals + &value);
    let query = prop::collection::vec(pair, 0..5).prop_map(|pairs| pairs.join("&"));
    (path, query).prop_filter_map("no URI", |(path, query)| format!("{path}?{query}").parse().ok())
}

/// Any bytes, escaped or as they are; now and then a great many.
fn uri_text() -> impl Strategy<Value = String> {
    let escaped = prop::collection::vec(any::<u8>(), 0..12)
        .prop_map(|bytes| percent_encode(&bytes, NON_ALPHANUMERIC).to_string());
    prop_oneof![
        4 => "[a-z]{0,3}",
        4 => escaped,
        4 => "\\PC{0,8}",
        4 => "[%+&=;/?a-f0-9]{0,8}",
        1 => (100..200_usize, "[a-z]|%C3%A9").prop_map(|(times, text)| text.repeat(times)),
        1 => (8_000..9_000_usize).prop_map(|bytes| "x".repeat(bytes)),
    ]
}

const REQUEST_LINES: &[&str] = &[
    "GET /inc?name=i HTTP/1.1\r\n",
    "POST /inc?name=i HTTP/1.1\r\n",
    "POST /inc?name=i HTTP/1.0\r\n",
    "POST /book HTTP/1.1\r\n",
    "POST /jobs?id=1 HTTP/1.1\r\n",
    "DELETE /jobs/1 HTTP/1.1\r\n",
    "POST /results?id=1 HTTP/1.1\r\n",
    "HEAD / HTTP/1.1\r\n",
    "PUT /set HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

const HEADER_LINES: &[&str] = &[
    "host: x\r\n",
    "accept: application/json\r\n",
    "content-length: 5\r\n",
    "content-length: 99999999999999999999\r\n",
    "transfer-encoding: chunked\r\n",
    "expect: 100-continue\r\n",
    "connection: close\r\n",
    "connection: upgrade\r\nupgrade: h2c\r\n",
];

const BODY_PIECES: &[&str] = &["hello", "5\r\nhello\r\n", "0\r\n\r\n", "\r\n", ""];

/// A few requests, any part of which may be anything else.
fn bytes_on_a_connection() -> impl Strategy<Value = Vec<u8>> {
    let request_line = prop_oneof![
        6 => one_of(REQUEST_LINES),
        1 => (method(), uri()).prop_map(|(m, uri)| format!("{m} {uri} HTTP/1.1\r\n").into_bytes()),
        1 => anything(),
    ];
    let header_line = prop_oneof![6 => one_of(HEADER_LINES), 1 => anything()];
    let body_piece = prop_oneof![4 => one_of(BODY_PIECES), 1 => anything()];
    let headers = prop::collection::vec(header_line, 0..4).prop_map(|lines| lines.concat());
    let body = prop::collection::vec(body_piece, 0..4).prop_map(|pieces| pieces.concat());
    let end = prop_oneof![6 => Just(b"\r\n".to_vec()), 1 => anything()];
    let request = (request_line, headers, end, body)
        .prop_map(|(line, headers, end, body)| [line, headers, end, body].concat());
    prop::collection::vec(request, 1..3).prop_map(|requests| requests.concat())
}

fn one_of(pieces: &'static [&str]) -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec())
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 0..30),
        1 => (any::<u8>(), 0..100_000_usize).prop_map(|(byte, times)| vec![byte; times]),
    ]
}

/// The status of the first answer that is more than `100 Continue`; `None` if that is no HTTP.
fn status(answer: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(answer);
    let text = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text);
    if text.is_empty() {
        return Some(200);
    }
    let line = text.strip_prefix("HTTP/1.1 ").or_else(|| text.strip_prefix("HTTP/1.0 "))?;
    line.get(..3)?.parse().ok()
}
