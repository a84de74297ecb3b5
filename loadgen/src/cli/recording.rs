//! A recording of a browser's (HAR) as a scenario: the requests to one service, in their order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use har::v1_2::{Entries, Log, Request};
use har::{Har, Spec};
use serde_json::Value;
use url::{Origin, Url};

/// A longer recording is not read.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Fields that belong to the browser's own connection, or that the content says again.
const LEFT_OUT: [&str; 9] = [
    "host",
    "connection",
    "content-length",
    "accept-encoding",
    "cookie",
    "user-agent",
    "referer",
    "origin",
    "upgrade-insecure-requests",
];

/// The scenario of the recording at `path`: its requests to the origin of `url`, or of its first request,
/// and to the `hosts`, which are named.
pub(super) fn scenario(path: &Path, url: Option<&Url>, hosts: &[String]) -> Result<String, String> {
    let wrong = |why: String| format!("{}: {why}", path.display());
    let Log { entries, .. } = read(path).map_err(wrong)?;
    let asked: Vec<_> = entries.iter().filter_map(Asked::of).collect();
    let first = asked.iter().find(|one| !one.is_static).map(|one| one.url.origin());
    let origin = url.map(Url::origin).or(first);
    let Some(origin) = origin else {
        return Err(wrong("there are no requests in it, except for static files".to_owned()));
    };
    let is_named = |url: &Url| url.host_str().is_some_and(|host| hosts.iter().any(|h| h == host));
    let is_ours = |one: &&Asked<'_>| one.url.origin() == origin || is_named(&one.url);
    let steps: Vec<_> = asked.iter().filter(is_ours).filter(|one| !one.is_static).collect();
    if steps.is_empty() {
        let origin = origin.ascii_serialization();
        return Err(wrong(format!(
            "there are no requests to {origin} in it, except for static files"
        )));
    }
    let others = asked.iter().filter(|one| !is_ours(one));
    Ok(written(
        &origin,
        &steps,
        &left_out(others),
        asked.iter().filter(|one| one.is_static).count(),
    ))
}

fn read(path: &Path) -> Result<Log, String> {
    let file = File::open(path).map_err(|error| format!("cannot read it: {error}"))?;
    match har::from_reader(file.take(MOST_BYTES)) {
        Ok(Har { log: Spec::V1_2(log) }) => Ok(log),
        Ok(_) => Err("expected a recording of version 1.2, as browsers write it".to_owned()),
        Err(error) => Err(format!("it is not a recording (HAR): {error}")),
    }
}

/// A request of a recording.
struct Asked<'r> {
    request: &'r Request,
    url: Url,
    /// Whether it asks for what does not change: a picture, a script.
    is_static: bool,
}

impl<'r> Asked<'r> {
    /// `None` where it is no request over HTTP.
    fn of(entry: &'r Entries) -> Option<Self> {
        let url = Url::parse(&entry.request.url).ok()?;
        let kind = entry.response.content.mime_type.as_deref().unwrap_or_default();
        let is_kind = |known: &&str| kind.starts_with(known);
        let is_static =
            ["image/", "font/", "text/css", "text/javascript", "application/javascript"]
                .iter()
                .any(is_kind);
        let is_static = is_static && entry.request.method == "GET";
        ["http", "https"].contains(&url.scheme()).then_some(Self {
            request: &entry.request,
            url,
            is_static,
        })
    }
}

