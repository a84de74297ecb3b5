//! What the counters promise to those who ask them properly, in text and in JSON.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, json, text};

#[test]
fn text_is_answered_in_every_mode() {
    for app in App::in_every_mode() {
        assert_eq!(app.get("/healthz"), text(200, "ok"));
        assert_eq!(app.get("/list"), text(200, "i: 0\nj: 0"));
        assert_eq!(app.get("/set?name=x&val=41"), text(200, "ok"));
        assert_eq!(app.get("/inc?name=x"), text(200, "ok"));
        assert_eq!(app.post("/inc?name=x", Body::empty()), text(200, "ok"));
        assert_eq!(app.get("/get?name=x"), text(200, "x: 43"));
        assert_eq!(app.get("/get?name=y"), text(404, "y not found"));
        assert_eq!(app.get("/inc?name=y"), text(404, "y not found"));
        assert_eq!(app.get("/list"), text(200, "i: 0\nj: 0\nx: 43"));
    }
}

#[test]
fn json_is_answered_in_every_mode() {
    for app in App::in_every_mode() {
        assert_eq!(app.get_json("/healthz"), json(200, r#"{"status":"ok"}"#));
        let set = app.get_json("/set?name=x&val=-2");
        assert_eq!(set, json(200, r#"{"name":"x","value":-2}"#));
        let inc = app.get_json("/inc?name=x");
        assert_eq!(inc, json(200, r#"{"name":"x","value":-1}"#), "the new value");
        assert_eq!(app.get_json("/get?name=x"), json(200, r#"{"name":"x","value":-1}"#));
        assert_eq!(app.get_json("/get?name=y"), json(404, r#"{"error":"y not found"}"#));
        let list = concat!(
            r#"{"counters":[{"name":"i","value":0},{"name":"j","value":0},"#,
            r#"{"name":"x","value":-1}]}"#
        );
        assert_eq!(app.get_json("/list"), json(200, list));
    }
}

#[test]
fn json_is_for_those_who_accept_it() {
    let app = App::default();
    let json = json(200, r#"{"name":"i","value":0}"#);
    for accept in [
        "application/json",
        "application/json;q=0.9, text/html",
        "text/html, application/json;q=0.9",
        "text/html,application/json",
        "Application/JSON",
        " application/json ; charset=utf-8 ; q=0.001 ",
        "application/json;q=0, application/json",
    ] {
        assert_eq!(app.get_accepting("/get?name=i", accept), json, "{accept}");
    }
    for accept in [
        "",
        "*/*",
        "text/plain",
        "text/html, application/xhtml+xml",
        "application/jsonp",
        "application/json-seq",
        "application/problem+json",
        "text/application/json",
        "application/json;q=0",
        "application/json ; Q=0.000, text/plain",
    ] {
        assert_eq!(app.get_accepting("/get?name=i", accept), text(200, "i: 0"), "{accept}");
    }
}

#[test]
fn json_may_be_accepted_in_any_of_several_headers() {
    let request = axum::http::Request::get("/get?name=i")
        .header("accept", &b"\xff"[..])
        .header("accept", "text/html")
        .header("accept", "application/json");
    let answer = App::default().call(request.body(Body::empty()).unwrap()).answer();
    assert_eq!(answer, json(200, r#"{"name":"i","value":0}"#));
}

#[test]
fn head_is_get_without_the_body() {
    let app = App::default();
    for uri in ["/", "/healthz", "/list", "/get?name=i", "/set?name=i&val=0", "/get", "/nope"] {
        let (head, get) = (app.request(Method::HEAD, uri), app.request(Method::GET, uri));
        assert_eq!(head.body, "", "{uri}");
        assert_eq!(head.status, get.status, "{uri}");
        assert_eq!(head.headers, get.headers, "{uri}");
        assert_eq!(get.header("content-length"), get.body.len().to_string(), "{uri}");
    }
}

/// As `GET /inc` does, so that a load of HEAD requests is counted, too.
#[test]
fn head_increments() {
    let app = App::default();
    assert_eq!(app.request(Method::HEAD, "/inc?name=i").status, 200);
    assert_eq!(app.get("/get?name=i"), text(200, "i: 1"));
}

#[test]
fn a_body_is_ignored() {
    let app = App::default();
    assert_eq!(app.post("/inc?name=i", Body::from("name=j&val=7")), text(200, "ok"));
    assert_eq!(app.get("/list"), text(200, "i: 1\nj: 0"));
}

#[test]
fn names_are_percent_decoded() {
    let app = App::default();
    for (written, name) in [
        ("a%20b", "a b"),
        ("a+b%2B", "a b+"),
        ("%C3%A9", "é"),
        ("ü", "ü"),
        ("a%26b%3Dc", "a&b=c"),
        ("a=b", "a=b"),
        ("%2e%2e/%25", "../%"),
        // No escape, hence itself, as browsers have it.
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%22", "\""),
    ] {
        assert_eq!(app.get(&format!("/set?name={written}&val=7")), text(200, "ok"));
        assert_eq!(app.get(&format!("/get?name={written}")), text(200, &format!("{name}: 7")));
        let value = parsed(&app, &format!("/get?name={written}"));
        assert_eq!(value, json!({ "name": name, "value": 7 }));
    }
}

#[test]
fn parameters_may_come_in_any_order_among_others() {
    let app = App::default();
    assert_eq!(app.get("/set?x=1&val=%32&&name=i&x=2#name=j"), text(200, "ok"));
    assert_eq!(app.get("/get?names=j&name=i"), text(200, "i: 2"));
}

#[test]
fn a_request_may_name_the_host_in_its_target() {
    assert_eq!(App::default().get("http://example.org/get?name=i"), text(200, "i: 0"));
}

fn parsed(app: &App, uri: &str) -> Value {
    let answer = app.get_json(uri);
    assert_eq!((answer.status, &*answer.content_type), (200, "application/json"));
    serde_json::from_str(&answer.body).unwrap()
}
