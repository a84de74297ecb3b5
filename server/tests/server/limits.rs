//! Everything has an end: values, names, their number, addresses, bodies.

use axum::body::Body;
use serde_json::json;
use store::MAX_NAMES;

use crate::app::{App, json, text};

const MAX_NAME_BYTES: usize = 128;
const MAX_URI_BYTES: usize = 8192;
const MAX_BODY_BYTES: usize = 65_536;

#[test]
fn overflow_is_409_and_the_value_stays() {
    let message = format!("x at its largest value, {}", i64::MAX);
    let value = json(200, &json!({ "name": "x", "value": i64::MAX }).to_string());
    for app in App::in_every_mode() {
        assert_eq!(app.get(&format!("/set?name=x&val={}", i64::MAX - 1)), text(200, "ok"));
        assert_eq!(app.get_json("/inc?name=x"), value);
        assert_eq!(app.get("/inc?name=x"), text(409, &message));
        let error = json!({ "error": message }).to_string();
        assert_eq!(app.get_json("/inc?name=x"), json(409, &error));
        assert_eq!(app.get_json("/get?name=x"), value);
    }
}

#[test]
fn the_smallest_value_is_a_value() {
    for app in App::in_every_mode() {
        assert_eq!(app.get(&format!("/set?name=x&val={}", i64::MIN)), text(200, "ok"));
        assert_eq!(app.get("/inc?name=x"), text(200, "ok"));
        assert_eq!(app.get("/get?name=x"), text(200, &format!("x: {}", i64::MIN + 1)));
    }
}

#[test]
fn a_name_has_at_most_128_bytes() {
    let app = App::default();
    for longest in ["n".repeat(MAX_NAME_BYTES), "é".repeat(MAX_NAME_BYTES / 2)] {
        assert_eq!(app.get(&format!("/set?name={longest}&val=1")), text(200, "ok"));
        assert_eq!(app.get(&format!("/get?name={longest}")), text(200, &format!("{longest}: 1")));

        let message = "parameter `name` has 129 bytes: expected at most 128, as in /get?name=NAME";
        assert_eq!(app.get(&format!("/get?name={longest}n")), text(400, message));
    }
    // The name is limited, not the way it is written.
    let escaped = "%6E".repeat(MAX_NAME_BYTES);
    let name = "n".repeat(MAX_NAME_BYTES);
    assert_eq!(app.get(&format!("/get?name={escaped}")), text(200, &format!("{name}: 1")));
}

#[test]
fn a_full_store_takes_no_more_names_and_still_works() {
    for app in App::in_every_mode() {
        // `i` and `j` are there already.
        for n in 2..MAX_NAMES {
            assert_eq!(app.get(&format!("/set?name=n{n}&val={n}")).status, 200);
        }
        let message = "the store holds 10000 names and takes no more";
        assert_eq!(app.get("/set?name=one-more&val=0"), text(409, message));
        let error = json!({ "error": message }).to_string();
        assert_eq!(app.get_json("/set?name=one-more&val=0"), json(409, &error));
        assert_eq!(app.get("/get?name=one-more"), text(404, "one-more not found"));

        assert_eq!(app.get("/set?name=i&val=5"), text(200, "ok"));
        assert_eq!(app.get("/inc?name=i"), text(200, "ok"));
        assert_eq!(app.get("/get?name=i"), text(200, "i: 6"));
        assert_eq!(app.get("/get?name=n9999"), text(200, "n9999: 9999"));
        assert_eq!(app.get("/list").body.lines().count(), MAX_NAMES);
    }
}

#[test]
fn a_path_and_query_have_at_most_8192_bytes() {
    let app = App::default();
    for start in ["/healthz?", "/", "/get?name="] {
        let longest = format!("{start}{}", "x".repeat(MAX_URI_BYTES - start.len()));
        assert_ne!(app.get(&longest).status, 414, "{start}");

        let longer = format!("{longest}x");
        let message = "the path and query have 8193 bytes: expected at most 8192";
        assert_eq!(app.get(&longer), text(414, message));
        let error = json!({ "error": message }).to_string();
        assert_eq!(app.get_json(&longer), json(414, &error));
    }
}

#[test]
fn a_body_has_at_most_65536_bytes() {
    let app = App::default();
    let body = |bytes| Body::from(vec![b'x'; bytes]);
    assert_eq!(app.post("/inc?name=i", body(MAX_BODY_BYTES)), text(200, "ok"));
    let message = "the body is too large: expected at most 65536 bytes";
    assert_eq!(app.post("/inc?name=i", body(MAX_BODY_BYTES + 1)), text(413, message));
    assert_eq!(app.get("/get?name=i"), text(200, "i: 1"), "the refused request was not applied");
}
