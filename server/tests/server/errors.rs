//! What the counters say to those who ask them the wrong thing.

use axum::http::Method;
use serde_json::json;

use crate::app::{App, json, text};

const SET: &str = "as in /set?name=NAME&val=INTEGER";
const GET: &str = "as in /get?name=NAME";
const INC: &str = "as in /inc?name=NAME";

#[test]
fn a_bad_parameter_is_400_with_what_was_expected() {
    let app = App::default();
    let range = "expected an integer from -9223372036854775808 to 9223372036854775807";
    for (uri, reason, example) in [
        ("/set", "parameter `name` is missing: expected `name=…`", SET),
        ("/set?val=1", "parameter `name` is missing: expected `name=…`", SET),
        ("/set?name=i", "parameter `val` is missing: expected `val=…`", SET),
        ("/set?name=i&val", &format!("parameter `val` is ``: {range}"), SET),
        ("/set?name=i&val=1.5", &format!("parameter `val` is `1.5`: {range}"), SET),
        ("/set?name=i&val=+1", &format!("parameter `val` is ` 1`: {range}"), SET),
        ("/set?name=i&val=0x1", &format!("parameter `val` is `0x1`: {range}"), SET),
        (
            "/set?name=i&val=9223372036854775808",
            &format!("parameter `val` is `9223372036854775808`: {range}"),
            SET,
        ),
        ("/set?name=i&val=%ff", "parameter `val` is not UTF-8", SET),
        ("/set?name=i&val=1&val=1", "parameter `val` is given twice: expected one", SET),
        ("/set?name=i&name=j&val=1", "parameter `name` is given twice: expected one", SET),
        ("/get", "parameter `name` is missing: expected `name=…`", GET),
        ("/get?", "parameter `name` is missing: expected `name=…`", GET),
        ("/get?Name=i", "parameter `name` is missing: expected `name=…`", GET),
        ("/get?name=i&name=i", "parameter `name` is given twice: expected one", GET),
        ("/get?name", "parameter `name` is empty: expected a counter's name", GET),
        ("/get?name=", "parameter `name` is empty: expected a counter's name", GET),
        ("/get?name=%C3", "parameter `name` is not UTF-8", GET),
        ("/get?name=a%00", "parameter `name` contains a control character", GET),
        ("/inc?name=a%0D%0Ab", "parameter `name` contains a control character", INC),
        ("/inc", "parameter `name` is missing: expected `name=…`", INC),
    ] {
        let message = format!("{reason}, {example}");
        assert_eq!(app.get(uri), text(400, &message));
        let error = json!({ "error": message }).to_string();
        assert_eq!(app.get_json(uri), json(400, &error));
    }
    assert_eq!(app.get("/list"), text(200, "i: 0\nj: 0"), "nothing was applied");
}

#[test]
fn an_unknown_path_is_404_with_the_known_ones() {
    let app = App::default();
    for path in ["/nope", "/get/", "//get", "/GET", "/g%65t", "/set/../get", "/favicon.ico"] {
        let message =
            format!("no such path: {path}; expected one of /, /set, /get, /inc, /list, /healthz");
        let uri = format!("{path}?name=i");
        assert_eq!(app.get(&uri), text(404, &message));
        let error = json!({ "error": message }).to_string();
        assert_eq!(app.get_json(&uri), json(404, &error));
    }
    assert_eq!(app.request(Method::DELETE, "/nope").status, 404);
}

#[test]
fn a_wrong_method_is_405_with_the_right_ones() {
    let app = App::default();
    for path in ["/", "/set", "/get", "/inc", "/list", "/healthz"] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "BREW"] {
            if (path, method) == ("/inc", "POST") {
                continue;
            }
            let (expected, allow) = match path {
                "/inc" => ("GET or POST", ["GET", "HEAD", "POST"].as_slice()),
                _ => ("GET", ["GET", "HEAD"].as_slice()),
            };
            let name = Method::from_bytes(method.as_bytes()).unwrap();
            let response = app.request(name, &format!("{path}?name=i&val=1"));
            let mut allowed: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed, allow, "{method} {path}");
            let message = format!("{method} is not allowed on {path}: expected {expected}");
            assert_eq!(response.answer(), text(405, &message));
        }
    }
    assert_eq!(app.get("/list"), text(200, "i: 0\nj: 0"), "nothing was applied");
}

#[test]
fn an_odd_request_target_is_404() {
    let app = App::default();
    assert_eq!(app.request(Method::OPTIONS, "*").status, 404);
    assert_eq!(app.request(Method::CONNECT, "localhost:80").status, 404);
}