/// How many requests went to which other hosts.
fn left_out<'a>(others: impl Iterator<Item = &'a Asked<'a>>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for one in others {
        *counts.entry(one.url.host_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

fn written(
    origin: &Origin,
    steps: &[&Asked<'_>],
    others: &BTreeMap<String, usize>,
    statics: usize,
) -> String {
    let has = |name: &str| {
        let mut fields = steps.iter().flat_map(|step| &step.request.headers);
        fields.any(|field| field.name.eq_ignore_ascii_case(name))
    };
    let mut text = String::from("# A scenario, made from a recording.\n");
    if statics > 0 {
        text.extend([format!(
            "# Left out: {statics} requests for pictures, styles and scripts.\n"
        )]);
    }
    for (host, count) in others {
        text.extend([format!(
            "# Left out: {count} requests to {host} (--host {host} takes them).\n"
        )]);
    }
    text.extend([format!("target: {}\n", quoted(&origin.ascii_serialization()))]);
    text += "load: { clients: 1, requests: 1 }\n";
    if has("cookie") {
        text += "cookies: true\n";
    }
    if has("authorization") {
        text += "# The recorded value is left out: it is a secret.\nenv: [AUTHORIZATION]\n";
    }
    text += "flow:\n";
    for (step, number) in steps.iter().zip(1..) {
        text += &of_step(step, number, origin);
    }
    text
}

fn of_step(step: &Asked<'_>, number: usize, origin: &Origin) -> String {
    let Asked { request, url, .. } = step;
    let mut text = format!("  - name: {}\n", quoted(&name(request, url, number)));
    if url.origin() != *origin {
        text.extend([format!("    # It went to {}.\n", url.host_str().unwrap_or_default())]);
    }
    let path = escaped(&url[url::Position::BeforePath..url::Position::AfterQuery]);
    let method = request.method.to_lowercase();
    text.extend([format!("    {method}: {}\n", quoted(&path))]);
    let is_kept = |name: &str| !name.starts_with(':') && !LEFT_OUT.contains(&name);
    let mut fields = BTreeMap::new();
    for field in &request.headers {
        let name = field.name.to_lowercase();
        let value = if name == "authorization" {
            "{{env.AUTHORIZATION}}".to_owned()
        } else {
            escaped(&field.value)
        };
        if is_kept(&name) && !name.starts_with("sec-") {
            fields.insert(name, value);
        }
    }
    if !fields.is_empty() {
        text += "    headers:\n";
        for (name, value) in &fields {
            text.extend([format!("      {}: {}\n", quoted(name), quoted(value))]);
        }
    }
    if let Some(content) = request.post_data.as_ref().and_then(|data| data.text.as_ref()) {
        let content = match serde_json::from_str::<Value>(content) {
            Ok(json) => format!("    json: {}\n", escaped(&json.to_string())),
            Err(_) => format!("    body: {}\n", quoted(&escaped(content))),
        };
        text.push_str(&content);
    }
    text
}

/// What a step is called: by its method, its path, and where in the round it comes.
fn name(request: &Request, url: &Url, number: usize) -> String {
    let words = url.path_segments().into_iter().flatten().filter(|word| !word.is_empty());
    let is_plain = |word: &&str| word.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    let words: Vec<_> = words.filter(is_plain).take(3).collect();
    let path = if words.is_empty() { "root".to_owned() } else { words.join("-") };
    format!("{number}-{}-{path}", request.method.to_lowercase())
}

/// Braces that are no variable's.
fn escaped(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// A string of JSON is one of YAML, too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: &str, url: &str, kind: &str, more: &Value) -> Value {
        let mut request = serde_json::json!({
            "method": method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [
                { "name": ":authority", "value": "shop.example" },
                { "name": "Cookie", "value": "sid=T0P" },
                { "name": "Authorization", "value": "Bearer T0P" },
                { "name": "X-Tenant", "value": "{{blue" },
            ],
            "queryString": [], "headersSize": -1, "bodySize": 0
        });
        if !more.is_null() {
            request["postData"] = more.clone();
        }
        serde_json::json!({
            "startedDateTime": "2026-01-01T00:00:00Z", "time": 1.0, "request": request,
            "response": {
                "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [],
                "headers": [], "content": { "size": 1, "mimeType": kind }, "redirectURL": "",
                "headersSize": -1, "bodySize": 1
            },
            "cache": {}, "timings": { "send": 0.0, "wait": 1.0, "receive": 0.0 }
        })
    }

    fn of(entries: &[Value], url: Option<&str>, hosts: &[&str]) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let creator = serde_json::json!({ "name": "a browser", "version": "1" });
        let har = serde_json::json!({
            "log": { "version": "1.2", "creator": creator, "entries": entries }
        });
        std::fs::write(file.path(), har.to_string()).unwrap();
        let url = url.map(|url| url.parse().unwrap());
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        scenario(file.path(), url.as_ref(), &hosts)
    }

    fn recorded() -> Vec<Value> {
        let json = serde_json::json!({ "mimeType": "application/json", "text": "{\"sku\": 7}" });
        let form = serde_json::json!({ "mimeType": "text/plain", "text": "a={{b}}\n\"c\"" });
        vec![
            entry("GET", "https://shop.example/logo.png", "image/png", &Value::Null),
            entry("GET", "https://shop.example/articles?page=2", "application/json", &Value::Null),
            entry("POST", "https://shop.example/cart/17", "application/json", &json),
            entry("POST", "https://shop.example/note", "text/plain", &form),
            entry("POST", "https://spy.example/track", "application/json", &Value::Null),
        ]
    }

    #[test]
    fn a_recording_becomes_the_flow_of_one_service_without_its_secrets() {
        let text = of(&recorded(), None, &[]).unwrap();
        assert!(text.contains("# Left out: 1 requests to spy.example"), "{text}");
        assert!(text.contains("pictures, styles and scripts"), "{text}");
        assert!(!text.contains("T0P") && text.contains("{{env.AUTHORIZATION}}"), "{text}");
        assert!(text.contains("cookies: true") && !text.contains(":authority"), "{text}");
        assert!(text.contains("get: \"/articles?page=2\"") && !text.contains("logo.png"), "{text}");
        assert!(text.contains("json: {\"sku\":7}"), "{text}");
        assert!(text.contains("body: \"a={{{{b}}\\n\\\"c\\\"\""), "{text}");
        assert!(text.contains("name: \"2-post-cart\""), "{text}");
        let more = of(&recorded(), Some("https://shop.example"), &["spy.example"]).unwrap();
        assert!(more.contains("# It went to spy.example."), "{more}");
        // What is made is right.
        let document = crate::cli::file::parsed(
            &text.replace("env: [AUTHORIZATION]", "").replace("{{env.AUTHORIZATION}}", "x"),
        );
        assert!(document.is_ok(), "{text}: {document:?}");
    }

    #[test]
    fn what_is_no_recording_of_a_service_is_refused() {
        let error = of(&recorded()[..1], None, &[]).unwrap_err();
        assert!(error.contains("no requests in it, except for static files"), "{error}");
        let error = of(&recorded(), Some("http://elsewhere"), &[]).unwrap_err();
        assert!(error.contains("there are no requests to http://elsewhere in it"), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{}").unwrap();
        let error = scenario(file.path(), None, &[]).unwrap_err();
        assert!(error.contains("it is not a recording (HAR)"), "{error}");
    }
}
