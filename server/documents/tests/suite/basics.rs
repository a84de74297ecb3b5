//! One request after the other.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::{App, mode, open, settings};
use crate::place::Place;
use loadgen_documents::{MODES, start};

/// The modes that offer everything, on the database of `app`.
pub(crate) fn modes(app: &App) -> impl Iterator<Item = &'static loadgen_documents::Mode> {
    app.backend.modes().filter(|mode| !mode.is_client_side() && !mode.acknowledges_first())
}

/// Whether this is no `MongoDB`, but what stands in for it: that takes a fraction for an integer, and JSON that
/// looks like a type of `MongoDB`'s for one.
async fn is_stand_in(app: &App) -> bool {
    let about = app.get("/").await.is(200).body;
    about["database"].as_str().unwrap().contains(" as nx_27017 speaks it")
}

pub(crate) async fn a_document_is_made_read_replaced_and_removed(place: Arc<Place>) {
    let any = App::of(&place.address(), "optimistic").await;
    for mode in modes(&any) {
        let app = open(&place.address(), mode, &settings()).await;
        let id = format!("made-{}", mode.name);
        let uri = format!("/documents/{id}");
        let made = app.post(&format!("/documents?id={id}"), r#"{"n":1}"#).await.is(201);
        assert_eq!(made.header("location"), uri);
        assert_eq!(made.body["id"], id);
        let first = made.header("etag").to_owned();
        assert_eq!(first, format!("\"{}\"", made.body["version"]));

        let read = app.get(&uri).await.is(200);
        assert_eq!((read.body.clone(), read.header("etag")), (json!({"n": 1}), &*first));
        assert_eq!(read.header("content-type"), "application/json");

        let replaced = app.send("PUT", &uri, &[], r#"{"m":[2]}"#).await.is(200);
        assert_eq!(replaced.body, json!({"m": [2]}));
        assert_ne!(replaced.header("etag"), first);
        // Other tests may lock all of it.
        replaced.header("retries").parse::<u32>().unwrap();
        let read = app.get(&uri).await.is(200);
        assert_eq!(
            (read.body.clone(), read.header("etag")),
            (json!({"m": [2]}), replaced.header("etag"))
        );

        assert_eq!(app.send("DELETE", &uri, &[], "").await.is(204).body, Value::Null);
        for (method, body) in [("GET", ""), ("PUT", "{}"), ("PATCH", "{}"), ("DELETE", "")] {
            let missing = app.send(method, &uri, &[], body).await.is(404);
            assert_eq!(missing.error(), format!("there is no document `{id}`"));
        }
        app.post(&format!("{uri}/inc?field=n"), "").await.is(404);
    }
    let chosen = any.post("/documents", "{}").await.is(201);
    assert_eq!(any.get(chosen.header("location")).await.is(200).body, json!({}));
}

pub(crate) async fn what_is_wrong_is_said_with_what_would_be_right(place: Arc<Place>) {
    // MongoDB moves amounts in such modes alone.
    let mode = if place.url().starts_with("mongodb") { "racy" } else { "optimistic" };
    let app = App::of(&place.address(), mode).await;
    app.made("wrong", &json!({"n": 1, "text": "x", "most": i64::MAX, "balance": 5})).await;
    app.made("wrong2", &json!({"balance": 5})).await;
    let invalid = app.post("/documents", "{\"a\": 1,\n \"b\": }").await.is(400);
    assert_eq!((&invalid.body["line"], &invalid.body["column"]), (&json!(2), &json!(7)));
    assert!(invalid.error().starts_with("invalid JSON at line 2, column 7: expected value"));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
    for (method, uri, body, status, expected) in [
        ("POST", "/documents?id=wrong", "{}", 409, "there is a document `wrong` already"),
        ("POST", "/documents", "[]", 400, "expected a JSON object, got an array"),
        ("POST", "/documents", "", 400, "invalid JSON at line 1, column 0"),
        ("POST", "/documents", &large, 413, "expected at most 65536 bytes"),
        ("POST", "/documents?id=a%2Fb", "{}", 400, "`a/b` is not a valid id: expected 1 to 64"),
        ("POST", "/documents?name=x", "{}", 400, "unknown parameter `name`: expected at most id"),
        ("PUT", "/documents/wrong", "{", 400, "invalid JSON at line 1, column 1"),
        ("PUT", "/documents/a%20b", "{}", 400, "`a b` is not a valid id"),
        ("PATCH", "/documents/wrong", "[]", 400, "expected a JSON object"),
        ("PATCH", "/documents/wrong", r#"{"a":"\u0000"}"#, 400, "U+0000"),
        ("POST", "/documents/wrong/inc", "", 400, "parameter `field` is missing"),
        ("POST", "/documents/wrong/inc?field=a.b", "", 400, "`a.b` is not a valid field"),
        ("POST", "/documents/wrong/inc?field=n&by=x", "", 400, "parameter `by` is `x`"),
        ("POST", "/documents/wrong/inc?field=m", "", 409, "there is no field `m`"),
        ("POST", "/documents/wrong/inc?field=text", "", 409, "`text` holds no integer"),
        ("POST", "/documents/wrong/inc?field=most", "", 409, "`most` would overflow"),
        ("POST", "/transfer?from=wrong&to=wrong2&amount=6", "", 409, "5, and 6 are to be moved"),
        ("POST", "/transfer?from=wrong&to=wrong&amount=1", "", 400, "the same document"),
        (
            "POST",
            "/transfer?from=wrong&to=wrong2&amount=0",
            "",
            400,
            "from 1 to 9223372036854775807",
        ),
        ("POST", "/transfer?from=wrong&to=wrong2", "", 400, "parameter `amount` is missing"),
        (
            "POST",
            "/transfer?from=wrong&to=nobody&amount=1",
            "",
            404,
            "there is no document `nobody`",
        ),
        ("GET", "/documents?limit=0", "", 400, "expected an integer from 1 to 1000"),
        ("GET", "/documents?limit=2&limit=3", "", 400, "given twice"),
        (
            "GET",
            "/nothing",
            "",
            404,
            "no such path in mode optimistic: /nothing; expected one of /, /documents",
        ),
        ("POST", "/documents/wrong", "", 405, "expected GET or PUT or PATCH or DELETE"),
        (
            "GET",
            "/transfer",
            "",
            405,
            "GET is not allowed on /transfer in mode optimistic: expected POST",
        ),
    ] {
        let expected = expected.replace("in mode optimistic", &format!("in mode {mode}"));
        let reply = app.send(method, uri, &[], body).await;
        assert_eq!(reply.status, status, "{method} {uri}: {}", reply.body);
        assert!(reply.error().contains(&expected), "{method} {uri}: {}", reply.body);
    }
    // Nothing of it has changed anything.
    assert_eq!(app.content("wrong2").await, json!({"balance": 5}));
}

pub(crate) async fn a_document_does_not_grow_beyond_the_limit(place: Arc<Place>) {
    let app = App::of(&place.address(), "optimistic").await;
    let half = "x".repeat(40_000);
    app.made("half", &json!({ "a": half })).await;
    let patch = json!({ "b": half }).to_string();
    let grown = app.send("PATCH", "/documents/half", &[], &patch).await.is(413);
    assert!(grown.error().contains("the document would be too large"), "{}", grown.body);
}

pub(crate) async fn contents_come_back_as_they_went(place: Arc<Place>) {
    let app = App::of(&place.address(), "optimistic").await;
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(29), "]".repeat(29));
    let many: serde_json::Map<String, Value> =
        (0..3000).map(|n| (format!("member {n}"), n.into())).collect();
    for (n, content) in [
        json!({}),
        json!({"a": null, "b": [true, false, 1, -1, 1.5, -0.25, 1e300, "x"], "c": {"d": {}}}),
        json!({"least": i64::MIN, "most": i64::MAX}),
        json!({"": "", "a.b": 1, "$set": 2, "\"\\": 3, "v": 4, "m:n": 5, "_id": 6, "ü": "€ 𝄞 \u{1}\u{7f}"}),
        json!({"$oid": "507f191e810c19729de860ea", "quote": "'; DROP TABLE documents; --"}),
        serde_json::from_str(&deep).unwrap(),
        Value::Object(many),
        json!({"text": "é".repeat(30_000)}),
    ]
    .into_iter()
    .enumerate()
    {
        if content.get("$oid").is_some() && is_stand_in(&app).await {
            continue;
        }
        let (id, uri) = (format!("content-{n}"), format!("/documents/content-{n}"));
        app.made(&id, &content).await;
        assert_eq!(app.content(&id).await, content);
        app.send("PUT", &uri, &[], r#"{"other":1}"#).await.is(200);
        let replaced = app.send("PUT", &uri, &[], &content.to_string()).await.is(200);
        assert_eq!(replaced.body, content);
        assert_eq!(app.content(&id).await, content);
    }
}

pub(crate) async fn patches_are_merged(place: Arc<Place>) {
    let any = App::of(&place.address(), "optimistic").await;
    for mode in modes(&any) {
        let app = open(&place.address(), mode, &settings()).await;
        let id = format!("patched-{}", mode.name);
        app.made(&id, &json!({"a": "b", "c": {"d": "e", "f": "g"}, "n": [1]})).await;
        let patch = r#"{"a":"z","c":{"f":null},"n":[2,null],"new":{"x":null}}"#;
        let uri = format!("/documents/{id}");
        let patched = app.send("PATCH", &uri, &[], patch).await.is(200);
        let expected = json!({"a": "z", "c": {"d": "e"}, "n": [2, null], "new": {}});
        assert_eq!(patched.body, expected, "{}", mode.name);
        let read = app.get(&uri).await.is(200);
        assert_eq!((&read.body, read.header("etag")), (&expected, patched.header("etag")));
    }
}

pub(crate) async fn lists_come_in_pages_in_the_order_of_ids(place: Arc<Place>) {
    let app = App::of(&place.address(), "optimistic").await;
    // As bytes: capitals before small letters, whatever a collation thinks.
    let mut ids: Vec<_> = ["B", "a", "C", "10", "9", "~x", "_", "a-", "a0"]
        .iter()
        .map(|end| format!("page-{end}"))
        .collect();
    for id in &ids {
        app.made(id, &json!({ "id": id })).await;
    }
    ids.sort();
    let (mut after, mut seen) = ("page".to_owned(), Vec::new());
    loop {
        let page = app.get(&format!("/documents?limit=4&after={after}")).await.is(200).body;
        let documents = page["documents"].as_array().unwrap().clone();
        assert!(documents.len() <= 4);
        for document in &documents {
            let id = document["id"].as_str().unwrap().to_owned();
            if id.starts_with("page-") {
                assert_eq!(document["content"], json!({ "id": id }));
                assert!(document["version"].is_i64());
            }
            seen.push(id);
        }
        match page["after"].as_str() {
            Some(last) if last.starts_with("page-") => {
                assert_eq!(documents.len(), 4);
                last.clone_into(&mut after);
            }
            _ => break,
        }
    }
    assert!(seen.is_sorted(), "{seen:?}");
    seen.retain(|id| id.starts_with("page-"));
    assert_eq!(seen, ids);
    let end = app.get("/documents?after=zzzzzzzzz").await.is(200).body;
    assert_eq!(end, json!({"documents": [], "after": null}));
}

pub(crate) async fn a_field_is_added_to_in_every_mode(place: Arc<Place>) {
    let any = App::of(&place.address(), "optimistic").await;
    for mode in modes(&any) {
        let app = open(&place.address(), mode, &settings()).await;
        let id = format!("sum-{}", mode.name);
        let field = format!("total_{}", mode.name.replace('-', "_"));
        let content = json!({ field.clone(): 40, "least": i64::MIN + 1, "most": i64::MAX - 1, "half": 0.5, "one": 1.0, "text": "1", "other": [1] });
        app.made(&id, &content).await;
        let uri = format!("/documents/{id}/inc?field=");
        let sum = app.post(&format!("{uri}{field}"), "").await.is(200);
        assert_eq!(sum.body, json!({"id": id, "field": field, "value": 41}), "{}", mode.name);
        sum.header("retries").parse::<u32>().unwrap();
        for (asked, value) in [
            ("least&by=-1", i64::MIN),
            ("most", i64::MAX),
            ("most&by=-9223372036854775807", 0),
            ("most&by=-9223372036854775808", i64::MIN),
        ] {
            let sum = app.post(&format!("{uri}{asked}"), "ignored").await.is(200);
            assert_eq!(sum.body["value"], value, "{} {asked}", mode.name);
        }
        let fractions = if is_stand_in(&app).await { &[][..] } else { &["half", "one"] };
        for refused in ["least&by=-1", "text", "other", "none"].iter().chain(fractions) {
            app.post(&format!("{uri}{refused}"), "").await.is(409);
        }
        let mut after = content.clone();
        after[&field] = json!(41);
        (after["least"], after["most"]) = (json!(i64::MIN), json!(i64::MIN));
        assert_eq!(app.content(&id).await, after, "{}", mode.name);
        let before = app.get(&format!("/documents/{id}")).await.header("etag").to_owned();
        app.post(&format!("{uri}{field}&by=-1"), "").await.is(200);
        assert_ne!(app.get(&format!("/documents/{id}")).await.header("etag"), before);
        let total = app.get(&format!("/total?field={field}")).await.is(200).body;
        assert_eq!(total, json!({"field": field, "total": 40, "documents": 1}));
        let none = app.get("/total?field=nobody_has_it").await.is(200).body;
        assert_eq!(none, json!({"field": "nobody_has_it", "total": 0, "documents": 0}));
    }
}

pub(crate) async fn it_says_what_it_is(place: Arc<Place>) {
    let app = App::of(&place.address(), "optimistic").await;
    let about = app.get("/").await.is(200).body;
    assert_eq!((&about["workload"], &about["mode"]), (&json!("documents"), &json!("optimistic")));
    let database = about["database"].as_str().unwrap();
    // Its version, and what it does at a commit.
    let name = app.backend.to_string();
    let name = name.split(' ').next().unwrap();
    assert!(database.starts_with(name) && database.contains('='), "{database}");
    app.get("/healthz").await.is(200);
    app.get("/documents/nobody").await.is(404);
    let stats = app.get("/stats").await.is(200).body;
    assert_eq!((&stats["done"], &stats["refused"]), (&json!(0), &json!(1)), "{stats}");
    for mode in MODES.iter().filter(|mode| mode.expectation(app.backend, 1).is_none()) {
        let error = start(&place.address(), mode, &settings()).await.err().unwrap().to_string();
        assert!(
            error.contains(&format!("has no {}: expected one of racy, ", mode.name)),
            "{error}"
        );
    }
}

pub(crate) async fn several_start_on_one_database_at_once(place: Arc<Place>) {
    let (address, settings) = (place.address(), settings());
    let started = (0..5).map(|_| {
        let (address, settings) = (address.clone(), settings.clone());
        tokio::spawn(async move { start(&address, mode("atomic"), &settings).await })
    });
    for started in started.collect::<Vec<_>>() {
        started.await.unwrap().unwrap().close.await;
    }
}
