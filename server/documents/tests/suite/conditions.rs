//! Versions, `ETag`s and `If-Match`.

use std::sync::Arc;

use loadgen_documents::Settings;
use serde_json::json;

use crate::app::{App, open, settings};
use crate::basics::modes;
use crate::place::Place;

pub(crate) async fn a_write_of_an_old_version_is_refused(place: Arc<Place>) {
    let any = App::of(&place.address(), "optimistic").await;
    let plain = ["client-side", "client-side-if-match"].map(crate::app::mode);
    for mode in modes(&any).chain(plain) {
        let app = open(&place.address(), mode, &settings()).await;
        let id = format!("version-{}", mode.name);
        let uri = format!("/documents/{id}");
        let first = app.made(&id, &json!({"n": 1})).await.header("etag").to_owned();
        let write =
            async |etag: &str, body: &str| app.send("PUT", &uri, &[("if-match", etag)], body).await;
        let second = write(&first, r#"{"n":2}"#).await.is(200).header("etag").to_owned();
        for old in [&*first, "\"1\"", "\"x\"", &format!("W/{second}")] {
            let refused = write(old, r#"{"n":3}"#).await.is(412);
            assert_eq!(refused.header("etag"), second, "{}", mode.name);
            let removed = app.send("DELETE", &uri, &[("if-match", old)], "").await.is(412);
            assert!(removed.error().contains("another version"), "{}", removed.body);
        }
        write("17", "{}").await.is(400);
        assert_eq!(app.content(&id).await, json!({"n": 2}));
        let third = write("*", r#"{"n":3}"#).await.is(200).header("etag").to_owned();
        if !mode.is_client_side() {
            let patch = app.send("PATCH", &uri, &[("if-match", &second)], "{}").await.is(412);
            assert_eq!(patch.header("etag"), third);
        }
        app.send("DELETE", &uri, &[("if-match", &third)], "").await.is(204);
        write(&third, "{}").await.is(404);
        write("\"x\"", "{}").await.is(404);
        app.send("DELETE", &uri, &[("if-match", &third)], "").await.is(404);
    }
}

pub(crate) async fn a_condition_may_be_required(place: Arc<Place>) {
    let required = Settings { require_if_match: true, ..settings() };
    for (name, settings) in [("optimistic", required), ("client-side-if-match", settings())] {
        let mode = crate::app::mode(name);
        let app = open(&place.address(), mode, &settings).await;
        let etag = app.made("required", &json!({"n": 1})).await.header("etag").to_owned();
        let writes = [("PUT", "{}"), ("DELETE", ""), ("PATCH", "{}")];
        for (method, body) in &writes[..if mode.is_client_side() { 2 } else { 3 }] {
            let refused = app.send(method, "/documents/required", &[], body).await.is(428);
            assert!(refused.error().contains("expected `*` or one ETag"), "{}", refused.body);
        }
        app.send("PUT", "/documents/required", &[("if-match", &etag)], "{}").await.is(200);
        app.send("DELETE", "/documents/required", &[("if-match", "*")], "").await.is(204);
    }
}

pub(crate) async fn no_version_comes_back_with_an_id(place: Arc<Place>) {
    let app = App::of(&place.address(), "optimistic").await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let etag = app.made("again", &json!({})).await.header("etag").to_owned();
        assert!(!seen.contains(&etag), "{etag} of {seen:?}");
        seen.push(etag);
        app.send("DELETE", "/documents/again", &[], "").await.is(204);
    }
}
